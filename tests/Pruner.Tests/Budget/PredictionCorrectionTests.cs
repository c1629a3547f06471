using EdgePrune.Onnx;
using EdgePrune.Profiler.Devices;
using EdgePrune.Profiler.Documents;
using EdgePrune.Pruner;
using EdgePrune.Pruner.Budget;
using EdgePrune.Pruner.Knowledge;
using EdgePrune.Pruner.Schedules;
using EdgePrune.Pruner.Search;
using EdgePrune.TestSupport;
using FsCheck;
using FsCheck.Fluent;

namespace Pruner.Tests.Budget;

public sealed class PredictionCorrectionTests
{
    private const CostMetric Energy = CostMetric.Energy;

    [Fact]
    public void Nothing_measured_changes_nothing_and_what_tells_nothing_is_not_taken()
    {
        PredictionCorrection none = PredictionCorrection.None
            .With(Energy, 1, 0.9).With(Energy, 0, 0.1).With(Energy, double.NaN, 0.5).With(Energy, 0.5, double.NaN).With(Energy, 0.5, 0).With(Energy, 0.999, 0.5);
        Assert.All((double[])[0, 0.2, 0.999, 1, 1.3], share => Assert.Equal(share, none.Share(Energy, share)));
    }

    [Fact]
    public void It_gives_back_what_was_measured_of_that_metric_alone_and_shrinks_in_proportion_below()
    {
        PredictionCorrection known = PredictionCorrection.None.With(Energy, 0.5, 0.4).With(Energy, 0.8, 0.7);
        Assert.Equal(0.4, known.Share(Energy, 0.5), 12);
        Assert.Equal(0.7, known.Share(Energy, 0.8), 12);
        Assert.Equal(0.85, known.Share(Energy, 0.9), 12);
        Assert.Equal(0.2, known.Share(Energy, 0.25), 12);
        Assert.Equal(1, known.Share(Energy, 1));
        Assert.Equal(0.5, known.Share(CostMetric.Latency, 0.5));
        Assert.Equal(0.45, known.With(Energy, 0.501, 0.45).Share(Energy, 0.501), 12); // the newer of two like cuts
    }

    [Fact]
    public void Where_less_was_measured_of_smaller_cuts_less_is_expected_of_smaller_cuts()
    {
        var cuts = ArbMap.Default.ArbFor<byte>().Generator.Two().Select(p => (Predicted: 0.02 + (p.Item1 / 300.0), Measured: 0.02 + (p.Item2 / 300.0))).ListOf();
        Prop.ForAll(cuts.ToArbitrary(), list =>
        {
            // As measured cuts are, but for noise: the cheaper by the table is the cheaper by measurement.
            double[] predicted = [.. list.Select(c => c.Predicted).Order()], measured = [.. list.Select(c => c.Measured).Order()];
            PredictionCorrection known = predicted.Zip(measured).Aggregate(PredictionCorrection.None, (k, c) => k.With(Energy, c.First, c.Second));
            double[] shares = [.. Enumerable.Range(0, 101).Select(i => known.Share(Energy, i / 100.0))];
            Assert.Equal(shares.Order(), shares);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Rounding_takes_no_share_beyond_the_next_measured_one()
    {
        // Found by the law above: interpolated to 0.73, the share came out a last digit above the one measured there and after it.
        double[] predicted = [0.02 + (37 / 300.0), 0.02 + (105 / 300.0), 0.02 + (213 / 300.0), 0.02 + (249 / 300.0)];
        double[] measured = [0.02 + (32 / 300.0), 0.02 + (79 / 300.0), 0.02 + (206 / 300.0), 0.02 + (206 / 300.0)];
        PredictionCorrection known = predicted.Zip(measured).Aggregate(PredictionCorrection.None, (k, c) => k.With(Energy, c.First, c.Second));
        double[] shares = [.. Enumerable.Range(0, 101).Select(i => known.Share(Energy, i / 100.0))];
        Assert.Equal(shares.Order(), shares);
    }

    [Theory]
    [InlineData(0.8)]
    [InlineData(1.2)]
    public void A_plan_aims_at_what_will_be_measured(double wrong)
    {
        const double wanted = 0.6;
        const int Boards = 12;
        OnnxModel model = OnnxModel.Load(Path.Combine(Repository.Root, "samples", "digits", "digits.onnx"));
        var request = BudgetRequest.AtMost(Energy, wanted);
        CancellationToken cancel = TestContext.Current.CancellationToken;
        CostTableDocument measuredTable = DigitsCosts.Document();
        int further = 0;
        for (int seed = 0; seed < Boards; seed++)
        {
            // Whatever a board may be measured to cost: each point a tenth off, seed 0 as it was here.
            var knowledge = new KnowledgeOptions { Costs = Noisy(measuredTable, seed, 0.1) };
            var options = new PruneOptions { Budget = request, Device = Device.Load("host"), Knowledge = knowledge };
            BudgetPlanner planner = PreparedPruning.Of(SchedulePreparation.Run(model, options, cancel), null, cancel).Planner;
            BudgetPlan alone = planner.Choose(request, cancel: cancel);
            BudgetPlan plan = planner.Choose(request, PredictionCorrection.None.With(Energy, alone.TableShare(Energy), alone.TableShare(Energy) * wrong), cancel);

            // The share that the table must say for the correction to say what is wanted. Who aims below it by more than a plan may
            // miss it, without a correction, loses no less.
            double known = alone.TableShare(Energy), measured = known * wrong;
            double aim = wanted <= measured ? wanted / wrong : known + ((wanted - measured) * (1 - known) / (1 - measured));
            BudgetPlan direct = planner.Choose(BudgetRequest.AtMost(Energy, aim * 0.97), cancel: cancel);
            string which = $"seed {seed}: {plan.Choice.LostImportance} and {direct.Choice.LostImportance}";
            Assert.True(plan.Choice.Met, which);
            Assert.True(plan.Share(Energy) <= wanted * (1 + 1e-9), which);
            Assert.True(direct.Choice.Met, which);
            Assert.True(plan.Choice.LostImportance <= direct.Choice.LostImportance * (1 + 1e-9), which);
            Assert.Equal(plan.Share(Energy) * plan.BeforeOf(Energy), plan.AfterOf(Energy), 12);
            Assert.True(wrong < 1 ? plan.TableShare(Energy) >= alone.TableShare(Energy) : plan.TableShare(Energy) <= alone.TableShare(Energy), which);
            Assert.True(wrong < 1 ? plan.Choice.LostImportance <= alone.Choice.LostImportance : plan.Choice.LostImportance >= alone.Choice.LostImportance, which);
            further += plan.Choice.LostImportance == alone.Choice.LostImportance ? 0 : 1;
            Assert.Equal(plan.Share(Energy), planner.At([.. plan.Choice.Removed], plan.Correction).Share(Energy), 12);
        }

        Assert.True(further > Boards / 2, $"{further} plans of {Boards} turned on the correction");
    }

    private static CostTableDocument Noisy(CostTableDocument table, int seed, double spread)
    {
        var random = new Random(seed);
        double Times() => Math.Exp(spread * (seed == 0 ? 0 : (random.NextDouble() + random.NextDouble() + random.NextDouble() - 1.5) * 2));
        return table with
        {
            Surfaces = table.Surfaces.ToDictionary(s => s.Key, s => s.Value with
            {
                Grids = s.Value.Grids.ToDictionary(g => g.Key, g => g.Value with { Points = [.. g.Value.Points.Select(p => (double[])[p[0] * Times(), .. p[1..]])] }),
            }),
        };
    }
}

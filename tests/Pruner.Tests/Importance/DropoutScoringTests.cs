using EdgePrune.Onnx;
using EdgePrune.Pruner.Coupling;
using EdgePrune.Pruner.Importance;
using Pruner.Tests.Schedules;

namespace Pruner.Tests.Importance;

public sealed class DropoutScoringTests
{
    private static readonly OnnxModel Model = SmallNetworks.TwoLayers();
    private static readonly CouplingResult Coupling = CouplingAnalysis.Run(Model);
    private static readonly double[][] Rows = Samples.Noise(30, 2, 21);

    [Fact]
    public void Scores_are_the_mean_over_rounds_of_what_is_left_in_each()
    {
        var dropout = new ScoreDropout(0.4, 5);
        var context = new ImportanceContext(Model, Coupling) { Data = Samples.Of(Rows), Seed = 3 };
        double[] scores = new DropoutImportance(ImportanceCriteria.Find("sensitivity"), dropout).Score(context);
        bool[][] masks = [.. new DropoutImportance(ImportanceCriteria.Find("sensitivity"), dropout).Masks(Coupling, 3)];
        Assert.Contains(masks, m => m.Any(u => u));
        for (int unit = 0; unit < 3; unit++)
        {
            double[] each = [.. masks.Where(m => !m[unit]).Select(m => Sensitivity(m, unit))];
            Assert.NotEmpty(each);
            Assert.Equal(each.Average(), scores[unit], 1e-4);
        }
    }

    [Fact]
    public void Every_group_keeps_a_unit_in_every_round_and_every_unit_is_kept_in_one()
    {
        CouplingResult coupling = CouplingAnalysis.Run(SmallSchedules.DigitsModel());
        for (int seed = 0; seed < 5; seed++)
        {
            bool[][] masks = [.. new DropoutImportance(ImportanceCriteria.Find("taylor"), new ScoreDropout(0.9, 3)).Masks(coupling, seed)];
            Assert.All(masks, m => Assert.All(coupling.Groups, g => Assert.Contains(g.Units, u => !m[u.Id])));
            Assert.All(coupling.Units, u => Assert.Contains(masks, m => !m[u.Id]));
        }
    }

    [Fact]
    public void A_criterion_of_weights_alone_is_refused() => Assert.Contains(
        "l2", Assert.Throws<InputException>(() => UnitScoring.Score(new ImportanceContext(Model, Coupling), new ScoringOptions { Dropout = new ScoreDropout(0.2) })).Message);

    // Σ(y−y₀)²/Σy₀² where y₀ lacks the masked units and y one more.
    private static double Sensitivity(bool[] masked, int unit)
    {
        double[] gates = [.. masked.Select(m => m ? 0.0 : 1)];
        double[] without = [.. gates.Select((g, u) => u == unit ? 0 : g)];
        (double changed, double all) = (0, 0);
        foreach (double[] row in Rows)
        {
            double[] y0 = SmallNetworks.OutputOf(row, gates), y = SmallNetworks.OutputOf(row, without);
            changed += y.Zip(y0, (a, b) => (a - b) * (a - b)).Sum();
            all += y0.Sum(v => v * v);
        }

        return changed / all;
    }
}

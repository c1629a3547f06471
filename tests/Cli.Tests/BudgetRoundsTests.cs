using EdgePrune.Cli.Documents;
using EdgePrune.Cli.Loop;
using EdgePrune.Cli.Loop.Boards;
using EdgePrune.Cli.Output;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.TestSupport;

namespace EdgePrune.Cli.Tests;

/// <summary>The rounds of a loop on boards of which the table knows little: a run costs there what the model weighs, times a factor.</summary>
public sealed class BudgetRoundsTests
{
    private static readonly OnnxModel Model = Network();

    // Measured once for all.
    private static readonly Lazy<CostTableDocument> Costs = new(() =>
    {
        using var folder = new TempFolder();
        using var board = new LocalBoard(Options(folder, 1), Model, Quiet(), TestContext.Current.CancellationToken);
        return board.MeasureCosts(Model);
    });

    [Theory]
    [InlineData(1.0)]
    [InlineData(1.15)]
    [InlineData(0.9)]
    public void What_the_table_is_wrong_by_is_corrected_until_the_budget_is_met(double factor)
    {
        BudgetOutcome outcome = Run(0.6, factor, out Board board);

        Assert.Equal(BudgetWord.Met, outcome.Word);
        Assert.True(outcome.Best.MeasuredShare <= 0.6 * 1.02, $"{outcome.Best.MeasuredShare}");
        Assert.All(outcome.Rounds, r => Assert.Equal(r.MeasuredShare / r.PredictedShare, r.Calibration, 1e-9));
        Assert.Equal(outcome.Rounds.Count, board.Measured);
        Assert.Equal(outcome.Rounds.Count, outcome.Rounds.Select(r => r.Units).Distinct().Count());
        Assert.All(outcome.Rounds, r => Assert.True(!r.Met || r.LostImportance >= outcome.Best.LostImportance));
    }

    [Fact]
    public void A_budget_below_the_cheapest_plan_is_proven_out_of_reach()
    {
        BudgetOutcome outcome = Run(0.02, 1, out _);

        Assert.Equal(BudgetWord.Unreachable, outcome.Word);
        Assert.Contains(outcome.Rounds, r => r.IsCheapest);
        Assert.Equal(outcome.Rounds.Min(r => r.MeasuredShare), outcome.Best.MeasuredShare);
    }

    [Fact]
    public void Rounds_that_are_finished_are_not_measured_again()
    {
        using var folder = new TempFolder();
        BudgetOutcome first = Run(folder, 0.6, 1.15, out Board measured);
        BudgetOutcome again = Run(folder, 0.6, 1.15, out Board idle);

        Assert.NotEqual(0, measured.Measured);
        Assert.Equal(0, idle.Measured);
        Assert.Equal(first.Rounds.Select(r => r.Units), again.Rounds.Select(r => r.Units));
        Assert.Equal(first.Word, again.Word);
    }

    private static BudgetOutcome Run(double budget, double factor, out Board board)
    {
        using var folder = new TempFolder();
        return Run(folder, budget, factor, out board);
    }

    private static BudgetOutcome Run(TempFolder folder, double budget, double factor, out Board board)
    {
        LoopOptions options = Options(folder, budget);
        var planner = new Lazy<Planner>(() => new Planner(Model, Costs.Value, options));
        using RunFolder run = RunFolder.Open(options.Run, new Dictionary<string, string>(), Quiet());
        board = new Board(path => factor * new FileInfo(path).Length / Model.ToBytes().Length);
        return new BudgetRounds(options, board, run, Quiet(), planner).Run();
    }

    private static OnnxModel Network()
    {
        var g = new GraphBuilder(13, seed: 3);
        string x = g.Relu(g.Conv(g.Input("x", 1, 3, 16, 16), 3, 32));
        return g.Output(g.Conv(g.Relu(g.Conv(x, 32, 48)), 48, 4)).Build();
    }

    private static LoopOptions Options(TempFolder folder, double budget) => new()
    {
        Model = "model.onnx",
        Output = folder.File("out.onnx"),
        Run = folder.File("run"),
        Store = folder.File("store"),
        CostTable = folder.File("costs.sqlite"),
        Device = "host",
        EnergyBudget = budget,
        Importance = "l2",
        MaxAccuracyDrop = 2,
        SweepSeconds = 0.5,
        ProfileSeconds = 1,
        Seed = 0,
        Session = SessionSettings.Default,
    };

    private static Reporter Quiet() => new(new Surroundings(TextWriter.Null, TextWriter.Null), json: false);

    private sealed class Board(Func<string, double> share) : ILoopBoard
    {
        public int Measured { get; private set; }

        public string? Agent => null;

        public ProfileDocument TakeProfile(OnnxModel model) => throw new NotSupportedException();

        public CostTableDocument MeasureCosts(OnnxModel model) => throw new NotSupportedException();

        public ComparisonDocument Compare(string candidate, string title)
        {
            Measured++;
            double ratio = share(candidate);
            var figure = new Figure(ratio, ratio, ratio, 15);
            var side = new MeasuredModel(new LatencyFigure(1, 1, 1, 1, 1, 15), new Figure(1, 1, 1, 15), 1, 1, 1);
            return new ComparisonDocument(ComparisonDocument.CurrentFormat, "host", "modelled", "a test", "none", side, side, figure, figure, []);
        }

        public IBoardTrial BeginTrial(string candidate, string note) => throw new NotSupportedException();

        public void Dispose()
        {
        }
    }
}

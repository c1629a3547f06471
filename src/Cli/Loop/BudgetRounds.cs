using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using EdgePrune.Cli.Documents;
using EdgePrune.Cli.Loop.Boards;
using EdgePrune.Cli.Output;
using EdgePrune.Onnx;
using EdgePrune.Profiler;
using EdgePrune.Pruner.Budget;
using EdgePrune.Pruner.Surgery;

namespace EdgePrune.Cli.Loop;

/// <summary>
/// Cuts and measures until the measured budget is met, or nothing cheaper can be planned. The table predicts, the measurement
/// decides: what the table was wrong by corrects the aim of the next round. Candidates are measured without serving.
/// </summary>
internal sealed class BudgetRounds(LoopOptions options, ILoopBoard board, RunFolder run, Reporter reporter, Lazy<Planner> planner)
{
    private const int MaxRounds = 5;
    private const int MaxTightenings = 40;

    // A model this far below its budget has lost units that it could have kept.
    private const double Slack = 0.04;

    private const double SmallestAim = 0.01;

    public BudgetOutcome Run()
    {
        var rounds = new List<LoopRound>();
        double aim = options.EnergyBudget;
        while (true)
        {
            LoopRound? now = run.Step($"round-{rounds.Count + 1}", () => Round(rounds, aim)).Round;
            if (now is null)
            {
                return Outcome(rounds, BudgetWord.Unreachable);
            }

            rounds.Add(now);
            if (now.Met && now.MeasuredShare >= options.EnergyBudget * (1 - Slack))
            {
                return Outcome(rounds, BudgetWord.Met);
            }

            if (!now.Met && now.IsCheapest)
            {
                return Outcome(rounds, BudgetWord.Unreachable);
            }

            if (rounds.Count == MaxRounds)
            {
                return Outcome(rounds, BudgetWord.Missed);
            }

            aim = Math.Clamp(options.EnergyBudget / now.Calibration, SmallestAim, 1);
        }
    }

    private static BudgetOutcome Outcome(List<LoopRound> rounds, string word) =>
        new(rounds, rounds.Any(r => r.Met) ? BudgetWord.Met : word, rounds.Aggregate(Better));

    // Of two that keep the budget the one that lost less, of two that do not the cheaper.
    private static LoopRound Better(LoopRound a, LoopRound b) => (a.Met, b.Met) switch
    {
        (true, true) => a.LostImportance <= b.LostImportance ? a : b,
        (false, false) => a.MeasuredShare <= b.MeasuredShare ? a : b,
        (bool first, _) => first ? a : b,
    };

    // No round where every plan has been measured already: nothing is left to try.
    private RoundResult Round(List<LoopRound> before, double aim)
    {
        int number = before.Count + 1;
        string title = string.Create(CultureInfo.InvariantCulture, $"round {number}, planning for {aim * 100:F1} % of the energy");
        (BudgetPlan? chosen, aim) = reporter.Step(title, _ => Untried(before, aim));
        if (chosen is null)
        {
            return new RoundResult(null);
        }

        string candidate = run.PathOf(string.Create(CultureInfo.InvariantCulture, $"candidate-{number}.onnx"));
        (OnnxModel pruned, PruningPlan plan, _) = reporter.Step($"round {number}, cutting and checking", _ => planner.Value.Cut(chosen));
        plan.Save(Path.ChangeExtension(candidate, ".plan.json"));
        pruned.Save(candidate);
        ComparisonDocument measured = board.Compare(candidate, $"round {number}, measuring");
        double predicted = chosen.Share(CostMetric.Energy);
        double share = measured.EnergyRatio.Median;
        bool worse = measured.LatencyRatio.Low > 1 || measured.EnergyRatio.Low > 1;
        return new RoundResult(new LoopRound(
            number,
            aim,
            predicted,
            chosen.Share(CostMetric.Latency),
            share,
            share / predicted,
            !worse && share <= options.EnergyBudget * (1 + ModelComparison.Repeatability),
            !chosen.Choice.Met,
            chosen.Choice.Removed.Count,
            chosen.Choice.LostImportance,
            Digest(chosen),
            measured.LatencyRatio,
            measured.EnergyRatio,
            measured.First,
            measured.Second,
            candidate,
            Path.ChangeExtension(candidate, ".plan.json")));
    }

    // A choice is made of whole units, so an aim a little lower often gives the same one. Below an aim that was met there is nothing
    // to look for.
    private (BudgetPlan? Chosen, double Aim) Untried(List<LoopRound> before, double aim)
    {
        for (int i = 0; i <= MaxTightenings && !before.Any(r => r.Met && aim <= r.Aim); i++)
        {
            BudgetPlan chosen = planner.Value.Choose(aim);
            string digest = Digest(chosen);
            if (before.All(r => r.Units != digest))
            {
                return (chosen, aim);
            }

            if (!chosen.Choice.Met)
            {
                break;
            }

            aim = Math.Max(SmallestAim, aim * 0.97);
        }

        return (null, aim);
    }

    private static string Digest(BudgetPlan plan) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join(',', plan.Choice.Removed.Order()))));
}

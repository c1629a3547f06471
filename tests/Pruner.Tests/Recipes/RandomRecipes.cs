using EdgePrune.Onnx.Sessions;
using EdgePrune.Profiler.Units;
using EdgePrune.Pruner.Budget;
using EdgePrune.Pruner.Budget.Orders;
using EdgePrune.Pruner.Coupling;
using EdgePrune.Pruner.Importance;
using EdgePrune.Pruner.Recipes;
using EdgePrune.Pruner.Reconstruction;
using EdgePrune.Pruner.Recovery;
using EdgePrune.Pruner.Schedules;
using EdgePrune.Pruner.Search;
using EdgePrune.Pruner.Sparsity;
using EdgePrune.Pruner.Surgery;
using EdgePrune.Training.Data.Augmentation;
using Microsoft.ML.OnnxRuntime;

namespace Pruner.Tests.Recipes;

internal static class RandomRecipes
{
    /// <summary>A recipe in which each option is at its default or not, by seed.</summary>
    /// <param name="seed">Chooses.</param>
    /// <param name="folder">Where train.npz lies.</param>
    public static PruneRecipe Make(int seed, string folder)
    {
        var random = new Random(seed);
        bool Coin() => random.Next(2) == 0;
        double Share() => random.Next(1, 1000) / 1000.0;
        T Word<T>()
            where T : struct, Enum => Enum.GetValues<T>()[random.Next(Enum.GetValues<T>().Length)];
        PruneRecipe full = Full(folder), usual = new();
        BudgetTarget[] targets = [.. Enum.GetValues<CostMetric>().Where(_ => Coin()).Select(m => new BudgetTarget(m, Coin() ? Share() : random.Next(1, 1 << 20) * 1e-3, IsShare: false) is { Value: <= 1 } t ? t with { IsShare = true } : new BudgetTarget(m, random.Next(1, 1 << 20) * 1e-3, IsShare: false))];
        UnitKind[] kinds = [.. Enum.GetValues<UnitKind>().Where(k => k != UnitKind.Weight && Coin())];
        return usual with
        {
            Seed = Coin() ? random.Next() : 0,
            Device = Coin() ? "raspberry-pi-4-ina219" : usual.Device,
            Session = Coin() ? new SessionSettings { Threads = random.Next(1, 9), AllowSpinning = Coin(), Optimization = Word<GraphOptimizationLevel>() } : usual.Session,
            Shapes = Coin() ? new Dictionary<string, long[]> { ["a: b"] = [1, random.Next(1, 99)], ["x"] = [7] } : null,
            SweepBudget = Coin() ? new Seconds(random.Next(1, 900) / 10.0) : usual.SweepBudget,
            CompareBudget = Coin() ? new Seconds(random.Next(1, 900) / 7.0) : usual.CompareBudget,
            Calibration = Coin() ? full.Calibration! with { Samples = random.Next(1, 5000) } : null,
            Coupling = Coin() ? new CouplingOptions { Kinds = kinds.Length == 0 ? null : kinds, AllowInexact = Coin() } : usual.Coupling,
            Layers = Coin() ? [LayerRule.Protect("*conv#1"), LayerRule.Protect("true"), new LayerRule("a=b", Share()), new LayerRule("- x", Share() / 2, 0.5 + (Share() / 2))] : [],
            Scoring = Coin() ? new ScoringOptions { Criterion = Coin() ? "taylor" : "l1", Reduction = Coin() ? Word<Reduction>() : null, Normalization = Coin() ? Word<ScoreNormalization>() : null, Scope = Word<ScoreScope>(), Dropout = Coin() ? new ScoreDropout(Share(), random.Next(1, 40)) : null } : usual.Scoring,
            Budget = targets.Length > 0 ? BudgetRequest.AtMost(targets) : Coin() ? BudgetRequest.Remove(Share() * 0.999) : null,
            Order = Word<RemovalOrder>(),
            StoreSparse = Coin(),
            Schedule = Coin() ? ScheduleOptions.Parse(new[] { "iterative:7:linear", "layer-by-layer", "gradual:1000:50", "dynamic:70", "dense-sparse-dense:90:12.5%", "l1:10:1E-05", "group-lasso:10:0.003" }[random.Next(7)]) with { Exchange = Share() } : usual.Schedule,
            Training = Coin() ? full.Training! with { Steps = random.Next(900), Distill = Coin(), LearningRate = Share() } : null,
            Transfer = Coin() ? new TransferOptions { Order = Word<TransferOrder>(), HeadSteps = random.Next(200) } : null,
            Densification = Coin() ? DensificationOptions.Parse(Coin() ? "genetic:77" : $"gradient:{random.Next(1, 99)}%") with { Population = random.Next(2, 99) } : null,
            Floor = Coin() ? new AccuracyFloor(Share(), Coin()) : null,
            Knowledge = Coin() ? new KnowledgeSource(Coin() ? full.HeldOut : null, full.HeldOut, Coin() ? full.HeldOut : null) : null,
            HeldOut = Coin() ? full.HeldOut : null,
            Constants = Word<ConstantHandling>(),
            Reconstruction = Coin() ? new ReconstructionOptions { Kind = Word<ReconstructionKind>(), Ridge = Share(), Rows = random.Next(1, 1 << 20), CompensateSums = Coin(), CacheBytes = random.Next(1, 4096) * 1024L } : null,
            Sparsity = Coin() ? new SparsityOptions { Pattern = SparsityPattern.Parse(new[] { "37.5%", "2:4", "4x1:50%", "<0.01" }[random.Next(4)]), Method = Word<SparsityMethod>(), IsGlobal = Coin() } : null,
        };
    }

    /// <summary>A recipe in which nothing is at its default.</summary>
    public static PruneRecipe Full(string folder) => new()
    {
        Seed = 5,
        Device = "raspberry-pi-4-ina219",
        Session = new SessionSettings { Threads = 3, Provider = "XNNPACK", AllowSpinning = true, Optimization = GraphOptimizationLevel.ORT_ENABLE_BASIC },
        Shapes = new Dictionary<string, long[]> { ["input"] = [1, 1, 28, 28] },
        SweepBudget = new Seconds(7),
        CompareBudget = new Seconds(0.3),
        Calibration = new CalibrationSource(Path.Combine(folder, "train.npz"), 33),
        Coupling = new CouplingOptions { Kinds = [UnitKind.Channel, UnitKind.Head], AllowInexact = true },
        Layers = [LayerRule.Protect("first"), new LayerRule("conv*", 0.25, 0.75)],
        Scoring = new ScoringOptions { Criterion = "taylor", Reduction = Reduction.Max, Normalization = ScoreNormalization.Sum, Scope = ScoreScope.Isomorphic, Dropout = new ScoreDropout(0.2, 3) },
        Budget = BudgetRequest.AtMost([new BudgetTarget(CostMetric.Energy, 0.55, IsShare: true), new BudgetTarget(CostMetric.Size, 250_000, IsShare: false)]),
        Order = RemovalOrder.PerByte,
        StoreSparse = true,
        Floor = new AccuracyFloor(0.02, IsDrop: true),
        HeldOut = Path.Combine(folder, "train.npz"),
        Schedule = ScheduleOptions.Parse("gradual:100:5") with { Threshold = 0.1, Exchange = 0.2, MaskedUntil = 0.5 },
        Training = new TrainingSource(Path.Combine(folder, "train.npz")) { Steps = 5, BatchSize = 32, LearningRate = 0.02, MaxGradientNorm = 2, Distill = true, TeacherShare = 0.7, Features = 0.3, Augmentation = AugmentationPlan.Parse("crop:2,flip,mixup:0.2") },
        Transfer = new TransferOptions { Order = TransferOrder.PruneFirst, HeadSteps = 7 },
        Densification = new DensificationOptions { Kind = DensificationKind.Genetic, Evaluations = 50, Population = 8, Mutation = 0.3 },
        Constants = ConstantHandling.Drop,
        Reconstruction = new ReconstructionOptions { Kind = ReconstructionKind.Bias, Ridge = 0.5, Rows = 99, CompensateSums = false, CacheBytes = 1 << 20 },
        Sparsity = new SparsityOptions { Pattern = SparsityPattern.Parse("2:4"), Method = SparsityMethod.Obs, IsGlobal = true },
    };
}

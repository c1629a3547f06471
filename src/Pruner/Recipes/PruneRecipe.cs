using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Profiler.Devices;
using EdgePrune.Profiler.Units;
using EdgePrune.Pruner.Budget;
using EdgePrune.Pruner.Budget.Orders;
using EdgePrune.Pruner.Calibration;
using EdgePrune.Pruner.Coupling;
using EdgePrune.Pruner.Importance;
using EdgePrune.Pruner.Reconstruction;
using EdgePrune.Pruner.Recovery;
using EdgePrune.Pruner.Schedules;
using EdgePrune.Pruner.Search;
using EdgePrune.Pruner.Sparsity;
using EdgePrune.Pruner.Surgery;
using EdgePrune.Training.Data;

namespace EdgePrune.Pruner.Recipes;

/// <summary>
/// How a model is pruned, as a file can say it: <see cref="PruneOptions"/> with names and paths in place of what they stand for. Nothing
/// is opened before <see cref="ToOptions"/>.
/// </summary>
public sealed record PruneRecipe
{
    /// <summary>Seed of everything random.</summary>
    public int Seed { get; init; }

    /// <summary>Device by name, or path of a device file.</summary>
    public string Device { get; init; } = "host";

    /// <summary>Threads, provider and optimisation level.</summary>
    public SessionSettings Session { get; init; } = SessionSettings.Default;

    /// <summary>Shapes of inputs with free dimensions.</summary>
    public IReadOnlyDictionary<string, long[]>? Shapes { get; init; }

    /// <summary>File that keeps measured costs; null for the user's own.</summary>
    public string? CostStore { get; init; }

    /// <summary>Time to spend on costs that are not known yet.</summary>
    public Seconds SweepBudget { get; init; } = new(60);

    /// <summary>Time to spend on measuring the two models against each other.</summary>
    public Seconds CompareBudget { get; init; } = new(4);

    /// <summary>Training samples to score and fit with.</summary>
    public CalibrationSource? Calibration { get; init; }

    /// <summary>Which units may go.</summary>
    public CouplingOptions Coupling { get; init; } = CouplingOptions.Default;

    /// <summary>What is said of single layers.</summary>
    public IReadOnlyList<LayerRule> Layers { get; init; } = [];

    /// <summary>Files that hold what is known beforehand; null for none.</summary>
    public KnowledgeSource? Knowledge { get; init; }

    /// <summary>How units are scored; samples come from <see cref="Calibration"/>.</summary>
    public ScoringOptions Scoring { get; init; } = new();

    /// <summary>What may remain; null for the device's own budget.</summary>
    public BudgetRequest? Budget { get; init; }

    /// <summary>In what order units go until the budget is met.</summary>
    public RemovalOrder Order { get; init; }

    /// <summary>The least accuracy on held-out samples; null for none.</summary>
    public AccuracyFloor? Floor { get; init; }

    /// <summary>Labelled training data to hold <see cref="Floor"/> on; null for samples of <see cref="Calibration"/> that nothing else uses.</summary>
    public string? HeldOut { get; init; }

    /// <summary>What becomes of the constants of removed units.</summary>
    public ConstantHandling Constants { get; init; } = ConstantHandling.Fold;

    /// <summary>When units and weights go.</summary>
    public ScheduleOptions Schedule { get; init; } = new();

    /// <summary>What the model is trained on meanwhile and afterwards; null for no training.</summary>
    public TrainingSource? Training { get; init; }

    /// <summary>How the model gets a new head for the classes of <see cref="Training"/>; null to leave its head as it is.</summary>
    public TransferOptions? Transfer { get; init; }

    /// <summary>How units come back after a cut that took more than was asked for; null for none.</summary>
    public DensificationOptions? Densification { get; init; }

    /// <summary>How what is left is fitted; null for nothing.</summary>
    public ReconstructionOptions? Reconstruction { get; init; }

    /// <summary>Which single weights become zero; null for none. Protected layers are those of <see cref="Layers"/>.</summary>
    public SparsityOptions? Sparsity { get; init; }

    /// <summary>True to keep weights that are mostly zero as sparse initializers.</summary>
    public bool StoreSparse { get; init; }

    /// <summary>Reads a recipe's file. Paths in it are relative to its folder.</summary>
    /// <exception cref="InputException">It cannot be read; or one line a problem, each <c>file:line: what</c>.</exception>
    public static PruneRecipe Load(string path) => RecipeFile.Load(path);

    /// <summary>Reads the text of a recipe.</summary>
    /// <param name="text">YAML.</param>
    /// <param name="file">How messages name the file.</param>
    /// <param name="folder">What relative paths start from.</param>
    /// <exception cref="InputException">One line a problem, each <c>file:line: what</c>.</exception>
    public static PruneRecipe Parse(string text, string file, string folder) => RecipeFile.Parse(text, file, folder);

    /// <summary>The recipe as a file says it; what is at its default is left out.</summary>
    /// <param name="folder">Where the file is to lie: paths are written relative to it.</param>
    public string ToYaml(string folder) => RecipeFile.Write(this, folder);

    /// <summary>Opens the device file and the samples that the recipe names.</summary>
    /// <exception cref="InputException">One of them is missing or not right.</exception>
    public PruneOptions ToOptions()
    {
        var device = Profiler.Devices.Device.Load(Device);
        Dataset? training = Calibration is { } source ? Dataset.Load(source.Data) : null;
        CalibrationData? calibration = training is null ? null : new CalibrationData(training, Calibration!.Samples, Seed);
        return new PruneOptions
        {
            Budget = Budget ?? DefaultBudget(device),
            Order = Order,
            Floor = Floor,
            HeldOut = Floor is null ? null : HeldOut is null ? Rest(training) : Dataset.Load(HeldOut, new DatasetOptions { RequireLabels = true }),
            Device = device,
            Session = Session,
            Scoring = Scoring with { Data = calibration },
            Layers = Layers,
            Knowledge = Knowledge?.Load(),
            Reconstruction = Reconstruction is null ? null : Reconstruction with { Seed = Seed },
            Sparsity = Sparsity is null ? null : Sparsity with { Data = calibration, Protected = [.. Layers.Where(l => l.IsProtected).Select(l => l.Pattern)] },
            StoreSparse = StoreSparse,
            Calibration = calibration,
            Coupling = Coupling,
            Constants = Constants,
            Schedule = Schedule,
            Recovery = Training?.Load(),
            Transfer = Transfer is null ? null : Transfer with { Steps = Training?.Steps ?? 0 },
            Densification = Densification,
            Seed = Seed,
            Shapes = Shapes,
            CostStore = CostStore,
            SweepBudget = SweepBudget,
            CompareBudget = CompareBudget,
        };
    }

    // Samples that neither score nor fit, as many as tell one percent of accuracy apart.
    private Dataset? Rest(Dataset? training)
    {
        const int Most = 2000;
        int used = Calibration?.Samples ?? 0;
        return training is null || training.Count <= used
            ? null
            : training.Shuffle(Seed).Subset(Enumerable.Range(used, Math.Min(Most, training.Count - used)));
    }

    // Where an accuracy is held, nothing else limits unless it is said. Where only single weights are asked for no unit goes, where
    // a plan is carried over only what it says, and where training tells which units go only those.
    private BudgetRequest DefaultBudget(Device device) =>
        Floor is not null ? BudgetRequest.AtMost(CostMetric.Energy, 1)
        : Sparsity is not null || Knowledge?.Plan is not null || Schedule.DecidesUnits ? BudgetRequest.Remove(0)
        : BudgetRequest.AtMost(CostMetric.Energy, device.Budgets.EnergyPercent / 100);
}

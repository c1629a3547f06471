using EdgePrune.Onnx.Sessions;
using EdgePrune.Profiler.Devices;
using EdgePrune.Profiler.Units;
using EdgePrune.Pruner.Budget;
using EdgePrune.Pruner.Budget.Orders;
using EdgePrune.Pruner.Calibration;
using EdgePrune.Pruner.Coupling;
using EdgePrune.Pruner.Importance;
using EdgePrune.Pruner.Knowledge;
using EdgePrune.Pruner.Reconstruction;
using EdgePrune.Pruner.Recovery;
using EdgePrune.Pruner.Schedules;
using EdgePrune.Pruner.Search;
using EdgePrune.Pruner.Sparsity;
using EdgePrune.Pruner.Surgery;
using EdgePrune.Training.Data;

namespace EdgePrune.Pruner;

/// <summary>How a model is pruned.</summary>
public sealed record PruneOptions
{
    /// <summary>What may remain.</summary>
    public required BudgetRequest Budget { get; init; }

    /// <summary>In what order units go until <see cref="Budget"/> is met.</summary>
    public RemovalOrder Order { get; init; }

    /// <summary>The least accuracy on <see cref="HeldOut"/>; null for none. What is cheapest above it is taken, within <see cref="Budget"/>.</summary>
    public AccuracyFloor? Floor { get; init; }

    /// <summary>Labelled training samples that candidates are judged by where there is a <see cref="Floor"/>; neither scored nor fitted with.</summary>
    public Dataset? HeldOut { get; init; }

    /// <summary>The board whose costs count.</summary>
    public required Device Device { get; init; }

    /// <summary>Threads, provider and optimisation level that the model will run with.</summary>
    public SessionSettings Session { get; init; } = SessionSettings.Default;

    /// <summary>How units are scored.</summary>
    public ScoringOptions Scoring { get; init; } = new();

    /// <summary>Layers that stay as they are, or that must or may keep some share of their units.</summary>
    public IReadOnlyList<LayerRule> Layers { get; init; } = [];

    /// <summary>What earlier runs, other boards and the user know; null for nothing.</summary>
    public KnowledgeOptions? Knowledge { get; init; }

    /// <summary>How what is left is fitted to the original's activations; null leaves the weights as surgery left them.</summary>
    public ReconstructionOptions? Reconstruction { get; init; }

    /// <summary>Single weights that become zero once the units are gone; null for none.</summary>
    public SparsityOptions? Sparsity { get; init; }

    /// <summary>When units and weights go: at once, in several cuts, while the model is trained.</summary>
    public ScheduleOptions Schedule { get; init; } = new();

    /// <summary>What the model is trained on while it is pruned and after each cut; null for no training.</summary>
    public RecoveryOptions? Recovery { get; init; }

    /// <summary>How the model is made one for the classes of the samples that it is trained on; null to leave its head as it is.</summary>
    public TransferOptions? Transfer { get; init; }

    /// <summary>How units are brought back after a cut that took more than the budget asks for; null for none.</summary>
    public DensificationOptions? Densification { get; init; }
    /// <summary>True to keep weights that are mostly zero as sparse initializers, where the file gets smaller by it.</summary>
    public bool StoreSparse { get; init; }

    /// <summary>Samples for reconstruction and sparsity. Training data, never those that the result is judged by.</summary>
    public CalibrationData? Calibration { get; init; }

    /// <summary>Which units may go.</summary>
    public CouplingOptions Coupling { get; init; } = CouplingOptions.Default;

    /// <summary>What becomes of the constants that removed units carry.</summary>
    public ConstantHandling Constants { get; init; } = ConstantHandling.Fold;

    public int Seed { get; init; }

    /// <summary>Shapes of inputs with free dimensions.</summary>
    public IReadOnlyDictionary<string, long[]>? Shapes { get; init; }

    /// <summary>The SQLite file that keeps measured costs; in memory only where null.</summary>
    public string? CostStore { get; init; }

    /// <summary>Time to spend on costs that are not known yet.</summary>
    public Seconds SweepBudget { get; init; } = new(45);

    /// <summary>Time to spend on measuring the two models against each other.</summary>
    public Seconds CompareBudget { get; init; } = new(4);
}

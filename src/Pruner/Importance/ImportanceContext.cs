using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Pruner.Calibration;
using EdgePrune.Pruner.Coupling;

namespace EdgePrune.Pruner.Importance;

/// <summary>What a criterion judges by.</summary>
/// <param name="Model">The model.</param>
/// <param name="Coupling">Its units.</param>
public sealed record ImportanceContext(OnnxModel Model, CouplingResult Coupling)
{
    /// <summary>Seed of everything random.</summary>
    public int Seed { get; init; }

    /// <summary>Samples, for criteria that need some.</summary>
    public CalibrationData? Data { get; init; }

    /// <summary>How the scores of a unit's slices become one; the criterion's own way where null.</summary>
    public Reduction? Reduction { get; init; }

    /// <summary>Threads and provider of the runtime.</summary>
    public SessionSettings Session { get; init; } = SessionSettings.Default;

    public CancellationToken Cancellation { get; init; }

    /// <summary>The samples.</summary>
    /// <param name="criterion">Names the criterion in the error.</param>
    /// <exception cref="InputException">There are none.</exception>
    public CalibrationData Samples(IImportance criterion)
    {
        ArgumentNullException.ThrowIfNull(criterion);
        return Data ?? throw new InputException(
            $"the criterion '{criterion.Name}' looks at what the model does with data, and none were given; name training samples (--calibration), or take a criterion of the weights such as l2");
    }
}

using EdgePrune.Onnx.Sessions;
using EdgePrune.Pruner.Calibration;

namespace EdgePrune.Pruner.Importance;

/// <summary>
/// The mean rank of a channel's feature maps (Lin et al., "HRank", CVPR 2020): of each sample's map, a matrix of height × width, the
/// number of independent rows. Only channels of values with at least two axes behind them have one.
/// </summary>
public sealed class RankImportance : ActivationImportance
{
    public override string Name => "hrank";

    public override string Summary => "mean rank of the feature maps (HRank, CVPR 2020)";

    public override ScoreNormalization Normalization => ScoreNormalization.Max;

    internal override (IReadOnlyCollection<IActivationObserver> Observers, Func<double[]> Finish) Begin(ImportanceContext context)
    {
        IReadOnlyDictionary<string, ValueShape> shapes = context.Coupling.Context.Shapes;
        return Means(
            context,
            static (values, dims) =>
            {
                int columns = (int)dims[^1];
                return (MatrixRank.Of(values, values.Length / columns, columns), 1);
            },
            site => shapes[site.Value].Dims.Length >= site.Axis + 3 && shapes[site.Value].Dims[^1] > 1 && shapes[site.Value].Dims[^2] > 1);
    }
}

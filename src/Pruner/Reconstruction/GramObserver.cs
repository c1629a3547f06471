using EdgePrune.Pruner.Calibration;

namespace EdgePrune.Pruner.Reconstruction;

/// <summary>Adds up what a layer reads as normal equations without targets, one for each of its groups.</summary>
internal sealed class GramObserver : IActivationObserver
{
    private readonly LayerRows rows;
    private readonly GramKernel kernel;
    private readonly int draw;
    private readonly Random random;

    /// <param name="layer">The layer.</param>
    /// <param name="rows">How its rows are read.</param>
    /// <param name="draw">Places of each sample.</param>
    /// <param name="seed">Seed of the places.</param>
    /// <param name="kernel">Multiplies.</param>
    public GramObserver(LinearLayer layer, LayerRows rows, int draw, int seed, GramKernel kernel)
    {
        Layer = layer;
        this.rows = rows;
        this.kernel = kernel;
        this.draw = Math.Min(draw, rows.Positions);
        random = new Random(seed);
        Equations = [.. Enumerable.Range(0, layer.Groups).Select(_ => new NormalEquations(layer.Columns, 0))];
    }

    public LinearLayer Layer { get; }

    public string Value => Layer.Data;

    /// <summary>The sums of each group; call <see cref="Finish"/> before they are read.</summary>
    public IReadOnlyList<NormalEquations> Equations { get; }

    public void Observe(ReadOnlySpan<float> values, long[] dims)
    {
        for (int sample = 0; sample < dims[0]; sample++)
        {
            for (int d = 0; d < draw; d++)
            {
                int low = (int)((long)d * rows.Positions / draw);
                int position = low + random.Next((int)((long)(d + 1) * rows.Positions / draw) - low);
                for (int group = 0; group < Layer.Groups; group++)
                {
                    Equations[group].Next(out Span<float> x, out _);
                    rows.Read(values, sample, position, group, x);
                    if (Equations[group].IsFull)
                    {
                        Flush(Equations[group]);
                    }
                }
            }
        }
    }

    /// <summary>Adds what is still in the buffers.</summary>
    public void Finish()
    {
        foreach (NormalEquations equations in Equations)
        {
            Flush(equations);
        }
    }

    private void Flush(NormalEquations equations) => equations.Flush(equations.Width >= 32 ? kernel : null);
}

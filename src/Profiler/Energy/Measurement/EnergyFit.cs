using EdgePrune.Profiler.Sensors;
using EdgePrune.Profiler.Statistics;

namespace EdgePrune.Profiler.Energy.Measurement;

/// <summary>
/// Mean power of each window = Σ (executions a second) · (energy of an execution) + power at rest, by weighted non-negative least
/// squares. The network as it was measured on its own is an unknown beside its layers, so that what the layers lack shows as the
/// residual and is not spread over them. The power at rest may drift: it is a line through knots in time.
/// </summary>
internal sealed class EnergyFit
{
    private const int Draws = 400;
    private const double ConditionLimit = 100;
    private const double NormalOfMedian = 1.4826;
    private const double Far = 8;
    private static readonly double[] KnotSpacings = [5, 10, 20, 40, double.PositiveInfinity];

    private readonly IReadOnlyList<Observation> observations;
    private readonly IEnergyWorkload workload;
    private readonly IPowerSource source;
    private readonly EnergyMeasurementOptions options;
    private readonly MeasurementPlan plan;
    private readonly int network;
    private readonly int overhead;
    private readonly int marker;
    private readonly int baseline;

    private EnergyFit(
        IReadOnlyList<Observation> observations, IEnergyWorkload workload, IPowerSource source, EnergyMeasurementOptions options, MeasurementPlan plan)
    {
        this.observations = observations;
        this.workload = workload;
        this.source = source;
        this.options = options;
        this.plan = plan;
        network = plan.Layers.Count;
        overhead = network + 1;
        marker = overhead + 1;
        baseline = marker + 1;
    }

    public static EnergyMeasurementResult Solve(
        IReadOnlyList<Observation> observations, IEnergyWorkload workload, IPowerSource source, EnergyMeasurementOptions options, MeasurementPlan plan) =>
        new EnergyFit(observations, workload, source, options, plan).Solve();

    /// <summary>Windows whose power is far from what the others make it; at most a tenth of all.</summary>
    public static IReadOnlyList<int> Outliers(
        IReadOnlyList<Observation> observations, IEnergyWorkload workload, IPowerSource source, EnergyMeasurementOptions options, MeasurementPlan plan) =>
        new EnergyFit(observations, workload, source, options, plan).Outliers();

    // Around the median of the windows alike first, because one window far off bends the fit of all.
    private IReadOnlyList<int> Outliers()
    {
        double[] off = new double[observations.Count];
        int[] groups = Groups();
        foreach (IGrouping<int, int> alike in Enumerable.Range(0, off.Length).GroupBy(i => groups[i]))
        {
            int[] members = [.. alike];
            double usual = Order.Median([.. members.Select(i => observations[i].Power.Value)]);
            foreach (int i in members)
            {
                // Two windows cannot say which of them is right.
                off[i] = members.Length < 3 ? 0 : (observations[i].Power.Value - usual) * Math.Sqrt(observations[i].Span.Value);
            }
        }

        double spread = Order.Median([.. off.Select(Math.Abs)]) * NormalOfMedian;
        double limit = Math.Max(Far * spread, source.Traits.Resolution.Value);
        return [.. Enumerable.Range(0, off.Length).Where(i => Math.Abs(off[i]) > limit).OrderByDescending(i => Math.Abs(off[i])).Take(off.Length / 10)];
    }

    private EnergyMeasurementResult Solve()
    {
        double[] targets = [.. observations.Select(o => o.Power.Value)];
        // Noise of a sensor and of a board's background averages out over the span.
        double[] weights = [.. observations.Select(o => o.Span.Value)];
        (double[][] rows, NnlsSolution solution) = Fit(targets, weights);
        var bootstrap = new FitBootstrap(rows, weights, solution, Groups(), options.Seed);
        double[][] draws = bootstrap.Draw(Draws);

        double accuracy = options.Accuracy ?? source.Traits.RelativeAccuracy;
        IReadOnlyList<double> e = solution.Coefficients;
        Interval Of(Func<IReadOnlyList<double>, double> value, double gain) =>
            bootstrap.Interval(value(e), [.. draws.Select(value)], gain, observations.Count);

        double Rest(IReadOnlyList<double> x) => x.Skip(baseline).Average();
        // The latency that is reported, not that beside a running sampler: the power at rest counts for the time that a run takes.
        double networkSeconds = workload.NetworkSeconds;
        double emptySeconds = EmptySeconds();
        var layers = new LayerEnergy?[workload.LayerSeconds.Count];
        for (int k = 0; k < plan.Layers.Count; k++)
        {
            int column = k;
            int layer = plan.Layers[k];
            Observation[] own = [.. observations.Where(o => o.Window.Layer == layer)];
            if (own.Length == 0)
            {
                continue;
            }

            double seconds = workload.LayerSeconds[layer];
            var figure = new EnergyFigure(Of(x => x[column], accuracy), Of(x => x[column] + (Rest(x) * seconds), accuracy), source.Provenance);
            layers[layer] = new LayerEnergy(
                figure, own.Length, own.Sum(o => o.Samples), own.Any(o => o.Window.Kind == WindowKind.Boosted));
        }

        double Sum(IReadOnlyList<double> x) => x.Take(network).Sum() + x[overhead];
        double layerSeconds = plan.Layers.Sum(l => workload.LayerSeconds[l]) + emptySeconds;
        double TotalSum(IReadOnlyList<double> x) => Sum(x) + (Rest(x) * layerSeconds);
        double TotalNetwork(IReadOnlyList<double> x) => x[network] + (Rest(x) * networkSeconds);
        double precision = Precision(layers, 1, accuracy);
        return new EnergyMeasurementResult
        {
            Provenance = source.Provenance,
            Layers = layers,
            Network = new EnergyFigure(Of(x => x[network], accuracy), Of(TotalNetwork, accuracy), source.Provenance),
            Overhead = Of(x => x[overhead], accuracy),
            Idle = Of(Rest, accuracy),
            // The gain is in both and cancels.
            DynamicResidual = Of(x => x[network] > 0 ? (Sum(x) - x[network]) / x[network] : 0, 0),
            TotalResidual = Of(x => (TotalSum(x) - TotalNetwork(x)) / TotalNetwork(x), 0),
            Condition = solution.Condition,
            Precision = precision,
            PrecisionInFourTimes = Precision(layers, 2, accuracy),
            Windows = new WindowCounts(0, 0, new Dictionary<string, int>()),
            Took = default,
            Trace = [],
        };
    }

    // The finest line for the power at rest with which the fit is still well-conditioned.
    private (double[][] Rows, NnlsSolution Solution) Fit(double[] targets, double[] weights)
    {
        foreach (double spacing in KnotSpacings)
        {
            double[][] rows = Rows(Knots(spacing));
            NnlsSolution solution = NonNegativeLeastSquares.Solve(rows, targets, weights);
            if (solution.Condition <= ConditionLimit || double.IsPositiveInfinity(spacing))
            {
                return (rows, solution);
            }
        }

        throw new InvalidOperationException("the last spacing always returns");
    }

    private double[] Knots(double spacing)
    {
        double first = observations.Min(o => o.Middle);
        double last = observations.Max(o => o.Middle);
        int pieces = (int)Math.Clamp(Math.Floor((last - first) / spacing), 1, 200);
        return [.. Enumerable.Range(0, pieces + 1).Select(i => first + ((last - first) * i / pieces))];
    }

    private double[][] Rows(double[] knots)
    {
        var columns = plan.Layers.Select((layer, k) => (layer, k)).ToDictionary(p => p.layer, p => p.k);
        double[][] rows = new double[observations.Count][];
        for (int i = 0; i < rows.Length; i++)
        {
            Observation o = observations[i];
            double[] row = rows[i] = new double[baseline + knots.Length];
            if (o.Window.Layer >= 0)
            {
                row[columns[o.Window.Layer]] = o.Activity.Executions / o.Activity.Duration;
            }

            row[network] = o.Activity.Networks / o.Activity.Duration;
            row[overhead] = o.Activity.Networks == 0 ? o.Activity.Runs / o.Activity.Duration : 0;
            row[marker] = o.Activity.Markers / o.Activity.Duration;
            int piece = Math.Clamp(Array.FindLastIndex(knots, k => k <= o.Middle), 0, knots.Length - 2);
            double share = Math.Clamp((o.Middle - knots[piece]) / (knots[piece + 1] - knots[piece]), 0, 1);
            row[baseline + piece] = 1 - share;
            row[baseline + piece + 1] = share;
        }

        return rows;
    }

    private int[] Groups()
    {
        var numbers = new Dictionary<(WindowKind, int), int>();
        return
        [
            .. observations.Select(o =>
            {
                var key = (o.Window.Kind, o.Window.Kind == WindowKind.Empty ? o.Window.Repeats : o.Window.Layer);
                return numbers.TryGetValue(key, out int number) ? number : numbers[key] = numbers.Count;
            }),
        ];
    }

    private double EmptySeconds()
    {
        double[] times =
        [
            .. observations.Where(o => o.Window is { Kind: WindowKind.Empty, Repeats: 1 }).Select(o => o.Activity.Duration / o.Activity.Runs),
        ];
        return times.Length == 0 ? 0 : Order.Median(times);
    }

    private static double Precision(LayerEnergy?[] layers, double divideBy, double accuracy)
    {
        double all = layers.Sum(l => l?.Figure.Total.Median ?? 0);
        double[] widths =
        [
            .. layers.Where(l => l is not null && l.Figure.Total.Median >= 0.01 * all && l.Figure.Dynamic.Median > 0).Select(l =>
            {
                double width = l!.Figure.Dynamic.RelativeHalfWidth;
                double noise = Math.Sqrt(Math.Max(0, (width * width) - (accuracy * accuracy))) / divideBy;
                return Math.Sqrt((noise * noise) + (accuracy * accuracy));
            }),
        ];
        return widths.Length == 0 ? double.NaN : Order.Median(widths);
    }
}

using EdgePrune.Profiler.Costs;

namespace EdgePrune.Cli.Documents;

/// <summary>What a page draws of a cost table: the time of each distinct block over each of its widths.</summary>
/// <param name="Model">Name of the model's file.</param>
/// <param name="Device">Name of the board.</param>
/// <param name="NetworkMs">Measured latency of the network.</param>
/// <param name="Calibration">Measured latency over the sum of the layers.</param>
/// <param name="Error">Error at held-out widths; null where none were held out.</param>
/// <param name="Blocks">One for layers that cost the same.</param>
/// <param name="Problems">Layers that could not be measured, with the reason.</param>
internal sealed record CostCurves(
    string Model,
    string Device,
    Figure NetworkMs,
    double Calibration,
    CostsError? Error,
    IReadOnlyList<CostCurveBlock> Blocks,
    IReadOnlyDictionary<string, string> Problems)
{
    private const int MostWidths = 256;
    private const int Digits = 5;

    public static CostCurves Of(CostTable table, string? model, string device) => new(
        Path.GetFileName(model) ?? "",
        device,
        Figure.Of(table.Network, 1e3)!,
        table.Calibration,
        table.Error() is { } error ? CostsError.Of(error) : null,
        [
            .. table.Layers.Where(l => l.Block.FullWidths.Count > 0 && table.Surfaces.ContainsKey(l.Block.Key))
                .GroupBy(l => l.Block.Key)
                .Select(g => Block(table, [.. g])),
        ],
        table.Problems);

    private static CostCurveBlock Block(CostTable table, CostLayer[] alike)
    {
        CostBlock block = alike[0].Block;
        CostSurface surface = table.Surfaces[block.Key];
        IReadOnlyList<int> full = block.FullWidths;
        // A block of many axes is swept along all of them at once.
        CostCurve[] curves = surface.Steps.Count == full.Count
            ? [.. full.Select((_, axis) => Curve(surface.Steps[axis], w => [.. full.Select((f, a) => a == axis ? w : f)], Microseconds))]
            : [Curve(surface.Steps[0], w => [.. full.Select(f => Math.Clamp((int)Math.Round((double)w * f / surface.Steps[0].Full), 1, f))], Microseconds)];
        return new CostCurveBlock(
            [.. alike.Select(l => l.Layer.Name)], alike[0].Layer.Op, full, surface.Points, surface.Error is { } e ? CostsError.Of(e) : null, curves);

        double Microseconds(int[] widths) => table.Predict(block.Key, widths).Time.Microseconds;
    }

    private static CostCurve Curve(AxisSteps steps, Func<int, int[]> at, Func<int[], double> predict)
    {
        int[] widths = [.. Widths(steps)];
        return new CostCurve(steps, widths, [.. widths.Select(w => Round(predict(at(w))))]);
    }

    // Where not all widths can be drawn, each that is drawn has its neighbour beside it: a stair and an aligned path show in the two.
    private static IEnumerable<int> Widths(AxisSteps steps)
    {
        int stride = steps.Full <= MostWidths ? 1 : (2 * steps.Full / MostWidths) + 1;
        stride = stride == 1 ? 1 : (stride + steps.Alignment - 1) / steps.Alignment * steps.Alignment;
        for (int width = stride; width <= steps.Full; width += stride)
        {
            yield return width;
            if (stride > 1 && width < steps.Full)
            {
                yield return width + 1;
            }
        }

        if (steps.Full % stride != 0 && (steps.Full - 1) % stride != 0)
        {
            yield return steps.Full;
        }
    }

    private static double Round(double value) =>
        value == 0 || !double.IsFinite(value) ? value : Math.Round(value, Math.Clamp(Digits - 1 - (int)Math.Floor(Math.Log10(Math.Abs(value))), 0, 15));
}

/// <summary>Layers that cost the same at the same widths.</summary>
/// <param name="Layers">Names of the layers.</param>
/// <param name="Op">Operator as executed.</param>
/// <param name="Widths">Full widths.</param>
/// <param name="Points">Points measured, held-out ones included.</param>
/// <param name="Error">Error at held-out widths; null where none were held out.</param>
/// <param name="Curves">One an axis, the other axes at full width; one for all axes together where there are many.</param>
internal sealed record CostCurveBlock(
    IReadOnlyList<string> Layers, string Op, IReadOnlyList<int> Widths, int Points, CostsError? Error, IReadOnlyList<CostCurve> Curves);

/// <param name="Steps">The staircase that was found.</param>
/// <param name="Widths">Units, ascending.</param>
/// <param name="TimesUs">Time at each: measured points and what lies between them.</param>
internal sealed record CostCurve(AxisSteps Steps, IReadOnlyList<int> Widths, IReadOnlyList<double> TimesUs);

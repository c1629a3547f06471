using EdgePrune.Onnx.Sessions;
using EdgePrune.Pruner.Coupling;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace EdgePrune.Pruner.Calibration;

/// <summary>Units as they stand along an axis of a computed value.</summary>
/// <param name="Value">The value.</param>
/// <param name="Axis">Its axis.</param>
/// <param name="Units">The unit of each index along it; −1 for none.</param>
internal sealed record UnitSite(string Value, int Axis, int[] Units)
{
    /// <summary>
    /// Where to look at what units do: the values that weights read, which is behind activations and normalisations. Units that no weights
    /// read (they are multiplied or summed with computed values) are looked at where they are made.
    /// </summary>
    public static IReadOnlyList<UnitSite> Of(CouplingResult coupling)
    {
        var sites = new Dictionary<(string, int), UnitSite>();
        var seen = new HashSet<int>();
        LinearLayer[] layers = [.. LinearLayer.Of(coupling.Context.Index.Graph)];
        foreach (LinearLayer layer in layers)
        {
            Add(coupling, layer.Data, sites, _ => true);
        }

        seen.UnionWith(sites.Values.SelectMany(s => s.Units));
        foreach (LinearLayer layer in layers)
        {
            Add(coupling, layer.Output, sites, unit => !seen.Contains(unit));
        }

        return [.. sites.Values];
    }

    private static void Add(CouplingResult coupling, string value, Dictionary<(string, int), UnitSite> sites, Func<int, bool> wanted)
    {
        if (!coupling.Context.Shapes.TryGetValue(value, out ValueShape? shape) || shape.Type != TensorElementType.Float)
        {
            return;
        }

        foreach (int axis in coupling.LiveAxes(value))
        {
            if (!sites.ContainsKey((value, axis)) && coupling.UnitsAlong(value, axis) is { } units && units.Any(u => u >= 0 && wanted(u)))
            {
                sites[(value, axis)] = new UnitSite(value, axis, Array.ConvertAll(units, u => u >= 0 && wanted(u) ? u : -1));
            }
        }
    }
}

using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Pruner.Coupling;
using EdgePrune.Pruner.Verification;
using Microsoft.ML.OnnxRuntime;
using static EdgePrune.Onnx.Proto.TensorProto.Types;

namespace EdgePrune.Pruner.Calibration;

/// <summary>
/// A model in which each unit has a gate, a number that what the unit does is multiplied by: 1 leaves it, 0 masks it. The gates are inputs
/// of the graph, so that one session serves every choice of units.
/// </summary>
internal sealed class GatedModel : IDisposable
{
    private readonly ModelSession session;
    private readonly Dictionary<(string Tensor, int Axis), MaskInput> masks = [];
    private readonly Dictionary<string, OrtValue> open = new(StringComparer.Ordinal);
    private readonly IReadOnlyDictionary<int, UnitSlice[]> slices;

    /// <param name="model">The model.</param>
    /// <param name="coupling">Its units.</param>
    /// <param name="slices">Which slices of a unit its gate multiplies.</param>
    /// <param name="values">Values to give out besides the outputs.</param>
    /// <param name="settings">Threads and provider.</param>
    public GatedModel(
        OnnxModel model, CouplingResult coupling, Func<Unit, IEnumerable<UnitSlice>> slices, IEnumerable<string> values, SessionSettings settings)
    {
        this.slices = coupling.Units.ToDictionary(u => u.Id, u => slices(u).ToArray());
        var graph = new MaskedGraph(model);
        foreach (var place in this.slices.Values.SelectMany(s => s).GroupBy(s => (s.Tensor, s.Axis)))
        {
            masks[place.Key] = graph.AddAxis(place.Key.Tensor, place.Key.Axis, place.First().Role == SliceRole.Value, mask: null);
        }

        session = ModelSession.Create(ActivationPass.Exposed(graph.Build(), values), settings);
        HashSet<string> gates = [.. masks.Values.Select(m => m.Name)];
        Inputs = [.. session.Inputs.Where(i => !gates.Contains(i.Name))];
        foreach (MaskInput mask in masks.Values)
        {
            float[] ones = new float[mask.Shape.Aggregate(1L, (a, d) => a * d)];
            Array.Fill(ones, 1f);
            open[mask.Name] = Value(mask, ones);
        }
    }

    /// <summary>Every slice that a mask has to reach: what makes the unit, what reads it, and its place in values.</summary>
    public static IEnumerable<UnitSlice> Masked(Unit unit) => unit.Slices.Where(s => s.Role != SliceRole.Parameter);

    /// <summary>
    /// The slices whose product with a gate is that of the unit's activation with it: the weights that read it, or where none do, those that
    /// make it.
    /// </summary>
    public static IEnumerable<UnitSlice> Read(Unit unit)
    {
        UnitSlice[] reading = [.. unit.Slices.Where(s => s.Role == SliceRole.Input)];
        return reading.Length > 0 ? reading : unit.Slices.Where(s => s.Role == SliceRole.Output);
    }

    /// <summary>The model's own inputs.</summary>
    public IReadOnlyList<ModelInput> Inputs { get; }

    /// <summary>The model's own outputs, then the values asked for.</summary>
    public IReadOnlyList<string> Outputs => session.OutputNames;

    /// <summary>Runs the model with the gates of some units set to a number. The caller disposes the values.</summary>
    public NamedValues Run(IReadOnlyDictionary<string, OrtValue> inputs, IReadOnlyCollection<int> units, float gate = 0)
    {
        var given = new Dictionary<string, OrtValue>(inputs, StringComparer.Ordinal);
        foreach ((string name, OrtValue value) in open)
        {
            given[name] = value;
        }

        var own = new List<OrtValue>();
        try
        {
            foreach (var place in units.SelectMany(u => slices[u]).GroupBy(s => (s.Tensor, s.Axis)))
            {
                MaskInput mask = masks[place.Key];
                float[] gates = new float[mask.Shape.Aggregate(1L, (a, d) => a * d)];
                Array.Fill(gates, 1f);
                foreach (int index in place.SelectMany(s => s.Indices))
                {
                    gates[index] = gate;
                }

                own.Add(Value(mask, gates));
                given[mask.Name] = own[^1];
            }

            return session.Run(given);
        }
        finally
        {
            own.ForEach(v => v.Dispose());
        }
    }

    public void Dispose()
    {
        foreach (OrtValue value in open.Values)
        {
            value.Dispose();
        }

        session.Dispose();
    }

    private static OrtValue Value(MaskInput mask, float[] gates) => mask.Type switch
    {
        DataType.Float => OrtValue.CreateTensorValueFromMemory(gates, mask.Shape),
        DataType.Double => OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(gates, g => (double)g), mask.Shape),
        DataType.Float16 => OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(gates, g => (Float16)g), mask.Shape),
        DataType.Bool => OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(gates, g => g != 0), mask.Shape),
        _ => throw new InputException($"units of weights of type {mask.Type} cannot be gated"),
    };
}

using System.Buffers;
using EdgePrune.Onnx.Proto;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using static EdgePrune.Onnx.Proto.TensorProto.Types;

namespace EdgePrune.Onnx.Sessions;

/// <summary>
/// Lends the large weights of a model to a session where they lie, in place of three copies (the serialised model, the runtime's
/// own parse of it, and its tensors): they become inputs of the graph, which every run is fed with. (The runtime has a call for
/// initializers that a caller owns, but it wants a file behind each of them.)
/// </summary>
internal sealed class SharedWeights : IDisposable
{
    private const int MinBytes = 1 << 16;

    private readonly List<MemoryHandle> pins = [];
    private readonly Dictionary<string, OrtValue> values = new(StringComparer.Ordinal);

    /// <summary>The weights by name.</summary>
    public IReadOnlyDictionary<string, OrtValue> Values => values;

    /// <summary>Takes large weights out of a model.</summary>
    /// <param name="model">Changed: its large initializers become inputs.</param>
    public static SharedWeights Move(ModelProto model)
    {
        var shared = new SharedWeights();
        // An input that is an output too would be handed back where it lies, and outlive what was lent.
        HashSet<string> outputs = [.. model.Graph.Output.Select(o => o.Name)];
        TensorProto[] large = [.. model.Graph.Initializer.Where(i => IsLarge(i) && !outputs.Contains(i.Name))];
        if (large.Length == 0)
        {
            return shared;
        }

        var lent = new HashSet<TensorProto>(large, ReferenceEqualityComparer.Instance);
        TensorProto[] rest = [.. model.Graph.Initializer.Where(i => !lent.Contains(i))];
        HashSet<string> inputs = [.. model.Graph.Input.Select(i => i.Name)];
        model.Graph.Initializer.Clear();
        model.Graph.Initializer.AddRange(rest);
        foreach (TensorProto tensor in large)
        {
            shared.Lend(tensor);
            if (inputs.Add(tensor.Name))
            {
                model.Graph.Input.Add(Declaration(tensor));
            }
        }

        return shared;
    }

    public void Dispose()
    {
        foreach (OrtValue value in values.Values)
        {
            value.Dispose();
        }

        foreach (MemoryHandle pin in pins)
        {
            pin.Dispose();
        }
    }

    // Integers may say shapes, which the runtime wants to know before anything is run.
    private static bool IsLarge(TensorProto tensor) =>
        BitConverter.IsLittleEndian
        && tensor.HasRawData
        && tensor.RawData.Length >= MinBytes
        && (DataType)tensor.DataType is DataType.Float or DataType.Float16 or DataType.Double;

    private unsafe void Lend(TensorProto tensor)
    {
        MemoryHandle pin = tensor.RawData.Memory.Pin();
        pins.Add(pin);
        values[tensor.Name] = OrtValue.CreateTensorValueWithData(
            OrtMemoryInfo.DefaultInstance, (TensorElementType)tensor.DataType, [.. tensor.Dims], (nint)pin.Pointer, tensor.RawData.Length);
    }

    private static ValueInfoProto Declaration(TensorProto tensor)
    {
        var shape = new TensorShapeProto();
        shape.Dim.Add(tensor.Dims.Select(d => new TensorShapeProto.Types.Dimension { DimValue = d }));
        return new ValueInfoProto
        {
            Name = tensor.Name,
            Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = tensor.DataType, Shape = shape } },
        };
    }
}

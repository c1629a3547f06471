using EdgePrune.Onnx.Proto;
using static EdgePrune.Onnx.Proto.TensorProto.Types;

namespace EdgePrune.Training.Steps;

/// <summary>An input of a step graph: name, element type, and dimensions at the step's batch.</summary>
public sealed record StepInput(string Name, DataType Type, IReadOnlyList<long> Dims)
{
    /// <summary>For class ids the number of classes, which every value must be below; null for other inputs.</summary>
    public long? Classes { get; init; }

    internal ValueInfoProto Declare() => Describe(Name, Type, Dims);

    internal static ValueInfoProto Describe(string name, DataType type, IEnumerable<long> dims)
    {
        var shape = new TensorShapeProto();
        shape.Dim.Add(dims.Select(d => new TensorShapeProto.Types.Dimension { DimValue = d }));
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = shape } } };
    }
}

using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using static EdgePrune.Onnx.Proto.TensorProto.Types;

namespace EdgePrune.Training.Steps;

/// <summary>
/// The variables of a step in the runtime's own memory, twice: a step reads one side and writes the other, and then the sides
/// change places. Nothing is copied between steps.
/// </summary>
internal sealed class StepBuffers : IDisposable
{
    private readonly IReadOnlyList<StepVariable> variables;
    private readonly OrtValue[][] sides;
    private int current;

    public StepBuffers(IReadOnlyList<StepVariable> variables)
    {
        this.variables = variables;
        sides = [Allocate(variables), Allocate(variables)];
        for (int i = 0; i < variables.Count; i++)
        {
            Write(i, variables[i].Initial);
        }
    }

    public void Swap() => current = 1 - current;

    /// <summary>Which of the two sides holds the present values.</summary>
    public int Current => current;

    /// <summary>Binds the present values as inputs and the other side as outputs, for steps that begin on <paramref name="side"/>.</summary>
    public void Bind(OrtIoBinding binding, int side)
    {
        for (int i = 0; i < variables.Count; i++)
        {
            binding.BindInput(variables[i].Input, sides[side][i]);
            binding.BindOutput(variables[i].Output, sides[1 - side][i]);
        }
    }

    /// <summary>The present value of a variable, as little-endian bytes.</summary>
    public byte[] Read(int index) => sides[current][index].GetTensorMutableRawData().ToArray();

    /// <summary>The present value of a variable of float32, to be changed in place.</summary>
    public Span<float> Floats(int index) => sides[current][index].GetTensorMutableDataAsSpan<float>();

    /// <summary>Values of all variables by the graph's input: the present ones, or those that the last step read.</summary>
    public IEnumerable<KeyValuePair<string, OrtValue>> Values(bool last) =>
        variables.Zip(sides[last ? 1 - current : current], (v, value) => KeyValuePair.Create(v.Input, value));

    public void Write(int index, ReadOnlySpan<byte> value) => value.CopyTo(sides[current][index].GetTensorMutableRawData());

    public void Dispose()
    {
        foreach (OrtValue value in sides.SelectMany(s => s))
        {
            value.Dispose();
        }
    }

    private static OrtValue[] Allocate(IReadOnlyList<StepVariable> variables) =>
    [
        .. variables.Select(v => OrtValue.CreateAllocatedTensorValue(
            OrtAllocator.DefaultInstance, v.Type == DataType.Double ? TensorElementType.Double : TensorElementType.Float, v.Dims)),
    ];
}

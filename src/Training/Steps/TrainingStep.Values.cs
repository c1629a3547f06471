using EdgePrune.Onnx;
using EdgePrune.Onnx.Proto;

namespace EdgePrune.Training.Steps;

/// <summary>What others may do to the parameters between two steps.</summary>
public sealed partial class TrainingStep
{
    /// <summary>
    /// The present values of a trained tensor of float32, row-major: to be read, or changed in place between two steps. Good until the next.
    /// </summary>
    /// <exception cref="InputException">No tensor of that name is trained, or it is not of float32.</exception>
    public Span<float> Values(string parameter)
    {
        int at = IndexOf(v => v.Name == parameter && v.Kind == StepVariableKind.Parameter);
        return at >= 0 && graph.Variables[at].Type == TensorProto.Types.DataType.Float
            ? buffers.Floats(at)
            : throw new InputException($"{model.Source}: '{Printable.Name(parameter)}' is no trained tensor of float32");
    }

    /// <summary>Makes the optimiser forget what it knows of some elements of a trained tensor of float32: its state of them becomes zero.</summary>
    /// <param name="parameter">The tensor.</param>
    /// <param name="elements">True for each element that is forgotten, row-major.</param>
    public void Forget(string parameter, ReadOnlySpan<bool> elements)
    {
        foreach (string state in options.Optimizer.State)
        {
            Span<float> values = buffers.Floats(IndexOf(v => v.Name == $"{parameter}.{state}" && v.Kind == StepVariableKind.State));
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = elements[i] ? 0 : values[i];
            }
        }
    }

    private int IndexOf(Func<StepVariable, bool> wanted)
    {
        for (int i = 0; i < graph.Variables.Count; i++)
        {
            if (wanted(graph.Variables[i]))
            {
                return i;
            }
        }

        return -1;
    }
}

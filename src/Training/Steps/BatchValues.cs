using EdgePrune.Onnx;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace EdgePrune.Training.Steps;

/// <summary>Values that go into a step and come out of it.</summary>
internal static class BatchValues
{
    /// <summary>The batch's value for an input, of the type and shape that the step was made for, class ids in range.</summary>
    public static OrtValue Checked(StepInput input, IReadOnlyDictionary<string, OrtValue> batch)
    {
        if (!batch.TryGetValue(input.Name, out OrtValue? value))
        {
            throw new InputException($"the batch holds no '{Printable.Name(input.Name)}'; it holds {string.Join(", ", batch.Keys.Select(k => Printable.Name(k)))}");
        }

        OrtTensorTypeAndShapeInfo info = value.GetTensorTypeAndShape();
        if ((int)info.ElementDataType != (int)input.Type || !info.Shape.SequenceEqual(input.Dims))
        {
            throw new InputException($"the batch's '{Printable.Name(input.Name)}' is {info.ElementDataType} [{string.Join(", ", info.Shape)}]; the step was made for {input.Type} [{string.Join(", ", input.Dims)}]");
        }

        if (input.Classes is { } classes)
        {
            ReadOnlySpan<long> ids = value.GetTensorDataAsSpan<long>();
            for (int i = 0; i < ids.Length; i++)
            {
                if (ids[i] < 0 || ids[i] >= classes)
                {
                    throw new InputException($"the batch's '{Printable.Name(input.Name)}' holds the class {ids[i]} at position {i}; the model has classes 0 to {classes - 1}");
                }
            }
        }

        return value;
    }

    /// <summary>The one element of a float or double value.</summary>
    public static double Scalar(OrtValue value) => value.GetTensorTypeAndShape().ElementDataType == TensorElementType.Double
        ? value.GetTensorDataAsSpan<double>()[0]
        : value.GetTensorDataAsSpan<float>()[0];
}

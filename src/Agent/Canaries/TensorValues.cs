using System.Numerics.Tensors;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace EdgePrune.Agent.Canaries;

/// <summary>The numbers of a tensor, whatever their type.</summary>
public static class TensorValues
{
    /// <summary>All elements, row by row; false where they are no numbers.</summary>
    public static bool TryRead(OrtValue value, out double[] values)
    {
        ArgumentNullException.ThrowIfNull(value);
        values = [];
        if (!value.IsTensor)
        {
            return false;
        }

        double[]? read = value.GetTensorTypeAndShape().ElementDataType switch
        {
            TensorElementType.Float => Convert<float>(value),
            TensorElementType.Double => Convert<double>(value),
            TensorElementType.Float16 => [.. value.GetTensorDataAsSpan<Float16>().ToArray().Select(h => (double)(float)h)],
            TensorElementType.Int64 => Convert<long>(value),
            TensorElementType.Int32 => Convert<int>(value),
            TensorElementType.Int16 => Convert<short>(value),
            TensorElementType.Int8 => Convert<sbyte>(value),
            TensorElementType.UInt64 => Convert<ulong>(value),
            TensorElementType.UInt32 => Convert<uint>(value),
            TensorElementType.UInt16 => Convert<ushort>(value),
            TensorElementType.UInt8 => Convert<byte>(value),
            TensorElementType.Bool => [.. value.GetTensorDataAsSpan<bool>().ToArray().Select(b => b ? 1.0 : 0.0)],
            _ => null,
        };
        values = read ?? [];
        return read is not null;
    }

    /// <summary>Whether a tensor holds neither NaN nor an infinity. What is no tensor of real numbers has none.</summary>
    public static bool IsFinite(OrtValue value)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (!value.IsTensor)
        {
            return true;
        }

        switch (value.GetTensorTypeAndShape().ElementDataType)
        {
            case TensorElementType.Float:
                ReadOnlySpan<float> floats = value.GetTensorDataAsSpan<float>();
                return floats.IsEmpty || float.IsFinite(TensorPrimitives.MaxMagnitude(floats));
            case TensorElementType.Double:
                ReadOnlySpan<double> doubles = value.GetTensorDataAsSpan<double>();
                return doubles.IsEmpty || double.IsFinite(TensorPrimitives.MaxMagnitude(doubles));
            case TensorElementType.Float16:
                foreach (Float16 half in value.GetTensorDataAsSpan<Float16>())
                {
                    if (!float.IsFinite((float)half))
                    {
                        return false;
                    }
                }

                return true;
            default:
                return true;
        }
    }

    private static double[] Convert<T>(OrtValue value)
        where T : unmanaged, System.Numerics.INumberBase<T>
    {
        ReadOnlySpan<T> source = value.GetTensorDataAsSpan<T>();
        double[] target = new double[source.Length];
        TensorPrimitives.ConvertTruncating(source, target);
        return target;
    }
}

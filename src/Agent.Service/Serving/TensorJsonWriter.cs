using System.Globalization;
using System.Text.Json;
using EdgePrune.Onnx;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace EdgePrune.Agent.Service.Serving;

/// <summary>
/// Writes tensors in JSON: <c>{"shape": [1, 3], "data": [1, 2, 3]}</c>, row by row. Values that JSON has no number for are
/// the texts <c>"NaN"</c>, <c>"Infinity"</c> and <c>"-Infinity"</c>.
/// </summary>
internal static class TensorJsonWriter
{
    /// <summary>Refuses what cannot be written, before a byte of it has been.</summary>
    /// <exception cref="InputException">An output is no tensor, or of a type that JSON answers do not carry.</exception>
    public static void Check(IReadOnlyDictionary<string, OrtValue> outputs)
    {
        foreach ((string name, OrtValue value) in outputs)
        {
            if (!value.IsTensor)
            {
                throw new InputException($"the output '{Printable.Name(name)}' is no tensor, which JSON answers do not carry");
            }

            TensorElementType type = value.GetTensorTypeAndShape().ElementDataType;
            if (type is not (TensorElementType.Float or TensorElementType.Double or TensorElementType.Int64 or TensorElementType.Int32 or TensorElementType.UInt8 or TensorElementType.Int8 or TensorElementType.Bool))
            {
                throw new InputException($"the output '{Printable.Name(name)}' is of the type {type}, which JSON answers do not carry");
            }
        }
    }

    /// <summary>Writes <c>{name: tensor}</c>.</summary>
    public static void Write(Utf8JsonWriter writer, IReadOnlyDictionary<string, OrtValue> outputs)
    {
        writer.WriteStartObject();
        foreach ((string name, OrtValue value) in outputs)
        {
            writer.WritePropertyName(name);
            Write(writer, value);
        }

        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, OrtValue value)
    {
        OrtTensorTypeAndShapeInfo info = value.GetTensorTypeAndShape();
        writer.WriteStartObject();
        writer.WriteStartArray("shape");
        foreach (long dimension in info.Shape)
        {
            writer.WriteNumberValue(dimension);
        }

        writer.WriteEndArray();
        writer.WriteStartArray("data");
        switch (info.ElementDataType)
        {
            case TensorElementType.Float: Each(value.GetTensorDataAsSpan<float>(), v => Number(writer, v)); break;
            case TensorElementType.Double: Each(value.GetTensorDataAsSpan<double>(), v => Number(writer, v)); break;
            case TensorElementType.Int64: Each(value.GetTensorDataAsSpan<long>(), writer.WriteNumberValue); break;
            case TensorElementType.Int32: Each(value.GetTensorDataAsSpan<int>(), writer.WriteNumberValue); break;
            case TensorElementType.UInt8: Each(value.GetTensorDataAsSpan<byte>(), v => writer.WriteNumberValue((int)v)); break;
            case TensorElementType.Int8: Each(value.GetTensorDataAsSpan<sbyte>(), v => writer.WriteNumberValue((int)v)); break;
            case TensorElementType.Bool: Each(value.GetTensorDataAsSpan<bool>(), writer.WriteBooleanValue); break;
            default: throw new InvalidOperationException($"{info.ElementDataType} has not been checked");
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void Each<T>(ReadOnlySpan<T> values, Action<T> write)
    {
        foreach (T value in values)
        {
            write(value);
        }
    }

    private static void Number(Utf8JsonWriter writer, float value)
    {
        if (float.IsFinite(value))
        {
            writer.WriteNumberValue(value);
        }
        else
        {
            writer.WriteStringValue(value.ToString(CultureInfo.InvariantCulture));
        }
    }

    private static void Number(Utf8JsonWriter writer, double value)
    {
        if (double.IsFinite(value))
        {
            writer.WriteNumberValue(value);
        }
        else
        {
            writer.WriteStringValue(value.ToString(CultureInfo.InvariantCulture));
        }
    }
}

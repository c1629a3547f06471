using System.Globalization;
using System.Text.Json;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace EdgePrune.Agent.Service.Serving;

/// <summary>
/// Tensors in JSON: <c>{"shape": [1, 3], "data": [1, 2, 3]}</c>, row by row. Values that JSON has no number for are
/// the texts <c>"NaN"</c>, <c>"Infinity"</c> and <c>"-Infinity"</c>.
/// </summary>
internal static class TensorJson
{
    private const int MaxRank = 16;

    /// <summary>Reads <c>{"inputs": {name: tensor}}</c> for a model. The caller disposes the values.</summary>
    /// <exception cref="InputException">An input is missing, unknown, or not of the model's type, or its shape and data do not agree.</exception>
    public static NamedValues ReadInputs(JsonElement body, IReadOnlyList<ModelInput> inputs)
    {
        try
        {
            return Read(body, inputs);
        }
        catch (InvalidOperationException e)
        {
            // What the parser says of bytes that are no UTF-8, and of halves of surrogate pairs, when a text is asked for.
            throw new InputException($"the request holds a text that is not Unicode: {e.Message}", e);
        }
    }

    private static NamedValues Read(JsonElement body, IReadOnlyList<ModelInput> inputs)
    {
        if (body.ValueKind != JsonValueKind.Object || !body.TryGetProperty("inputs", out JsonElement given) || given.ValueKind != JsonValueKind.Object)
        {
            throw new InputException("the request is not {\"inputs\": {name: {\"shape\": […], \"data\": […]}}}");
        }

        if (given.EnumerateObject().FirstOrDefault(g => inputs.All(i => i.Name != g.Name)) is { Value.ValueKind: not JsonValueKind.Undefined } unknown)
        {
            throw new InputException($"the model has no input '{Printable.Name(unknown.Name)}'; it has {string.Join(", ", inputs)}");
        }

        var values = new List<KeyValuePair<string, OrtValue>>();
        try
        {
            foreach (ModelInput input in inputs)
            {
                if (!given.TryGetProperty(input.Name, out JsonElement tensor))
                {
                    throw new InputException($"the input {input} is missing");
                }

                values.Add(new(input.Name, Read(tensor, input)));
            }

            return new NamedValues(values);
        }
        catch
        {
            values.ForEach(v => v.Value.Dispose());
            throw;
        }
    }

    /// <summary>Writes <c>{name: tensor}</c>.</summary>
    public static void WriteOutputs(Utf8JsonWriter writer, IReadOnlyDictionary<string, OrtValue> outputs)
    {
        writer.WriteStartObject();
        foreach ((string name, OrtValue value) in outputs)
        {
            writer.WritePropertyName(name);
            Write(writer, name, value);
        }

        writer.WriteEndObject();
    }

    private static OrtValue Read(JsonElement tensor, ModelInput input)
    {
        if (tensor.ValueKind != JsonValueKind.Object
            || !tensor.TryGetProperty("shape", out JsonElement shapeElement) || shapeElement.ValueKind != JsonValueKind.Array
            || !tensor.TryGetProperty("data", out JsonElement data) || data.ValueKind != JsonValueKind.Array)
        {
            throw new InputException($"the input {input} is not {{\"shape\": […], \"data\": […]}}");
        }

        long[] shape = ReadShape(shapeElement, input, data.GetArrayLength());
        try
        {
            return input.Type switch
            {
                TensorElementType.Float => Of(data, shape, e => e.ValueKind == JsonValueKind.String ? (float)Named(e) : e.GetSingle()),
                TensorElementType.Double => Of(data, shape, e => e.ValueKind == JsonValueKind.String ? Named(e) : e.GetDouble()),
                TensorElementType.Int64 => Of(data, shape, e => e.GetInt64()),
                TensorElementType.Int32 => Of(data, shape, e => e.GetInt32()),
                TensorElementType.UInt8 => Of(data, shape, e => e.GetByte()),
                TensorElementType.Int8 => Of(data, shape, e => e.GetSByte()),
                TensorElementType.Bool => Of(data, shape, e => e.GetBoolean()),
                _ => throw new InputException($"the input {input} is of a type that JSON requests do not carry"),
            };
        }
        catch (Exception e) when (e is FormatException or InvalidOperationException or OverflowException)
        {
            throw new InputException($"the data of the input {input} hold something that is not of its type: {e.Message}", e);
        }
    }

    private static long[] ReadShape(JsonElement element, ModelInput input, int count)
    {
        if (element.GetArrayLength() != input.Shape.Length || input.Shape.Length > MaxRank)
        {
            throw new InputException($"the input {input} has {input.Shape.Length} dimensions, not {element.GetArrayLength()}");
        }

        long[] shape = new long[input.Shape.Length];
        long product = 1;
        for (int i = 0; i < shape.Length; i++)
        {
            bool whole = element[i].ValueKind == JsonValueKind.Number && element[i].TryGetInt64(out shape[i]);
            if (!whole || shape[i] < 0 || (input.Shape[i] >= 0 && shape[i] != input.Shape[i]))
            {
                throw new InputException($"dimension {i} of the input {input} does not fit: {Printable.Name(element[i].ToString())}");
            }

            // Data of a JSON array number fewer than 2³¹, so a larger product is wrong already.
            product = shape[i] == 0 ? 0 : product > int.MaxValue / shape[i] ? long.MaxValue / int.MaxValue : product * shape[i];
        }

        return product == count
            ? shape
            : throw new InputException($"the data of the input {input} are {count} numbers, which is not what the shape {string.Join("×", shape)} holds");
    }

    private static OrtValue Of<T>(JsonElement data, long[] shape, Func<JsonElement, T> convert)
        where T : unmanaged
    {
        var values = new T[data.GetArrayLength()];
        int i = 0;
        foreach (JsonElement element in data.EnumerateArray())
        {
            values[i++] = convert(element);
        }

        return OrtValue.CreateTensorValueFromMemory(values, shape);
    }

    private static double Named(JsonElement element) => element.GetString() switch
    {
        "NaN" => double.NaN,
        "Infinity" => double.PositiveInfinity,
        "-Infinity" => double.NegativeInfinity,
        _ => throw new FormatException("a text where a number belongs"),
    };

    private static void Write(Utf8JsonWriter writer, string name, OrtValue value)
    {
        if (!value.IsTensor)
        {
            throw new InputException($"the output '{Printable.Name(name)}' is no tensor, which JSON answers do not carry");
        }

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
            default: throw new InputException($"the output '{Printable.Name(name)}' is of the type {info.ElementDataType}, which JSON answers do not carry");
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

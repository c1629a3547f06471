using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace EdgePrune.Agent.Service.Serving;

/// <summary>
/// Reads <c>{"inputs": {name: {"shape": [1, 3], "data": [1, 2, 3]}}}</c>, row by row, straight into the runtime's memory:
/// nothing stands between the text and the numbers. Values that JSON has no number for are the texts <c>"NaN"</c>,
/// <c>"Infinity"</c> and <c>"-Infinity"</c>.
/// </summary>
internal static class TensorJsonReader
{
    private const int MaxRank = 16;
    private const int FirstRoom = 1024;
    private static readonly JsonReaderOptions Strict = new() { MaxDepth = 6 };

    private delegate T Parser<T>(ref Utf8JsonReader reader);

    /// <summary>Reads the inputs of a model. The caller disposes the values.</summary>
    /// <exception cref="InputException">An input is missing, unknown, or not of the model's type, or its shape and data do not agree.</exception>
    /// <exception cref="JsonException">It is no JSON.</exception>
    public static NamedValues Read(ReadOnlySpan<byte> json, IReadOnlyList<ModelInput> inputs)
    {
        var reader = new Utf8JsonReader(json, Strict);
        var values = new Dictionary<string, OrtValue>(StringComparer.Ordinal);
        bool done = false;
        try
        {
            bool found = false;
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                throw new InputException(Form);
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                bool here = reader.ValueTextEquals("inputs"u8);
                reader.Read();
                if (!here)
                {
                    reader.Skip();
                    continue;
                }

                if (reader.TokenType != JsonTokenType.StartObject || found)
                {
                    throw new InputException(Form);
                }

                found = true;
                ReadMembers(ref reader, inputs, values);
            }

            while (reader.Read())
            {
                // What follows the document is no JSON, and the reader says so.
            }

            if (!found)
            {
                throw new InputException(Form);
            }

            foreach (ModelInput input in inputs)
            {
                if (!values.ContainsKey(input.Name))
                {
                    throw new InputException($"the input {input} is missing");
                }
            }

            done = true;
            return new NamedValues(values);
        }
        catch (InvalidOperationException e)
        {
            throw new InputException($"the request holds a name that is no text: {e.Message}", e);
        }
        finally
        {
            if (!done)
            {
                foreach (OrtValue value in values.Values)
                {
                    value.Dispose();
                }
            }
        }
    }

    private static string Form => "the request is not the JSON {\"inputs\": {name: {\"shape\": […], \"data\": […]}}}";

    private static void ReadMembers(ref Utf8JsonReader reader, IReadOnlyList<ModelInput> inputs, Dictionary<string, OrtValue> values)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            ModelInput? input = null;
            foreach (ModelInput known in inputs)
            {
                input = reader.ValueTextEquals(known.Name) ? known : input;
            }

            if (input is null)
            {
                throw new InputException($"the model has no input '{Printable.Name(reader.GetString() ?? "")}'; it has {string.Join(", ", inputs)}");
            }

            if (values.ContainsKey(input.Name))
            {
                throw new InputException($"the input {input} comes twice");
            }

            reader.Read();
            values.Add(input.Name, ReadTensor(ref reader, input));
        }
    }

    private static OrtValue ReadTensor(ref Utf8JsonReader reader, ModelInput input) => input.Type switch
    {
        TensorElementType.Float => ReadTensor(ref reader, input, static (ref Utf8JsonReader r) => r.TokenType == JsonTokenType.String ? (float)Named(ref r) : r.GetSingle()),
        TensorElementType.Double => ReadTensor(ref reader, input, static (ref Utf8JsonReader r) => r.TokenType == JsonTokenType.String ? Named(ref r) : r.GetDouble()),
        TensorElementType.Int64 => ReadTensor(ref reader, input, static (ref Utf8JsonReader r) => r.GetInt64()),
        TensorElementType.Int32 => ReadTensor(ref reader, input, static (ref Utf8JsonReader r) => r.GetInt32()),
        TensorElementType.UInt8 => ReadTensor(ref reader, input, static (ref Utf8JsonReader r) => r.GetByte()),
        TensorElementType.Int8 => ReadTensor(ref reader, input, static (ref Utf8JsonReader r) => r.GetSByte()),
        TensorElementType.Bool => ReadTensor(ref reader, input, static (ref Utf8JsonReader r) => r.GetBoolean()),
        _ => throw new InputException($"the input {input} is of a type that JSON requests do not carry"),
    };

    private static OrtValue ReadTensor<T>(ref Utf8JsonReader reader, ModelInput input, Parser<T> parse)
        where T : unmanaged
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw NotATensor(input);
        }

        long[]? shape = null;
        T[]? data = null;
        int count = 0;
        try
        {
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                bool isShape = reader.ValueTextEquals("shape"u8);
                bool isData = reader.ValueTextEquals("data"u8);
                reader.Read();
                if (isShape)
                {
                    if (reader.TokenType != JsonTokenType.StartArray)
                    {
                        throw NotATensor(input);
                    }

                    shape = ReadShape(ref reader, input);
                }
                else if (isData)
                {
                    if (reader.TokenType != JsonTokenType.StartArray || data is not null)
                    {
                        throw NotATensor(input);
                    }

                    count = ReadData(ref reader, parse, ref data, Room(shape));
                }
                else
                {
                    reader.Skip();
                }
            }

            if (shape is null || data is null)
            {
                throw NotATensor(input);
            }

            return Of(data, count, shape, input);
        }
        catch (Exception e) when (e is FormatException or InvalidOperationException or OverflowException)
        {
            throw new InputException($"the data of the input {input} hold something that is not of its type: {e.Message}", e);
        }
        finally
        {
            if (data is not null)
            {
                ArrayPool<T>.Shared.Return(data);
            }
        }
    }

    private static InputException NotATensor(ModelInput input) => new($"the input {input} is not {{\"shape\": […], \"data\": […]}}");

    // A shape is only a promise: room for much more than usual is made when the numbers come.
    private static int Room(long[]? shape)
    {
        long product = 1;
        foreach (long dimension in shape ?? [])
        {
            product = product > (1 << 20) || dimension > (1 << 20) ? 1 << 20 : product * dimension;
        }

        return (int)Math.Clamp(product, FirstRoom, 1 << 20);
    }

    private static long[] ReadShape(ref Utf8JsonReader reader, ModelInput input)
    {
        Span<long> dimensions = stackalloc long[MaxRank];
        int rank = 0;
        for (; reader.Read() && reader.TokenType != JsonTokenType.EndArray; rank++)
        {
            if (rank == MaxRank || reader.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject)
            {
                throw new InputException($"the shape of the input {input} is not a list of at most {MaxRank} dimensions");
            }

            dimensions[rank] = reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out long dimension) ? dimension : -1;
        }

        if (rank != input.Shape.Length)
        {
            throw new InputException($"the input {input} has {input.Shape.Length} dimensions, not {rank}");
        }

        for (int axis = 0; axis < rank; axis++)
        {
            if (dimensions[axis] < 0 || !BatchRun.Takes(input, axis, dimensions[axis]))
            {
                throw new InputException($"dimension {axis} of the input {input} does not fit");
            }
        }

        return dimensions[..rank].ToArray();
    }

    private static int ReadData<T>(ref Utf8JsonReader reader, Parser<T> parse, ref T[]? data, int room)
    {
        T[] values = ArrayPool<T>.Shared.Rent(room);
        data = values;
        int count = 0;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (count == values.Length)
            {
                T[] larger = ArrayPool<T>.Shared.Rent(checked(values.Length * 2));
                values.CopyTo(larger, 0);
                ArrayPool<T>.Shared.Return(values);
                data = values = larger;
            }

            values[count++] = parse(ref reader);
        }

        return count;
    }

    private static OrtValue Of<T>(T[] data, int count, long[] shape, ModelInput input)
        where T : unmanaged
    {
        UInt128 product = 1;
        foreach (long dimension in shape)
        {
            product = UInt128.Min(product * (UInt128)dimension, (UInt128)int.MaxValue + 1);
        }

        if (product != (UInt128)count)
        {
            throw new InputException($"the data of the input {input} are {count} numbers, which is not what the shape {string.Join("×", shape)} holds");
        }

        OrtValue value = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, input.Type, shape);
        MemoryMarshal.AsBytes(data.AsSpan(0, count)).CopyTo(value.GetTensorMutableRawData());
        return value;
    }

    private static double Named(ref Utf8JsonReader reader) => reader.GetString() switch
    {
        "NaN" => double.NaN,
        "Infinity" => double.PositiveInfinity,
        "-Infinity" => double.NegativeInfinity,
        _ => throw new FormatException("a text where a number belongs"),
    };
}

using System.Buffers.Binary;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Tensors;
using Google.Protobuf;
using static EdgePrune.Onnx.Proto.TensorProto.Types;

namespace Onnx.Tests;

/// <summary>Reading and slicing tensors, against the plainest computation of the same thing.</summary>
public sealed class TensorLawTests
{
    private static readonly DataType[] Numeric =
    [
        DataType.Float, DataType.Double, DataType.Float16, DataType.Bfloat16, DataType.Int8, DataType.Uint8, DataType.Int16,
        DataType.Uint16, DataType.Int32, DataType.Uint32, DataType.Int64, DataType.Uint64, DataType.Bool,
    ];

    public static TheoryData<DataType> Types { get; } = [.. Numeric.Select(t => new TheoryDataRow<DataType>(t))];

    [Theory]
    [MemberData(nameof(Types))]
    public void Take_gives_the_elements_that_index_arithmetic_gives(DataType type)
    {
        var random = new Random((int)type);
        for (int round = 0; round < 100; round++)
        {
            int[] dims = [.. Enumerable.Range(0, random.Next(1, 5)).Select(_ => random.Next(0, 5))];
            int axis = random.Next(dims.Length);
            int[] keep = dims[axis] == 0 ? [] : [.. Enumerable.Range(0, random.Next(0, 6)).Select(_ => random.Next(dims[axis]))];
            int size = ElementTypes.Bits(type) / 8;
            byte[] raw = new byte[dims.Aggregate(1, (a, d) => a * d) * size];
            random.NextBytes(raw);
            TensorProto tensor = TensorEditor.FromRaw("t", type, raw, [.. dims.Select(d => (long)d)]);

            TensorProto taken = TensorEditor.Take(tensor, axis, keep);

            int[] newDims = [.. dims];
            newDims[axis] = keep.Length;
            Assert.Equal(newDims, TensorReader.Dims(taken));
            var expected = new List<byte>();
            foreach (int[] index in Indices(newDims))
            {
                index[axis] = keep[index[axis]];
                int flat = index.Zip(dims).Aggregate(0, (at, p) => (at * p.Second) + p.First);
                expected.AddRange(raw.AsSpan(flat * size, size));
            }

            Assert.Equal(expected, TensorReader.ToRaw(taken));
        }
    }

    [Fact]
    public void Taking_along_several_axes_is_taking_along_one_after_the_other()
    {
        var random = new Random(7);
        for (int round = 0; round < 200; round++)
        {
            int[] dims = [.. Enumerable.Range(0, random.Next(1, 5)).Select(_ => random.Next(1, 5))];
            byte[] raw = new byte[dims.Aggregate(sizeof(float), (a, d) => a * d)];
            random.NextBytes(raw);
            TensorProto tensor = TensorEditor.FromRaw("t", DataType.Float, raw, [.. dims.Select(d => (long)d)]);
            (int Axis, int[] Keep)[] cuts = [.. Enumerable.Range(0, dims.Length).Where(_ => random.Next(2) == 0)
                .Select(axis => (axis, Enumerable.Range(0, random.Next(0, 6)).Select(_ => random.Next(dims[axis])).ToArray()))];
            TensorProto expected = cuts.Aggregate(tensor, (t, cut) => TensorEditor.Take(t, cut.Axis, cut.Keep));
            Assert.Equal(TensorReader.ToRaw(expected), TensorReader.ToRaw(TensorEditor.Take(tensor, cuts)));
            Assert.Equal(expected.Dims, TensorEditor.Take(tensor, cuts).Dims);
        }
    }

    [Fact]
    public void Zeroed_slices_and_elements_are_zero_and_the_others_as_they_were()
    {
        float[] values = [.. Enumerable.Range(1, 24).Select(v => (float)v)];
        TensorProto tensor = TensorEditor.FromFloats("t", values, 2, 3, 4);
        Assert.Equal(values.Select((v, i) => i / 4 % 3 == 1 ? 0 : v), TensorReader.ToFloats(TensorEditor.ZeroSlices(tensor, 1, [1])));
        bool[] zero = [.. values.Select((_, i) => i % 5 == 0)];
        Assert.Equal(values.Select((v, i) => zero[i] ? 0 : v), TensorReader.ToFloats(TensorEditor.ZeroElements(tensor, zero)));
        Assert.Equal(values, TensorReader.ToFloats(tensor));
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Typed_and_raw_form_of_a_tensor_read_the_same(DataType type)
    {
        var random = new Random((int)type);
        int size = ElementTypes.Bits(type) / 8;
        byte[] raw = new byte[50 * size];
        random.NextBytes(raw);
        if (type == DataType.Bool)
        {
            raw = [.. raw.Select(b => (byte)(b & 1))];
        }

        TensorProto inRaw = TensorEditor.FromRaw("t", type, raw, 5, 10);
        TensorProto inField = TensorProto.Parser.ParseFrom(Typed(type, raw).ToByteArray());
        Assert.Equal(raw, TensorReader.ToRaw(inField));
        Assert.Equal(TensorReader.ToFloats(inRaw), TensorReader.ToFloats(inField));
        Assert.Equal(TensorReader.ToRaw(TensorEditor.Take(inRaw, 1, [3, 0, 9])), TensorReader.ToRaw(TensorEditor.Take(inField, 1, [3, 0, 9])));
        if (type is not (DataType.Float or DataType.Double or DataType.Float16 or DataType.Bfloat16 or DataType.Uint64))
        {
            Assert.Equal(TensorReader.ToInts(inRaw), TensorReader.ToInts(inField));
        }
    }

    [Fact]
    public void Values_convert_as_the_types_say()
    {
        Assert.Equal([1.5f, -2f], TensorReader.ToFloats(TensorEditor.FromRaw("h", DataType.Float16, [0x00, 0x3e, 0x00, 0xc0], 2)));
        Assert.Equal([1.5f, -2f], TensorReader.ToFloats(TensorEditor.FromRaw("b", DataType.Bfloat16, [0xc0, 0x3f, 0x00, 0xc0], 2)));
        Assert.Equal([-1f, 127f], TensorReader.ToFloats(TensorEditor.FromRaw("i", DataType.Int8, [0xff, 0x7f], 2)));
        Assert.Equal([255L], TensorReader.ToInts(TensorEditor.FromRaw("u", DataType.Uint8, [0xff], 1)));
        Assert.Equal([1.8446744e19f], TensorReader.ToFloats(TensorEditor.FromRaw("l", DataType.Uint64, [.. Enumerable.Repeat((byte)0xff, 8)], 1)));
        Assert.Throws<InputException>(() => TensorReader.ToInts(TensorEditor.FromRaw("l", DataType.Uint64, [.. Enumerable.Repeat((byte)0xff, 8)], 1)));
    }

    [Fact]
    public void An_empty_tensor_with_absurd_other_dimensions_is_sliced_at_once()
    {
        TensorProto tensor = TensorEditor.FromRaw("t", DataType.Float, [], int.MaxValue, int.MaxValue, 0);
        Assert.Equal([int.MaxValue, 2, 0], TensorReader.Dims(TensorEditor.Take(tensor, 1, [7, 9])));
        Assert.Throws<ArgumentOutOfRangeException>(() => TensorEditor.Take(tensor, 2, [0]));
    }

    [Fact]
    public void Take_keeps_what_the_schema_does_not_know()
    {
        TensorProto tensor = TensorEditor.FromFloats("t", [1, 2, 3], 3);
        tensor.DocString = "kept";
        tensor = TensorProto.Parser.ParseFrom([.. tensor.ToByteArray(), 0xf8, 0x3f, 7]);
        TensorProto taken = TensorEditor.Take(tensor, 0, [2]);
        Assert.Equal("kept", taken.DocString);
        Assert.Equal([0xf8, 0x3f, 7], taken.ToByteArray()[^3..]);
    }

    private static IEnumerable<int[]> Indices(int[] dims)
    {
        int count = dims.Aggregate(1, (a, d) => a * d);
        for (int flat = 0; flat < count; flat++)
        {
            int[] index = new int[dims.Length];
            for (int axis = dims.Length - 1, rest = flat; axis >= 0; rest /= dims[axis], axis--)
            {
                index[axis] = rest % dims[axis];
            }

            yield return index;
        }
    }

    private static TensorProto Typed(DataType type, byte[] raw)
    {
        var tensor = new TensorProto { Name = "t", DataType = (int)type, Dims = { 5, 10 } };
        int size = ElementTypes.Bits(type) / 8;
        for (int at = 0; at < raw.Length; at += size)
        {
            ReadOnlySpan<byte> value = raw.AsSpan(at, size);
            switch (type)
            {
                case DataType.Float:
                    tensor.FloatData.Add(BinaryPrimitives.ReadSingleLittleEndian(value));
                    break;
                case DataType.Double:
                    tensor.DoubleData.Add(BinaryPrimitives.ReadDoubleLittleEndian(value));
                    break;
                case DataType.Int64:
                    tensor.Int64Data.Add(BinaryPrimitives.ReadInt64LittleEndian(value));
                    break;
                case DataType.Uint64:
                    tensor.Uint64Data.Add(BinaryPrimitives.ReadUInt64LittleEndian(value));
                    break;
                case DataType.Uint32:
                    tensor.Uint64Data.Add(BinaryPrimitives.ReadUInt32LittleEndian(value));
                    break;
                case DataType.Int32:
                    tensor.Int32Data.Add(BinaryPrimitives.ReadInt32LittleEndian(value));
                    break;
                case DataType.Int16:
                    tensor.Int32Data.Add(BinaryPrimitives.ReadInt16LittleEndian(value));
                    break;
                case DataType.Int8:
                    tensor.Int32Data.Add((sbyte)value[0]);
                    break;
                default:
                    tensor.Int32Data.Add(size == 2 ? BinaryPrimitives.ReadUInt16LittleEndian(value) : value[0]);
                    break;
            }
        }

        return tensor;
    }
}

using EdgePrune.Onnx;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Reading;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Onnx.Tensors;
using EdgePrune.TestSupport;
using EdgePrune.TestSupport.Hostile;
using Microsoft.ML.OnnxRuntime;

namespace Onnx.Tests;

/// <summary>Sparse initializers: written where the file gets smaller, run by the runtime, read again.</summary>
public sealed class SparseStorageTests
{
    [Theory]
    [InlineData(0.9)]
    [InlineData(0.7)]
    public void A_model_with_sparse_weights_is_smaller_runs_the_same_and_is_the_same_again_once_it_is_read(double share)
    {
        using var folder = new TempFolder();
        OnnxModel model = Zeroed(share);
        OnnxModel compact = SparseStorage.Compact(model);
        Assert.NotEmpty(compact.Graph.SparseInitializer);
        compact.Save(folder.File("sparse.onnx"));
        model.Save(folder.File("dense.onnx"));
        Assert.True(new FileInfo(folder.File("sparse.onnx")).Length < new FileInfo(folder.File("dense.onnx")).Length);
        OnnxModel read = OnnxModel.Load(folder.File("sparse.onnx"));
        float[] expected = Run(model);
        Assert.Equal(expected, Run(read));
        OnnxModel expanded = SparseStorage.Expand(read);
        Assert.Empty(expanded.Graph.SparseInitializer);
        Assert.Equal(expected, Run(expanded));
        Assert.All(model.Graph.Initializer, t => Assert.Equal(TensorReader.ToRaw(t), TensorReader.ToRaw(expanded.Graph.Initializer.Single(e => e.Name == t.Name))));
    }

    [Fact]
    public void Where_sparse_weights_would_take_more_bytes_the_model_stays_as_it_is()
    {
        // The sample's own layers hold more zeros than that.
        var g = new GraphBuilder();
        string y = g.Node("Gemm", [g.Input("x", 1, 64), g.Weights(64, 64)]);
        OnnxModel half = Zeroed(0.5, g.Output(y).Build());
        Assert.Same(half, SparseStorage.Compact(half));
        Assert.Same(half, SparseStorage.Expand(half));
    }

    [Fact]
    public void Indices_of_one_number_an_axis_stand_for_the_same_places()
    {
        var g = new GraphBuilder();
        string y = g.Node("Gemm", [g.Input("x", 1, 3), "w"]);
        ModelProto proto = g.Output(y).Build(p => p.Graph.SparseInitializer.Add(Sparse([2, 0, 0, 1], [2, 2], [3, 2], 5, 7))).Proto;
        TensorProto dense = SparseStorage.Expand(OnnxModel.FromProto(proto)).Graph.Initializer.Single();
        Assert.Equal([0f, 7, 0, 0, 5, 0], TensorReader.ToFloats(dense)); // 5 at (2, 0), 7 at (0, 1)
    }

    [Theory]
    [InlineData(6, "outside its dimensions")]
    [InlineData(-1, "outside its dimensions")]
    [InlineData(0, "two values stand at index 0")]
    public void An_index_that_is_outside_or_comes_twice_is_refused(long index, string why)
    {
        ModelProto proto = HostileModels.Sound();
        SparseTensorProto sparse = Sparse([0, index], [2], [3, 2], 5, 7);
        sparse.Values.Name = "sparse";
        proto.Graph.SparseInitializer.Add(sparse);
        InputException refused = Assert.Throws<InputException>(() => SparseStorage.Expand(OnnxModel.FromBytes(Bytes(proto), "hostile")));
        Assert.Contains(why, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_few_bytes_that_stand_for_gigabytes_are_refused_before_memory_is_taken()
    {
        ModelProto proto = HostileModels.Sound();
        for (int i = 0; i < 8; i++)
        {
            SparseTensorProto bomb = Sparse([0], [1], [1 << 14, 1 << 14], 1);
            bomb.Values.Name = $"bomb{i}";
            proto.Graph.SparseInitializer.Add(bomb);
        }

        // Whichever of the two looks first: the reader at the file, or the expansion at what it would take.
        Assert.Throws<InputException>(() => SparseStorage.Expand(OnnxModel.FromBytes(Bytes(proto), "hostile")));
        OnnxModel small = OnnxModel.Load(Path.Combine(Repository.Root, "samples", "digits", "digits.onnx")).Clone();
        SparseTensorProto spare = Sparse([0], [1], [30, 20], 1);
        spare.Values.Name = "spare";
        small.Graph.SparseInitializer.Add(spare);
        InputException refused = Assert.Throws<InputException>(() => SparseStorage.Expand(small, new ModelLimits { MaxInitializerBytes = 1000 }));
        Assert.Contains("once they are dense", refused.Message, StringComparison.Ordinal);
    }

    private static byte[] Bytes(ModelProto proto) => Google.Protobuf.MessageExtensions.ToByteArray(proto);

    private static SparseTensorProto Sparse(long[] indices, long[] indexDims, long[] dims, params float[] values)
    {
        var sparse = new SparseTensorProto { Values = TensorEditor.FromFloats("w", values, values.Length), Indices = TensorEditor.FromInts("i", indices, indexDims) };
        sparse.Dims.Add(dims);
        return sparse;
    }

    private static OnnxModel Zeroed(double share, OnnxModel? of = null)
    {
        OnnxModel model = (of ?? OnnxModel.Load(Path.Combine(Repository.Root, "samples", "digits", "digits.onnx"))).Clone();
        var random = new Random(3);
        for (int i = 0; i < model.Graph.Initializer.Count; i++)
        {
            TensorProto tensor = model.Graph.Initializer[i];
            if (tensor.DataType == (int)TensorProto.Types.DataType.Float && tensor.Dims.Count > 1)
            {
                model.Graph.Initializer[i] = TensorEditor.ZeroElements(tensor, [.. Enumerable.Range(0, (int)TensorReader.Count(tensor)).Select(_ => random.NextDouble() < share)]);
            }
        }

        return model;
    }

    private static float[] Run(OnnxModel model)
    {
        using ModelSession session = ModelSession.Create(model);
        string name = session.Session.InputNames[0];
        long[] dims = [.. session.Session.InputMetadata[name].Dimensions.Select(d => (long)Math.Max(1, d))];
        var random = new Random(1);
        float[] values = [.. Enumerable.Range(0, (int)dims.Aggregate(1L, (a, d) => a * d)).Select(_ => random.NextSingle())];
        using OrtValue input = OrtValue.CreateTensorValueFromMemory(values, dims);
        using var options = new RunOptions();
        using IDisposableReadOnlyCollection<OrtValue> outputs = session.Session.Run(options, new Dictionary<string, OrtValue> { [name] = input }, session.Session.OutputNames);
        return outputs[0].GetTensorDataAsSpan<float>().ToArray();
    }
}

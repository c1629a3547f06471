using EdgePrune.Onnx;
using EdgePrune.Onnx.Files;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Onnx.Tensors;
using EdgePrune.TestSupport;
using EdgePrune.TestSupport.Hostile;
using Google.Protobuf;
using static EdgePrune.Onnx.Proto.TensorProto.Types;

namespace Onnx.Tests;

/// <summary>What goes through a file: round trips, atomic saving, external data, sessions.</summary>
public sealed class ModelFileTests
{
    [Fact]
    public void Fields_that_the_schema_does_not_know_survive_a_round_trip()
    {
        byte[] bytes = [.. HostileModels.Sound().ToByteArray(), 0xfa, 0x3f, 3, 1, 2, 3];
        using var folder = new TempFolder();
        OnnxModel model = OnnxModel.FromBytes(bytes, "made here");
        model.Save(folder.File("m.onnx"));
        Assert.Equal(bytes, File.ReadAllBytes(folder.File("m.onnx")));
        Assert.Equal(model.Proto, OnnxModel.Load(folder.File("m.onnx")).Proto);
    }

    [Fact]
    public void External_data_are_brought_in_and_give_the_same_result()
    {
        using var folder = new TempFolder();
        ModelProto inside = HostileModels.Sound();
        ModelProto outside = inside.Clone();
        TensorProto weight = outside.Graph.Initializer[0];
        File.WriteAllBytes(folder.File("w.bin"), [1, 2, 3, 4, .. weight.RawData.Span, 5]);
        weight.ClearRawData();
        weight.DataLocation = DataLocation.External;
        foreach ((string key, string value) in new[] { ("location", "w.bin"), ("offset", "4"), ("length", "432") })
        {
            weight.ExternalData.Add(new StringStringEntryProto { Key = key, Value = value });
        }

        File.WriteAllBytes(folder.File("m.onnx"), outside.ToByteArray());
        Assert.Equal(inside, OnnxModel.Load(folder.File("m.onnx")).Proto);
        Assert.Throws<InputException>(() => OnnxModel.FromBytes(outside.ToByteArray(), "bytes"));
    }

    [Fact]
    public void A_model_that_is_not_sound_is_not_saved_and_the_old_file_stays()
    {
        using var folder = new TempFolder();
        string path = folder.File("m.onnx");
        OnnxModel model = OnnxModel.FromProto(HostileModels.Sound());
        model.Save(path);
        byte[] before = File.ReadAllBytes(path);
        model.Graph.Node[1].Input[0] = "nowhere";
        Assert.Contains("nowhere", Assert.Throws<InputException>(() => model.Save(path)).Message, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(path));
        Assert.Single(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Fact]
    public void A_write_that_fails_half_way_leaves_the_old_file_and_nothing_else()
    {
        using var folder = new TempFolder();
        string path = folder.File("m.onnx");
        File.WriteAllText(path, "old");
        Assert.Throws<IOException>(() => AtomicFile.Write(path, stream =>
        {
            stream.Write(new byte[100_000]);
            throw new IOException("no space left on device");
        }));
        Assert.Equal("old", File.ReadAllText(path));
        Assert.Single(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Fact]
    public void A_place_that_cannot_hold_a_file_is_refused()
    {
        using var folder = new TempFolder();
        OnnxModel model = OnnxModel.FromProto(HostileModels.Sound());
        Assert.Throws<InputException>(() => model.Save(folder.Path));
        Assert.Throws<InputException>(() => model.Save(Path.Combine(folder.Path, "none", "m.onnx")));
        Assert.Throws<InputException>(() => model.Save(folder.File("m\0.onnx")));
        Assert.SkipUnless(OperatingSystem.IsLinux(), "devices are files on Unix");
        Assert.Contains("device", Assert.Throws<InputException>(() => model.Save("/dev/null")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Sparse_initializers_and_functions_that_are_sound_load_and_run()
    {
        ModelProto proto = HostileModels.Sound();
        proto.Graph.SparseInitializer.Add(new SparseTensorProto
        {
            Values = TensorEditor.FromFloats("s", [3, 4], 2),
            Indices = TensorEditor.FromInts("", [0, 3], 2),
            Dims = { 4 },
        });
        var function = new FunctionProto { Name = "Twice", Domain = "own", Input = { "a" }, Output = { "b" } };
        function.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = 17 });
        function.Node.Add(HostileModels.Node("Add", ["a", "a"], ["b"]));
        proto.Functions.Add(function);
        proto.OpsetImport.Add(new OperatorSetIdProto { Domain = "own", Version = 1 });
        NodeProto call = HostileModels.Node("Twice", ["s"], ["z"]);
        call.Domain = "own";
        proto.Graph.Node.Add(call);
        proto.Graph.Output.Add(HostileModels.Value("z", DataType.Float, 4));

        OnnxModel model = OnnxModel.FromBytes(proto.ToByteArray(), "made here");
        ModelTrial.Check(model);
        using NamedValues values = ShapeProbe.Values(model, null, null, out _);
        Assert.Equal([6f, 0f, 0f, 8f], values["z"].GetTensorDataAsSpan<float>().ToArray());
    }

    [Fact]
    public void A_provider_that_is_not_there_is_answered_with_those_that_are()
    {
        var settings = new SessionSettings { Provider = "Abacus" };
        string message = Assert.Throws<InputException>(() => settings.ToOptions()).Message;
        Assert.Contains("Abacus", message, StringComparison.Ordinal);
        Assert.Contains("CPUExecutionProvider", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(100_000)]
    public void A_thread_count_out_of_range_is_refused(int threads) =>
        Assert.Throws<InputException>(() => new SessionSettings { Threads = threads }.ToOptions());

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void The_optimised_model_is_a_model_that_computes_the_same(int threads)
    {
        using var folder = new TempFolder();
        string optimised = folder.File("optimised.onnx");
        OnnxModel model = OnnxModel.FromProto(HostileModels.Sound());
        float[] expected = Output(model, new SessionSettings { Threads = threads, OptimizedModelPath = optimised });
        OnnxModel captured = OnnxModel.Load(optimised);
        Assert.NotEqual(model.Graph.Node.Count, captured.Graph.Node.Count(n => n.OpType is "Conv" or "Relu")); // Conv and Relu were fused
        Assert.All(expected.Zip(Output(captured, SessionSettings.Default)), p => Assert.Equal(p.First, p.Second, 1e-4f));
    }

    private static float[] Output(OnnxModel model, SessionSettings settings)
    {
        using ModelSession session = ModelSession.Create(model, settings);
        using NamedValues inputs = SyntheticInputs.Make(session.Inputs, seed: 1);
        using NamedValues outputs = session.Run(inputs);
        return outputs["y"].GetTensorDataAsSpan<float>().ToArray();
    }
}

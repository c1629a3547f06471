using System.Text.Json;
using EdgePrune.Onnx.Proto;
using EdgePrune.TestSupport;
using Google.Protobuf;

namespace EdgePrune.Cli.Tests;

public sealed class DeployTests
{
    [Fact]
    public void Deploys_then_rolls_back_then_has_nothing_left_to_roll_back_to()
    {
        using var folder = new TempFolder();
        string store = folder.File("deep/store");
        string first = Relu(folder, "first");
        string second = Relu(folder, "second");

        JsonElement one = Ok("deploy", first, "--store", store);
        JsonElement two = Ok("deploy", second, "--store", store);
        JsonElement again = Ok("deploy", second, "--store", store);
        JsonElement back = Ok("rollback", "--store", store);
        CapturedRun nothing = CapturedRun.Of("rollback", "--store", store, "--json");

        Assert.False(one.TryGetProperty("replaced", out _));
        Assert.True(one.GetProperty("preflight").GetProperty("elapsed_ms").GetDouble() > 0);
        Assert.Equal(Digest(one), two.GetProperty("replaced").GetString());
        Assert.True(again.GetProperty("already_current").GetBoolean());
        Assert.Equal(Digest(one), Digest(back));
        Assert.Equal(File.ReadAllBytes(first), File.ReadAllBytes(back.GetProperty("deployed").GetProperty("path").GetString()!));
        Assert.Equal(ExitCode.Failed, nothing.Code);
        Assert.Equal("input", nothing.Document.GetProperty("error").GetProperty("kind").GetString());
        Assert.Equal(Digest(one), CapturedRun.Of("doctor", "--store", store, "--json").Document.GetProperty("store").GetProperty("current").GetString());
    }

    [Fact]
    public void A_model_that_the_runtime_refuses_is_not_deployed()
    {
        using var folder = new TempFolder();
        string store = folder.File("store");
        string bad = Relu(folder, "bad", op: "NoSuchOperator");

        CapturedRun run = CapturedRun.Of("deploy", bad, "--store", store, "--json");

        Assert.Equal(ExitCode.Failed, run.Code);
        Assert.Contains("preflight", run.Error, StringComparison.Ordinal);
        Assert.False(CapturedRun.Of("doctor", "--store", store, "--json").Document.GetProperty("store").TryGetProperty("current", out _));
    }

    [Fact]
    public void A_cancelled_deployment_changes_nothing()
    {
        using var folder = new TempFolder();

        CapturedRun run = CapturedRun.Under(new CancellationToken(canceled: true), "deploy", Relu(folder, "model"), "--store", folder.File("store"), "--json");

        Assert.Equal(ExitCode.Failed, run.Code);
        Assert.Equal("cancelled", run.Document.GetProperty("error").GetProperty("kind").GetString());
    }

    private static JsonElement Ok(params string[] args)
    {
        CapturedRun run = CapturedRun.Of([.. args, "--json"]);
        Assert.True(run.Code == ExitCode.Ok, run.Error);
        return run.Document;
    }

    private static string? Digest(JsonElement document) => document.GetProperty("deployed").GetProperty("digest").GetString();

    // One node; the name makes the bytes differ.
    private static string Relu(TempFolder folder, string name, string op = "Relu")
    {
        var type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)TensorProto.Types.DataType.Float, Shape = new TensorShapeProto() } };
        type.TensorType.Shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimValue = 4 });
        var graph = new GraphProto { Name = name };
        graph.Input.Add(new ValueInfoProto { Name = "x", Type = type });
        graph.Output.Add(new ValueInfoProto { Name = "y", Type = type.Clone() });
        graph.Node.Add(new NodeProto { OpType = op, Name = "node", Input = { "x" }, Output = { "y" } });
        var model = new ModelProto { IrVersion = 8, Graph = graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = 13 });
        string path = folder.File(name + ".onnx");
        File.WriteAllBytes(path, model.ToByteArray());
        return path;
    }
}

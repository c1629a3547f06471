using System.Text;
using System.Text.Json.Nodes;
using EdgePrune.Agent.Bundles;
using EdgePrune.Agent.Signing;
using EdgePrune.Onnx;

namespace EdgePrune.Agent.Tests.Bundles;

/// <summary>Gates that are signed with a model.</summary>
public sealed class GateTests
{
    private static readonly BundleGates All = new()
    {
        MaxLatencyRatio = 0.9,
        MaxEnergyRatio = 1.05,
        MinAgreement = 0.97,
        MaxAccuracyDrop = 1.5,
        MinCanaries = 0.5,
        AnswerCheck = AnswerCheck.Top1,
        AnswerTolerance = 0.001,
        ProbationRequests = 500,
        ProbationSeconds = 3600,
        MinRequests = 20,
    };

    [Fact]
    public async Task What_was_signed_comes_out()
    {
        using var f = new BundleFixture();
        foreach ((BundleGates? gates, long version) in ((BundleGates?, long)[])[(All, 1), (BundleGates.None, 2), (null, 3), (new BundleGates { MinAgreement = 1 }, 4)])
        {
            BundleFixture.Made made = f.Make(f.Manifest(version) with { Gates = gates });
            using ReceivedBundle received = await f.Intake.ReceiveAsync(new MemoryStream(made.Bytes), TestContext.Current.CancellationToken);
            Assert.Equal(gates, received.Manifest.Gates);
        }
    }

    [Theory]
    [InlineData("maxLatencyRatio", "-0.1")]
    [InlineData("maxLatencyRatio", "1001")]
    [InlineData("maxEnergyRatio", "-1")]
    [InlineData("minAgreement", "1.01")]
    [InlineData("maxAccuracyDrop", "101")]
    [InlineData("minCanaries", "-0.01")]
    [InlineData("answerTolerance", "-1")]
    [InlineData("probationRequests", "0")]
    [InlineData("probationSeconds", "2592001")]
    [InlineData("minRequests", "501")]
    public async Task A_signed_gate_that_is_out_of_bounds_is_refused(string name, string value)
    {
        using var f = new BundleFixture();
        string message = await f.RefusedAsync(Changed(f, g => g[name] = JsonNode.Parse(value)), "its gates are wrong");
        Assert.Contains(name, message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("maxLatencyRatio", "\"fast\"")]
    [InlineData("answerCheck", "\"best\"")]
    [InlineData("answerCheck", "7")]
    [InlineData("maxLatencyRatio", "1.0")]
    [InlineData("maxLatencyRatio", "null")]
    [InlineData("probationRequests", "2.5")]
    [InlineData("someday", "1")]
    public async Task A_signed_gate_that_this_agent_does_not_know_or_read_the_same_way_is_refused(string name, string value)
    {
        using var f = new BundleFixture();
        await f.RefusedAsync(Changed(f, g => g[name] = JsonNode.Parse(value)), "the bundle's manifest");
    }

    [Fact]
    public void Wrong_gates_are_not_signed_and_all_that_are_wrong_are_named()
    {
        using var f = new BundleFixture();
        InputException e = Assert.Throws<InputException>(() => f.Make(f.Manifest(1) with { Gates = new BundleGates { MaxLatencyRatio = double.NaN, MinAgreement = 2 } }));
        Assert.Contains("maxLatencyRatio is NaN", e.Message, StringComparison.Ordinal);
        Assert.Contains("minAgreement is 2", e.Message, StringComparison.Ordinal);
    }

    private static byte[] Changed(BundleFixture f, Action<JsonObject> change)
    {
        BundleFixture.Made made = f.Make(f.Manifest(1) with { Gates = All });
        JsonNode statement = JsonNode.Parse(made.Envelope.Payload.Span)!;
        change(statement["predicate"]!["gates"]!.AsObject());
        byte[] payload = Encoding.UTF8.GetBytes(Rearchive.Text(statement));
        return Rearchive.WithManifest(made.Bytes, Envelope.Seal(BundleManifest.PayloadType, payload, [f.BundleKey]).ToBytes());
    }
}

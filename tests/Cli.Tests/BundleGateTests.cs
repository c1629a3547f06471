using EdgePrune.Agent.Bundles;
using EdgePrune.Agent.Canaries;
using EdgePrune.Agent.Signing;
using EdgePrune.Agent.Trust;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.TestSupport;

namespace EdgePrune.Cli.Tests;

/// <summary>Gates and canaries on the command line of <c>bundle</c>.</summary>
public sealed class BundleGateTests
{
    private static readonly string Digits = Path.Combine(Repository.Root, "samples", "digits");
    private static readonly string Model = Path.Combine(Digits, "digits.onnx");

    [Fact]
    public async Task Gates_and_canaries_made_of_samples_reach_the_device()
    {
        using var temp = new TempFolder();
        CapturedRun run = Bundle(
            temp, "--canary-data", Path.Combine(Digits, "calibration.npz"), "--canary-count", "12", "--max-latency-ratio", "1.05", "--min-agreement", "0.9",
            "--answer-check", "top-1", "--probation-requests", "50", "--probation-time", "2m", "--max-accuracy-drop", "1");
        Assert.True(run.Code == ExitCode.Ok, run.Error);
        Assert.False(File.Exists(temp.File("digits.bundle.canaries.npz")));

        TrustStore trust = TrustStore.Open(temp.File("trust"), Envelope.Load(temp.File("keys/root.json"), "the root"));
        var intake = new BundleIntake(trust, new BundlePolicy { DeviceClass = "pi", ModelName = "default" }, temp.File("incoming"));
        await using FileStream stream = File.OpenRead(temp.File("digits.bundle"));
        using ReceivedBundle received = await intake.ReceiveAsync(stream, TestContext.Current.CancellationToken);
        BundleGates gates = received.Manifest.Gates!;
        Assert.Equal(
            new BundleGates { MaxLatencyRatio = 1.05, MinAgreement = 0.9, AnswerCheck = AnswerCheck.Top1, ProbationRequests = 50, ProbationSeconds = 120, MaxAccuracyDrop = 1 },
            gates);
        using CanarySet canaries = CanarySet.Load(received.CanaryPath!);
        Assert.Equal((12, true), (canaries.Count, canaries.HasLabels));
        using ModelSession session = ModelSession.Create(OnnxModel.Load(received.ModelPath));
        CanaryResult result = canaries.Check(session, AnswerRule.Of(gates));
        Assert.Equal((12, 12), (result.Run, result.Passed));
        Assert.InRange(result.Correct!.Value, 9, 12); // the samples are scaled as the model wants them
    }

    [Theory]
    [InlineData("--max-latency-ratio", "-1", 2)]
    [InlineData("--min-agreement", "90", 2)]
    [InlineData("--answer-check", "best", 2)]
    [InlineData("--probation-requests", "0", 2)]
    [InlineData("--min-requests", "-1", 2)]
    [InlineData("--canary", "/no/such/file", 1)]
    [InlineData("--canary-data", "/no/such/folder", 1)]
    public void What_no_device_could_hold_to_is_not_signed(string option, string value, int code)
    {
        using var temp = new TempFolder();
        Assert.Equal(code, (int)Bundle(temp, option, value).Code);
        Assert.False(File.Exists(temp.File("digits.bundle")));
    }

    [Fact]
    public void Canaries_that_the_model_does_not_pass_here_are_not_signed()
    {
        using var temp = new TempFolder();
        using (ModelSession session = ModelSession.Create(OnnxModel.Load(Model)))
        {
            using NamedValues noise = SyntheticInputs.Make(session.Inputs, seed: 3);
            CanaryWriter.Write(temp.File("canary.npz"), session, [noise], null);
        }

        Assert.Equal(ExitCode.Ok, Bundle(temp, "--canary", temp.File("canary.npz")).Code);
        File.Delete(temp.File("digits.bundle"));
        byte[] bytes = File.ReadAllBytes(temp.File("canary.npz"));
        int output = bytes.AsSpan().IndexOf("output."u8);
        int data = output + bytes.AsSpan(output).IndexOf("\n"u8) + 1;
        bytes.AsSpan(data, 40).Fill(0x7f); // ten equal scores in place of those that the model gives
        File.WriteAllBytes(temp.File("canary.npz"), bytes);
        CapturedRun run = Bundle(temp, "--canary", temp.File("canary.npz"), "--answer-check", "values");
        Assert.Equal(ExitCode.VerificationFailed, run.Code);
        Assert.Contains("0 of 1 canaries", run.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(temp.File("digits.bundle")));
    }

    private static CapturedRun Bundle(TempFolder temp, params string[] options)
    {
        if (!Directory.Exists(temp.File("keys")))
        {
            Assert.Equal(ExitCode.Ok, CapturedRun.Of("keys", temp.File("keys")).Code);
        }

        return CapturedRun.Of(["bundle", Model, "--key", temp.File("keys/bundle.key"), "--bundle-version", "1", "--device-class", "pi", "-o", temp.File("digits.bundle"), .. options]);
    }
}

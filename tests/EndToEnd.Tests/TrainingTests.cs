using System.Diagnostics;
using System.Text;
using System.Text.Json;
using EdgePrune.TestSupport;

namespace EdgePrune.EndToEnd.Tests;

/// <summary><c>train</c> and <c>finetune</c> as processes: killed, interrupted, short of memory.</summary>
public sealed class TrainingTests
{
    // Not SIGINT: a shell that starts something in the background has it ignored, and all that it starts with it.
    private const int Sigterm = 15;

    [Fact]
    public async Task Killed_at_any_moment_and_resumed_training_gives_the_same_bytes()
    {
        using var home = new TempFolder();
        Small(home, "graph.onnx");
        string[] options = ["--data", CliProcess.Sample("train.npz"), "--epochs", "40", "--threads", "1", "--seed", "3", "--augment", "crop:1,mixup:0.2", "--checkpoint-every", "100ms", "--json"];
        long start = Stopwatch.GetTimestamp();
        CliProcess straight = await CliProcess.Run(home, ["train", "graph.onnx", "-o", "straight.onnx", .. options]);
        TimeSpan whole = Stopwatch.GetElapsedTime(start);
        Assert.True(straight.Code == 0, straight.Error);
        Assert.False(File.Exists(home.File("straight.onnx.checkpoint")));

        // The times are drawn anew in each run of the test: any moment must do, those while a checkpoint is written included. They are
        // shares of what the whole takes on this machine, so that the first comes before the end on any.
        string[] resumed = ["train", "graph.onnx", "-o", "killed.onnx", "--resume", .. options];
        int kills = 0;
        for (; kills < 4; kills++)
        {
            using Process process = CliProcess.Start(home, resumed);
            bool ended = process.WaitForExit(whole * (0.2 + (0.5 * Random.Shared.NextDouble())));
            process.Kill();
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            if (ended)
            {
                break;
            }
        }

        CliProcess last = await CliProcess.Run(home, resumed);

        Assert.True(last.Code == 0, last.Error);
        Assert.True(kills > 0);
        Assert.Equal(File.ReadAllBytes(home.File("straight.onnx")), File.ReadAllBytes(home.File("killed.onnx")));
    }

    [Fact]
    public async Task Interrupted_training_says_where_its_state_is_and_refuses_to_start_over_it()
    {
        using var home = new TempFolder();
        Small(home, "graph.onnx");
        string[] args = ["train", "graph.onnx", "-o", "out.onnx", "--data", CliProcess.Sample("train.npz"), "--epochs", "4000", "--json"];
        using Process process = CliProcess.Start(home, args);
        var error = new StringBuilder();
        // The first epoch is told of; then it is trained for certain.
        while (await process.StandardError.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            error.AppendLine(line);
            if (line.StartsWith("epoch 2/", StringComparison.Ordinal))
            {
                _ = Kill(process.Id, Sigterm);
                break;
            }
        }

        // Both at once: a process that is not interrupted after all fills the pipe that nobody reads, and would stand for ever.
        Task<string> said = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        error.Append(await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        string output = await said;
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(1, process.ExitCode);
        Assert.Equal("cancelled", JsonDocument.Parse(output).RootElement.GetProperty("error").GetProperty("kind").GetString());
        Assert.Contains("is in out.onnx.checkpoint; the same command with --resume goes on from there", error.ToString(), StringComparison.Ordinal);
        Assert.False(File.Exists(home.File("out.onnx")));
        Assert.Contains("give --resume", (await CliProcess.Run(home, args)).Error, StringComparison.Ordinal);
        CliProcess other = await CliProcess.Run(home, [.. args, "--resume", "--lr", "0.01"]);
        Assert.Equal(1, other.Code);
        Assert.Contains("learning rate was 0.05, is 0.01", other.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Data_larger_than_the_memory_allowed_are_trained_on_from_disk()
    {
        const int samples = 10_000, side = 176;
        const string heap = "0x8000000"; // 128 MiB, for 310 MB of data
        using var home = new TempFolder();
        WriteLarge(home, samples, side);
        Wide(home, "graph.onnx", side);
        string[] args = ["train", "graph.onnx", "-o", "out.onnx", "--data", "data", "--epochs", "1", "--batch", "500", "--validation", "none", "--json"];
        var limited = new Dictionary<string, string> { ["DOTNET_GCHeapHardLimit"] = heap };

        CliProcess resident = await CliProcess.RunUnder(home, limited, [.. args, "--resident", "1024"]);
        CliProcess run = await CliProcess.RunUnder(home, limited, [.. args, "--resident", "64"]);

        Assert.NotEqual(0, resident.Code); // the cap is real
        Assert.True(run.Code == 0, run.Error);
        Assert.Equal(samples, run.Document.GetProperty("samples").GetInt32());
    }

    [Fact]
    public async Task Finetune_brings_back_what_pruning_took()
    {
        using var home = new TempFolder();
        string model = CliProcess.Sample("digits.onnx"), test = CliProcess.Sample("test.npz");
        CliProcess pruned = await CliProcess.Run(home, "prune", model, "-o", "pruned.onnx", "--ratio", "0.8", "--seconds", "1", "--table", CliProcess.Costs, "--data", test, "--json");
        Assert.True(pruned.Code == 0, pruned.Error);
        double before = pruned.Document.GetProperty("after").GetProperty("accuracy").GetDouble();

        CliProcess tuned = await CliProcess.Run(
            home, "finetune", "pruned.onnx", "-o", "tuned.onnx", "--data", CliProcess.Sample("train.npz"), "--validation", CliProcess.Sample("calibration.npz"), "--teacher", model, "--epochs", "4", "--html", "tuned.html", "--json");

        Assert.True(tuned.Code == 0, tuned.Error);
        Assert.Equal(4, tuned.Document.GetProperty("epochs").GetArrayLength());
        Assert.True(File.Exists(home.File("tuned.html")));
        CliProcess eval = await CliProcess.Run(home, "eval", "tuned.onnx", "--data", test, "--json");
        double after = eval.Document.GetProperty("accuracy").GetDouble();
        Assert.True(after > 0.85 && after >= before - 0.02, $"{before} before, {after} after");
    }

    [Fact]
    public async Task Divergence_is_told_with_step_and_layer()
    {
        using var home = new TempFolder();
        Small(home, "graph.onnx");

        CliProcess run = await CliProcess.Run(home, "train", "graph.onnx", "-o", "out.onnx", "--data", CliProcess.Sample("train.npz"), "--lr", "1e30", "--warmup", "0", "--json");

        Assert.Equal(1, run.Code);
        string message = run.Document.GetProperty("error").GetProperty("message").GetString()!;
        Assert.Matches("training diverged at step [1-9]", message);
        Assert.Matches("(Conv|BatchNormalization|Gemm)_[0-9]", message);
        Assert.False(File.Exists(home.File("out.onnx")));
    }

    private static void Small(TempFolder home, string name)
    {
        var b = new GraphBuilder();
        string x = b.Relu(b.BatchNorm(b.Node("Conv", [b.Input("x", -1, 1, 8, 8), b.Weights(16, 1, 3, 3)]), 16));
        x = b.Relu(b.Node("Conv", [x, b.Weights(16, 16, 3, 3), b.Weights(16)]));
        b.Output(b.Linear(b.Node("Flatten", [x]), 16 * 16, 10)).Build().Save(home.File(name));
    }

    // Bright images against dark ones, each with two pixels of its own.
    private static void WriteLarge(TempFolder home, int samples, int side)
    {
        Directory.CreateDirectory(home.File("data"));
        File.WriteAllText(home.File("data/data.yaml"), "input: input\nscale: 0.00392\n");
        byte[] Header(string shape) => Npy($"{{'descr': '|u1', 'fortran_order': False, 'shape': {shape}, }}");
        using (FileStream file = File.Create(home.File("data/input.npy")))
        {
            file.Write(Header($"({samples}, 1, {side}, {side})"));
            byte[] image = new byte[side * side];
            for (int i = 0; i < samples; i++)
            {
                Array.Fill(image, (byte)(i % 2 == 0 ? 60 : 160));
                image[i % image.Length] = (byte)i;
                file.Write(image);
            }
        }

        File.WriteAllBytes(home.File("data/labels.npy"), [.. Header($"({samples},)"), .. Enumerable.Range(0, samples).Select(i => (byte)(i % 2))]);
    }

    private static byte[] Npy(string header)
    {
        byte[] text = Encoding.ASCII.GetBytes(header + "\n");
        return [0x93, .. "NUMPY"u8, 1, 0, (byte)text.Length, (byte)(text.Length >> 8), .. text];
    }

    private static void Wide(TempFolder home, string name, int side)
    {
        var b = new GraphBuilder();
        string x = b.Node("Conv", [b.Input("x", -1, 1, side, side), b.Weights(2, 1, 16, 16), b.Weights(2)], ("strides", new long[] { 16, 16 }));
        x = b.Node("GlobalAveragePool", [b.Relu(x)]);
        b.Output(b.Linear(b.Node("Flatten", [x]), 2, 2)).Build().Save(home.File(name));
    }

    [System.Runtime.InteropServices.DllImport("libc", EntryPoint = "kill")]
    private static extern int Kill(int process, int signal);
}

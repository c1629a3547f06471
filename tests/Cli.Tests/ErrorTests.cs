using EdgePrune.Cli.Commands;
using EdgePrune.TestSupport;

namespace EdgePrune.Cli.Tests;

public sealed class ErrorTests
{
    public static TheoryData<string[], int, string> Cases => new()
    {
        { [], (int)ExitCode.Usage, "usage" },
        { ["no-such-command"], (int)ExitCode.Usage, "usage" },
        { ["preflight"], (int)ExitCode.Usage, "usage" },
        { ["preflight", "a.onnx", "b.onnx"], (int)ExitCode.Usage, "usage" },
        { ["preflight", "a.onnx", "--threads", "0"], (int)ExitCode.Usage, "usage" },
        { ["preflight", "a.onnx", "--threads", "many"], (int)ExitCode.Usage, "usage" },
        { ["preflight", "a.onnx", "--shape", "input"], (int)ExitCode.Usage, "usage" },
        { ["preflight", "a.onnx", "--shape", "input=1,-3"], (int)ExitCode.Usage, "usage" },
        { ["preflight", "a.onnx", "--shape", "input=1,3", "--shape", "input=1,4"], (int)ExitCode.Usage, "usage" },
        { ["preflight", "no-such-file.onnx"], (int)ExitCode.Failed, "input" },
        { ["preflight", "."], (int)ExitCode.Failed, "input" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Each_error_is_one_document_with_its_exit_code(string[] args, int code, string kind)
    {
        CapturedRun run = CapturedRun.Of([.. args, "--json"]);

        Assert.Equal(code, (int)run.Code);
        Assert.Equal(kind, run.Document.GetProperty("error").GetProperty("kind").GetString());
        Assert.NotEmpty(run.Document.GetProperty("error").GetProperty("message").GetString()!);
        Assert.StartsWith("error: ", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Without_json_standard_output_stays_empty(string[] args, int code, string kind)
    {
        CapturedRun run = CapturedRun.Of(args);

        Assert.NotEmpty(kind);
        Assert.Equal(code, (int)run.Code);
        Assert.Empty(run.Out);
        Assert.StartsWith("error: ", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Garbage_in_a_model_file_is_an_error_that_names_the_file()
    {
        using var folder = new TempFolder();
        string path = folder.File("garbage.onnx");
        File.WriteAllBytes(path, [.. Enumerable.Range(0, 1000).Select(i => (byte)(i * 37))]);

        foreach (ReportingCommand command in ReportingCommand.All().Where(c => c.Arguments.Any(a => a.Name == "model")))
        {
            // Nothing may land in the home folder of whoever runs the tests.
            string[] places = [.. new[] { "--store", "--table" }.Where(o => command.Options.Any(c => c.Name == o)).SelectMany(o => new[] { o, folder.File(o) })];
            string[] more = command.Name switch
            {
                "profile" => ["--html", folder.File("page.html")],
                "search" => ["--train", path, "-o", folder.File("front")],
                "bundle" => ["--key", path, "--bundle-version", "1", "--device-class", "board"],
                _ => command.Options.Any(o => o is { Name: "--data", Required: true }) ? ["--data", path] : [],
            };
            CapturedRun run = CapturedRun.Of([command.Name, path, .. more, .. places, "--json"]);

            Assert.True(run.Code == ExitCode.Failed, command.Name);
            Assert.Equal("input", run.Document.GetProperty("error").GetProperty("kind").GetString());
        }

        Assert.Contains("garbage.onnx", CapturedRun.Of("preflight", path).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Json_on_success_is_one_document_and_nothing_else()
    {
        CapturedRun run = CapturedRun.Of("doctor", "--json");

        Assert.Equal(ExitCode.Ok, run.Code);
        Assert.StartsWith("{", run.Out, StringComparison.Ordinal);
        Assert.True(run.Document.TryGetProperty("version", out _)); // Parse refuses anything behind the first document
    }
}

using EdgePrune.Cli.Loop;
using EdgePrune.Cli.Output;
using EdgePrune.Onnx;
using EdgePrune.TestSupport;

namespace EdgePrune.Cli.Tests;

public sealed class RunFolderTests : IDisposable
{
    private static readonly Dictionary<string, string> Inputs = new() { ["model"] = "sha256:1", ["budget"] = "70" };
    private readonly TempFolder temporary = new();
    private readonly Reporter reporter = new(new Surroundings(TextWriter.Null, TextWriter.Null), json: false);

    private sealed record Result(int Value);

    public void Dispose() => temporary.Dispose();

    [Fact]
    public void A_finished_step_is_not_run_again()
    {
        int runs = 0;
        for (int i = 0; i < 2; i++)
        {
            using RunFolder run = Open(Inputs);
            Assert.Equal(7, run.Step("first", () => new Result(7 + runs++)).Value);
        }

        Assert.Equal(1, runs);
    }

    [Fact]
    public void An_interrupted_step_runs_again_and_those_before_it_do_not()
    {
        int first = 0;
        using (RunFolder run = Open(Inputs))
        {
            run.Step("first", () => new Result(++first));
            Assert.Throws<OperationCanceledException>(() => run.Step<Result>("second", () => throw new OperationCanceledException()));
        }

        using RunFolder again = Open(Inputs);
        again.Step("first", () => new Result(++first));
        Assert.Equal(2, again.Step("second", () => new Result(2)).Value);
        Assert.Equal(1, first);
    }

    [Fact]
    public void Other_inputs_are_refused_by_name()
    {
        Open(Inputs).Dispose();

        InputException refused = Assert.Throws<InputException>(() => Open(new() { ["model"] = "sha256:2", ["budget"] = "70" }));

        Assert.Contains("model was sha256:1, is sha256:2", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("budget", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_runs_in_one_folder_are_refused()
    {
        using RunFolder run = Open(Inputs);

        Assert.Contains("another process", Assert.Throws<InputException>(() => Open(Inputs)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Foreign_files_are_left_alone()
    {
        string mine = temporary.File("thesis.txt");
        File.WriteAllText(mine, "years of work");

        Assert.Throws<InputException>(() => RunFolder.Open(temporary.Path, Inputs, reporter));
        Assert.Equal("years of work", File.ReadAllText(mine));
    }

    [Fact]
    public void A_damaged_result_is_named()
    {
        using (RunFolder run = Open(Inputs))
        {
            run.Step("first", () => new Result(1));
            File.WriteAllText(run.PathOf("1-first.json"), "{ torn");
        }

        using RunFolder again = Open(Inputs);
        Assert.Contains("1-first.json", Assert.Throws<InputException>(() => again.Step("first", () => new Result(1))).Message, StringComparison.Ordinal);
    }

    private RunFolder Open(Dictionary<string, string> inputs) => RunFolder.Open(temporary.File("run"), inputs, reporter);
}

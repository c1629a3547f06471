using EdgePrune.Cli.Commands;

namespace EdgePrune.Cli.Tests;

public sealed class HelpTests
{
    public static TheoryData<string> Commands => [.. ReportingCommand.All().Where(c => !c.Hidden).Select(c => c.Name)];

    [Fact]
    public void Root_help_lists_the_commands()
    {
        CapturedRun run = CapturedRun.Of("--help");

        Assert.Equal(ExitCode.Ok, run.Code);
        Golden.Check("help", run.Out);
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void Help_of_each_command_shows_an_example_of_it(string command)
    {
        CapturedRun run = CapturedRun.Of(command, "--help");

        Assert.Equal(ExitCode.Ok, run.Code);
        Assert.Contains($"Example:\n  edgeprune {command}", run.Out.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        Golden.Check($"help-{command}", run.Out);
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void Each_example_parses(string command)
    {
        ReportingCommand found = ReportingCommand.All().Single(c => c.Name == command);

        Assert.Empty(CommandLine.Root(80).Parse(found.Example["edgeprune ".Length..]).Errors);
    }
}

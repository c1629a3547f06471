using System.CommandLine;

namespace EdgePrune.Cli.Options;

/// <summary>What stood on the command line, and what is only a default.</summary>
internal static class GivenOptions
{
    /// <summary>True where the option was written out.</summary>
    public static bool IsGiven(this ParseResult parsed, Option option) => parsed.GetResult(option) is { Implicit: false };

    /// <summary>The option's value where it was written out, else what is known without it.</summary>
    public static T Or<T>(this ParseResult parsed, Option<T> option, T otherwise) => parsed.IsGiven(option) ? parsed.GetValue(option)! : otherwise;
}

using EdgePrune.Agent.Reports;
using EdgePrune.Agent.Signing;
using EdgePrune.Cli.Documents;
using EdgePrune.Cli.Html;
using EdgePrune.Cli.Options;
using EdgePrune.Cli.Output;
using EdgePrune.Onnx.Files;

namespace EdgePrune.Cli.Loop;

/// <summary>The page of a loop, the profile that it rests on beside it, and a signature over both where there is a key.</summary>
/// <param name="Path">The page's file.</param>
/// <param name="Key">Who signs, or null.</param>
internal sealed record LoopPage(string Path, string? Key)
{
    private string ProfilePath => System.IO.Path.ChangeExtension(Path, ".profile.json");

    /// <exception cref="Onnx.InputException">One of the files cannot be written there.</exception>
    public void Check(params string[] read)
    {
        OutputFile.Check(Path, read);
        OutputFile.Check(ProfilePath, read);
        OutputFile.Check(Path + SignedReport.Extension, read);
    }

    public void Write(LoopDocument document, ProfileDocument profile, CostCurves costs, Reporter reporter)
    {
        AtomicFile.WriteText(ProfilePath, Json.Write(profile));
        HtmlPage.Write(Path, ReportPage.Of(document, profile, costs));
        if (Key is null)
        {
            reporter.Note($"wrote {Path} and {ProfilePath}");
            return;
        }

        using var key = SigningKey.Load(Key);
        string signature = SignedReport.Sign(Path, [ProfilePath], [key], TimeProvider.System);
        reporter.Note($"wrote {Path} and {ProfilePath}, signed in {signature}; 'edgeprune verify-report {Path} --root ROOT' checks them");
    }
}

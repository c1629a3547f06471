using System.Security.Cryptography;
using EdgePrune.Agent.Signing;
using EdgePrune.Agent.Trust;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Files;

namespace EdgePrune.Agent.Reports;

/// <summary>
/// A signature over a report and the files that it rests on, in a file beside them (DSSE v1). It has a type of its own, so that it
/// says nothing about bundles although the same keys may sign both.
/// </summary>
public static class SignedReport
{
    /// <summary>What is added to the report's name.</summary>
    public const string Extension = ".sig.json";

    private const string PayloadType = "application/vnd.edgeprune.report+json";
    private const int MaxFiles = 16;
    private const int MaxNameLength = 200;

    /// <summary>Signs files of one folder.</summary>
    /// <param name="report">The report; its signature goes beside it.</param>
    /// <param name="others">What it rests on, in the same folder.</param>
    /// <param name="keys">Who signs.</param>
    /// <param name="time">The clock.</param>
    /// <returns>The signature's path.</returns>
    /// <exception cref="InputException">A file lies elsewhere, or the signature cannot be written.</exception>
    public static string Sign(string report, IReadOnlyList<string> others, IReadOnlyList<SigningKey> keys, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(others);
        ArgumentNullException.ThrowIfNull(time);
        string folder = Folder(report);
        string[] all = [report, .. others];
        if (all.Select(Folder).Any(f => f != folder))
        {
            throw new InputException($"what is signed with {report} must lie in its folder");
        }

        var statement = new ReportStatement(
            ReportStatement.StatementType,
            [.. all.Select(path => new ReportFile(Path.GetFileName(path), new ReportDigest(Digest(path))))],
            ReportStatement.ReportPredicateType,
            new ReportPredicate(WholeSeconds.Of(time.GetUtcNow())));
        Envelope envelope = Envelope.Seal(PayloadType, CanonicalJson.Write(statement, SignedJson.Default.ReportStatement), keys);
        string target = report + Extension;
        AtomicFile.WriteBytes(target, envelope.ToBytes());
        return target;
    }

    /// <summary>Checks a report and all that it was signed with.</summary>
    /// <param name="report">The report; its signature and the other files lie beside it.</param>
    /// <param name="root">Names the keys that count: those for bundles.</param>
    /// <returns>Names of the files that are as they were signed, the time of signing, and the keys.</returns>
    /// <exception cref="InputException">It is not signed by the right keys, or a file is missing or has changed.</exception>
    public static (IReadOnlyList<string> Files, DateTimeOffset Signed, IReadOnlyList<string> Signers) Verify(string report, TrustedRoot root)
    {
        ArgumentNullException.ThrowIfNull(root);
        string what = $"the signature {report}{Extension}";
        var envelope = Envelope.Load(report + Extension, what);
        TrustedRoot.ThrowIfNotOfType(envelope, PayloadType, what);
        IReadOnlyList<string> signers = root.Verify(envelope, SigningRole.Bundle, what);
        ReportStatement statement = CanonicalJson.Read(envelope.Payload.Span, SignedJson.Default.ReportStatement, what);
        bool sound = statement is { Type: ReportStatement.StatementType, PredicateType: ReportStatement.ReportPredicateType, Subject.Count: > 0 and <= MaxFiles }
            && statement.Subject[0]?.Name == Path.GetFileName(report)
            && statement.Subject.All(f => f is not null && f.Name.Length is > 0 and <= MaxNameLength && f.Name == Path.GetFileName(f.Name) && f.Name is not ("." or ".."));
        if (!sound)
        {
            throw new InputException($"{what} is not about {Path.GetFileName(report)}; give the report that was signed, under its own name");
        }

        foreach (ReportFile file in statement.Subject)
        {
            string path = Path.Combine(Folder(report), file.Name);
            if (!File.Exists(path))
            {
                throw new InputException($"{path} is missing, with which the report was signed; keep them together");
            }

            if (Digest(path) != file.Digest.Sha256)
            {
                throw new InputException($"{path} has changed since it was signed on {statement.Predicate.Signed:u}");
            }
        }

        return ([.. statement.Subject.Select(f => f.Name)], statement.Predicate.Signed, signers);
    }

    private static string Folder(string path) => Path.GetDirectoryName(Path.GetFullPath(path))!;

    private static string Digest(string path)
    {
        using FileStream file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }
}

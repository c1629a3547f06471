using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using EdgePrune.Agent.Bundles;
using EdgePrune.Agent.Signing;
using EdgePrune.Agent.Trust;
using EdgePrune.Onnx;

namespace EdgePrune.Agent.Tests.Bundles;

/// <summary>Bundles as they are meant, and bundles that are signed and still wrong.</summary>
public sealed class BundleTests
{
    [Fact]
    public async Task What_was_bundled_comes_out_and_goes_when_it_is_done_with()
    {
        using var f = new BundleFixture();
        BundleFixture.Made made = f.Make(f.Manifest(3), ["model.onnx", "canary.json"]);
        BundleFixture.ModelBytes got = await f.AcceptAsync(made);
        Assert.Equal(10_000, got.Model.Length);
        Assert.Equal(10_000, got.Canary!.Length);
        Assert.Equal(made.Manifest.Model.ModelDigest.Hex, Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(got.Model)));
        Assert.Empty(Directory.GetFileSystemEntries(f.IncomingFolder));
        Assert.Equal(3, f.Trust.NewestAccepted(BundleFixture.Name)!.Version);
        await f.AcceptAsync(made); // sending it again is how a lost answer is repeated
    }

    [Fact]
    public void Any_tar_lists_it()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs tar");
        using var f = new BundleFixture();
        BundleFixture.Made made = f.Make(f.Manifest(1), ["model.onnx", "canary.json"]);
        using var tar = Process.Start(new ProcessStartInfo("tar", ["tvf", made.Path]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        string listing = tar.StandardOutput.ReadToEnd();
        string errors = tar.StandardError.ReadToEnd();
        tar.WaitForExit();
        Assert.Equal((0, ""), (tar.ExitCode, errors));
        Assert.Equal(["manifest.json", "model.onnx", "canary.json"], listing.Trim().Split('\n').Select(l => l.Split(' ')[^1]));
    }

    [Fact]
    public async Task Another_bundle_of_the_same_version_is_refused()
    {
        using var f = new BundleFixture();
        await f.AcceptAsync(f.Make(2));
        await f.RefusedAsync(f.Make(2).Bytes, "another bundle of that version");
    }

    [Fact]
    public async Task A_clock_that_was_put_back_does_not_let_an_expired_bundle_in()
    {
        using var f = new BundleFixture();
        byte[] old = f.Make(f.Manifest(2) with { Expires = f.Clock.Now.AddDays(1) }).Bytes;
        f.Clock.Now = f.Clock.Now.AddDays(60);
        await f.AcceptAsync(f.Make(1));
        f.Clock.Now = f.Clock.Now.AddDays(-60);
        await f.RefusedAsync(old, "set the clock");
    }

    [Fact]
    public async Task A_clock_a_little_behind_the_signer_s_does_no_harm()
    {
        using var f = new BundleFixture();
        await f.AcceptAsync(f.Make(f.Manifest(1) with { Issued = f.Clock.Now.AddMinutes(9) }));
        await f.RefusedAsync(f.Make(f.Manifest(2) with { Issued = f.Clock.Now.AddMinutes(11) }).Bytes, "set the clock");
    }

    /// <summary>Signed by the right key, and still not to be trusted with a file system or a parser.</summary>
    [Theory]
    [InlineData("path", "paths are not possible")]
    [InlineData("absolute path", "paths are not possible")]
    [InlineData("dots", "paths are not possible")]
    [InlineData("manifest's name", "paths are not possible")]
    [InlineData("upper case", "paths are not possible")]
    [InlineData("null name", "is not what its signature says")]
    [InlineData("two of one name", "two files have one name")]
    [InlineData("two models", "does not hold exactly one model")]
    [InlineData("no files", "1 to 64 files")]
    [InlineData("many files", "1 to 64 files")]
    [InlineData("unknown role", "is not what its signature says")]
    [InlineData("role by number", "is not in its canonical encoding")]
    [InlineData("other algorithm", "is not digested by sha256")]
    [InlineData("short digest", "is not 64 lower-case")]
    [InlineData("prefixed digest", "is not 64 lower-case")]
    [InlineData("negative size", "is not possible")]
    [InlineData("huge size", "is not possible")]
    [InlineData("fractional size", "is not what its signature says")]
    [InlineData("version zero", "is not positive")]
    [InlineData("version too large", "is not what its signature says")]
    [InlineData("no device class", "device classes")]
    [InlineData("other subject digest", "the digest of its subject")]
    [InlineData("two subjects", "about one subject")]
    [InlineData("other predicate", "may be too old for it")]
    [InlineData("deep", "is not what its signature says")]
    [InlineData("duplicate member", "is not what its signature says")]
    [InlineData("no json", "is not what its signature says")]
    public async Task A_signed_manifest_that_makes_no_sense_is_refused(string fault, string because)
    {
        using var f = new BundleFixture();
        BundleFixture.Made made = f.Make(1);
        JsonNode root = JsonNode.Parse(made.Envelope.Payload.Span)!;
        JsonNode predicate = root["predicate"]!;
        JsonArray files = predicate["resources"]!.AsArray();
        JsonNode file = files[0]!;
        string? text = null;
        switch (fault)
        {
            case "path": file["name"] = "a/b.onnx"; break;
            case "absolute path": file["name"] = "/etc/passwd"; break;
            case "dots": file["name"] = "a..b"; break;
            case "manifest's name": file["name"] = "manifest.json"; break;
            case "upper case": file["name"] = "Model.onnx"; break;
            case "null name": file["name"] = null; break;
            case "two of one name": files.Add(file.DeepClone()); files[1]!["role"] = "canary"; break;
            case "two models": files.Add(file.DeepClone()); files[1]!["name"] = "b.onnx"; break;
            case "no files": files.Clear(); break;
            case "many files": Enumerable.Range(0, 64).ToList().ForEach(_ => files.Add(files[0]!.DeepClone())); break;
            case "unknown role": file["role"] = "script"; break;
            case "role by number": file["role"] = 0; break;
            case "other algorithm": file["algorithm"] = "md5"; break;
            case "short digest": file["digest"] = "00"; break;
            case "prefixed digest": file["digest"] = "sha256:" + file["digest"]; break;
            case "negative size": file["size"] = -1; break;
            case "huge size": file["size"] = long.MaxValue; break;
            case "fractional size": file["size"] = 1.5; break;
            case "version zero": predicate["version"] = 0; break;
            case "version too large": predicate["version"] = 1e30; break;
            case "no device class": predicate["deviceClasses"] = new JsonArray(); break;
            case "other subject digest": root["subject"]![0]!["digest"]!["sha256"] = new string('0', 64); break;
            case "two subjects": root["subject"]!.AsArray().Add(root["subject"]![0]!.DeepClone()); break;
            case "other predicate": root["predicateType"] = "urn:edgeprune:bundle:v2"; break;
            case "deep": text = new string('[', 100_000); break;
            case "duplicate member": text = Rearchive.Text(root).Replace("\"version\":1", "\"version\":1,\"version\":1", StringComparison.Ordinal); break;
            case "no json": text = "model"; break;
            default: throw new ArgumentException(fault);
        }

        Envelope signed = Envelope.Seal(BundleManifest.PayloadType, Encoding.UTF8.GetBytes(text ?? Rearchive.Text(root)), [f.BundleKey]);
        await f.RefusedAsync(Rearchive.WithManifest(made.Bytes, signed.ToBytes()), because);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"payloadType":"x","payload":"AA==","signatures":[null]}""")]
    [InlineData("""{"payloadType":"x","payload":"not base64!","signatures":[]}""")]
    [InlineData("""{"payloadType":null,"payload":"AA==","signatures":[]}""")]
    [InlineData("""{"payloadType":"x","payload":"AA==","signatures":[],"signatures":[]}""")]
    [InlineData("""{"payloadType":"x","payload":"AA==","signatures":[],"more":1}""")]
    public void What_is_no_envelope_is_refused(string json)
    {
        InputException e = Assert.Throws<InputException>(() => Envelope.Parse(Encoding.UTF8.GetBytes(json), "it"));
        Assert.Contains("it is not a signed document", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData('1')] // a hard link
    [InlineData('2')] // a symbolic link
    [InlineData('5')] // a folder
    [InlineData('x')] // an extended header of pax, which could name another path
    [InlineData('L')] // a long name of GNU tar
    public async Task An_archive_member_that_is_no_plain_file_is_refused(char type)
    {
        using var f = new BundleFixture();
        byte[] bytes = f.Make(1).Bytes;
        int header = bytes.Length - BundleArchive.EndBytes - 10_240 - BundleArchive.BlockBytes;
        bytes[header + 156] = (byte)type;
        await f.RefusedAsync(bytes, "something else comes");
        byte[] first = f.Make(1).Bytes;
        first[156] = (byte)type;
        await f.RefusedAsync(first, "this is no bundle");
    }

    [Fact]
    public async Task What_a_crash_left_of_a_bundle_goes_at_the_next_start()
    {
        using var f = new BundleFixture();
        string left = Path.Combine(f.IncomingFolder, "incoming-0123");
        Directory.CreateDirectory(left);
        await File.WriteAllTextAsync(Path.Combine(left, "0"), "half", TestContext.Current.CancellationToken);
        f.Reopen();
        Assert.Empty(Directory.GetFileSystemEntries(f.IncomingFolder));
    }

    [Fact]
    public async Task Cancelling_leaves_nothing()
    {
        using var f = new BundleFixture();
        using var cancel = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => f.Intake.ReceiveAsync(new DrippingStream(f.Make(1).Bytes, TimeSpan.FromMilliseconds(20)), cancel.Token));
        Assert.Empty(Directory.GetFileSystemEntries(f.IncomingFolder));
        Assert.Null(f.Trust.NewestAccepted(BundleFixture.Name));
    }

    /// <summary>An ECDSA signature by another program over the envelope's bytes is a signature here, and the other way round.</summary>
    [Fact]
    public void Openssl_agrees_about_the_signature()
    {
        using var f = new BundleFixture();
        Assert.SkipUnless(File.Exists("/usr/bin/openssl"), "needs openssl");
        Envelope envelope = f.PinnedRoot;
        string signed = f.File("signed");
        string type = RootMetadata.PayloadType;
        File.WriteAllBytes(signed, [.. Encoding.UTF8.GetBytes($"DSSEv1 {type.Length} {type} {envelope.Payload.Length} "), .. envelope.Payload.Span]);
        using var key = System.Security.Cryptography.ECDsa.Create();
        key.ImportSubjectPublicKeyInfo(f.RootKey.Public.SubjectPublicKeyInfo, out _);
        File.WriteAllText(f.File("key.pem"), key.ExportSubjectPublicKeyInfoPem());
        byte[] raw = envelope.Signatures[0].Signature;
        var writer = new System.Formats.Asn1.AsnWriter(System.Formats.Asn1.AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteIntegerUnsigned(raw.AsSpan(0, 32).TrimStart((byte)0));
            writer.WriteIntegerUnsigned(raw.AsSpan(32).TrimStart((byte)0));
        }

        File.WriteAllBytes(f.File("sig"), writer.Encode());
        using var openssl = Process.Start(new ProcessStartInfo("/usr/bin/openssl", ["dgst", "-sha256", "-verify", f.File("key.pem"), "-signature", f.File("sig"), signed]) { RedirectStandardOutput = true })!;
        Assert.Contains("Verified OK", openssl.StandardOutput.ReadToEnd(), StringComparison.Ordinal);
    }
}

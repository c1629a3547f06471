using System.Text;
using System.Text.Json.Nodes;
using EdgePrune.Agent.Signing;
using EdgePrune.Agent.Tests.Bundles;
using EdgePrune.Agent.Trust;
using EdgePrune.Onnx;

namespace EdgePrune.Agent.Tests.Trust;

/// <summary>How one root follows another, and what of it stays.</summary>
public sealed class RootRotationTests
{
    [Fact]
    public void A_root_signed_by_old_and_new_keys_takes_over_and_stays_after_a_restart()
    {
        using var f = new BundleFixture();
        SigningKey newRootKey = f.Key();
        RootMetadata next = f.MakeRoot(2, 1, false, [f.BundleKey], [newRootKey]);
        Refused(f, next.Seal([newRootKey]), "by the keys of root 1, is refused: 0 of the 1");
        Refused(f, next.Seal([f.RootKey]), "by its own keys, is refused: 0 of the 1");
        f.Trust.UpdateRoot(next.Seal([f.RootKey]).AddSignatures([newRootKey]));
        f.Reopen();
        Assert.Equal(2, f.Trust.Root.Metadata.Version);
        Refused(f, f.MakeRoot(3, 1, false, [f.BundleKey]).Seal([f.RootKey]), "by the keys of root 2,");
        f.Trust.UpdateRoot(f.MakeRoot(3, 1, false, [f.BundleKey]).Seal([newRootKey, f.RootKey]));
    }

    [Fact]
    public void The_threshold_of_the_old_root_and_of_the_new_one_both_count()
    {
        using var f = new BundleFixture();
        SigningKey a = f.Key();
        SigningKey b = f.Key();
        RootMetadata two = f.MakeRoot(2, 1, false, [f.BundleKey], [a, b], rootThreshold: 2);
        Refused(f, two.Seal([f.RootKey, a]), "by its own keys, is refused: 1 of the 2");
        Refused(f, two.Seal([f.RootKey, a, a]), "by its own keys, is refused: 1 of the 2");
        f.Trust.UpdateRoot(two.Seal([f.RootKey, a, b]));
        Refused(f, f.MakeRoot(3, 1, false, [f.BundleKey], [a]).Seal([a]), "by the keys of root 2, is refused: 1 of the 2");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(1000)]
    public void Roots_come_one_after_the_other(long version)
    {
        using var f = new BundleFixture();
        Refused(f, f.MakeRoot(version, 1, false, [f.BundleKey]).Seal([f.RootKey]), "after root 1 comes 2");
    }

    [Fact]
    public async Task Nothing_is_accepted_once_the_root_has_expired_until_a_new_one_comes()
    {
        using var f = new BundleFixture();
        f.Clock.Now = f.Clock.Now.AddYears(1);
        BundleFixture.Made made = f.Make(1);
        await f.RefusedAsync(made.Bytes, "root 1 has expired");
        Assert.False(f.Trust.IsUpToDate(out _));
        f.Trust.UpdateRoot(f.MakeRoot(2, 1, false, [f.BundleKey]).Seal([f.RootKey]));
        await f.AcceptAsync(made);
    }

    [Fact]
    public void A_timestamp_that_only_a_revoked_key_signed_is_forgotten_with_its_version()
    {
        using var f = new BundleFixture(timestamps: true);
        BundleFixture.Made made = f.Make(1);
        f.Trust.UpdateTimestamp(f.Timestamp(5000, made));
        RootMetadata next = f.MakeRoot(2, 1, false, [f.BundleKey]);
        SigningKey fresh = f.Key();
        f.Trust.UpdateRoot((next with
        {
            Keys = [.. next.Keys, new RootKey(fresh.Public.Id, RootKey.EcdsaP256, fresh.Public.SubjectPublicKeyInfo.ToArray())],
            Roles = next.Roles with { Timestamp = new RoleKeys([fresh.Public.Id], 1) },
        }).Seal([f.RootKey]));
        Assert.False(f.Trust.IsUpToDate(out string reason));
        Assert.Equal("no timestamp has come", reason);
        f.Reopen();
        Assert.False(f.Trust.IsUpToDate(out reason));
        Assert.Equal("no timestamp has come", reason);
    }

    /// <summary>Signed, but contradicting itself: a signer's mistake, or an attempt to have one key counted as two.</summary>
    [Theory]
    [InlineData("a key twice", "is there twice")]
    [InlineData("a key under another name", "is not named by its own digest")]
    [InlineData("threshold zero", "the threshold of the role 'bundle', 0")]
    [InlineData("threshold too high", "the threshold of the role 'bundle', 3")]
    [InlineData("a key twice in a role", "is named twice or serves another role")]
    [InlineData("a key in two roles", "is named twice or serves another role")]
    [InlineData("a role names no key", "names a key that is not there")]
    [InlineData("another curve", "is not a P-256 key")]
    [InlineData("another scheme", "is not of the scheme")]
    [InlineData("expired before issued", "it expires before it is issued")]
    [InlineData("an unknown member", "is not what its signature says")]
    [InlineData("a missing member", "is not what its signature says")]
    [InlineData("null for a key", "is not usable")]
    [InlineData("spaces", "is not in its canonical encoding")]
    public void A_root_that_contradicts_itself_is_refused(string fault, string because)
    {
        using var f = new BundleFixture();
        string json = Encoding.UTF8.GetString(f.MakeRoot(2, 1, false, [f.BundleKey, f.OtherBundleKey]).Seal([]).Payload.Span);
        JsonNode root = JsonNode.Parse(json)!;
        JsonArray keys = root["keys"]!.AsArray();
        JsonNode bundle = root["roles"]!["bundle"]!;
        switch (fault)
        {
            case "a key twice": keys.Add(keys[1]!.DeepClone()); break;
            case "a key under another name": keys[1]!["keyid"] = new string('0', 64); break;
            case "threshold zero": bundle["threshold"] = 0; break;
            case "threshold too high": bundle["threshold"] = 3; break;
            case "a key twice in a role": bundle["keyids"]!.AsArray().Add(f.BundleKey.Public.Id); break;
            case "a key in two roles": bundle["keyids"]!.AsArray().Add(f.RootKey.Public.Id); break;
            case "a role names no key": bundle["keyids"]!.AsArray().Add("x"); break;
            case "another curve": keys[1]!["public"] = Convert.ToBase64String(P384()); break;
            case "another scheme": keys[1]!["scheme"] = "none"; break;
            case "expired before issued": root["expires"] = root["issued"]!.DeepClone(); break;
            case "an unknown member": root["also"] = 1; break;
            case "a missing member": root.AsObject().Remove("expires"); break;
            case "null for a key": keys.Add(null); break;
            case "spaces": break;
            default: throw new ArgumentException(fault);
        }

        string text = fault == "spaces" ? json + " " : Rearchive.Text(root);
        Refused(f, Envelope.Seal(RootMetadata.PayloadType, Encoding.UTF8.GetBytes(text), [f.RootKey]), because);
    }

    [Fact]
    public void A_document_of_another_type_is_no_root_even_if_the_root_key_signed_it()
    {
        using var f = new BundleFixture();
        byte[] payload = f.MakeRoot(2, 1, false, [f.BundleKey]).Seal([]).Payload.ToArray();
        Refused(f, Envelope.Seal("application/json", payload, [f.RootKey]), "is signed as 'application/json'");
    }

    [Fact]
    public void A_pinned_root_that_is_not_signed_by_itself_is_refused()
    {
        using var f = new BundleFixture();
        InputException e = Assert.Throws<InputException>(() => TrustStore.Open(f.File("other"), f.Root.Seal([f.BundleKey])));
        Assert.Contains("the pinned root is refused", e.Message, StringComparison.Ordinal);
        Assert.Contains("does not agree", Assert.Throws<InputException>(() => TrustStore.Open(f.TrustFolder, f.MakeRoot(1, 2, false, [f.BundleKey, f.OtherBundleKey]).Seal([f.RootKey]))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"accepted":[null]}""")]
    [InlineData("""{"accepted":[],"accepted":[]}""")]
    public async Task A_damaged_record_of_accepted_bundles_stops_the_device_rather_than_letting_an_old_bundle_in(string text)
    {
        using var f = new BundleFixture();
        await f.AcceptAsync(f.Make(2));
        File.WriteAllText(Path.Combine(f.TrustFolder, "accepted.json"), text);
        Assert.Contains("is damaged", Assert.Throws<InputException>(f.Reopen).Message, StringComparison.Ordinal);
    }

    private static void Refused(BundleFixture f, Envelope envelope, string because)
    {
        long before = f.Trust.Root.Metadata.Version;
        InputException e = Assert.Throws<InputException>(() => f.Trust.UpdateRoot(envelope));
        Assert.Contains(because, e.Message, StringComparison.Ordinal);
        Assert.Equal(before, f.Trust.Root.Metadata.Version);
    }

    private static byte[] P384()
    {
        using var key = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP384);
        return key.ExportSubjectPublicKeyInfo();
    }
}

using System.Text;
using EdgePrune.Agent.Bundles;
using EdgePrune.Agent.Signing;
using EdgePrune.Onnx;

namespace EdgePrune.Agent.Tests.Bundles;

/// <summary>The attacks that The Update Framework names (specification 1.0, section 1.5.2), each ending in a refusal that says why.</summary>
public sealed class TufAttackTests
{
    [Fact]
    public async Task Arbitrary_installation_without_a_signature_is_refused()
    {
        using var f = new BundleFixture();
        BundleFixture.Made made = f.Make(1);
        byte[] unsigned = Rearchive.WithManifest(made.Bytes, Envelope.Seal(BundleManifest.PayloadType, made.Envelope.Payload.ToArray(), []).ToBytes());
        await f.RefusedAsync(unsigned, "0 of the 2 keys");
    }

    [Fact]
    public async Task Arbitrary_installation_with_an_unknown_key_is_refused()
    {
        using var f = new BundleFixture();
        await f.RefusedAsync(f.Make(1, f.Key()).Bytes, "0 of the 2 keys");
    }

    [Fact]
    public async Task Arbitrary_installation_with_a_key_of_another_role_is_refused()
    {
        using var f = new BundleFixture(timestamps: true);
        await f.RefusedAsync(f.Make(1, f.RootKey, f.TimestampKey).Bytes, "for the role 'bundle'");
    }

    [Fact]
    public async Task Endless_data_in_place_of_the_manifest_is_refused_before_it_is_read()
    {
        using var f = new BundleFixture();
        await f.RefusedAsync(new EndlessStream(BundleArchive.Header(BundleArchive.ManifestName, 1 << 30)), "at most 262144 are read");
        await f.RefusedAsync(new EndlessStream([]), "this is no bundle");
    }

    [Fact]
    public async Task Endless_data_after_the_files_are_refused()
    {
        using var f = new BundleFixture();
        var endless = new EndlessStream(f.Make(1).Bytes);
        await f.RefusedAsync(endless, "bytes follow after its end");
        Assert.InRange(endless.Given, 1, f.Make(1).Bytes.Length + 1024);
    }

    [Fact]
    public async Task Endless_data_announced_by_a_signed_manifest_are_refused_by_the_device_s_own_limits()
    {
        using var f = new BundleFixture(policy: p => p with { MaxFileBytes = 9_999 });
        await f.RefusedAsync(f.Make(1).Bytes, "this device takes 9999");
        using var g = new BundleFixture(policy: p => p with { MaxTotalBytes = 19_999 });
        await g.RefusedAsync(g.Make(g.Manifest(1), ["model.onnx", "canary.json"]).Bytes, "20000 bytes together");
        using var h = new BundleFixture(policy: p => p with { ReservedFreeBytes = long.MaxValue / 2 });
        await h.RefusedAsync(h.Make(1).Bytes, "free some space");
    }

    [Fact]
    public async Task Extraneous_dependencies_beyond_the_manifest_are_refused()
    {
        using var f = new BundleFixture();
        byte[] whole = f.Make(1).Bytes;
        byte[] extra = [.. whole[..^BundleArchive.EndBytes], .. BundleArchive.Header("libevil.so", 3), .. new byte[512], .. new byte[BundleArchive.EndBytes]];
        await f.RefusedAsync(extra, "its manifest does not name");
    }

    [Fact]
    public void Extraneous_dependencies_in_the_manifest_cannot_be_written_either()
    {
        using var f = new BundleFixture();
        InputException e = Assert.Throws<InputException>(() => f.Make(f.Manifest(1), ["model.onnx", "canary.json", "second.json"]));
        Assert.Contains("more than one canary", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fast_forward_is_refused_and_undone_by_rotating_the_key()
    {
        using var f = new BundleFixture();
        await f.AcceptAsync(f.Make(7, f.BundleKey));
        await f.RefusedAsync(f.Make(long.MaxValue, f.OtherBundleKey).Bytes, "leaps from 7");

        // A thief who stays below the step gets through once; when the key is revoked, its version goes with it.
        await f.AcceptAsync(f.Make(10_000, f.OtherBundleKey));
        await f.RefusedAsync(f.Make(8).Bytes, "does not go back");
        f.Trust.UpdateRoot(f.MakeRoot(2, 1, false, [f.BundleKey]).Seal([f.RootKey]));
        f.Reopen();
        await f.RefusedAsync(f.Make(6).Bytes, "version 7 has been accepted before");
        await f.AcceptAsync(f.Make(8));
    }

    [Fact]
    public async Task Indefinite_freeze_shows_and_an_old_bundle_is_refused()
    {
        using var f = new BundleFixture(timestamps: true);
        BundleFixture.Made old = f.Make(1);
        await f.RefusedAsync(old.Bytes, "no timestamp has come");
        f.Trust.UpdateTimestamp(f.Timestamp(1, old));
        Assert.True(f.Trust.IsUpToDate(out _));
        await f.AcceptAsync(old);

        f.Clock.Now = f.Clock.Now.AddDays(2); // and nothing new comes through
        Assert.False(f.Trust.IsUpToDate(out string reason));
        Assert.Contains("no newer one has come", reason, StringComparison.Ordinal);
        await f.RefusedAsync(old.Bytes, "no newer one has come");
    }

    [Fact]
    public async Task Indefinite_freeze_by_an_expired_bundle_is_refused()
    {
        using var f = new BundleFixture();
        byte[] bundle = f.Make(1).Bytes;
        f.Clock.Now = f.Clock.Now.AddDays(30);
        await f.RefusedAsync(bundle, "it has expired on 2026-12-22 12:00:00Z");
    }

    [Fact]
    public async Task A_malicious_mirror_s_bytes_are_refused_and_an_honest_one_s_taken_after()
    {
        using var f = new BundleFixture();
        BundleFixture.Made made = f.Make(1);
        for (int at = 0; at < made.Bytes.Length; at += 97)
        {
            byte[] changed = [.. made.Bytes];
            changed[at] ^= 0x20;
            await f.RefusedAsync(changed, "");
        }

        for (int length = 0; length < made.Bytes.Length; length += 513)
        {
            await f.RefusedAsync(made.Bytes[..length], "the bundle ends after");
        }

        await f.AcceptAsync(made);
    }

    [Fact]
    public async Task Mix_and_match_of_two_bundles_is_refused()
    {
        using var f = new BundleFixture();
        BundleFixture.Made one = f.Make(1);
        BundleFixture.Made two = f.Make(2);
        int model = two.Bytes.Length - BundleArchive.EndBytes - 10_240;
        byte[] mixed = [.. two.Bytes[..model], .. one.Bytes.AsSpan(one.Bytes.Length - BundleArchive.EndBytes - 10_240)];
        Assert.Equal(two.Bytes.Length, mixed.Length);
        await f.RefusedAsync(mixed, "not those that were signed");
    }

    [Fact]
    public async Task Mix_and_match_of_a_bundle_with_another_timestamp_is_refused()
    {
        using var f = new BundleFixture(timestamps: true);
        BundleFixture.Made announced = f.Make(2);
        f.Trust.UpdateTimestamp(f.Timestamp(1, announced));
        await f.RefusedAsync(f.Make(2).Bytes, "another one, version 2, is the newest");
        await f.RefusedAsync(f.Make(3).Bytes, "another one, version 2, is the newest");
        await f.AcceptAsync(announced);
    }

    [Fact]
    public async Task Rollback_to_an_older_bundle_is_refused_also_after_a_restart()
    {
        using var f = new BundleFixture();
        BundleFixture.Made old = f.Make(1);
        await f.AcceptAsync(old);
        await f.AcceptAsync(f.Make(2));
        await f.RefusedAsync(old.Bytes, "version 2 has been accepted before");
        f.Reopen();
        await f.RefusedAsync(old.Bytes, "version 2 has been accepted before");
    }

    [Fact]
    public void Rollback_of_the_timestamp_is_refused_also_after_a_restart()
    {
        using var f = new BundleFixture(timestamps: true);
        BundleFixture.Made made = f.Make(1);
        Envelope old = f.Timestamp(1, made);
        f.Trust.UpdateTimestamp(f.Timestamp(2, made));
        f.Reopen();
        Assert.Contains("2 has been seen already", Assert.Throws<InputException>(() => f.Trust.UpdateTimestamp(old)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Slow_retrieval_by_dripping_is_refused()
    {
        using var f = new BundleFixture(policy: p => p with { Retrieval = new RetrievalLimits { MinBytesPerSecond = 100_000, Grace = TimeSpan.FromMilliseconds(200) } });
        await f.RefusedAsync(new DrippingStream(f.Make(1).Bytes, TimeSpan.FromMilliseconds(5)), "too slowly");
    }

    [Fact]
    public async Task Slow_retrieval_by_stalling_is_refused_even_where_the_sender_cannot_be_cancelled()
    {
        using var f = new BundleFixture(policy: p => p with { Retrieval = new RetrievalLimits { MinBytesPerSecond = 1, Grace = TimeSpan.FromMilliseconds(200) } });
        await f.RefusedAsync(new DrippingStream(f.Make(1).Bytes, Timeout.InfiniteTimeSpan), "too slowly");
    }

    [Fact]
    public async Task Wrong_software_for_another_device_class_or_another_model_is_refused()
    {
        using var f = new BundleFixture();
        await f.RefusedAsync(f.Make(f.Manifest(1) with { DeviceClasses = ["jetson-nano", "raspberry-pi-5"] }).Bytes, "it is for jetson-nano, raspberry-pi-5, and this device is a 'raspberry-pi-4'");
        await f.RefusedAsync(f.Make(f.Manifest(1) with { Name = "classifier" }).Bytes, "this device runs the model 'detector'");
    }

    [Fact]
    public async Task Key_compromise_of_one_key_is_not_enough_where_two_must_sign()
    {
        using var f = new BundleFixture(threshold: 2);
        BundleFixture.Made stolen = f.Make(1, f.BundleKey);
        await f.RefusedAsync(stolen.Bytes, "1 of the 2 keys");

        // The same key's signature twice, and under the other's name, is still one key's.
        EnvelopeSignature own = stolen.Envelope.Signatures[0];
        string json = Encoding.UTF8.GetString(stolen.Envelope.ToBytes());
        string one = $$"""{"keyid":"{{own.KeyId}}","sig":"{{Convert.ToBase64String(own.Signature)}}"}""";
        Assert.Contains(one, json, StringComparison.Ordinal);
        string other = one.Replace(own.KeyId, f.OtherBundleKey.Public.Id, StringComparison.Ordinal);
        byte[] doubled = Encoding.UTF8.GetBytes(json.Replace(one, $"{one},{one},{other}", StringComparison.Ordinal));
        await f.RefusedAsync(Rearchive.WithManifest(stolen.Bytes, doubled), "1 of the 2 keys");
        await f.AcceptAsync(f.Make(1, f.BundleKey, f.OtherBundleKey));
    }

    [Fact]
    public async Task Key_compromise_ends_with_the_next_root()
    {
        using var f = new BundleFixture();
        SigningKey fresh = f.Key();
        BundleFixture.Made stolen = f.Make(1, f.BundleKey);
        f.Trust.UpdateRoot(f.MakeRoot(2, 1, false, [fresh]).Seal([f.RootKey]));
        await f.RefusedAsync(stolen.Bytes, "0 of the 1 keys that root 2 names");
        f.Reopen();
        await f.RefusedAsync(stolen.Bytes, "0 of the 1 keys that root 2 names");
        await f.AcceptAsync(f.Make(1, fresh));
    }
}

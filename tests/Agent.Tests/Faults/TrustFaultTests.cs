using EdgePrune.Agent.Signing;
using EdgePrune.Agent.Tests.Bundles;
using EdgePrune.Agent.Tests.Trust;
using EdgePrune.Agent.Trust;
using EdgePrune.Onnx;

namespace EdgePrune.Agent.Tests.Faults;

/// <summary>Attacks on what a device trusts: TUF's ten (specification 1.0, section 1.5.2) and what goes with them.</summary>
public sealed class TrustFaultTests
{
    private static readonly TufAttackTests Tuf = new();
    private static readonly RootRotationTests Rotation = new();
    private static readonly BundleTests Bundles = new();

    internal static FaultSection Section { get; } = new(
        "Trust",
        typeof(TrustFaultTests),
        "Bundles, roots and timestamps by somebody who holds the line, a mirror, or some of the keys. What is refused leaves "
            + "nothing behind and is not remembered.",
        [
            new("arbitrary installation: no signature", "refused", Tuf.Arbitrary_installation_without_a_signature_is_refused),
            new("arbitrary installation: unknown key", "refused", Tuf.Arbitrary_installation_with_an_unknown_key_is_refused),
            new("arbitrary installation: key of another role", "refused", Tuf.Arbitrary_installation_with_a_key_of_another_role_is_refused),
            new("endless data: the manifest", "refused before it is read", Tuf.Endless_data_in_place_of_the_manifest_is_refused_before_it_is_read),
            new("endless data: after the files", "refused", Tuf.Endless_data_after_the_files_are_refused),
            new("endless data: announced and signed", "refused by the device's own limits", Tuf.Endless_data_announced_by_a_signed_manifest_are_refused_by_the_device_s_own_limits),
            new("extraneous dependencies: in the archive", "refused", Tuf.Extraneous_dependencies_beyond_the_manifest_are_refused),
            new("extraneous dependencies: in the manifest", "cannot be signed", Tuf.Extraneous_dependencies_in_the_manifest_cannot_be_written_either),
            new("fast forward", "refused; undone by rotating the key", Tuf.Fast_forward_is_refused_and_undone_by_rotating_the_key),
            new("indefinite freeze: nothing new comes", "shows; an old bundle is refused", Tuf.Indefinite_freeze_shows_and_an_old_bundle_is_refused),
            new("indefinite freeze: an expired bundle", "refused", Tuf.Indefinite_freeze_by_an_expired_bundle_is_refused),
            new("malicious mirror", "every changed byte and every truncation refused; the honest mirror's taken", Tuf.A_malicious_mirror_s_bytes_are_refused_and_an_honest_one_s_taken_after),
            new("mix and match: two bundles", "refused", Tuf.Mix_and_match_of_two_bundles_is_refused),
            new("mix and match: bundle and timestamp", "refused", Tuf.Mix_and_match_of_a_bundle_with_another_timestamp_is_refused),
            new("rollback: bundle", "refused, also after a restart", Tuf.Rollback_to_an_older_bundle_is_refused_also_after_a_restart),
            new("rollback: timestamp", "refused, also after a restart", Tuf.Rollback_of_the_timestamp_is_refused_also_after_a_restart),
            new("rollback: announced by a newer timestamp", "refused", A_newer_timestamp_does_not_take_a_bundle_back),
            new("rollback: a bundle no longer announced", "refused", A_newer_timestamp_does_not_leave_a_bundle_out),
            new("rollback: the memory of honest bundles pushed out by a thief's", "remembered; refused once the key is revoked", A_thief_cannot_push_out_what_is_known_of_honest_bundles),
            new("slow retrieval: dripping", "refused", Tuf.Slow_retrieval_by_dripping_is_refused),
            new("slow retrieval: stalling", "refused", Tuf.Slow_retrieval_by_stalling_is_refused_even_where_the_sender_cannot_be_cancelled),
            new("wrong software: device class or model", "refused", Tuf.Wrong_software_for_another_device_class_or_another_model_is_refused),
            new("key compromise: one of two keys", "refused", Tuf.Key_compromise_of_one_key_is_not_enough_where_two_must_sign),
            new("key compromise: revoked", "refused from the next root on", Tuf.Key_compromise_ends_with_the_next_root),
            new("clock put back", "an expired bundle is refused", Bundles.A_clock_that_was_put_back_does_not_let_an_expired_bundle_in),
            new("clock a little behind", "no harm", Bundles.A_clock_a_little_behind_the_signer_s_does_no_harm),
            new("clock years ahead", "bundle, timestamp and root have expired and are refused; nothing is remembered of it", A_clock_far_ahead_refuses_and_forgets_nothing),
            new("root expired", "nothing is accepted until a newer root comes", Rotation.Nothing_is_accepted_once_the_root_has_expired_until_a_new_one_comes),
            new("rotation: not signed by old and new keys", "refused", Rotation.A_root_signed_by_old_and_new_keys_takes_over_and_stays_after_a_restart),
            new("rotation: a root left out", "refused", () => Rotation.Roots_come_one_after_the_other(3)),
            new("rotation: an older root once more", "refused", () => Rotation.Roots_come_one_after_the_other(1)),
            new("threshold of root keys", "old and new must both be met", Rotation.The_threshold_of_the_old_root_and_of_the_new_one_both_count),
            new("timestamp by a revoked key", "forgotten with its version", Rotation.A_timestamp_that_only_a_revoked_key_signed_is_forgotten_with_its_version),
            new("pinned root not signed by itself", "refused", Rotation.A_pinned_root_that_is_not_signed_by_itself_is_refused),
            new("document of another type under the root key", "refused", Rotation.A_document_of_another_type_is_no_root_even_if_the_root_key_signed_it),
            new("replay of the bundle in force", "nothing changes", Bundles.What_was_bundled_comes_out_and_goes_when_it_is_done_with),
            new("another bundle of the same version", "refused", Bundles.Another_bundle_of_the_same_version_is_refused),
            new("record of accepted bundles damaged", "the device does not start rather than let an old bundle in", () => Rotation.A_damaged_record_of_accepted_bundles_stops_the_device_rather_than_letting_an_old_bundle_in("null")),
            new("stored timestamp damaged", "the device does not start rather than let an older one in", A_damaged_timestamp_is_not_taken_for_a_revoked_one),
            new("stored root damaged", "the device does not start rather than go back to the pinned root", A_damaged_root_is_reported),
            new("every byte of the trust folder flipped", "refused in words, or as it was", A_flipped_byte_in_the_trust_folder_is_refused_in_words),
        ]);

    public static TheoryData<string> Cases => Section.Names;

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Trust_fault(string fault) => Section.RunAsync(fault);

    private static async Task A_newer_timestamp_does_not_take_a_bundle_back()
    {
        using var f = new BundleFixture(timestamps: true);
        BundleFixture.Made old = f.Make(3);
        BundleFixture.Made announced = f.Make(7);
        f.Trust.UpdateTimestamp(f.Timestamp(1, announced)); // and the bundle itself has not come yet
        Refused(() => f.Trust.UpdateTimestamp(f.Timestamp(2, old)), "version 7 has been announced already");
        f.Reopen();
        Refused(() => f.Trust.UpdateTimestamp(f.Timestamp(2, old)), "version 7 has been announced already");
        await f.RefusedAsync(old.Bytes, "another one, version 7, is the newest");
        f.Trust.UpdateTimestamp(f.Timestamp(2, announced));
        await f.AcceptAsync(announced);
    }

    private static void A_newer_timestamp_does_not_leave_a_bundle_out()
    {
        using var f = new BundleFixture(timestamps: true);
        f.Trust.UpdateTimestamp(f.Timestamp(1, f.Make(7)));
        Envelope without = new TimestampMetadata { Version = 2, Issued = f.Clock.Now, Expires = f.Clock.Now.AddDays(1), Bundles = [] }.Seal([f.TimestampKey]);
        Refused(() => f.Trust.UpdateTimestamp(without), "no longer names the bundle 'detector'");
    }

    private static async Task A_thief_cannot_push_out_what_is_known_of_honest_bundles()
    {
        using var f = new BundleFixture();
        BundleFixture.Made old = f.Make(4, f.BundleKey);
        await f.AcceptAsync(f.Make(5, f.BundleKey));
        for (int version = 6; version < 40; version++)
        {
            await f.AcceptAsync(f.Make(version, f.OtherBundleKey));
        }

        f.Trust.UpdateRoot(f.MakeRoot(2, 1, false, [f.BundleKey]).Seal([f.RootKey]));
        f.Reopen();
        Assert.Equal(5, f.Trust.NewestAccepted(BundleFixture.Name)?.Version);
        await f.RefusedAsync(old.Bytes, "version 5 has been accepted before");
        Assert.True(new FileInfo(Path.Combine(f.TrustFolder, "accepted.json")).Length < 20_000);
    }

    private static async Task A_clock_far_ahead_refuses_and_forgets_nothing()
    {
        using var f = new BundleFixture(timestamps: true);
        BundleFixture.Made made = f.Make(1);
        Envelope timestamp = f.Timestamp(1, made);
        DateTimeOffset now = f.Clock.Now;
        f.Clock.Now = now.AddYears(30);
        Refused(() => f.Trust.UpdateTimestamp(timestamp), "root 1 has expired");
        await f.RefusedAsync(made.Bytes, "root 1 has expired");
        f.Clock.Now = now.AddDays(300);
        Refused(() => f.Trust.UpdateTimestamp(timestamp), "it has expired");
        f.Clock.Now = now;
        f.Trust.UpdateTimestamp(timestamp);
        await f.AcceptAsync(made);
    }

    private static void A_damaged_timestamp_is_not_taken_for_a_revoked_one()
    {
        using var f = new BundleFixture(timestamps: true);
        f.Trust.UpdateTimestamp(f.Timestamp(5, f.Make(1)));
        string path = Path.Combine(f.TrustFolder, "timestamp.json");
        Envelope envelope = Envelope.Load(path, "it");
        string text = File.ReadAllText(path);
        string signature = Convert.ToBase64String(envelope.Signatures[0].Signature);
        byte[] other = [.. envelope.Signatures[0].Signature];
        other[5] ^= 1;
        File.WriteAllText(path, text.Replace(signature.Replace("+", "\\u002B", StringComparison.Ordinal), Convert.ToBase64String(other), StringComparison.Ordinal).Replace(signature, Convert.ToBase64String(other), StringComparison.Ordinal));
        Assert.NotEqual(text, File.ReadAllText(path));
        Refused(f.Reopen, "timestamp.json is damaged");
    }

    private static void A_damaged_root_is_reported()
    {
        using var f = new BundleFixture();
        f.Trust.UpdateRoot(f.MakeRoot(2, 1, false, [f.BundleKey]).Seal([f.RootKey]));
        string path = Path.Combine(f.TrustFolder, "root.json");
        byte[] bytes = File.ReadAllBytes(path);
        foreach (byte[] damaged in (byte[][])[[], bytes[..^20], [.. "{}"u8], new byte[bytes.Length]])
        {
            File.WriteAllBytes(path, damaged);
            Refused(f.Reopen, "the root in force");
        }
    }

    private static async Task A_flipped_byte_in_the_trust_folder_is_refused_in_words()
    {
        using var f = new BundleFixture(timestamps: true);
        BundleFixture.Made made = f.Make(2);
        f.Trust.UpdateTimestamp(f.Timestamp(1, made));
        await f.AcceptAsync(made);
        var random = new Random(6);
        int refused = 0;
        foreach (string path in Directory.GetFiles(f.TrustFolder))
        {
            byte[] whole = File.ReadAllBytes(path);
            for (int i = 0; i < 120; i++)
            {
                byte[] bytes = [.. whole];
                bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                File.WriteAllBytes(path, bytes);
                try
                {
                    f.Reopen();
                }
                catch (InputException)
                {
                    refused++;
                }
            }

            File.WriteAllBytes(path, whole);
        }

        f.Reopen();
        Assert.Equal(2, f.Trust.NewestAccepted(BundleFixture.Name)!.Version);
        Assert.True(refused > 200, $"{refused} of 360 were refused");
    }

    private static void Refused(Action act, string because) =>
        Assert.Contains(because, Assert.Throws<InputException>(act).Message, StringComparison.Ordinal);
}

using System.Security.Cryptography.X509Certificates;
using EdgePrune.Agent.Certificates;
using EdgePrune.Agent.Signing;
using EdgePrune.Agent.Trust;
using EdgePrune.TestSupport;

namespace EdgePrune.Cli.Tests;

/// <summary>What becomes of keys and certificates once they are in use: renewed, denied, packed, exchanged.</summary>
public sealed class KeyCareTests : IDisposable
{
    private readonly TempFolder temp = new();

    private string Keys => temp.File("keys");

    public void Dispose() => temp.Dispose();

    [Fact]
    public void A_renewed_certificate_keeps_its_key_and_its_roles_and_lasts_longer()
    {
        Run("keys", Keys, "--client-days", "1");
        string path = Path.Combine(Keys, "deploy.pem");
        using X509Certificate2 before = X509CertificateLoader.LoadCertificateFromFile(path);
        Run("keys", "renew", Keys, path, "--days", "30");
        using X509Certificate2 after = X509Certificate2.CreateFromPemFile(path, Path.ChangeExtension(path, ".key")); // throws unless they belong together
        Assert.Equal([AgentRole.Deploy], RoleNames.Of(after));
        Assert.InRange((after.NotAfter - before.NotAfter).TotalDays, 28.9, 29.1);
        Assert.NotEqual(before.SerialNumber, after.SerialNumber);
        using X509Certificate2 authority = X509CertificateLoader.LoadCertificateFromFile(Path.Combine(Keys, "ca.pem"));
        Assert.True(new ClientCertificates(authority, new DenyList(null), TimeProvider.System).IsValid(after, out string reason), reason);

        Run("keys", temp.File("other"));
        Assert.Contains("is not one that this authority has issued", Fails("keys", "renew", temp.File("other"), path), StringComparison.Ordinal);
        Assert.Contains("is not one that this authority has issued", Fails("keys", "renew", Keys, Path.Combine(Keys, "ca.pem")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_revoked_certificate_counts_no_more_nor_does_any_other_of_its_key_and_others_still_do()
    {
        Run("keys", Keys);
        string list = temp.File("denied");
        string path = Path.Combine(Keys, "deploy.pem");
        using X509Certificate2 lost = X509CertificateLoader.LoadCertificateFromFile(path);
        Run("keys", "renew", Keys, path);
        using X509Certificate2 renewed = X509CertificateLoader.LoadCertificateFromFile(path);
        using X509Certificate2 other = X509CertificateLoader.LoadCertificateFromFile(Path.Combine(Keys, "infer.pem"));
        Run("keys", "revoke", path, "--deny-list", list, "--reason", "laptop lost\n0000");
        var denied = new DenyList(list);
        Assert.True(denied.Contains(lost));
        Assert.True(denied.Contains(renewed));
        Assert.False(denied.Contains(other));
        string text = File.ReadAllText(list);
        Run("keys", "revoke", path, "--deny-list", list);
        Assert.Equal(text, File.ReadAllText(list));
        Run("keys", "revoke", Path.Combine(Keys, "infer.pem"), "--deny-list", list);
        Assert.True(new DenyList(list).Contains(other));
        Assert.Contains("is on the deny list", Fails("keys", "renew", Keys, path, "--deny-list", list), StringComparison.Ordinal);

        File.WriteAllText(list, "damaged beyond reading\n");
        Assert.Contains("neither a fingerprint nor a serial number", Fails("keys", "revoke", path, "--deny-list", list), StringComparison.Ordinal);
        Assert.Equal("damaged beyond reading\n", File.ReadAllText(list));
    }

    [Fact]
    public void A_packed_client_opens_with_its_password_and_no_other()
    {
        Run("keys", Keys);
        File.WriteAllText(temp.File("password"), "correct horse\n");
        Run("keys", "export", Keys, "measure", "--password-file", temp.File("password"));
        string packed = Path.Combine(Keys, "measure.p12");
        X509Certificate2Collection opened = X509CertificateLoader.LoadPkcs12CollectionFromFile(packed, "correct horse");
        Assert.Equal(2, opened.Count);
        Assert.Equal([AgentRole.Measure], RoleNames.Of(Assert.Single(opened, c => c.HasPrivateKey)));
        Assert.Throws<System.Security.Cryptography.CryptographicException>(() => X509CertificateLoader.LoadPkcs12CollectionFromFile(packed, "wrong horse"));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(packed));
        }

        Assert.Contains("is not overwritten", Fails("keys", "export", Keys, "measure", "--password-file", temp.File("password")), StringComparison.Ordinal);
        Assert.Contains("there is no client", Fails("keys", "export", Keys, "nobody", "--password-file", temp.File("password")), StringComparison.Ordinal);
        File.WriteAllText(temp.File("password"), "short\n");
        Assert.Contains("at least 8", Fails("keys", "export", Keys, "infer", "--password-file", temp.File("password")), StringComparison.Ordinal);
    }

    /// <summary>From one root key to two of three holders, each signing on a machine of its own, none seeing another's key.</summary>
    [Fact]
    public void A_root_goes_to_two_of_three_holders_and_then_loses_the_first_key()
    {
        Run("keys", Keys);
        string root = Path.Combine(Keys, "root.json");
        string next = temp.File("root-2.json");
        foreach (string holder in (string[])["b", "c"])
        {
            Run("keys", "key", temp.File($"{holder}.key"));
        }

        Run("keys", "root", "make", root, "-o", next, "--add", $"root={temp.File("b.key.pub")}", "--add", $"root={temp.File("c.key.pub")}", "--threshold", "root=2");
        TrustStore device = TrustStore.Open(temp.File("trust"), Envelope.Load(root, "root"));
        Refused(device, next);
        string[] parts = [temp.File("at-a.json"), temp.File("at-b.json")];
        Array.ForEach(parts, p => File.Copy(next, p));
        Assert.Contains("still missing: 1 of its own root keys", Run("keys", "root", "sign", root, parts[0], "--key", Path.Combine(Keys, "root.key")).Out, StringComparison.Ordinal);
        Refused(device, parts[0]);
        Run("keys", "root", "sign", root, parts[1], "--key", temp.File("b.key"));
        Refused(device, parts[1]);
        CapturedRun joined = Run("keys", "root", "join", root, parts[0], parts[1], "-o", next, "--json");
        Assert.True(joined.Document.GetProperty("complete").GetBoolean());
        device.UpdateRoot(Envelope.Load(next, "next"));
        Assert.Equal(2, device.Root.Metadata.Version);

        // The first key goes; the two that stay are enough for both roots.
        string first = TrustedRoot.Pin(Envelope.Load(root, "root")).Metadata.Roles.Root.KeyIds[0];
        string third = temp.File("root-3.json");
        Run("keys", "root", "make", next, "-o", third, "--remove", $"root={first[..12]}");
        Run("keys", "root", "sign", next, third, "--key", temp.File("b.key"), "--key", temp.File("c.key"), "--key", Path.Combine(Keys, "root.key"));
        Run("keys", "root", "join", next, third, "-o", third, "--drop", first);
        Assert.Contains("root loses " + first[..12], Run("keys", "root", next, "--next", third).Out.ReplaceLineEndings(" "), StringComparison.Ordinal);
        device.UpdateRoot(Envelope.Load(third, "next"));
        Assert.DoesNotContain(first, device.Root.Metadata.Roles.Root.KeyIds);
    }

    [Fact]
    public void What_would_not_count_is_refused_before_anything_is_written()
    {
        Run("keys", Keys);
        Run("keys", temp.File("others"));
        string root = Path.Combine(Keys, "root.json");
        string next = temp.File("next.json");
        Assert.Contains("does not fit its", Fails("keys", "root", "make", root, "-o", next, "--threshold", "bundle=2"), StringComparison.Ordinal);
        Assert.Contains("a root needs a role 'bundle'", Fails("keys", "root", "make", root, "-o", next, "--remove", "bundle=" + TrustedRoot.Pin(Envelope.Load(root, "root")).Metadata.Roles.Bundle.KeyIds[0]), StringComparison.Ordinal);
        Assert.Equal(ExitCode.Usage, CapturedRun.Of("keys", "root", "make", root, "-o", next, "--add", "boss=x").Code);
        Assert.Equal(ExitCode.Usage, CapturedRun.Of("keys", "root", "make", root, "-o", next, "--remove", "root=00000000").Code);
        Assert.Contains("is there twice", Fails("keys", "root", "make", root, "-o", next, "--add", "timestamp=" + Path.Combine(Keys, "bundle.key")), StringComparison.Ordinal);
        Assert.False(File.Exists(next));

        Run("keys", "root", "make", root, "-o", next);
        string text = File.ReadAllText(next);
        Assert.Contains("would count for nothing", Fails("keys", "root", "sign", root, next, "--key", Path.Combine(Keys, "bundle.key")), StringComparison.Ordinal);
        Assert.Contains("the pinned root is refused", Fails("keys", "root", "sign", next, next, "--key", Path.Combine(Keys, "root.key")), StringComparison.Ordinal);
        Assert.Contains("holds another document", Fails("keys", "root", "join", root, next, Path.Combine(temp.File("others"), "root.json"), "-o", next), StringComparison.Ordinal);
        Assert.Equal(text, File.ReadAllText(next));
    }

    private static void Refused(TrustStore device, string file) =>
        Assert.Throws<Onnx.InputException>(() => device.UpdateRoot(Envelope.Load(file, "next")));

    private static CapturedRun Run(params string[] args)
    {
        CapturedRun run = CapturedRun.Of(args);
        Assert.True(run.Code == ExitCode.Ok, run.Error);
        return run;
    }

    private static string Fails(params string[] args)
    {
        CapturedRun run = CapturedRun.Of(args);
        Assert.Equal(ExitCode.Failed, run.Code);
        return run.Error.ReplaceLineEndings(" ");
    }
}

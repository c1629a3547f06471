using System.Security.Cryptography.X509Certificates;
using EdgePrune.Agent.Bundles;
using EdgePrune.Agent.Certificates;
using EdgePrune.Agent.Signing;
using EdgePrune.Agent.Trust;
using EdgePrune.TestSupport;

namespace EdgePrune.Cli.Tests;

public sealed class KeysTests
{
    [Fact]
    public void Makes_keys_that_only_the_owner_reads_and_certificates_that_the_authority_vouches_for()
    {
        using var temp = new TempFolder();
        string folder = temp.File("keys");
        Assert.Equal(ExitCode.Ok, CapturedRun.Of("keys", folder, "--host", "camera.local", "--json").Code);

        if (!OperatingSystem.IsWindows())
        {
            foreach (string key in Directory.GetFiles(folder, "*.key"))
            {
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(key));
            }
        }

        TrustedRoot root = TrustedRoot.Pin(Envelope.Load(Path.Combine(folder, "root.json"), "the root"));
        using (var bundle = SigningKey.Load(Path.Combine(folder, "bundle.key")))
        {
            Assert.Equal([bundle.Public.Id], root.Metadata.Roles.Bundle.KeyIds);
        }

        using X509Certificate2 authority = X509CertificateLoader.LoadCertificateFromFile(Path.Combine(folder, "ca.pem"));
        var clients = new ClientCertificates(authority, new DenyList(null), TimeProvider.System);
        foreach (AgentRole role in RoleNames.Clients)
        {
            using X509Certificate2 client = X509CertificateLoader.LoadCertificateFromFile(Path.Combine(folder, RoleNames.WordOf(role) + ".pem"));
            Assert.True(clients.IsValid(client, out string reason), reason);
            Assert.Equal([role], RoleNames.Of(client));
            Assert.InRange((client.NotAfter - DateTime.Now).TotalDays, 6.9, 7.1);
        }

        using X509Certificate2 server = X509CertificateLoader.LoadCertificateFromFile(Path.Combine(folder, "server.pem"));
        Assert.False(clients.IsValid(server, out _));
        Assert.True(server.MatchesHostname("camera.local"));
        Assert.False(server.MatchesHostname("localhost"));
    }

    [Fact]
    public void Refuses_to_overwrite_and_leaves_everything_as_it_was()
    {
        using var temp = new TempFolder();
        Directory.CreateDirectory(temp.File("keys"));
        File.WriteAllText(temp.File("keys/infer.pem"), "mine");
        CapturedRun run = CapturedRun.Of("keys", temp.File("keys"));
        Assert.Equal(ExitCode.Failed, run.Code);
        Assert.Contains("is not overwritten", run.Error, StringComparison.Ordinal);
        Assert.Equal(["infer.pem"], Directory.GetFileSystemEntries(temp.File("keys")).Select(Path.GetFileName));
    }

    [Fact]
    public void Issues_one_more_client_with_two_roles()
    {
        using var temp = new TempFolder();
        string folder = temp.File("keys");
        Assert.Equal(ExitCode.Ok, CapturedRun.Of("keys", folder).Code);
        Assert.Equal(ExitCode.Ok, CapturedRun.Of("keys", folder, "--client", "ci", "--role", "deploy", "--role", "infer", "--client-days", "1").Code);
        using X509Certificate2 client = X509CertificateLoader.LoadCertificateFromFile(Path.Combine(folder, "ci.pem"));
        Assert.Equal([AgentRole.Deploy, AgentRole.Infer], RoleNames.Of(client).Order());
        Assert.Equal(ExitCode.Failed, CapturedRun.Of("keys", folder, "--client", "ci", "--role", "deploy").Code);
        Assert.Equal(ExitCode.Usage, CapturedRun.Of("keys", folder, "--client", "x").Code);
        Assert.Equal(ExitCode.Usage, CapturedRun.Of("keys", folder, "--client", "../x", "--role", "deploy").Code);
        Assert.Equal(ExitCode.Usage, CapturedRun.Of("keys", folder, "--client", "x", "--role", "root").Code);
    }

    [Fact]
    public void Issues_a_controller_s_and_a_device_s_certificate()
    {
        using var temp = new TempFolder();
        string folder = temp.File("keys");
        Assert.Equal(ExitCode.Ok, CapturedRun.Of("keys", folder).Code);
        Assert.Equal(ExitCode.Ok, CapturedRun.Of("keys", folder, "--controller", "fleet.example", "--controller", "10.0.0.1").Code);
        using X509Certificate2 controller = X509CertificateLoader.LoadCertificateFromFile(Path.Combine(folder, "controller.pem"));
        Assert.Equal([AgentRole.Controller], RoleNames.Of(controller));
        Assert.True(controller.MatchesHostname("fleet.example") && controller.MatchesHostname("10.0.0.1"));
        Assert.Equal(ExitCode.Ok, CapturedRun.Of("keys", folder, "--client", "camera-3", "--role", "device", "--client-days", "365").Code);
        using X509Certificate2 device = X509CertificateLoader.LoadCertificateFromFile(Path.Combine(folder, "camera-3.pem"));
        Assert.Equal([AgentRole.Device], RoleNames.Of(device));
        Assert.Equal(ExitCode.Usage, CapturedRun.Of("keys", folder, "--client", "evil", "--role", "controller").Code);
        Assert.Equal(ExitCode.Usage, CapturedRun.Of("keys", folder, "--controller", "x", "--client", "y", "--role", "infer").Code);
    }

    [Fact]
    public async Task A_bundle_signed_with_them_is_taken_by_a_device_that_pins_their_root()
    {
        using var temp = new TempFolder();
        string folder = temp.File("keys");
        Assert.Equal(ExitCode.Ok, CapturedRun.Of("keys", folder).Code);
        string model = Path.Combine(Repository.Root, "samples", "digits", "digits.onnx");
        string bundle = temp.File("digits.bundle");
        CapturedRun run = CapturedRun.Of("bundle", model, "--key", Path.Combine(folder, "bundle.key"), "--bundle-version", "7", "--device-class", "raspberry-pi-4", "-o", bundle, "--json");
        Assert.True(run.Code == ExitCode.Ok, run.Error);

        TrustStore trust = TrustStore.Open(temp.File("trust"), Envelope.Load(Path.Combine(folder, "root.json"), "the root"));
        var intake = new BundleIntake(trust, new BundlePolicy { DeviceClass = "raspberry-pi-4", ModelName = "default" }, temp.File("incoming"));
        await using FileStream stream = File.OpenRead(bundle);
        using ReceivedBundle received = await intake.ReceiveAsync(stream, TestContext.Current.CancellationToken);
        Assert.Equal(7, received.Manifest.Version);
        Assert.Equal(File.ReadAllBytes(model), File.ReadAllBytes(received.ModelPath));
        Assert.Equal(ExitCode.Failed, CapturedRun.Of("bundle", model, "--key", Path.Combine(folder, "root.json"), "--bundle-version", "7", "--device-class", "x", "-o", bundle).Code);
        Assert.Equal(ExitCode.Failed, CapturedRun.Of("bundle", model, "--key", Path.Combine(folder, "bundle.key"), "--bundle-version", "0", "--device-class", "x", "-o", bundle).Code);
    }
}

using System.Security.Cryptography;
using System.Text;
using EdgePrune.Agent.Bundles;
using EdgePrune.Agent.Signing;
using EdgePrune.Agent.Store;
using EdgePrune.Agent.Trust;

namespace EdgePrune.Agent.CrashChild.Operations;

/// <summary>What a device keeps on its disk (below <c>device</c>), and what comes to it from outside (beside that).</summary>
public sealed record Device(string Root)
{
    public const string ModelName = "detector";
    public const string DeviceClass = "host";
    private const int ModelBytes = 1300; // three sectors

    public string Disk => Path.Combine(Root, "device");

    public string Store => Path.Combine(Disk, "store");

    public string Trust => Path.Combine(Disk, "trust");

    public string Uploads => Path.Combine(Disk, "uploads");

    public string Incoming => Path.Combine(Disk, "incoming");

    public string Outside(string name) => Path.Combine(Root, "outside", name);

    public string Model(string name) => Outside(name + ".onnx");

    public Envelope Envelope(string name) => Signing.Envelope.Load(Outside(name), name);

    public ModelDigest DigestOf(string model) => ModelDigest.FromHash(SHA256.HashData(File.ReadAllBytes(Model(model))));

    public TrustStore OpenTrust() => TrustStore.Open(Trust, Envelope("root1"));

    public BundleIntake OpenIntake(TrustStore trust) =>
        new(trust, new BundlePolicy { DeviceClass = DeviceClass, ModelName = ModelName, ReservedFreeBytes = 0 }, Incoming);

    /// <summary>The bytes that are uploaded.</summary>
    public static byte[] UploadBytes { get; } = Bytes("upload", 2000);

    /// <summary>Makes everything that comes from outside, and an empty disk.</summary>
    public Device CreateOutside()
    {
        Directory.CreateDirectory(Disk);
        Directory.CreateDirectory(Path.GetDirectoryName(Outside("x"))!);
        foreach (string name in (string[])["a", "b", "c", "d"])
        {
            File.WriteAllBytes(Model(name), Bytes(name, ModelBytes));
        }

        File.WriteAllText(Model("bad"), "bad model");
        using var rootKey = SigningKey.Create();
        using var bundleKey = SigningKey.Create();
        using var timestampKey = SigningKey.Create();
        DateTimeOffset now = DateTimeOffset.UtcNow;
        for (int version = 1; version <= 2; version++)
        {
            RootMetadata root = RootMetadata.Of(version, now, now.AddDays(9), new Dictionary<SigningRole, (IReadOnlyList<VerificationKey>, int)>
            {
                [SigningRole.Root] = ([rootKey.Public], 1),
                [SigningRole.Bundle] = ([bundleKey.Public], 1),
                [SigningRole.Timestamp] = ([timestampKey.Public], 1),
            });
            File.WriteAllBytes(Outside($"root{version}"), root.Seal([rootKey]).ToBytes());
            var manifest = new BundleManifest { Name = ModelName, Version = version, Issued = now, Expires = now.AddDays(9), DeviceClasses = [DeviceClass], Resources = [] };
            (_, Envelope envelope) = BundleWriter.Write(Outside($"bundle{version}"), manifest, [new BundleFile("model.onnx", ResourceRole.Model, Model(version == 1 ? "a" : "b"))], [bundleKey]);
            var timestamp = new TimestampMetadata { Version = version, Issued = now, Expires = now.AddDays(9), Bundles = [new NewestBundle(ModelName, version, envelope.PayloadDigest)] };
            File.WriteAllBytes(Outside($"timestamp{version}"), timestamp.Seal([timestampKey]).ToBytes());
        }

        return this;
    }

    private static byte[] Bytes(string seed, int length)
    {
        byte[] bytes = new byte[length];
        byte[] key = SHA256.HashData(Encoding.UTF8.GetBytes(seed));
        for (int i = 0; i < length; i++)
        {
            bytes[i] = (byte)(key[i % key.Length] + (i / key.Length * 7));
        }

        return bytes;
    }
}

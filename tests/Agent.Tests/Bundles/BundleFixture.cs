using System.Security.Cryptography;
using EdgePrune.Agent.Bundles;
using EdgePrune.Agent.Signing;
using EdgePrune.Agent.Trust;
using EdgePrune.Onnx;

namespace EdgePrune.Agent.Tests.Bundles;

/// <summary>A signer with keys and a device that trusts them.</summary>
internal sealed class BundleFixture : IDisposable
{
    public const string DeviceClass = "raspberry-pi-4";
    public const string Name = "detector";

    private readonly RamFolder _temp = new();
    private readonly List<SigningKey> _keys = [];

    /// <param name="threshold">How many of two bundle keys must sign.</param>
    /// <param name="timestamps">Whether the root has a timestamp role.</param>
    /// <param name="policy">Changes the device's policy.</param>
    public BundleFixture(int threshold = 1, bool timestamps = false, Func<BundlePolicy, BundlePolicy>? policy = null)
    {
        (RootKey, BundleKey, OtherBundleKey, TimestampKey) = (Key(), Key(), Key(), Key());
        Root = MakeRoot(1, threshold, timestamps, [BundleKey, OtherBundleKey]);
        PinnedRoot = Root.Seal([RootKey]);
        Policy = new BundlePolicy { DeviceClass = DeviceClass, ModelName = Name };
        Policy = policy?.Invoke(Policy) ?? Policy;
        Reopen();
    }

    public ManualClock Clock { get; } = new(new DateTimeOffset(2026, 11, 22, 12, 0, 0, TimeSpan.Zero));

    public SigningKey RootKey { get; }

    public SigningKey BundleKey { get; }

    public SigningKey OtherBundleKey { get; }

    public SigningKey TimestampKey { get; }

    public RootMetadata Root { get; }

    public Envelope PinnedRoot { get; }

    public BundlePolicy Policy { get; }

    public TrustStore Trust { get; private set; } = null!;

    public BundleIntake Intake { get; private set; } = null!;

    public string TrustFolder => _temp.File("trust");

    public string IncomingFolder => _temp.File("incoming");

    public string File(string name) => _temp.File(name);

    /// <summary>As the device does after a restart.</summary>
    public void Reopen()
    {
        Trust = TrustStore.Open(TrustFolder, PinnedRoot, Clock);
        Intake = new BundleIntake(Trust, Policy, IncomingFolder, Clock);
    }

    public SigningKey Key()
    {
        var key = SigningKey.Create();
        _keys.Add(key);
        return key;
    }

    public RootMetadata MakeRoot(long version, int threshold, bool timestamps, IReadOnlyList<SigningKey> bundleKeys, IReadOnlyList<SigningKey>? rootKeys = null, int rootThreshold = 1)
    {
        var roles = new Dictionary<SigningRole, (IReadOnlyList<VerificationKey>, int)>
        {
            [SigningRole.Root] = ([.. (rootKeys ?? [RootKey]).Select(k => k.Public)], rootThreshold),
            [SigningRole.Bundle] = ([.. bundleKeys.Select(k => k.Public)], threshold),
        };
        if (timestamps)
        {
            roles[SigningRole.Timestamp] = ([TimestampKey.Public], 1);
        }

        return RootMetadata.Of(version, Clock.Now, Clock.Now.AddYears(1), roles);
    }

    public BundleManifest Manifest(long version) => new()
    {
        Name = Name,
        Version = version,
        Issued = Clock.Now,
        Expires = Clock.Now.AddDays(30),
        DeviceClasses = [DeviceClass],
        Resources = [],
    };

    /// <summary>A bundle with random bytes for a model, signed by <see cref="BundleKey"/> unless told otherwise.</summary>
    public Made Make(BundleManifest manifest, params SigningKey[] keys) => Make(manifest, ["model.onnx"], keys);

    public Made Make(long version, params SigningKey[] keys) => Make(Manifest(version), keys);

    public Made Make(BundleManifest manifest, IReadOnlyList<string> files, params SigningKey[] keys)
    {
        List<BundleFile> bundled = [];
        foreach (string file in files)
        {
            string path = _temp.File($"{Guid.NewGuid():N}");
            System.IO.File.WriteAllBytes(path, RandomNumberGenerator.GetBytes(10_000));
            bundled.Add(new BundleFile(file, bundled.Count == 0 ? ResourceRole.Model : ResourceRole.Canary, path));
        }

        string bundle = _temp.File($"{Guid.NewGuid():N}.bundle");
        (BundleManifest written, Envelope envelope) = BundleWriter.Write(bundle, manifest, bundled, keys.Length > 0 ? keys : [BundleKey]);
        return new Made(bundle, System.IO.File.ReadAllBytes(bundle), written, envelope);
    }

    public Envelope Timestamp(long version, Made newest, TimeSpan? life = null) => new TimestampMetadata
    {
        Version = version,
        Issued = Clock.Now,
        Expires = Clock.Now + (life ?? TimeSpan.FromDays(1)),
        Bundles = [new NewestBundle(newest.Manifest.Name, newest.Manifest.Version, newest.Envelope.PayloadDigest)],
    }.Seal([TimestampKey]);

    public async Task<ModelBytes> AcceptAsync(Made bundle)
    {
        using ReceivedBundle received = await Intake.ReceiveAsync(new MemoryStream(bundle.Bytes), TestContext.Current.CancellationToken);
        return new ModelBytes(System.IO.File.ReadAllBytes(received.ModelPath), received.CanaryPath is { } canary ? System.IO.File.ReadAllBytes(canary) : null);
    }

    public Task<string> RefusedAsync(byte[] bundle, string because) => RefusedAsync(new MemoryStream(bundle), because);

    /// <summary>Refused for this reason, with nothing left of it and nothing remembered, now or after a restart.</summary>
    public async Task<string> RefusedAsync(Stream bundle, string because)
    {
        string[] before = Snapshot();
        InputException e = await Assert.ThrowsAsync<InputException>(() => Intake.ReceiveAsync(bundle, TestContext.Current.CancellationToken));
        Assert.Contains(because, e.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(IncomingFolder));
        Assert.Equal(before, Snapshot());
        return e.Message;
    }

    public void Dispose()
    {
        _keys.ForEach(k => k.Dispose());
        _temp.Dispose();
    }

    private string[] Snapshot() =>
        [.. Directory.GetFiles(TrustFolder).Order().Select(f => $"{Path.GetFileName(f)} {Convert.ToHexString(SHA256.HashData(System.IO.File.ReadAllBytes(f)))}")];

    internal sealed record Made(string Path, byte[] Bytes, BundleManifest Manifest, Envelope Envelope);

    internal sealed record ModelBytes(byte[] Model, byte[]? Canary);
}

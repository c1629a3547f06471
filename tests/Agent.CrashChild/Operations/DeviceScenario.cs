using System.Globalization;
using EdgePrune.Agent.Deployment;
using EdgePrune.Agent.Service.Uploads;
using EdgePrune.Agent.Store;
using EdgePrune.Agent.Trust;
using EdgePrune.Onnx;

namespace EdgePrune.Agent.CrashChild.Operations;

/// <summary>
/// Something that a device does to its disk. It marks what it has acknowledged at the moment when whoever asked has the answer.
/// </summary>
/// <param name="Name">Its name.</param>
/// <param name="Prepare">Brings the disk to where it begins.</param>
/// <param name="Act">Does it; told how to mark.</param>
public sealed record DeviceScenario(string Name, Action<Device> Prepare, Action<Device, Action<string>> Act)
{
    private static readonly DeployRequest Request = new();

    public static IReadOnlyList<DeviceScenario> All { get; } =
    [
        new("first start", _ => { }, (d, mark) =>
        {
            InStore(d, (_, deployer) =>
            {
                deployer.Deploy(d.Model("a"), Request);
                mark("serves a");
            });
        }),
        new("deploy and commit", WithHistory, (d, mark) => InStore(d, (_, deployer) =>
        {
            ActiveDeployment deployment = deployer.Begin(d.Model("b"), Request);
            mark("on probation b");
            deployer.Commit(deployment);
            mark("serves b");
        })),
        new("deploy and roll back", WithHistory, (d, mark) => InStore(d, (_, deployer) =>
        {
            deployer.RollBack(deployer.Begin(d.Model("b"), Request), "worse");
            mark("serves a");
        })),
        new("roll back to previous", WithHistory, (d, mark) => InStore(d, (_, deployer) =>
        {
            deployer.RollBackToPrevious("asked");
            mark("serves c");
        })),
        new("refuse", WithHistory, (d, mark) => InStore(d, (_, deployer) =>
        {
            Refused(() => deployer.Deploy(d.Model("bad"), Request));
            mark("serves a");
        })),
        new("recover from probation", WithProbation, (d, mark) => InStore(d, (store, _) =>
            // A model before that cannot be read is none to go back to; then the new one, which can, is kept.
            mark(store.Recovered!.State == DeploymentState.Committed ? "serves b" : "serves a"))),
        new("one after the other", WithHistory, (d, mark) => InStore(d, (_, deployer) =>
        {
            foreach (string model in (string[])["b", "d", "a"])
            {
                deployer.Deploy(d.Model(model), Request);
                mark("serves " + model);
            }

            deployer.RollBackToPrevious("asked");
            mark("serves d");
        })),
        new("set lines aside", WithHistory, (d, mark) => InStore(
            d,
            (_, deployer) =>
            {
                foreach (string model in (string[])["b", "d"])
                {
                    deployer.Deploy(d.Model(model), Request);
                    mark("serves " + model);
                }
            },
            journalLines: 6)),
        new("first trust", _ => { }, (d, mark) =>
        {
            d.OpenTrust();
            mark("root 1");
            Update(d, d.OpenTrust(), 1, mark);
        }),
        new("next root", WithTrust, (d, mark) =>
        {
            d.OpenTrust().UpdateRoot(d.Envelope("root2"));
            mark("root 2");
        }),
        new("next bundle", WithTrust, (d, mark) => Update(d, d.OpenTrust(), 2, mark)),
        new("upload", _ => { }, (d, mark) => Upload(d, mark)),
        new("deploy during an upload", WithHistory, (d, mark) =>
        {
            var folder = new UploadFolder(d.Uploads, 1 << 20, 0, TimeProvider.System);
            byte[] bytes = Device.UploadBytes;
            Upload upload = folder.Create(bytes.Length);
            mark($"uploaded {upload.Id} 0");
            using var pieces = new PiecewiseStream(bytes, 9, halfway: () => InStore(d, (_, deployer) =>
            {
                deployer.Deploy(d.Model("b"), Request);
                mark("serves b");
            }));
            folder.AppendAsync(upload.Id, 0, pieces, default).GetAwaiter().GetResult();
            mark(string.Create(CultureInfo.InvariantCulture, $"uploaded {upload.Id} {bytes.Length}"));
        }),
    ];

    /// <summary>
    /// Deploys and goes back, each tried again as long as the disk refuses; for recordings in which a flush fails.
    /// </summary>
    public static DeviceScenario TriedAgain { get; } = new("deploy and roll back, tried again", WithHistory, (d, mark) =>
    {
        using ModelStore store = Again(() => ModelStore.Open(d.Store, new ModelStoreOptions { ReservedFreeBytes = 0 }));
        Deployer deployer = Scenario.CreateDeployer(store);
        ActiveDeployment deployment = Again(() => deployer.Begin(d.Model("b"), Request));
        Again(() =>
        {
            deployer.RollBack(deployment, "worse");
            return true;
        });
        mark("serves a");
    });

    private static T Again<T>(Func<T> act)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return act();
            }
            catch (IOException) when (attempt < 5)
            {
                continue;
            }
        }
    }

    private static void Update(Device device, TrustStore trust, int version, Action<string> mark)
    {
        trust.UpdateTimestamp(device.Envelope($"timestamp{version}"));
        mark($"timestamp {version}");
        using FileStream bundle = File.OpenRead(device.Outside($"bundle{version}"));
        device.OpenIntake(trust).ReceiveAsync(bundle).GetAwaiter().GetResult().Dispose();
        mark($"bundle {version}");
    }

    private static void Upload(Device device, Action<string> mark)
    {
        var folder = new UploadFolder(device.Uploads, 1 << 20, 0, TimeProvider.System);
        byte[] bytes = Device.UploadBytes;
        Upload upload = folder.Create(bytes.Length);
        mark($"uploaded {upload.Id} 0");
        int at = 0;
        foreach (int length in (int[])[700, 600])
        {
            folder.AppendAsync(upload.Id, at, new MemoryStream(bytes, at, length), default).GetAwaiter().GetResult();
            at += length;
            mark(string.Create(CultureInfo.InvariantCulture, $"uploaded {upload.Id} {at}"));
        }

        // The last piece breaks off, and comes once more.
        try
        {
            folder.AppendAsync(upload.Id, at, new BreakingStream(bytes.AsSpan(at, 300).ToArray()), default).GetAwaiter().GetResult();
        }
        catch (EndOfStreamException)
        {
            at = (int)folder.Find(upload.Id)!.Offset;
            mark(string.Create(CultureInfo.InvariantCulture, $"uploaded {upload.Id} {at}"));
        }

        folder.AppendAsync(upload.Id, at, new MemoryStream(bytes, at, bytes.Length - at), default).GetAwaiter().GetResult();
        mark(string.Create(CultureInfo.InvariantCulture, $"uploaded {upload.Id} {bytes.Length}"));
    }

    private static void InStore(Device device, Action<ModelStore, Deployer> act, int journalLines = 1000)
    {
        using ModelStore store = ModelStore.Open(device.Store, new ModelStoreOptions { ReservedFreeBytes = 0, JournalLines = journalLines });
        act(store, Scenario.CreateDeployer(store));
    }

    private static void WithHistory(Device device) => InStore(device, (_, deployer) =>
    {
        deployer.Deploy(device.Model("c"), Request);
        deployer.Deploy(device.Model("a"), Request);
    });

    // The store closes under the undecided deployment, as it does when the process ends.
    private static void WithProbation(Device device)
    {
        WithHistory(device);
        InStore(device, (_, deployer) => deployer.Begin(device.Model("b"), Request));
    }

    private static void WithTrust(Device device) => Update(device, device.OpenTrust(), 1, _ => { });

    private static void Refused(Action act)
    {
        try
        {
            act();
        }
        catch (InputException)
        {
            return;
        }

        throw new InvalidOperationException("a bad model was taken");
    }

    /// <summary>A sender while whose pieces come something else happens.</summary>
    private sealed class PiecewiseStream(byte[] bytes, int pieces, Action halfway) : MemoryStream(bytes)
    {
        private int _read;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (++_read == 1 + (pieces / 2))
            {
                halfway();
            }

            int length = ((int)Length + pieces - 1) / pieces;
            return await base.ReadAsync(buffer[..length], cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>A connection that is lost after some bytes.</summary>
    private sealed class BreakingStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            int read = await base.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            return read > 0 ? read : throw new EndOfStreamException();
        }
    }
}

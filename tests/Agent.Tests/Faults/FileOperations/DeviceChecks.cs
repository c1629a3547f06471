using System.Globalization;
using EdgePrune.Agent.CrashChild;
using EdgePrune.Agent.CrashChild.Operations;
using EdgePrune.Agent.Deployment;
using EdgePrune.Agent.Service.Uploads;
using EdgePrune.Agent.Store;
using EdgePrune.Agent.Trust;
using EdgePrune.Onnx;

namespace EdgePrune.Agent.Tests.Faults.FileOperations;

/// <summary>What must hold of a device's disk after anything at all, given what had been acknowledged.</summary>
internal static class DeviceChecks
{
    // What serves at first and after each acknowledgement; what may serve besides until the last one.
    private static readonly Dictionary<string, (string?[] Serves, string[] Meanwhile)> Stores = new(StringComparer.Ordinal)
    {
        ["first start"] = ([null, "a"], []),
        ["deploy and commit"] = (["a", "b"], []),
        ["deploy and roll back"] = (["a", "a"], ["b"]),
        ["deploy and roll back, tried again"] = (["a", "a"], ["b"]),
        ["roll back to previous"] = (["a", "c"], []),
        ["refuse"] = (["a", "a"], []),
        ["recover from probation"] = (["a", "a"], ["b"]),
        ["deploy during an upload"] = (["a", "b"], []),
        ["set lines aside"] = (["a", "b", "d"], []),
        ["one after the other"] = (["a", "b", "d", "a", "d"], []),
    };

    /// <param name="device">The device; its disk is changed.</param>
    /// <param name="scenario">What it was doing.</param>
    /// <param name="marks">What it had acknowledged.</param>
    /// <param name="deployAgain">Whether to deploy one more model too.</param>
    public static void Check(Device device, string scenario, IReadOnlyList<string> marks, bool deployAgain)
    {
        if (Stores.TryGetValue(scenario, out (string?[] Serves, string[] Meanwhile) expected))
        {
            CheckStore(device, expected.Serves, expected.Meanwhile, [.. marks.Where(m => m.StartsWith("serves ", StringComparison.Ordinal)).Select(m => m.Split(' ')[1])], deployAgain);
        }

        string[] uploads = [.. marks.Where(m => m.StartsWith("uploaded ", StringComparison.Ordinal))];
        if (uploads.Length > 0 || scenario == "upload")
        {
            CheckUpload(device, uploads);
        }
        else if (!Stores.ContainsKey(scenario))
        {
            CheckTrust(device, scenario == "first trust" ? 0 : 1, marks);
        }
    }

    private static void CheckStore(Device device, string?[] serves, string[] meanwhile, string[] acknowledged, bool deployAgain)
    {
        int done = acknowledged.Length;
        IEnumerable<string?> names = done == serves.Length - 1 ? [acknowledged[^1]] : [serves[done], serves[done + 1], .. meanwhile];
        ModelDigest?[] allowed = [.. names.Select(n => n is null ? null : device.DigestOf(n))];
        Invariant.AssertServes(device.Store, allowed);
        Invariant.AssertReopens(new ScenarioFolders(device.Disk), allowed);
        if (!deployAgain)
        {
            return;
        }

        using ModelStore store = ModelStore.Open(device.Store);
        string next = store.Reader.Current == device.DigestOf("d") ? "b" : "d";
        Scenario.CreateDeployer(store).Deploy(device.Model(next), new DeployRequest());
        Invariant.AssertServes(device.Store, device.DigestOf(next));
    }

    private static void CheckTrust(Device device, int before, IReadOnlyList<string> marks)
    {
        int Last(string kind) => marks.Where(m => m.StartsWith(kind, StringComparison.Ordinal)).Select(m => int.Parse(m.Split(' ')[1], CultureInfo.InvariantCulture)).LastOrDefault(before);
        TrustStore trust = device.OpenTrust();
        Assert.True(trust.Root.Metadata.Version >= Last("root "), "the root went back");
        if (Last("timestamp ") is > 0 and var timestamp)
        {
            Assert.True(trust.IsUpToDate(out string reason), reason);
            for (int older = 1; older < timestamp; older++)
            {
                Assert.Throws<InputException>(() => trust.UpdateTimestamp(device.Envelope($"timestamp{older}")));
            }
        }

        Assert.True((trust.NewestAccepted(Device.ModelName)?.Version ?? 0) >= Last("bundle "), "an accepted bundle was forgotten");
        device.OpenIntake(trust);
        Assert.Empty(Directory.GetFileSystemEntries(device.Incoming));
        Assert.Empty(Directory.GetFiles(device.Trust, ".edgeprune-*"));
        if (trust.Root.Metadata.Version == 1)
        {
            trust.UpdateRoot(device.Envelope("root2"));
        }

        Assert.Equal(2, device.OpenTrust().Root.Metadata.Version);
    }

    private static void CheckUpload(Device device, IReadOnlyList<string> marks)
    {
        var folder = new UploadFolder(device.Uploads, 1 << 20, 0, TimeProvider.System);
        if (marks is [.., var last])
        {
            string[] words = last.Split(' ');
            Upload? upload = folder.Find(words[1]);
            Assert.True(upload is not null, $"the upload is gone: {last}");
            Assert.True(upload.Offset >= long.Parse(words[2], CultureInfo.InvariantCulture), $"the upload went back to {upload.Offset}: {last}");
            byte[] bytes = Device.UploadBytes;
            int at = (int)upload.Offset;
            folder.AppendAsync(upload.Id, at, new MemoryStream(bytes, at, bytes.Length - at), default).GetAwaiter().GetResult();
            using FileStream whole = folder.OpenWhole(upload.Id);
            using var copy = new MemoryStream();
            whole.CopyTo(copy);
            Assert.Equal(bytes, copy.ToArray());
        }

        Assert.Equal(5, folder.Create(5).Size);
    }
}

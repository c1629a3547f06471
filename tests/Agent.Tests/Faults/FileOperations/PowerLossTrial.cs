using System.Globalization;
using EdgePrune.Agent.CrashChild.Operations;

namespace EdgePrune.Agent.Tests.Faults.FileOperations;

/// <summary>Lays out what a power cut may leave, once for each different disk, and looks whether it is in order.</summary>
/// <param name="device">Where the recording was made; what comes from outside is taken from there.</param>
/// <param name="scenario">What was recorded.</param>
/// <param name="folder">Where disks are laid out.</param>
internal sealed class PowerLossTrial(Device device, string scenario, string folder)
{
    private const int DeployEvery = 11; // one more deployment on every disk would take most of the time and tell little more

    private readonly HashSet<string> seen = new(StringComparer.Ordinal);
    private IReadOnlyList<string> marks = [];
    private string point = "";

    public int Tried { get; private set; }

    public int Opened => seen.Count;

    /// <summary>Says where in the recording the power goes.</summary>
    public void At(IReadOnlyList<Operation> operations, int done)
    {
        marks = [.. operations.Take(done).Where(o => o.Kind == 'M').Select(o => o.Path)];
        point = done == 0 ? "before anything" : $"after operation {done}, {operations[done - 1]}";
    }

    /// <summary>Every selection.</summary>
    public void TryAll(DiskModel disk, IReadOnlyList<IPending> pending)
    {
        int[] fates = new int[pending.Count];
        while (true)
        {
            Try(disk, pending, fates);
            int i = 0;
            while (i < fates.Length && ++fates[i] == pending[i].Fates)
            {
                fates[i++] = 0;
            }

            if (i == fates.Length)
            {
                return;
            }
        }
    }

    /// <summary>All and nothing, and each with one that goes otherwise.</summary>
    public void TryEachAlone(DiskModel disk, IReadOnlyList<IPending> pending)
    {
        foreach (int common in (int[])[0, 1])
        {
            int[] fates = [.. Enumerable.Repeat(common, pending.Count)];
            for (int i = 0; i < fates.Length; i++)
            {
                for (int fate = 0; fate < pending[i].Fates; fate++)
                {
                    fates[i] = fate;
                    Try(disk, pending, fates);
                }

                fates[i] = common;
            }
        }
    }

    /// <summary>Selections drawn by lot.</summary>
    public void TryDrawn(DiskModel disk, IReadOnlyList<IPending> pending, int count, int seed)
    {
        var random = new Random(seed);
        for (int i = 0; i < count; i++)
        {
            Try(disk, pending, [.. pending.Select(p => random.Next(p.Fates))]);
        }
    }

    private void Try(DiskModel disk, IReadOnlyList<IPending> pending, int[] fates)
    {
        Tried++;
        DiskImage image = disk.Image(pending.Zip(fates).ToDictionary(f => f.First, f => f.Second));
        if (!seen.Add($"{marks.Count.ToString(CultureInfo.InvariantCulture)} {image.Fingerprint()}"))
        {
            return;
        }

        var trial = new Device(folder);
        Directory.CreateDirectory(folder);
        if (!Directory.Exists(Path.Combine(folder, "outside")))
        {
            Directory.CreateSymbolicLink(Path.Combine(folder, "outside"), Path.Combine(device.Root, "outside"));
        }

        if (Directory.Exists(trial.Disk))
        {
            Directory.Delete(trial.Disk, recursive: true);
        }

        image.Write(trial.Disk);
        Exception? problem = Record.Exception(() => DeviceChecks.Check(trial, scenario, marks, deployAgain: seen.Count % DeployEvery == 0));
        if (problem is not null)
        {
            Assert.Fail($"{scenario}, the power goes {point}; {string.Join("; ", pending.Zip(fates, (p, f) => p.Describe(f)))}: {problem}");
        }
    }
}

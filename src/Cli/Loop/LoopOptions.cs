using System.Globalization;
using System.Security.Cryptography;
using EdgePrune.Cli.Loop.Boards;
using EdgePrune.Cli.Output;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Pruner.Coupling;
using EdgePrune.Pruner.Surgery;

namespace EdgePrune.Cli.Loop;

/// <summary>What a loop is to do.</summary>
internal sealed record LoopOptions
{
    /// <summary>The model file.</summary>
    public required string Model { get; init; }

    /// <summary>Where the pruned model goes, beside its plan.</summary>
    public required string Output { get; init; }

    /// <summary>Folder of the run.</summary>
    public required string Run { get; init; }

    /// <summary>Folder of the model store.</summary>
    public required string Store { get; init; }

    /// <summary>File of measured costs.</summary>
    public required string CostTable { get; init; }

    /// <summary>Device by name or file.</summary>
    public required string Device { get; init; }

    /// <summary>Labelled samples for accuracy, or null.</summary>
    public string? Data { get; init; }

    /// <summary>Energy that the result may take, in percent of the original.</summary>
    public required double EnergyBudget { get; init; }

    /// <summary>Importance criterion.</summary>
    public required string Importance { get; init; }

    /// <summary>Which units may go.</summary>
    public CouplingOptions Coupling { get; init; } = CouplingOptions.Default;

    /// <summary>What becomes of the constants of removed units.</summary>
    public ConstantHandling Constants { get; init; } = ConstantHandling.Fold;

    /// <summary>Percentage points that accuracy may fall.</summary>
    public required double MaxAccuracyDrop { get; init; }

    /// <summary>Seconds for the sweep of costs.</summary>
    public required double SweepSeconds { get; init; }

    /// <summary>Seconds for the profile; null: what the board takes for enough.</summary>
    public required double? ProfileSeconds { get; init; }

    /// <summary>Seconds for each comparison.</summary>
    public double CompareSeconds { get; init; } = 5;

    /// <summary>Labelled samples for training the pruned model on, or null for no recovery.</summary>
    public string? Train { get; init; }

    /// <summary>Epochs of that training.</summary>
    public int RecoveryEpochs { get; init; } = 10;

    /// <summary>The agent whose board is measured on and deployed to; null for this machine.</summary>
    public RemoteBoard? Remote { get; init; }

    /// <summary>The page to write, or null.</summary>
    public LoopPage? Page { get; init; }

    public required int Seed { get; init; }

    public required SessionSettings Session { get; init; }

    public IReadOnlyDictionary<string, long[]>? Shapes { get; init; }

    /// <summary>All that the results depend on. Where the run, the store and the costs are kept changes none of them.</summary>
    public IReadOnlyDictionary<string, string> Identity()
    {
        var identity = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["model"] = Digest(Model),
            ["output"] = Path.GetFullPath(Output),
            ["device"] = File.Exists(Device) ? Digest(Device) : Device,
            ["energy_budget"] = Number(EnergyBudget),
            ["importance"] = Importance,
            ["constants"] = UnitWords.OfConstants[(int)Constants],
            ["max_accuracy_drop"] = Number(MaxAccuracyDrop),
            ["sweep_seconds"] = Number(SweepSeconds),
            ["profile_seconds"] = ProfileSeconds is { } profile ? Number(profile) : "usual",
            ["compare_seconds"] = Number(CompareSeconds),
            ["seed"] = Number(Seed),
            ["threads"] = Number(Session.Threads),
            ["provider"] = Session.Provider,
        };
        if (Coupling.Kinds is { } kinds)
        {
            identity["kinds"] = string.Join(',', kinds.Select(UnitWords.Of));
        }

        if (Coupling.AllowInexact)
        {
            identity["allow_inexact"] = "true";
        }

        if (Data is not null)
        {
            identity["data"] = DataIdentity(Data);
        }

        if (Train is not null)
        {
            identity["train"] = DataIdentity(Train);
            identity["recovery_epochs"] = Number(RecoveryEpochs);
        }

        if (Remote is not null)
        {
            identity["agent"] = Remote.Address;
        }

        foreach ((string input, long[] shape) in Shapes ?? new Dictionary<string, long[]>())
        {
            identity[$"shape of {input}"] = string.Join(',', shape);
        }

        return identity;
    }

    private static string Number(double value) => value.ToString(CultureInfo.InvariantCulture);

    // A folder may hold many gigabytes of images; names, sizes and times tell whether it changed.
    internal static string DataIdentity(string path)
    {
        if (!Directory.Exists(path))
        {
            return Digest(path);
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (FileInfo file in new DirectoryInfo(path).EnumerateFiles("*", SearchOption.AllDirectories).OrderBy(f => f.FullName, StringComparer.Ordinal))
        {
            hash.AppendData(System.Text.Encoding.UTF8.GetBytes($"{Path.GetRelativePath(path, file.FullName)}\n{file.Length}\n{file.LastWriteTimeUtc.Ticks}\n"));
        }

        return "sha256:" + Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    internal static string Digest(string path)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            return "sha256:" + Convert.ToHexStringLower(SHA256.HashData(file));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new InputException($"{path} does not exist", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{path} cannot be read: {e.Message}", e);
        }
    }
}

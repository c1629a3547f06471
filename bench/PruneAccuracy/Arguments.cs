using System.Globalization;
using EdgePrune.Pruner.Reconstruction;

namespace PruneAccuracy;

/// <summary>The command line of the benchmark.</summary>
internal sealed record Arguments(string Folder)
{
    /// <summary>True to judge on the test set; otherwise on a part of the training set that nothing was calibrated on.</summary>
    public bool OnTest { get; private init; }

    public bool Trunk { get; private init; }

    public bool Quick { get; private init; }

    public bool Verbose { get; private init; }

    public int Samples { get; private init; } = 2000;

    public int ScoreSamples { get; private init; } = 512;

    /// <summary>Steps of recovery after the fit; with the reference's setting: batches of 128, flips and crops.</summary>
    public int Recover { get; private init; }

    public double LearningRate { get; private init; } = 0.01;

    /// <summary>True to learn the original's answers too.</summary>
    public bool Distill { get; private init; }

    public double TeacherShare { get; private init; } = 0.5;

    /// <summary>Weight of the original's values where branches join.</summary>
    public double Features { get; private init; }

    public string Augment { get; private init; } = "crop:4,flip";

    public IReadOnlyList<string> Models { get; private init; } = ["resnet20", "resnet56"];

    public IReadOnlyList<string> Criteria { get; private init; } = ["l2", "reconstruction"];

    public IReadOnlyList<double> Ratios { get; private init; } = [1.25, 1.5, 2.11];

    public ReconstructionOptions Options { get; private init; } = new();

    public static Arguments Parse(string[] args)
    {
        var parsed = new Arguments(args[0]);
        for (int i = 1; i < args.Length; i++)
        {
            string next() => args[++i];
            parsed = args[i] switch
            {
                "--test" => parsed with { OnTest = true },
                "--trunk" => parsed with { Trunk = true },
                "--quick" => parsed with { Quick = true },
                "--verbose" => parsed with { Verbose = true },
                "--distill" => parsed with { Distill = true },
                "--teacher-share" => parsed with { TeacherShare = double.Parse(next(), CultureInfo.InvariantCulture) },
                "--features" => parsed with { Features = double.Parse(next(), CultureInfo.InvariantCulture) },
                "--augment" => parsed with { Augment = next() },
                "--recover" => parsed with { Recover = int.Parse(next(), CultureInfo.InvariantCulture) },
                "--learning-rate" => parsed with { LearningRate = double.Parse(next(), CultureInfo.InvariantCulture) },
                "--no-sums" => parsed with { Options = parsed.Options with { CompensateSums = false } },
                "--samples" => parsed with { Samples = int.Parse(next(), CultureInfo.InvariantCulture) },
                "--score-samples" => parsed with { ScoreSamples = int.Parse(next(), CultureInfo.InvariantCulture) },
                "--ridge" => parsed with { Options = parsed.Options with { Ridge = double.Parse(next(), CultureInfo.InvariantCulture) } },
                "--rows" => parsed with { Options = parsed.Options with { Rows = int.Parse(next(), CultureInfo.InvariantCulture) } },
                "--models" => parsed with { Models = next().Split(',') },
                "--criteria" => parsed with { Criteria = next().Split(',') },
                "--ratios" => parsed with { Ratios = [.. next().Split(',').Select(r => double.Parse(r, CultureInfo.InvariantCulture))] },
                string other => throw new ArgumentException($"'{other}' is not known; see bench/prune-accuracy"),
            };
        }

        return parsed;
    }
}

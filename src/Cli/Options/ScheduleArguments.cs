using System.CommandLine;
using System.CommandLine.Parsing;
using EdgePrune.Onnx;
using EdgePrune.Pruner.Importance;
using EdgePrune.Pruner.Recipes;
using EdgePrune.Pruner.Recovery;
using EdgePrune.Pruner.Schedules;
using EdgePrune.Training.Data.Augmentation;

namespace EdgePrune.Cli.Options;

/// <summary>The options that say when units go, what is trained meanwhile, and how some come back.</summary>
internal sealed class ScheduleArguments
{
    private readonly Option<ScheduleOptions?> schedule = Parsed(
        "--schedule",
        "When units go: one-shot, iterative:CUTS[:linear], layer-by-layer, gradual:STEPS[:EVERY], dynamic:STEPS[:EVERY], dense-sparse-dense:STEPS[:SHARE%], l1:STEPS:FACTOR or group-lasso:STEPS:FACTOR. [default: one-shot]",
        "schedule",
        ScheduleOptions.Parse);

    private readonly Option<string?> train = new("--train")
    {
        Description = "Samples to train on while the model is pruned and after each cut, labelled or, with --distill, without labels; never those that the result is judged by.",
        HelpName = "path",
    };

    private readonly Option<long> steps = SharedOptions.InRange(
        new Option<long>("--recover-steps") { Description = "Training steps after each cut.", HelpName = "n" }, 0, 100_000_000);

    private readonly Option<double> rate = SharedOptions.InRange(
        new Option<double>("--learning-rate") { Description = "The highest learning rate of that training.", DefaultValueFactory = _ => 0.01, HelpName = "rate" }, 1e-9, 1e3);

    private readonly Option<int> batch = SharedOptions.InRange(
        new Option<int>("--batch") { Description = "Samples a training step.", DefaultValueFactory = _ => 64, HelpName = "n" }, 1, 65_536);

    private readonly Option<AugmentationPlan?> augment = Parsed(
        "--augment", "Random changes to the samples of that training: crop:PIXELS, flip, noise:DEVIATION, shift:FRAMES[:AXIS], mixup:ALPHA, with commas between.", "list", AugmentationPlan.Parse);

    private readonly Option<bool> distill = new("--distill") { Description = "Learn the original's answers as well as the labels; with samples that have none, its outputs alone, which works for any model." };

    private readonly Option<double> teacherShare = SharedOptions.InRange(
        new Option<double>("--teacher-share") { Description = "Share of the loss that the original's answers have with --distill; the labels have the rest.", DefaultValueFactory = _ => 0.5, HelpName = "share" }, 0, 1);

    private readonly Option<double> features = SharedOptions.InRange(
        new Option<double>("--distill-features") { Description = "With --distill, learn also the original's values where branches join, with this weight in the loss; 1 is a good one.", HelpName = "weight" }, 0, 1e6);

    private readonly Option<string?> target = new("--target")
    {
        Description = "Labelled training samples of other classes: the model gets a new head for them, and is scored, trained and calibrated on them.",
        HelpName = "path",
    };

    private readonly Option<TransferOrder?> order = ScoringArguments.Word<TransferOrder>("--target-order", "What comes first", "transfer-first");

    private readonly Option<long> headSteps = SharedOptions.InRange(
        new Option<long>("--head-steps") { Description = "Training steps of the new head alone.", DefaultValueFactory = _ => 100, HelpName = "n" }, 0, 100_000_000);

    private readonly Option<DensificationOptions?> densify = Parsed(
        "--densify", "How units come back under the budget: gradient, gradient:20% (cut so much further first), genetic or genetic:200 (choices tried).", "how", DensificationOptions.Parse);

    private readonly Option<ScoreDropout?> dropout = Parsed(
        "--score-dropout", "Average scores over random masks of units: 20% (chance that a unit is masked) or 20%:16 (masks drawn).", "share", ScoreDropout.Parse);

    /// <summary>All of them.</summary>
    public IEnumerable<Option> All => [schedule, train, steps, rate, batch, augment, distill, teacherShare, features, target, order, headSteps, densify, dropout];

    /// <summary>What does not go together, as errors of the command line.</summary>
    public void Check(CommandResult result)
    {
        if (result.GetResult(target) is not null && result.GetResult(train) is not null)
        {
            result.AddError("give --train or --target, not both: what is transferred is trained on the target");
        }

        if (result.GetResult(target) is null && (result.GetResult(order) is not null || result.GetResult(headSteps) is { Implicit: false }))
        {
            result.AddError("--target-order and --head-steps say how a model is transferred; name the target's samples (--target)");
        }

        if ((result.GetResult(features) is { Implicit: false } || result.GetResult(teacherShare) is { Implicit: false })
            && result.GetResult(distill) is null && !result.Children.Any(c => c is OptionResult { Option.Name: RecipeOption.Name }))
        {
            result.AddError("--teacher-share and --distill-features say how the original teaches; add --distill");
        }

        if (result.GetResult(steps) is { Implicit: false } && result.GetResult(train) is null && result.GetResult(target) is null && !result.Children.Any(c => c is OptionResult { Option.Name: RecipeOption.Name }))
        {
            result.AddError("--recover-steps trains the model; name samples to train on (--train)");
        }
    }

    /// <summary>The recipe with what was written out in its place.</summary>
    public PruneRecipe Apply(ParseResult parsed, PruneRecipe recipe)
    {
        string? newClasses = parsed.GetValue(target) is { } file ? Path.GetFullPath(file) : null;
        TrainingSource? training = Training(parsed, newClasses ?? (parsed.GetValue(train) is { } path ? Path.GetFullPath(path) : null), recipe.Training);
        TransferOptions? transfer = recipe.Transfer ?? (newClasses is null ? null : new TransferOptions());
        transfer = transfer is null ? null : transfer with
        {
            Order = parsed.GetValue(order) ?? transfer.Order,
            HeadSteps = parsed.Or(headSteps, transfer.HeadSteps),
        };
        return recipe with
        {
            Schedule = parsed.GetValue(schedule) ?? recipe.Schedule,
            Training = training,
            Transfer = transfer,
            Densification = parsed.GetValue(densify) ?? recipe.Densification,
            Scoring = recipe.Scoring with { Dropout = parsed.GetValue(dropout) ?? recipe.Scoring.Dropout },
            // What is transferred first is scored on the target, unless other samples are named.
            Calibration = recipe.Calibration ?? (transfer is { Order: TransferOrder.TransferFirst } && newClasses is not null ? new CalibrationSource(newClasses) : null),
        };
    }

    private TrainingSource? Training(ParseResult parsed, string? path, TrainingSource? known)
    {
        TrainingSource? source = path is null ? known : known is null ? new TrainingSource(path) : known with { Data = path };
        return source is null ? null : source with
        {
            Steps = parsed.Or(steps, source.Steps),
            BatchSize = parsed.Or(batch, source.BatchSize),
            LearningRate = parsed.Or(rate, source.LearningRate),
            Distill = parsed.Or(distill, source.Distill),
            TeacherShare = parsed.Or(teacherShare, source.TeacherShare),
            Features = parsed.Or(features, source.Features),
            Augmentation = parsed.GetValue(augment) ?? source.Augmentation,
        };
    }

    private static Option<T?> Parsed<T>(string name, string description, string word, Func<string, T> parse)
        where T : class => new(name)
        {
            Description = description,
            HelpName = word,
            Arity = ArgumentArity.ExactlyOne,
            CustomParser = result =>
            {
                try
                {
                    return parse(result.Tokens[0].Value);
                }
                catch (InputException wrong)
                {
                    result.AddError($"{name}: {wrong.Message}");
                    return null;
                }
            },
        };
}

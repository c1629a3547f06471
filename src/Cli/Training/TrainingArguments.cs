using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using EdgePrune.Cli.Options;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Training.Data.Augmentation;
using EdgePrune.Training.Loop;
using EdgePrune.Training.Steps;
using EdgePrune.Training.Steps.Optimizers;

namespace EdgePrune.Cli.Training;

/// <summary>The options that say how to train, and the plan that they make. Shared by <c>train</c> and <c>finetune</c>.</summary>
internal sealed class TrainingArguments
{
    private const string Nesterov = "nesterov", Momentum = "sgd", Adam = "adam", AdamW = "adamw";
    private readonly double rateFactor;
    private readonly Option<int> epochs;
    private readonly Option<double> warmup;
    private readonly Option<double?> rate;
    private readonly Option<int> batch = SharedOptions.InRange(
        new Option<int>("--batch") { Description = "Samples a step.", DefaultValueFactory = _ => 64, HelpName = "n" }, 1, 65_536);
    private readonly Option<LearningRateSchedule?> schedule = new("--schedule")
    {
        Description = "How the learning rate falls: constant, cosine, step:EPOCHS or step:EPOCHS:FACTOR. [default: cosine]",
        HelpName = "kind",
        CustomParser = ParseSchedule,
    };
    private readonly Option<string> optimizer = new("--optimizer") { Description = "sgd, nesterov, adam or adamw.", DefaultValueFactory = _ => Nesterov, HelpName = "name" };
    private readonly Option<double> momentum = SharedOptions.InRange(
        new Option<double>("--momentum") { Description = "Momentum of sgd and nesterov.", DefaultValueFactory = _ => 0.9, HelpName = "m" }, 0, 0.9999);
    private readonly Option<double?> decay = Amount("--weight-decay", "Weight decay of all weights but biases and scales. [default: 0.0005; 0.01 with adamw, 0 with adam]", "d");
    private readonly Option<double?> clip = Amount("--clip", "Scale gradients of a larger norm down to it.", "norm");
    private readonly Option<double> smoothing = SharedOptions.InRange(
        new Option<double>("--label-smoothing") { Description = "Share of each label that is spread over all classes.", HelpName = "share" }, 0, 0.9);
    private readonly Option<bool> balanced = new("--balance") { Description = "Weigh classes by how rare they are." };
    private readonly Option<double> l1 = SharedOptions.InRange(
        new Option<double>("--l1") { Description = "Factor of the sum of absolute weights in the loss.", HelpName = "f" }, 0, 1e6);
    private readonly Option<double> lasso = SharedOptions.InRange(
        new Option<double>("--group-lasso") { Description = "Factor of the norms of all units in the loss; makes whole channels small, so that they can be pruned.", HelpName = "f" }, 0, 1e6);
    private readonly Option<AugmentationPlan?> augment = new("--augment")
    {
        Description = "Random changes to training samples: crop:PIXELS, flip, noise:DEVIATION, shift:FRAMES[:AXIS], mixup:ALPHA, with commas between.",
        HelpName = "list",
        CustomParser = ParseAugmentation,
    };
    private readonly Option<string?> teacher = new("--teacher") { Description = "Model whose answers are learnt as well; takes the same input.", HelpName = "file" };
    private readonly Option<double> temperature = SharedOptions.InRange(
        new Option<double>("--temperature") { Description = "Temperature of the teacher's answers.", DefaultValueFactory = _ => 4, HelpName = "t" }, 0.01, 1000);
    private readonly Option<double> teacherShare = SharedOptions.InRange(
        new Option<double>("--teacher-share") { Description = "Share of the loss that is the teacher's; the labels have the rest.", DefaultValueFactory = _ => 0.5, HelpName = "share" }, 0, 1);
    private readonly Option<int?> patience = Whole("--patience", "Stop after so many epochs without a better validation.", "epochs", 1_000_000);
    private readonly Option<int> seed = SharedOptions.Seed();
    private readonly Option<int?> threads = Whole("--threads", "Threads inside one operator; equal bytes need equal threads. [default: as many as processors]", "n", 1024);

    /// <param name="defaultEpochs">Epochs where none are asked for.</param>
    /// <param name="defaultWarmup">Epochs of warm-up where none are asked for.</param>
    /// <param name="rateFactor">What the usual learning rates are multiplied by.</param>
    public TrainingArguments(int defaultEpochs, double defaultWarmup, double rateFactor)
    {
        this.rateFactor = rateFactor;
        epochs = SharedOptions.InRange(new Option<int>("--epochs") { Description = "Times that all samples are gone through.", DefaultValueFactory = _ => defaultEpochs, HelpName = "n" }, 1, 1_000_000);
        warmup = SharedOptions.InRange(new Option<double>("--warmup") { Description = "Epochs over which the learning rate rises at first.", DefaultValueFactory = _ => defaultWarmup, HelpName = "epochs" }, 0, 1_000_000);
        string usual = string.Create(CultureInfo.InvariantCulture, $"{RateOf(Nesterov)}; {RateOf(Adam)} with adam and adamw");
        rate = Amount("--lr", $"Highest learning rate. [default: {usual}]", "rate");
        optimizer.AcceptOnlyFromAmong(Momentum, Nesterov, Adam, AdamW);
    }

    public IReadOnlyList<Option> All =>
    [
        epochs, batch, rate, schedule, warmup, optimizer, momentum, decay, clip, smoothing, balanced, l1, lasso, augment, teacher, temperature, teacherShare, patience, seed, threads,
    ];

    public int Seed(ParseResult parsed) => parsed.GetValue(seed);

    public string? TeacherPath(ParseResult parsed) => parsed.GetValue(teacher);

    public SessionSettings Settings(ParseResult parsed) =>
        new() { Threads = parsed.GetValue(threads) ?? Environment.ProcessorCount };

    /// <exception cref="InputException">The teacher is no sound model.</exception>
    public TrainingPlan Plan(ParseResult parsed, OnnxModel model, IReadOnlyDictionary<string, long[]>? shapes)
    {
        string name = parsed.GetValue(optimizer)!;
        double factor = parsed.GetValue(lasso);
        return new TrainingPlan
        {
            Epochs = parsed.GetValue(epochs),
            BatchSize = parsed.GetValue(batch),
            LearningRate = parsed.GetValue(rate) ?? RateOf(name),
            Schedule = (parsed.GetValue(schedule) ?? new LearningRateSchedule()) with { WarmupEpochs = parsed.GetValue(warmup) },
            Optimizer = OptimizerOf(name, parsed),
            MaxGradientNorm = parsed.GetValue(clip),
            LabelSmoothing = parsed.GetValue(smoothing),
            BalancedClasses = parsed.GetValue(balanced),
            Teacher = parsed.GetValue(teacher) is { } path
                ? new Teacher(ModelFile.Load(path, shapes)) { Temperature = parsed.GetValue(temperature), Share = parsed.GetValue(teacherShare) }
                : null,
            Regularizers = new Regularizers { L1 = parsed.GetValue(l1), GroupLasso = factor, Groups = factor > 0 ? UnitGroups.Of(model, shapes) : [] },
            Augmentation = parsed.GetValue(augment) ?? new AugmentationPlan(),
            Patience = parsed.GetValue(patience),
            Seed = parsed.GetValue(seed),
            Session = Settings(parsed),
        };
    }

    private static Optimizer Decayed(Optimizer optimizer, double decay) => optimizer with { WeightDecay = decay, DecayVectors = false };

    private Optimizer OptimizerOf(string name, ParseResult parsed) => name switch
    {
        Adam => Decayed(new Adam(), parsed.GetValue(decay) ?? 0),
        AdamW => Decayed(new Adam { Decoupled = true }, parsed.GetValue(decay) ?? 0.01),
        _ => Decayed(new Sgd { Momentum = parsed.GetValue(momentum), Nesterov = name == Nesterov }, parsed.GetValue(decay) ?? 5e-4),
    };

    private double RateOf(string name) => Math.Round((name is Adam or AdamW ? 0.001 : 0.05) * rateFactor, 6);

    private static Option<int?> Whole(string name, string description, string help, int most)
    {
        var option = new Option<int?>(name) { Description = description, HelpName = help };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: { } text }] && int.TryParse(text, CultureInfo.InvariantCulture, out int value) && (value < 1 || value > most))
            {
                result.AddError($"{name} must be from 1 to {most}, not {value}");
            }
        });
        return option;
    }

    private static Option<double?> Amount(string name, string description, string help)
    {
        var option = new Option<double?>(name) { Description = description, HelpName = help };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: { } text }] && double.TryParse(text, CultureInfo.InvariantCulture, out double value) && !(value >= 0 && double.IsFinite(value)))
            {
                result.AddError($"{name} must be zero or more, not {text}");
            }
        });
        return option;
    }

    private static LearningRateSchedule? ParseSchedule(ArgumentResult result)
    {
        string[] parts = result.Tokens[0].Value.Split(':');
        bool Number(int at, out double value) =>
            double.TryParse(parts[at], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out value) && value > 0;
        switch (parts)
        {
            case ["constant"]:
                return new LearningRateSchedule { Kind = ScheduleKind.Constant };
            case ["cosine"]:
                return new LearningRateSchedule { Kind = ScheduleKind.Cosine };
            case ["step", _] when Number(1, out double every):
                return new LearningRateSchedule { Kind = ScheduleKind.Step, StepEpochs = every };
            case ["step", _, _] when Number(1, out double every) && Number(2, out double factor) && factor <= 1:
                return new LearningRateSchedule { Kind = ScheduleKind.Step, StepEpochs = every, StepFactor = factor };
            default:
                result.AddError($"--schedule '{result.Tokens[0].Value}' is not known; write constant, cosine, step:10 or step:10:0.1");
                return null;
        }
    }

    private static AugmentationPlan? ParseAugmentation(ArgumentResult result)
    {
        try
        {
            return AugmentationPlan.Parse(result.Tokens[0].Value);
        }
        catch (InputException wrong)
        {
            result.AddError($"--augment: {wrong.Message}");
            return null;
        }
    }
}

using System.CommandLine;
using EdgePrune.Cli.Options;
using EdgePrune.Cli.Training;
using EdgePrune.Onnx;
using EdgePrune.Training.Loop;

namespace EdgePrune.Cli.Commands;

/// <summary>Trains a model on from the weights that it has.</summary>
internal sealed class FinetuneCommand : TrainingCommand
{
    private readonly Option<bool> freeze = new("--freeze-bn") { Description = "Leave BatchNormalization as it is in inference: its statistics stay." };

    private readonly Option<string?> names = new("--parameters")
    {
        Description = "Train only the initializers of these names, with commas between; * stands for any letters.",
        HelpName = "names",
    };

    public FinetuneCommand()
        : base(
            "finetune",
            "Train a classifier on from the weights that it has.",
            "edgeprune finetune pruned.onnx --data samples/digits/train.npz --teacher samples/digits/digits.onnx -o tuned.onnx",
            SharedOptions.Model(),
            ".tuned.onnx",
            new TrainingArguments(defaultEpochs: 10, defaultWarmup: 0, rateFactor: 0.2))
    {
        Add(freeze);
        Add(names);
    }

    protected override OnnxModel Prepare(OnnxModel loaded, ParseResult parsed) => loaded;

    protected override TrainingPlan Complete(TrainingPlan plan, OnnxModel prepared, ParseResult parsed) => plan with
    {
        FreezeNormalization = parsed.GetValue(freeze),
        Parameters = parsed.GetValue(names) is { } wanted ? TrainableParameters.Matching(prepared, wanted.Split(',', StringSplitOptions.TrimEntries)) : null,
    };
}

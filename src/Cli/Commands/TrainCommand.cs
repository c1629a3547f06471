using System.CommandLine;
using EdgePrune.Cli.Options;
using EdgePrune.Cli.Training;
using EdgePrune.Onnx;
using EdgePrune.Training.Initialization;

namespace EdgePrune.Cli.Commands;

/// <summary>Trains a graph from random weights.</summary>
internal sealed class TrainCommand() : TrainingCommand(
    "train",
    "Train a classifier from random weights.",
    "edgeprune train samples/digits/graph.onnx --data samples/digits/train.npz -o digits.onnx --epochs 15",
    SharedOptions.Model("graph", "The .onnx file; the weights in it do not matter."),
    ".trained.onnx",
    new TrainingArguments(defaultEpochs: 30, defaultWarmup: 1, rateFactor: 1))
{
    protected override OnnxModel Prepare(OnnxModel loaded, ParseResult parsed) => ParameterInitializer.Draw(loaded, Settings.Seed(parsed));
}

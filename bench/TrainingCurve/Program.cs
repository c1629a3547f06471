using System.Diagnostics;
using System.Globalization;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Training.Data;
using EdgePrune.Training.Evaluation;
using EdgePrune.Training.Steps;
using EdgePrune.Training.Steps.Optimizers;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

// Usage: see bench/training-curve.
const int Batch = 64;
const int Early = 50;
(string folder, int steps, int threads, string[] other) = (args[0], int.Parse(args[1]), int.Parse(args[2]), args[3..]);
string file = Path.Combine(folder, "resnet20_cifar10.onnx");
OnnxModel model = OnnxModel.Load(file);
Dataset train = Dataset.Load(Path.Combine(folder, "train_15000.npz"));
Dataset test = Dataset.Load(Path.Combine(folder, "test_10000.npz"));
Console.WriteLine($"before: EdgePrune's test accuracy {Accuracy(model):P2}");

var options = new TrainingOptions { BatchSize = Batch, Optimizer = new Sgd { Momentum = 0.9, WeightDecay = 1e-4 } };
var ours = new List<double>();
double accuracy;
using (TrainingStep step = TrainingStep.Create(model, options, new SessionSettings { Threads = threads }))
{
    for (int i = 0; i < steps; i++)
    {
        Dataset part = train.Subset(Enumerable.Range(i * Batch, Batch).Select(n => (int)(n * 7919L % train.Count)));
        using DatasetBatch batch = part.Batch(0, Batch, [new ModelInput("input", TensorElementType.Float, [Batch, 3, 32, 32])]);
        using OrtValue labels = OrtValue.CreateTensorValueFromMemory(batch.Labels!.ToArray(), [Batch]);
        ours.Add(step.Run(new Dictionary<string, OrtValue>(batch.Values) { ["labels"] = labels }, 0.001));
    }

    accuracy = Accuracy(step.ToModel());
}

string[] lines = Other([.. other, folder, $"{steps}", $"{threads}"]);
double[] theirs = [.. lines[..steps].Select(l => double.Parse(l, CultureInfo.InvariantCulture))];
double theirAccuracy = double.Parse(lines[steps], CultureInfo.InvariantCulture);
double[] apart = [.. ours.Zip(theirs, (a, b) => Math.Abs(a - b) / b)];
Console.WriteLine("step   EdgePrune    PyTorch   apart");
for (int i = 0; i < steps; i++)
{
    if (i < 5 || (i + 1) % 25 == 0)
    {
        Console.WriteLine($"{i + 1,4}   {ours[i]:F7}  {theirs[i]:F7}  {apart[i]:P3}");
    }
}

Console.WriteLine($"largest difference of a loss: {apart.Take(Early).Max():P3} in the first {Early} steps, {apart.Max():P3} in all {steps}");
Console.WriteLine($"mean loss of the last {Early} steps: EdgePrune {ours.TakeLast(Early).Average():F5}, PyTorch {theirs.TakeLast(Early).Average():F5}");
Console.WriteLine($"after:  test accuracy EdgePrune {accuracy:P2}, PyTorch {theirAccuracy:P2}");
return apart.Take(Early).Max() <= 0.01 && Math.Abs(accuracy - theirAccuracy) <= 0.003 ? 0 : 1;

double Accuracy(OnnxModel judged)
{
    using ModelSession session = ModelSession.Create(judged, new SessionSettings { Threads = threads });
    return Evaluator.Run(session.Session, test, 100).Accuracy;
}

static string[] Other(string[] command)
{
    var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true };
    start.Environment["OMP_WAIT_POLICY"] = "ACTIVE";
    using Process process = Process.Start(start)!;
    string[] lines = process.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    process.WaitForExit();
    return process.ExitCode == 0 ? lines : throw new InvalidOperationException($"{command[0]} ended with {process.ExitCode}");
}

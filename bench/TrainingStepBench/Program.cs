using System.Diagnostics;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Training.Steps;
using EdgePrune.Training.Steps.Optimizers;
using Microsoft.ML.OnnxRuntime;
using TrainingStepBench;

// Usage: see bench/training-step.
const int Turn = 4;
OnnxModel model = OnnxModel.Load(args[0]);
int batch = int.Parse(args[1]);
int threads = int.Parse(args[2]);
int turns = int.Parse(args[3]);
var options = new TrainingOptions { BatchSize = batch, Optimizer = new Sgd { WeightDecay = 1e-4 } };
var settings = new SessionSettings { Threads = threads, AllowSpinning = true };
using Competitor? other = args.Length > 4 ? Competitor.Start(args[4..], args[0], batch, threads) : null;
using TrainingStep step = TrainingStep.Create(model, options, settings);
using NamedValues values = Batch(step.Inputs);
var ours = new List<double>();
var theirs = new List<double>();
for (int turn = 0; turn <= turns; turn++)
{
    var now = new List<double>();
    for (int i = 0; i < Turn; i++)
    {
        long start = Stopwatch.GetTimestamp();
        step.Run(values, 0.001);
        now.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
    }

    IReadOnlyList<double>? answer = other?.Run(Turn);

    // The first turn warms up.
    if (turn > 0)
    {
        ours.AddRange(now);
        theirs.AddRange(answer ?? []);
    }
}

Print("EdgePrune", ours, Competitor.PeakMegabytes(Environment.ProcessId), batch);
if (other is not null)
{
    Print("PyTorch", theirs, other.Peak, batch);
    Console.WriteLine($"throughput against PyTorch: {Median(theirs) / Median(ours):F2} (median), {theirs.Min() / ours.Min():F2} (fastest)");
}

OperatorProfile.Print(StepGraph.Make(model, options), settings, values);
return 0;

static double Median(List<double> times) => times.Order().ElementAt(times.Count / 2);

static void Print(string name, List<double> times, double peak, int batch) =>
    Console.WriteLine($"{name,-10} {Median(times),8:F1} ms a step (fastest {times.Min():F1}), {batch * 1000 / Median(times),7:F0} samples/s, peak memory {peak:F0} MB");

static NamedValues Batch(IReadOnlyList<StepInput> inputs)
{
    var random = new Random(1);
    return new NamedValues(inputs.Select(input =>
    {
        long[] dims = [.. input.Dims];
        int count = (int)dims.Aggregate(1L, (a, d) => a * d);
        return new KeyValuePair<string, OrtValue>(input.Name, input.Type == TensorProto.Types.DataType.Int64
            ? OrtValue.CreateTensorValueFromMemory(Enumerable.Range(0, count).Select(_ => (long)random.Next(6)).ToArray(), dims)
            : OrtValue.CreateTensorValueFromMemory(Enumerable.Range(0, count).Select(_ => (float)random.NextDouble()).ToArray(), dims));
    }));
}

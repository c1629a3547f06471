using System.Diagnostics;
using System.Globalization;
using EdgePrune.Bench.SamplerDisturbance;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Profiler.Devices;
using EdgePrune.Profiler.Sensors;
using EdgePrune.Profiler.Sensors.Sampling;
using EdgePrune.Profiler.Simulation;
using EdgePrune.Profiler.Statistics;
using EdgePrune.Profiler.Units;
using Microsoft.ML.OnnxRuntime;

// What sampling costs the network that is measured: latency with a sampler running against without, in turns, and what the
// sampling thread itself uses. The sensor is a register model behind the real driver: what its physics compute on the sampling thread
// stands in a column of its own, the time that a real bus keeps the kernel waiting is not in either. Arguments: model, pairs of turns, seconds a turn.
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
string path = args.Length > 0 ? args[0] : "samples/digits/digits.onnx";
int pairs = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 60;
double turn = args.Length > 2 ? double.Parse(args[2], CultureInfo.InvariantCulture) : 0.5;
OnnxModel model = OnnxModel.Load(path);
using var session = ModelSession.Create(model, SessionSettings.Default);
using NamedValues inputs = SyntheticInputs.Make(session.Inputs, 0);
using OrtIoBinding binding = session.Session.CreateIoBinding();
using var run = new RunOptions();
foreach (ModelInput input in session.Inputs)
{
    binding.BindInput(input.Name, inputs[input.Name]);
}

foreach (string output in session.OutputNames)
{
    binding.BindOutputToDevice(output, OrtMemoryInfo.DefaultInstance);
}

Console.WriteLine("| sensor | readings a second | latency with / without (95 %) | sampler, of one core | the model of the part on the same thread | bytes allocated a poll |");
Console.WriteLine("|---|---|---|---|---|---|");
foreach (string part in new[] { "ina219", "ina226", "hwmon" })
{
    Measure(part);
}

void Measure(string part)
{
    var clock = TimeProvider.System;
    var board = new SimulatedBoard(new BoardPhysics(), clock);
    var meter = new BusMeter();
    var scheduler = new MeteredScheduler(new ThreadPollScheduler(clock), meter);
    // The files of hwmon are kept up to date by a thread of its own, which is no part of the sampler.
    var simulation = new SimulationEntry(part, new Watts(2), default, 0, 0, 0.3, 1);
    using var host = new SimulatedHost(board, simulation, "bench", clock, new ThreadPollScheduler(clock), spend: null);
    using IPowerSource source = PowerSources.Open(host.Entry, host.Context with
    {
        Scheduler = scheduler,
        OpenBus = number => new MeteredBus(host.Context.OpenBus(number), meter),
    });
    Turn();
    double[] ratios = new double[pairs];
    long readings = 0;
    double seconds = 0;
    for (int i = 0; i < pairs; i++)
    {
        double with = 0;
        double without = 0;
        for (int half = 0; half < 2; half++)
        {
            if ((half == 0) == (i % 2 == 0))
            {
                // A board that draws the same for seconds looks like a stuck sensor.
                board.SetLoad(i % 4);
                source.Start();
                with = Turn();
                PowerWindow window = source.Stop();
                if (window.Invalid is { } why)
                {
                    Console.Error.WriteLine($"{part}: a window is lost: {why}");
                }

                readings += window.Samples.Count(s => s.IsFresh);
                seconds += window.Duration.Value;
            }
            else
            {
                without = Turn();
            }
        }

        ratios[i] = with / without;
    }

    Interval ratio = Order.MedianInterval(ratios);
    Console.WriteLine(
        $"| {part} | {readings / seconds:F0} | {ratio.Median:F4} ({ratio.Low:F4} to {ratio.High:F4}) | {(scheduler.Cpu - scheduler.BusCpu) / scheduler.Wall:P2} | {scheduler.BusCpu / scheduler.Wall:P2} | {(double)scheduler.Bytes / Math.Max(1, scheduler.Polls):F1} |");
}

// Median seconds of a run.
double Turn()
{
    var times = new List<double>(100_000);
    long start = Stopwatch.GetTimestamp();
    while (Stopwatch.GetElapsedTime(start).TotalSeconds < turn)
    {
        long before = Stopwatch.GetTimestamp();
        session.Session.RunWithBinding(run, binding);
        times.Add(Stopwatch.GetElapsedTime(before).TotalSeconds);
    }

    return Order.Median([.. times]);
}

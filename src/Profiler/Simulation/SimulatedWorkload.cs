using EdgePrune.Profiler.Energy.Measurement;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Simulation;

/// <summary>A network of which every layer's time and power are known, run on a simulated board in virtual time.</summary>
public sealed class SimulatedWorkload : IEnergyWorkload
{
    private const double TargetRun = 200e-6;
    private readonly SimulatedBoard board;
    private readonly VirtualTime time;
    private readonly IReadOnlyList<SimulatedLayer> layers;
    private readonly SimulatedLayer overhead;
    private readonly double jitter;
    private readonly Random random;

    /// <param name="layers">The truth.</param>
    /// <param name="overhead">What the runtime does for each run.</param>
    /// <param name="jitter">Relative standard deviation of the time of a run.</param>
    public SimulatedWorkload(
        SimulatedBoard board, VirtualTime time, IReadOnlyList<SimulatedLayer> layers, SimulatedLayer overhead, double jitter, int seed)
    {
        this.board = board;
        this.time = time;
        this.layers = layers;
        this.overhead = overhead;
        this.jitter = jitter;
        random = new Random(seed);
        LayerSeconds = [.. layers.Select(l => l.Time.Value)];
        NetworkSeconds = layers.Sum(l => l.Time.Value) + overhead.Time.Value;
    }

    public IReadOnlyList<double> LayerSeconds { get; }

    public double NetworkSeconds { get; }

    public double SlowNetworkSeconds => NetworkSeconds;

    /// <summary>Called after each run with the time now; faults happen here.</summary>
    public Action<Seconds>? AfterRun { get; set; }

    public Activity Idle(Seconds duration, CancellationToken cancel)
    {
        double begin = time.Now.Value;
        double left = duration.Value;
        while (left > 0)
        {
            // In pieces, so that sensors are asked and faults happen as time goes on.
            double piece = Math.Min(left, 0.05);
            board.Run(0, new Seconds(piece));
            AfterRun?.Invoke(time.Now);
            left -= piece;
        }

        time.Settle();

        return new Activity(new Seconds(begin), time.Now, 0, -1, 0, 0, 0, 0, 0);
    }

    public Activity Empty(int markers, Seconds duration, CancellationToken cancel) =>
        Loop(duration, -1, 0, 0, markers, () => Spend(Marker, markers), cancel);

    public Activity Layer(int layer, Seconds duration, CancellationToken cancel)
    {
        int copies = (int)Math.Clamp(TargetRun / layers[layer].Time.Value, 2, 64);
        return Loop(duration, layer, copies, 0, copies, () => Execute(layer, copies), cancel);
    }

    public Activity Network(Seconds duration, CancellationToken cancel) => Loop(duration, -1, 0, 1, 0, ExecuteAll, cancel);

    public Activity? Boosted(int layer, int repeats, Seconds duration, CancellationToken cancel) => Loop(
        duration,
        layer,
        repeats,
        1,
        repeats,
        () =>
        {
            ExecuteAll();
            Execute(layer, repeats);
        },
        cancel);

    private void ExecuteAll()
    {
        for (int i = 0; i < layers.Count; i++)
        {
            Execute(i, 1);
        }
    }

    // A repeated layer comes with a marker each time, as in the real loops.
    private void Execute(int layer, int copies)
    {
        Spend(layers[layer], copies);
        if (copies > 1)
        {
            Spend(Marker, copies);
        }
    }

    private SimulatedLayer Marker => overhead with { Time = overhead.Time * 0.1 };

    private void Spend(SimulatedLayer what, int copies)
    {
        // A slower clock takes longer and, voltage and frequency falling together, draws less: energy goes with about the square.
        double speed = board.Speed;
        double factor = Math.Max(0.5, 1 + (jitter * Gaussian())) / speed;
        board.Run(what.Power.Value * speed * speed * speed, new Seconds(what.Time.Value * copies * factor));
    }

    private Activity Loop(Seconds duration, int layer, int copies, long networks, int markers, Action body, CancellationToken cancel)
    {
        double begin = time.Now.Value;
        double end = begin + duration.Value;
        double middle = begin + (duration.Value / 2);
        long runs = 0;
        long early = 0;
        double earlyEnd = begin;
        var times = new List<double>();
        while (time.Now.Value < end)
        {
            cancel.ThrowIfCancellationRequested();
            if (networks > 0)
            {
                times.Add(time.Now.Value);
            }

            body();
            Spend(overhead, 1);
            AfterRun?.Invoke(time.Now);
            runs++;
            if (time.Now.Value < middle)
            {
                early = runs;
                earlyEnd = time.Now.Value;
            }
        }

        time.Settle();
        double now = time.Now.Value;
        times.Add(now);
        double earlyRate = early > 0 ? early / (earlyEnd - begin) : runs / (now - begin);
        double lateRate = runs > early ? (runs - early) / (now - earlyEnd) : earlyRate;
        return new Activity(new Seconds(begin), time.Now, runs, layer, runs * copies, networks * runs, markers * runs, earlyRate, lateRate)
        {
            RunTimes = networks > 0 ? times : [],
        };
    }

    private double Gaussian() =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}

using EdgePrune.Profiler.Devices;
using EdgePrune.Profiler.Sensors;
using EdgePrune.Profiler.Simulation;
using EdgePrune.Profiler.Simulation.Parts;

namespace EdgePrune.Profiler.Tests.Sensors.I2c;

/// <summary>A part on a bus on a supply, in simulated time, with what a device file would say about it.</summary>
internal sealed class I2cBench
{
    public const int Address = 0x40;

    // The line is made for the clock that the bench owns.
    public I2cBench(string kind, double ohms, Func<Func<double>, ISupplyLine> line, int hertz = 400_000, ConverterErrors? errors = null)
    {
        Time = new BenchTime();
        Line = line(() => Time.Now);
        Bus = new SimulatedI2cBus("i2c-1", hertz, Time.Spend);
        Part = kind switch
        {
            "ina219" => new Ina219Part(Line, ohms, errors),
            "ina226" => new Ina226Part(Line, ohms, errors),
            "ina3221" => new Ina3221Part([Line, Line, Line], [ohms, ohms, ohms], errors),
            _ => throw new ArgumentOutOfRangeException(nameof(kind)),
        };
        Bus.Add(Address, Part);
        int channels = kind == "ina3221" ? 3 : 1;
        Entry = new PowerSourceEntry(
            kind,
            1,
            Address,
            [.. Enumerable.Range(1, channels).Select(c => new RailEntry($"rail{c}", null, channels == 1 ? null : c, ohms, RailRole.Part))])
        {
            BusHertz = hertz,
        };
        Context = new PowerSourceContext
        {
            Clock = Time,
            Scheduler = Time,
            OpenBus = _ => Bus,
            Root = "/nonexistent",
            SimulatedBoard = "bench",
        };
    }

    public BenchTime Time { get; }

    public ISupplyLine Line { get; }

    public SimulatedI2cBus Bus { get; }

    public ConvertingPart Part { get; }

    public PowerSourceEntry Entry { get; set; }

    public PowerSourceContext Context { get; set; }

    /// <summary>When the last window began.</summary>
    public double Started { get; private set; }

    public IPowerSource Open() => PowerSources.Open(Entry, Context);

    /// <summary>One window; the middle is for what a test wants to happen in it.</summary>
    public PowerWindow Window(IPowerSource source, double seconds, Action? middle = null)
    {
        source.Start();
        Started = Time.Now;
        Time.Advance(seconds / 2);
        middle?.Invoke();
        Time.Advance(seconds / 2);
        return source.Stop();
    }
}

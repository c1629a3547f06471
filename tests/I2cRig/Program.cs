using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using EdgePrune.I2cRig;
using EdgePrune.Profiler.Devices;
using EdgePrune.Profiler.Sensors;
using EdgePrune.Profiler.Sensors.I2c;
using EdgePrune.Profiler.Sensors.Sampling;
using EdgePrune.Profiler.Simulation;
using EdgePrune.Profiler.Simulation.Parts;

const int Unavailable = 77;
const int Address = 0x40;
const int Bus = 1;

if (!SystemCalls.AreKnown)
{
    return Unavailable;
}

string kind = args[1];
var supply = new SteadySupply(amperes: 2, volts: 5);
ConvertingPart part = kind switch
{
    "ina219" => new Ina219Part(supply, 0.05),
    "ina226" => new Ina226Part(supply, 0.02),
    "ina3221" => new Ina3221Part([supply, supply, supply], [0.05, 0.05, 0.05]),
    _ => throw new ArgumentException($"no part {kind}"),
};
var bus = new SimulatedI2cBus($"i2c-{Bus}", int.Parse(args[2], CultureInfo.InvariantCulture));
bus.Add(Address, part);
var devices = new SimulatedDevices(Bus, bus);
if (!SystemCallListener.TryStart(devices, out int error))
{
    Console.Error.WriteLine($"seccomp user notification is not available here: error {error}");
    return Unavailable;
}

switch (args[0])
{
    case "run": // KIND HERTZ PROGRAM ARGUMENTS…: a program with the part on its bus
        using (Process child = Process.Start(args[3], args[4..]))
        {
            child.WaitForExit();
            return child.ExitCode;
        }

    case "measure": // KIND HERTZ SECONDS [FAULT]: a window; the fault comes in its middle
        Say(() => Measure(double.Parse(args[3], CultureInfo.InvariantCulture), args.Length > 4 ? Enum.Parse<I2cFaultKind>(args[4]) : I2cFaultKind.None));
        return 0;

    case "open": // KIND HERTZ ERROR: opening the bus fails
        devices.ErrorOfOpen = int.Parse(args[3], CultureInfo.InvariantCulture);
        Say(() => Transfer(1));
        return 0;

    case "functions": // KIND HERTZ MASK: the adapter can do only this
        devices.Functions = ulong.Parse(args[3], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        Say(() => Transfer(1));
        return 0;

    case "transfer": // KIND HERTZ ERROR: every transfer fails
        devices.ErrorOfTransfer = int.Parse(args[3], CultureInfo.InvariantCulture);
        Say(() => Transfer(1));
        return 0;

    case "repeat": // KIND HERTZ TIMES: so many reads of one register
        Say(() => Transfer(int.Parse(args[3], CultureInfo.InvariantCulture)));
        return 0;

    case "discover": // KIND HERTZ ROOT
        Say(() => new Report
        {
            Found = [.. PowerSources.Families.Where(f => f.Kind.StartsWith("ina", StringComparison.Ordinal))
                .SelectMany(f => f.Discover(Context() with { Root = args[3] })).Select(d => d.Name)],
        });
        return 0;

    default:
        throw new ArgumentException($"no command {args[0]}");
}

Report Measure(double seconds, I2cFaultKind fault)
{
    int channels = kind == "ina3221" ? 3 : 1;
    double ohms = kind == "ina226" ? 0.02 : 0.05;
    var entry = new PowerSourceEntry(
        kind, Bus, Address, [.. Enumerable.Range(1, channels).Select(c => new RailEntry($"rail{c}", null, c, ohms, RailRole.Part))])
    {
        BusHertz = int.Parse(args[2], CultureInfo.InvariantCulture),
    };
    using IPowerSource source = PowerSources.Open(entry, Context());
    source.Start();
    long before = part.Completed;
    long seen = part.Seen;
    Thread.Sleep(TimeSpan.FromSeconds(seconds / 2));
    bus.Fault = fault;
    Thread.Sleep(TimeSpan.FromSeconds(seconds / 2));
    PowerWindow window = source.Stop();
    return new Report
    {
        Invalid = window.Invalid,
        Duration = window.Duration.Value,
        Energy = [.. window.Energy.Select(e => e.Value)],
        Samples = window.Samples.Count,
        Rounds = part.Completed - before,
        Seen = part.Seen - seen,
    };
}

Report Transfer(int times)
{
    using II2cBus opened = I2cBuses.Open(Bus);
    byte[] pointer = [0];
    byte[] value = new byte[2];
    opened.WriteRead(Address, pointer, value);
    long before = GC.GetAllocatedBytesForCurrentThread();
    for (int i = 1; i < times; i++)
    {
        opened.WriteRead(Address, pointer, value);
    }

    return new Report { Samples = (value[0] << 8) | value[1], Allocated = GC.GetAllocatedBytesForCurrentThread() - before };
}

PowerSourceContext Context() => new()
{
    Clock = TimeProvider.System,
    Scheduler = new ThreadPollScheduler(TimeProvider.System),
    OpenBus = I2cBuses.Open,
};

void Say(Func<Report> act)
{
    Report report;
    try
    {
        report = act();
    }
    catch (Exception e) when (e is SensorException or IOException)
    {
        report = new Report { Error = e.Message, ErrorType = e.GetType().Name, ErrorNumber = (e as I2cTransferException)?.ErrorNumber };
    }

    Console.WriteLine(JsonSerializer.Serialize(report with { Requests = devices.Requests, Messages = devices.Messages }));
}

using EdgePrune.Profiler.Devices;
using EdgePrune.Profiler.Sensors;
using EdgePrune.Profiler.Sensors.Sampling;
using EdgePrune.Profiler.Simulation.Parts;
using EdgePrune.Profiler.Simulation.Trees;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Simulation;

/// <summary>
/// A machine that a simulated board's sensor is wired to: a bus with a register model, a folder with the kernel's files, or a
/// program. The drivers of real sensors read it; nothing of them is replaced.
/// </summary>
public sealed class SimulatedHost : IDisposable
{
    private const int Bus = 1;
    private const int Address = 0x40;
    private const double KernelPeriod = 1e-3;
    private const double FirmwarePeriod = 0.02;
    private const double AssumedWatts = 5;

    private readonly List<IDisposable> kept = [];
    private readonly string folder;

    /// <param name="board">What the sensor sees.</param>
    /// <param name="simulation">Part and its errors.</param>
    /// <param name="name">The board's name, for provenance.</param>
    /// <param name="clock">The board's clock.</param>
    /// <param name="scheduler">Polls, and keeps files up to date.</param>
    /// <param name="spend">Lets time pass for a transfer; null on a real clock.</param>
    public SimulatedHost(
        SimulatedBoard board, SimulationEntry simulation, string name, TimeProvider clock, IPollScheduler scheduler, Action<Seconds>? spend)
    {
        ArgumentNullException.ThrowIfNull(simulation);
        folder = Directory.CreateTempSubdirectory("edgeprune-simulated-").FullName;
        double shunt = simulation.Part == "ina3221" ? 0.005 : 0.02;
        var errors = new ConverterErrors
        {
            ShuntGain = simulation.GainErrorPercent / 100,
            ShuntNoise = AssumedWatts / 5 * shunt * simulation.NoisePercent / 100,
            TimeFactor = 1.03,
            Seed = simulation.Seed,
        };
        int hertz = 400_000;
        var bus = new SimulatedI2cBus($"i2c-{Bus}", hertz, spend);
        string vcgencmd = "vcgencmd";
        RailEntry rail = new("supply", null, null, shunt, RailRole.Total);
        var entry = new PowerSourceEntry(simulation.Part, Bus, Address, [rail]) { BusHertz = hertz };
        switch (simulation.Part)
        {
            case "ina219":
                bus.Add(Address, new Ina219Part(board, shunt, errors));
                break;
            case "ina226":
                bus.Add(Address, new Ina226Part(board, shunt, errors));
                break;
            case "ina3221":
                bus.Add(Address, new Ina3221Part([board, board, board], [shunt, shunt, shunt], errors));
                entry = entry with { Rails = [rail with { Channel = 1 }] };
                break;
            case "hwmon":
                Follow(new SimulatedIna2xxHwmon(folder, "ina219", "1-0040", 3, board, shunt, Seconds.FromMilliseconds(2)), scheduler, KernelPeriod);
                entry = new PowerSourceEntry("hwmon", null, null, [new RailEntry("supply", null, 1, null, RailRole.Total)]) { Path = "ina219" };
                break;
            case "rapl":
                Follow(new SimulatedRapl(folder, [new SimulatedZone("intel-rapl:0", "package-0", board)]), scheduler, KernelPeriod);
                entry = new PowerSourceEntry("rapl", null, null, [new RailEntry("processor", null, null, null, RailRole.Part)]);
                break;
            case "rpi5-pmic":
                var firmware = new SimulatedVcGenCmd(folder, [("VDD_CORE", board)]);
                kept.Add(TreeRefresher.Follow([firmware], scheduler, new Seconds(FirmwarePeriod)));
                vcgencmd = firmware.Program;
                entry = new PowerSourceEntry("rpi5-pmic", null, null, [new RailEntry("board", null, null, null, RailRole.Part)]);
                break;
            default:
                throw new SensorException($"'{simulation.Part}' cannot be simulated");
        }

        Entry = entry;
        Context = new PowerSourceContext
        {
            Clock = clock,
            Scheduler = scheduler,
            OpenBus = number => number == Bus ? bus : throw new SensorException($"the simulated board has no bus i2c-{number}"),
            Root = folder,
            VcGenCmd = vcgencmd,
            SimulatedBoard = name,
        };
    }

    /// <summary>What a device file would say of the sensor.</summary>
    public PowerSourceEntry Entry { get; }

    /// <summary>The machine as sensor code reaches it.</summary>
    public PowerSourceContext Context { get; }

    public void Dispose()
    {
        foreach (IDisposable thing in kept)
        {
            thing.Dispose();
        }

        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (IOException)
        {
            // A folder of temporary files that someone still has open; the system removes it some day.
        }
    }

    private void Follow<T>(T tree, IPollScheduler scheduler, double period)
        where T : ISimulatedTree, IDisposable
    {
        // Last in, first out: the refresher must end before its files are closed.
        kept.Add(TreeRefresher.Follow([tree], scheduler, new Seconds(period)));
        kept.Add(tree);
    }
}

using System.Globalization;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Simulation.Trees;

/// <summary>
/// An INA219 or INA226 behind the kernel's ina2xx driver (drivers/hwmon/ina2xx.c): shunt and bus convert one after the other, the
/// part multiplies what it has quantised, and the driver turns registers into millivolts, milliamperes and microwatts.
/// </summary>
public sealed class SimulatedIna2xxHwmon : ISimulatedTree, IDisposable
{
    private readonly ISupplyLine line;
    private readonly bool is219;
    private readonly double shuntOhms;
    private readonly double interval;
    private readonly AttributeFile shunt;
    private readonly AttributeFile bus;
    private readonly AttributeFile current;
    private readonly AttributeFile power;
    private long shown = long.MinValue;

    /// <param name="root">Folder that stands for the root of the file system.</param>
    /// <param name="name">ina219 or ina226.</param>
    /// <param name="place">Bus and address, for example 1-0040.</param>
    /// <param name="number">The hwmon number, which says nothing.</param>
    /// <param name="interval">Time of a shunt and a bus conversion together, with all averages.</param>
    public SimulatedIna2xxHwmon(string root, string name, string place, int number, ISupplyLine line, double shuntOhms, Seconds interval)
    {
        (this.line, this.shuntOhms, this.interval) = (line, shuntOhms, interval.Value);
        is219 = name == "ina219";
        string folder = HwmonFolder.Make(root, "ina2xx", name, place, number);
        AttributeFile.WriteOnce(Path.Combine(folder, "shunt_resistor"), ((long)Math.Round(shuntOhms * 1e6)).ToString(CultureInfo.InvariantCulture));
        if (!is219)
        {
            AttributeFile.WriteOnce(Path.Combine(folder, "update_interval"), ((long)Math.Round(interval.Milliseconds)).ToString(CultureInfo.InvariantCulture));
        }

        shunt = new AttributeFile(Path.Combine(folder, "in0_input"));
        bus = new AttributeFile(Path.Combine(folder, "in1_input"));
        current = new AttributeFile(Path.Combine(folder, "curr1_input"));
        power = new AttributeFile(Path.Combine(folder, "power1_input"));
        Refresh();
    }

    public void Refresh()
    {
        long round = (long)Math.Floor(line.Now.Value / interval);
        if (round == shown)
        {
            return;
        }

        shown = round;
        Seconds begin = new((round - 1) * interval);
        Seconds half = begin + new Seconds(interval / 2);
        double shuntStep = is219 ? 10e-6 : 2.5e-6;
        double busStep = is219 ? 4e-3 : 1.25e-3;
        long shuntRaw = (long)Math.Clamp(Math.Round(line.MeanAmperes(begin, half) * shuntOhms / shuntStep), -32768, 32767);
        long busRaw = (long)Math.Max(0, Math.Round(line.MeanVolts(half, begin + new Seconds(interval)) / busStep));
        // The driver calibrates so that the current register equals the shunt register.
        long powerRaw = Math.Abs(shuntRaw) * busRaw / (is219 ? 5000 : 20000);
        double currentMicroamperes = Math.Round((is219 ? 1e7 : 2.5e6) / (shuntOhms * 1e6));
        shunt.Write((long)Math.Round(shuntRaw * shuntStep * 1e3));
        bus.Write((long)Math.Round(busRaw * busStep * 1e3));
        current.Write((long)Math.Round(shuntRaw * currentMicroamperes / 1e3));
        power.Write((long)(powerRaw * currentMicroamperes * (is219 ? 20 : 25)));
    }

    public void Dispose()
    {
        shunt.Dispose();
        bus.Dispose();
        current.Dispose();
        power.Dispose();
    }
}

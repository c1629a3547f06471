using System.Globalization;
using EdgePrune.DeviceVm.Kernel;
using EdgePrune.DeviceVm.Supply;
using EdgePrune.DeviceVm.Usb;

namespace EdgePrune.DeviceVm.Checks;

/// <summary>The kernel's own drivers over the simulated parts: ina2xx on an INA219, ina3221 on an INA3221.</summary>
internal sealed class HwmonChecks(TimeProvider clock)
{
    private static readonly (double Volts, double Amperes)[] Truths = [(5, 0.1), (3.3, 1.2345), (12, 3.0), (5, -0.5)];

    public void Run(CheckReport report)
    {
        var single = new SteadyLine(clock);
        SteadyLine[] channels = [new SteadyLine(clock), new SteadyLine(clock), new SteadyLine(clock)];
        using var bench = new Bench(single, channels);
        using (HwmonDevice device = HwmonDevice.Bind(bench.Bus, Bench.HwmonAddress, "ina219"))
        {
            device.Write("shunt_resistor", Bench.ShuntMicroohms);
            foreach ((double volts, double amperes) in Truths)
            {
                single.Set(volts, amperes);
                Thread.Sleep(5);
                Single(report, device, volts, amperes);
            }

            Faults(report, bench, device);
        }

        using HwmonDevice three = HwmonDevice.Bind(bench.Bus, Bench.ThreeChannelAddress, "ina3221");
        foreach ((double volts, double amperes) in Truths)
        {
            for (int i = 0; i < channels.Length; i++)
            {
                // Each channel has a truth of its own, so that exchanged channels show.
                channels[i].Set(volts - (0.5 * i), amperes / (1 << i));
                three.Write(Name("shunt{0}_resistor", i + 1), Bench.ShuntMicroohms);
            }

            Thread.Sleep(20);
            Three(report, three, volts, amperes, channels.Length);
        }
    }

    private static void Single(CheckReport report, HwmonDevice device, double volts, double amperes)
    {
        long shunt = device.Read("in0_input"), bus = device.Read("in1_input"), current = device.Read("curr1_input"), power = device.Read("power1_input");
        // Steps: shunt 10 µV shown in whole mV; bus 4 mV; current 0.1 mA shown in whole mA; power 2 mW, of a current and a
        // voltage that are each a step off at most. The part's power register has no sign.
        double watts = Math.Abs(volts * amperes);
        double powerStep = 0.002 + (0.0001 * volts) + (0.004 * Math.Abs(amperes));
        report.Check(
            string.Create(CultureInfo.InvariantCulture, $"ina2xx at {volts} V, {amperes} A"),
            Math.Abs(shunt - (amperes * Bench.ShuntOhms * 1e3)) <= 0.51 && Math.Abs(bus - (volts * 1e3)) <= 4
                && Math.Abs(current - (amperes * 1e3)) <= 1.1 && Math.Abs((power * 1e-6) - watts) <= powerStep,
            string.Create(
                CultureInfo.InvariantCulture,
                $"shunt {shunt} mV of {amperes * Bench.ShuntOhms * 1e3:F2}, bus {bus} mV of {volts * 1e3:F0} (step 4), current {current} mA of {amperes * 1e3:F1}, power {power * 1e-3:F0} mW of {watts * 1e3:F1} (steps {powerStep * 1e3:F1})"));
    }

    private static void Three(CheckReport report, HwmonDevice device, double volts, double amperes, int channels)
    {
        bool right = true;
        var figures = new List<string>();
        for (int i = 0; i < channels; i++)
        {
            double trueVolts = volts - (0.5 * i), trueAmperes = amperes / (1 << i);
            long bus = device.Read(Name("in{0}_input", i + 1)), shunt = device.Read(Name("in{0}_input", i + 4)), current = device.Read(Name("curr{0}_input", i + 1));
            // Steps: bus 8 mV, shunt 40 µV, which is 0.4 mA at 0.1 Ω. The shunt's range ends at ±163.8 mV.
            double shownVolts = Math.Clamp(trueAmperes * Bench.ShuntOhms * 1e6, -163_840, 163_800);
            right &= Math.Abs(bus - (trueVolts * 1e3)) <= 8 && Math.Abs(shunt - shownVolts) <= 40
                && Math.Abs(current - (shownVolts / Bench.ShuntOhms * 1e-3)) <= 1;
            figures.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"{i + 1}: bus {bus} mV of {trueVolts * 1e3:F0}, shunt {shunt} µV of {trueAmperes * Bench.ShuntOhms * 1e6:F0}, current {current} mA"));
        }

        report.Check(string.Create(CultureInfo.InvariantCulture, $"ina3221 from {volts} V, {amperes} A"), right, string.Join("; ", figures));
    }

    /// <summary>The drivers hand a fault on as an error of the file; a number there would be a false one.</summary>
    private static void Faults(CheckReport report, Bench bench, HwmonDevice device)
    {
        foreach (TransferFault fault in Enum.GetValues<TransferFault>().Where(f => f != TransferFault.None))
        {
            bench.Adapter.Inject(Bench.HwmonAddress, fault);
            string outcome;
            bool refused = false;
            try
            {
                outcome = string.Create(CultureInfo.InvariantCulture, $"the file holds {device.Read("in1_input")}");
            }
            catch (IOException e)
            {
                refused = true;
                outcome = e.Message;
            }

            bench.Adapter.Inject(Bench.HwmonAddress, TransferFault.None);
            report.Check($"ina2xx with {fault}", refused, outcome);
        }
    }

    private static string Name(string format, int channel) => string.Format(CultureInfo.InvariantCulture, format, channel);
}

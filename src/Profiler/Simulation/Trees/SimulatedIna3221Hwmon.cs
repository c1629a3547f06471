using System.Globalization;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Simulation.Trees;

/// <summary>An INA3221 behind the kernel's ina3221 driver (drivers/hwmon/ina3221.c), as on every Jetson since JetPack 5.</summary>
public sealed class SimulatedIna3221Hwmon : ISimulatedTree, IDisposable
{
    private readonly IReadOnlyList<SimulatedChannel> channels;
    private readonly Ina3221Conversions converter;
    private readonly List<(int Channel, AttributeFile Bus, AttributeFile Shunt, AttributeFile Current)> files = [];

    /// <param name="root">Folder that stands for the root of the file system.</param>
    /// <param name="place">Bus and address, for example 1-0040.</param>
    /// <param name="number">The hwmon number, which says nothing.</param>
    /// <param name="channels">One to three.</param>
    /// <param name="samples">Samples of the recursive average.</param>
    /// <param name="conversion">Time of one conversion, shunt or bus; 1.1 ms at reset.</param>
    public SimulatedIna3221Hwmon(string root, string place, int number, IReadOnlyList<SimulatedChannel> channels, int samples, Seconds conversion)
    {
        ArgumentNullException.ThrowIfNull(channels);
        this.channels = channels;
        converter = new Ina3221Conversions(channels, samples, conversion);
        string folder = HwmonFolder.Make(root, "ina3221", "ina3221", place, number);
        AttributeFile.WriteOnce(Path.Combine(folder, "samples"), samples.ToString(CultureInfo.InvariantCulture));
        AttributeFile.WriteOnce(
            Path.Combine(folder, "update_interval"), ((long)Math.Round(converter.Round.Milliseconds * samples)).ToString(CultureInfo.InvariantCulture));
        for (int i = 0; i < channels.Count; i++)
        {
            Add(folder, i);
        }

        Refresh();
    }

    public void Refresh()
    {
        converter.Advance();
        foreach ((int channel, AttributeFile busFile, AttributeFile shuntFile, AttributeFile currentFile) in files)
        {
            (long shunt, long bus) = converter.Registers(channel);
            busFile.Write(bus * 8);
            shuntFile.Write(shunt * 40);
            // DIV_ROUND_CLOSEST of nanovolts by microohms gives milliamperes.
            currentFile.Write((long)Math.Round(shunt * Ina3221Conversions.ShuntStep / channels[channel].ShuntOhms * 1e3));
        }
    }

    public void Dispose()
    {
        foreach ((_, AttributeFile bus, AttributeFile shunt, AttributeFile current) in files)
        {
            bus.Dispose();
            shunt.Dispose();
            current.Dispose();
        }
    }

    private void Add(string folder, int i)
    {
        int n = i + 1;
        SimulatedChannel channel = channels[i];
        if (channel.Label is not null)
        {
            AttributeFile.WriteOnce(Path.Combine(folder, $"in{n}_label"), channel.Label);
        }

        AttributeFile.WriteOnce(Path.Combine(folder, $"in{n}_enable"), channel.Line is null ? "0" : "1");
        AttributeFile.WriteOnce(Path.Combine(folder, $"shunt{n}_resistor"), ((long)Math.Round(channel.ShuntOhms * 1e6)).ToString(CultureInfo.InvariantCulture));
        if (channel.Line is null)
        {
            // Reading these answers EIO; a file that ends at once is as near as a disk comes.
            File.WriteAllText(Path.Combine(folder, $"in{n}_input"), "");
            File.WriteAllText(Path.Combine(folder, $"curr{n}_input"), "");
            return;
        }

        files.Add((
            i,
            new AttributeFile(Path.Combine(folder, $"in{n}_input")),
            new AttributeFile(Path.Combine(folder, $"in{n + 3}_input")),
            new AttributeFile(Path.Combine(folder, $"curr{n}_input"))));
    }
}

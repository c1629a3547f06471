using EdgePrune.Profiler.Sensors;
using EdgePrune.Profiler.Sensors.Iio;
using EdgePrune.Profiler.Simulation.Trees;
using EdgePrune.Profiler.Tests.Sensors.Bench;
using EdgePrune.Profiler.Tests.Sensors.Hwmon;
using EdgePrune.Profiler.Units;
using EdgePrune.TestSupport;

namespace EdgePrune.Profiler.Tests.Sensors.Iio;

public sealed class IioTests
{
    private static readonly IioFamily Family = new();

    [Fact(Skip = LinuxFacts.Why, SkipUnless = nameof(LinuxFacts.IsLinux), SkipType = typeof(LinuxFacts))]
    public void A_Nano_s_input_rail_is_its_total_and_is_listed_once()
    {
        using var folder = new TempFolder();
        var time = new BenchTime();
        var whole = new BenchLine(time, 5, 1, 0.4, 0.7);
        using var tree = new SimulatedJetsonIio(
            folder.Path, "6-0040", 0, [new("POM_5V_IN", whole, 5e-3), new("POM_5V_GPU", new BenchLine(time, 5, 0.1), 5e-3), new("POM_5V_CPU", new BenchLine(time, 5, 0.3), 5e-3)], 1, new Seconds(1.1e-3));
        DiscoveredSource found = Assert.Single(Family.Discover(time.Context(folder.Path)));
        Assert.Equal([("POM_5V_IN", RailRole.Total), ("POM_5V_GPU", RailRole.Detail), ("POM_5V_CPU", RailRole.Detail)], found.Rails.Select(r => (r.Name, r.Role)));
        using IPowerSource source = Family.Open(found.Entry, time.Context(folder.Path));
        PowerWindow window = HwmonTests.Window(time, source, 3, tree);
        Assert.Null(window.Invalid);
        Assert.Equal(whole.Joules(0, 3), window.Energy[0].Value, 0.005 * whole.Joules(0, 3));
    }

    [Fact(Skip = LinuxFacts.Why, SkipUnless = nameof(LinuxFacts.IsLinux), SkipType = typeof(LinuxFacts))]
    public void Mainline_devices_are_scaled_to_milliwatts()
    {
        using var folder = new TempFolder();
        string device = Path.Combine(folder.Path, "sys/bus/iio/devices/iio:device2");
        Directory.CreateDirectory(device);
        HwmonTests.Write(device, "name", "ina219", "in_power2_raw", "1250", "in_power2_scale", "2.000000000", "in_sampling_frequency", "455");
        var time = new BenchTime();
        DiscoveredSource found = Assert.Single(Family.Discover(time.Context(folder.Path)));
        Assert.Equal(2e-3, found.Traits!.Resolution.Value, 9);
        Assert.Equal(1 / 455.0, found.Traits.Period.Value, 9);
        using IPowerSource source = Family.Open(found.Entry, time.Context(folder.Path));
        source.Start();
        time.Advance(0.5);
        PowerWindow window = source.Stop();
        Assert.Null(window.Invalid);
        Assert.Equal(2.5 * 0.5, window.Energy[0].Value, 9);
    }
}

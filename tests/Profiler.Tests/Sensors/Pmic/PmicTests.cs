using EdgePrune.Profiler.Devices;
using EdgePrune.Profiler.Sensors;
using EdgePrune.Profiler.Sensors.Pmic;
using EdgePrune.Profiler.Simulation.Trees;
using EdgePrune.Profiler.Tests.Sensors.Bench;
using EdgePrune.TestSupport;

namespace EdgePrune.Profiler.Tests.Sensors.Pmic;

public sealed class PmicTests
{
    private static readonly PmicFamily Family = new();
    internal static readonly PowerSourceEntry All = new("rpi5-pmic", null, null, [new RailEntry("board", null, null, null, RailRole.Part)]);

    [Fact(Skip = LinuxFacts.Why, SkipUnless = nameof(LinuxFacts.IsLinux), SkipType = typeof(LinuxFacts))]
    public void Rails_are_read_through_a_real_process_and_summed()
    {
        using var folder = new TempFolder();
        var time = new BenchTime();
        var core = new BenchLine(time, 0.9, 4, 1, 0.4);
        var memory = new BenchLine(time, 1.1, 0.5);
        var tree = new SimulatedVcGenCmd(folder.File("it's"), [("VDD_CORE", core), ("DDR_VDD2", memory)]);
        PowerSourceContext context = time.Context(folder.Path, tree.Program);
        DiscoveredSource found = Assert.Single(Family.Discover(context));
        Assert.Contains("EXT5V", found.Fix, StringComparison.Ordinal);
        Assert.Equal(0.1, found.Traits!.Period.Value, 9); // simulated time: the process took none of it
        using IPowerSource source = Family.Open(All, context);
        Assert.Contains("without what hangs on 5 V", source.Name, StringComparison.Ordinal);
        using IDisposable refresh = TreeRefresher.Follow([tree], time, new(0.05));
        source.Start();
        time.Advance(5);
        PowerWindow window = source.Stop();
        Assert.Null(window.Invalid);
        Assert.Equal(["DDR_VDD2", "VDD_CORE"], source.Rails.Select(r => r.Name));
        Assert.Equal(core.Joules(0, 5), window.Energy[1].Value, 0.01 * core.Joules(0, 5));
    }

    [Fact]
    public void Pairs_are_formed_by_name_and_not_by_channel_number()
    {
        PmicReading reading = PmicReading.Parse("  VDD_CORE_A current(7)=10.87674000A\n 3V3_SYS_A current(1)=0.5A\n VDD_CORE_V volt(15)=0.89745940V\n3V3_SYS_V volt(9)=3.3V\nEXT5V_V volt(24)=5.1V\n");
        Assert.Equal(10.87674 * 0.8974594, reading.Watts["VDD_CORE"], 9);
        Assert.Equal(1.65, reading.Watts["3V3_SYS"], 9);
        Assert.Equal(["EXT5V"], reading.Alone);
    }

    [Theory]
    [InlineData("")]
    [InlineData("EXT5V_V volt(24)=5.1V\n")]
    [InlineData("VDD_CORE_A current(7)=NaNA\nVDD_CORE_V volt(1)=1V\n")]
    [InlineData("VDD_CORE_A current(7)=1e9A\nVDD_CORE_V volt(1)=1V\n")]
    [InlineData("VDD_CORE_A current(7)=1V\n")]
    [InlineData("VDD_CORE_A current(7)=1A\nVDD_CORE_A current(7)=2A\n")]
    [InlineData("hello world=1A\n")]
    [InlineData("\u001b[2J")]
    public void Anything_else_is_an_error(string text) => Assert.Throws<SensorException>(() => PmicReading.Parse(text));

    [Fact]
    public void A_board_without_the_program_has_no_such_source()
    {
        var context = new BenchTime().Context("/");
        Assert.Empty(Family.Discover(context));
        Assert.Contains("raspi-utils", Assert.Throws<SensorException>(() => Family.Open(All, context)).Message, StringComparison.Ordinal);
    }
}

using EdgePrune.Onnx;
using EdgePrune.Profiler.Devices;
using EdgePrune.Profiler.Sensors;
using EdgePrune.Profiler.Simulation;

namespace EdgePrune.Profiler.Tests.Sensors.I2c;

/// <summary>Faults by name: each ends in an invalid window with its reason, or is survived with a correct figure.</summary>
public sealed class FaultTests
{
    private static readonly string[] Kinds = ["ina219", "ina226", "ina3221"];

    /// <summary>Name, what happens in the middle of a window, and what its reason says; null where the window is right.</summary>
    private static readonly (string Name, Action<I2cBench> Happens, string? Reason)[] InTheWindow =
    [
        ("nothing", _ => { }, null),
        ("a single transfer fails now and then", b => Set(b, I2cFaultKind.Sporadic, every: 100), null),
        ("every third transfer fails", b => Set(b, I2cFaultKind.Sporadic, every: 3), null),
        ("every transfer fails", b => Set(b, I2cFaultKind.Sporadic, every: 1), "error 121"),
        ("the part stops answering", b => Set(b, I2cFaultKind.NoAcknowledge), "error 6"),
        ("the part stops answering for a moment", b => Briefly(b, I2cFaultKind.NoAcknowledge), "error 6"),
        ("the clock is held low", b => Set(b, I2cFaultKind.Stall), "error 110"),
        ("transfers break off", b => Set(b, I2cFaultKind.Short), "error 5"),
        ("the adapter is unplugged", b => Set(b, I2cFaultKind.Vanished), "error 19"),
        ("data is stuck high", b => Set(b, I2cFaultKind.Stuck, value: 0xFFFF), ""),
        ("data is stuck low", b => Set(b, I2cFaultKind.Stuck, value: 0), ""),
        ("data is stuck at a plausible value", b => Set(b, I2cFaultKind.Stuck, value: 0x270A), ""),
        ("the part's supply dips", b => b.Part.PowerCycle(), "reset itself"),
        ("the part is put to sleep by another program", b => b.Part.Write([0, 0, 0]), "another program"),
        ("another program changes the settings", b => b.Part.Write([0, 0x41, 0x07]), "another program"),
    ];

    public static TheoryData<string, string> Faults
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (string kind in Kinds)
            {
                foreach ((string name, _, _) in InTheWindow)
                {
                    data.Add(kind, name);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public void A_fault_in_the_window_is_told_or_survived(string kind, string name)
    {
        (_, Action<I2cBench> happens, string? reason) = InTheWindow.Single(f => f.Name == name);
        I2cBench bench = Bench(kind);
        using IPowerSource source = bench.Open();
        PowerWindow window = bench.Window(source, 1, () => happens(bench));
        if (reason is null)
        {
            Assert.Null(window.Invalid);
            Assert.Equal(window.Duration.Value * 10, window.Energy[0].Value, 0.1);
        }
        else
        {
            Assert.NotNull(window.Invalid);
            Assert.Contains(reason, window.Invalid, StringComparison.Ordinal);
            Assert.True(reason.Length == 0 || window.Invalid.StartsWith($"{kind.ToUpperInvariant()} at i2c-1 0x40", StringComparison.Ordinal), window.Invalid);
        }
    }

    [Theory]
    [InlineData("ina219")]
    [InlineData("ina226")]
    [InlineData("ina3221")]
    public void After_a_fault_the_next_window_is_right_again(string kind)
    {
        I2cBench bench = Bench(kind);
        using IPowerSource source = bench.Open();
        Assert.NotNull(bench.Window(source, 1, () => Set(bench, I2cFaultKind.NoAcknowledge)).Invalid);
        bench.Bus.Fault = I2cFaultKind.None;
        bench.Part.PowerCycle();
        PowerWindow window = bench.Window(source, 1);
        Assert.Null(window.Invalid);
        Assert.Equal(window.Duration.Value * 10, window.Energy[0].Value, 0.1);
    }

    [Theory]
    [InlineData("ina219", 0.1, 3.3, "the end of the range")]
    [InlineData("ina226", 0.02, 4.2, "the end of the range")]
    [InlineData("ina3221", 0.1, 1.7, "the end of its range")]
    [InlineData("ina219", 0.1, -3.3, "the end of the range")]
    public void A_current_beyond_the_range_makes_the_window_invalid(string kind, double ohms, double amperes, string reason)
    {
        var bench = new I2cBench(kind, ohms, now => new Wave(now) { Amperes = amperes });
        using IPowerSource source = bench.Open();
        Assert.Contains(reason, bench.Window(source, 0.5).Invalid, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ina219", "ina226", "no INA219")]
    [InlineData("ina219", "ina3221", "no INA219")]
    [InlineData("ina226", "ina219", "no INA226")]
    [InlineData("ina226", "ina3221", "no INA226")]
    [InlineData("ina3221", "ina219", "no INA3221")]
    [InlineData("ina3221", "ina226", "no INA3221")]
    public void Another_part_at_the_address_is_told_apart(string named, string there, string reason)
    {
        I2cBench bench = Bench(there);
        bench.Entry = Bench(named).Entry;
        using IPowerSource source = bench.Open();
        SensorException error = Assert.Throws<SensorException>(source.Start);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.Contains("i2c-1 0x40", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ina219")]
    [InlineData("ina226")]
    [InlineData("ina3221")]
    public void Nothing_at_the_address_is_told_when_it_is_opened(string kind)
    {
        I2cBench bench = Bench(kind);
        bench.Entry = bench.Entry with { Address = 0x45 };
        SensorException error = Assert.Throws<SensorException>(bench.Open);
        Assert.Contains("i2c-1 0x45", error.Message, StringComparison.Ordinal);
        Assert.Contains("check the wiring", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Name, what the device file says, and what the error says.</summary>
    private static readonly (string Name, Func<PowerSourceEntry, PowerSourceEntry> Change, string Error)[] Files =
    [
        ("no shunt", e => e with { Rails = [.. e.Rails.Select(r => r with { ShuntOhms = null })] }, "give the shunt"),
        ("shunt of nothing", e => e with { Rails = [.. e.Rails.Select(r => r with { ShuntOhms = 0 })] }, "outside"),
        ("shunt not a number", e => e with { Rails = [.. e.Rails.Select(r => r with { ShuntOhms = double.NaN })] }, "outside"),
        ("no bus", e => e with { Bus = null }, "give the bus"),
        ("no address", e => e with { Address = null }, "give the address"),
        ("address of something else", e => e with { Address = 0x50 }, "0x40 to 0x4F"),
        ("no rails", e => e with { Rails = [] }, "the device file names 0"),
        ("four rails", e => e with { Rails = [.. Enumerable.Repeat(e.Rails[0], 4)] }, "the device file names 4"),
        ("a channel it has not", e => e with { Rails = [e.Rails[0] with { Channel = 4 }] }, "channel"),
        ("more current than the range", e => e with { MaxAmperes = 1000 }, "take a smaller shunt"),
        ("averages that it has not", e => e with { Averages = 3 }, "averages is 1"),
        ("bus clock of nothing", e => e with { BusHertz = 0 }, "bus_hz 0"),
        ("a bus too slow", e => e with { BusHertz = 10_000, AdcBits = e.Kind == "ina219" ? 9 : null, ConversionMicroseconds = e.Kind == "ina219" ? null : 140 }, "too long to read"),
        ("a setting of another part", e => e with { AdcBits = e.Kind == "ina219" ? null : 12, ConversionMicroseconds = e.Kind == "ina219" ? 140 : null }, "no setting"),
    ];

    public static TheoryData<string, string> WrongFiles
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (string kind in Kinds)
            {
                foreach ((string name, _, _) in Files)
                {
                    data.Add(kind, name);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(WrongFiles))]
    public void A_device_file_that_cannot_be_right_is_refused(string kind, string name)
    {
        (_, Func<PowerSourceEntry, PowerSourceEntry> change, string text) = Files.Single(f => f.Name == name);
        I2cBench bench = Bench(kind);
        bench.Entry = change(bench.Entry);
        InputException error = Assert.Throws<InputException>(bench.Open);
        Assert.Contains(text, error.Message, StringComparison.Ordinal);
        Assert.Contains($"source {kind}", error.Message, StringComparison.Ordinal);
    }

    private static I2cBench Bench(string kind) => new(kind, kind == "ina226" ? 0.02 : 0.05, now => new Wave(now) { Amperes = 2 });

    private static void Set(I2cBench bench, I2cFaultKind fault, int every = 1, ushort value = 0)
    {
        bench.Bus.SporadicEvery = every;
        bench.Bus.StuckValue = value;
        bench.Bus.Fault = fault;
    }

    private static void Briefly(I2cBench bench, I2cFaultKind fault)
    {
        bench.Bus.Fault = fault;
        bench.Time.Advance(0.005);
        bench.Bus.Fault = I2cFaultKind.None;
    }
}

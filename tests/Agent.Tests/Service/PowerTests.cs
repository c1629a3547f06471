using System.Text.Json;
using EdgePrune.Agent.Client;
using EdgePrune.Agent.Service.Power;
using EdgePrune.Profiler.Devices;
using EdgePrune.Profiler.Sensors;
using EdgePrune.Profiler.Units;
using EdgePrune.TestSupport;

namespace EdgePrune.Agent.Tests.Service;

/// <summary>The board's power, live and in windows.</summary>
public sealed class PowerTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Live_power_of_a_sensor_comes_while_somebody_listens()
    {
        await using ServiceFixture f = await ServiceFixture.StartAsync(settings: ("device", "simulated-ina219"));
        using var keys = new SiteKeys(f.Authority);
        using var agent = AgentClient.Open(f.Address.ToString(), keys.Folder);

        AgentDevice device = await agent.GetDeviceAsync(Cancel);
        Assert.Equal("simulated-ina219", device.Device);
        Assert.Equal(70, device.Budgets.EnergyPercent);
        AgentSensor sensor = Assert.Single(device.Sensors);
        Assert.Equal(("supply", "ok", "simulated"), (sensor.Rail, sensor.Status, sensor.Provenance));

        int read = 0;
        await foreach (JsonElement reading in agent.PowerAsync(Cancel))
        {
            Assert.Equal("simulated", reading.GetProperty("provenance").GetString());
            if (reading.GetProperty("watts").ValueKind == JsonValueKind.Null)
            {
                continue; // this machine stood still, and the reading says so
            }

            Assert.InRange(reading.GetProperty("watts").GetDouble(), 1.5, 2.5); // an idle simulated board draws 2 W
            Assert.Equal("supply", reading.GetProperty("rails")[0].GetProperty("name").GetString());
            if (++read == 2)
            {
                break;
            }
        }

        Assert.Equal(2, read);
    }

    [Fact]
    public async Task A_board_without_a_sensor_shows_modelled_power_and_says_so()
    {
        await using ServiceFixture f = await ServiceFixture.StartAsync();
        using var keys = new SiteKeys(f.Authority);
        using var agent = AgentClient.Open(f.Address.ToString(), keys.Folder);
        await foreach (JsonElement reading in agent.PowerAsync(Cancel))
        {
            Assert.Equal("modelled", reading.GetProperty("provenance").GetString());
            Assert.Equal(Device.Load("host").Coefficients.Idle.Value, reading.GetProperty("watts").GetDouble(), 1e-9);
            break;
        }
    }

    [Fact]
    public Task A_window_gives_the_boards_energy_and_the_sensor_is_closed_after_it() => Patience.TryAsync(async longer =>
    {
        var device = Device.Load("simulated-ina219");
        int open = 0;
        using var monitor = new PowerMonitor(device, Open, () => 0, TimeProvider.System);

        IPowerSource Open()
        {
            open++;
            return new Watched(PowerSources.Open(device, PowerSourceContext.ForThisMachine(TimeProvider.System))!, () => open--);
        }

        Assert.InRange(monitor.Shortest.Value, 0.2, 1);
        Assert.Equal(0, open);
        Assert.True(monitor.TryStart());
        Assert.False(monitor.TryStart()); // one at a time
        await Task.Delay(400 * longer, Cancel);
        Assert.True(monitor.TryStop(out EnergyReading? reading));

        Assert.InRange(reading.Energy.Median / reading.Duration.Value, 1.5, 2.5);
        Assert.True(reading.Energy.Low < reading.Energy.Median && reading.Energy.Median < reading.Energy.High);
        Assert.Equal("simulated", reading.Provenance.Word);
        Assert.Equal(0, open);
        Assert.False(monitor.TryStop(out _));
    });

    [Fact]
    public void A_sensor_that_is_held_for_a_measurement_gives_no_window()
    {
        var device = Device.Load("simulated-ina219");
        using var monitor = new PowerMonitor(device, () => PowerSources.Open(device, PowerSourceContext.ForThisMachine(TimeProvider.System)), () => 0, TimeProvider.System);
        Assert.True(monitor.TryStart());
        using (monitor.Hold("a profile is measured"))
        {
            Assert.False(monitor.TryStop(out _)); // thrown away
            Assert.False(monitor.TryStart());
        }

        Assert.True(monitor.TryStart());
    }

    [Fact]
    public async Task A_sensor_that_fails_is_told_of_and_tried_again()
    {
        var device = Device.Load("simulated-ina219");
        int tries = 0;
        using var monitor = new PowerMonitor(device, () => tries++ < 1 ? throw new SensorException("nothing answers at i2c-1 0x40") : null, () => 0, TimeProvider.System);
        using IDisposable listening = monitor.Listen();

        PowerReading reading = await monitor.NextAsync(Cancel);

        Assert.Null(reading.Watts);
        Assert.Contains("nothing answers", reading.Remark, StringComparison.Ordinal);
        Assert.False(monitor.TryStart());
    }

    private sealed class Watched(IPowerSource inner, Action closed) : IPowerSource
    {
        public string Name => inner.Name;

        public Provenance Provenance => inner.Provenance;

        public IReadOnlyList<PowerRail> Rails => inner.Rails;

        public PowerTraits Traits => inner.Traits;

        public void Start() => inner.Start();

        public bool TryTake(out PowerSample sample) => inner.TryTake(out sample);

        public PowerWindow Stop() => inner.Stop();

        public void Dispose()
        {
            closed();
            inner.Dispose();
        }
    }
}

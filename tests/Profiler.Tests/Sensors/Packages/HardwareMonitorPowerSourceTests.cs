#if DEVICE_PACKAGES
using EdgePrune.Profiler.Sensors;
using EdgePrune.Profiler.Sensors.Packages;

namespace EdgePrune.Profiler.Tests.Sensors.Packages;

public sealed class HardwareMonitorPowerSourceTests
{
    [Fact]
    public void It_opens_on_Windows_x64_only()
    {
        Assert.SkipWhen(HardwareMonitorPowerSource.IsSupported, "this is Windows on x64");
        PlatformNotSupportedException error = Assert.Throws<PlatformNotSupportedException>(() => new HardwareMonitorPowerSource(TimeProvider.System));
        Assert.Contains("needs Windows on an x64 processor", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Readings_are_booked_for_the_time_that_they_cover()
    {
        var clock = new TimerClock();
        using var source = new HardwareMonitorPowerSource(new Scripted(10, 20, 30, 30), clock);
        source.Start();
        clock.Tick();
        Assert.True(source.TryTake(out PowerSample live));
        Assert.Equal((0.1, 20, true), (live.Time.Value, live.Power.Value, live.IsFresh));
        Assert.False(source.TryTake(out _));
        clock.Tick();
        clock.Advance(TimeSpan.FromMilliseconds(50));
        PowerWindow window = source.Stop();
        Assert.Null(window.Invalid);
        Assert.Equal(0.45, window.Duration.Value, 9);
        Assert.Equal((20 * 0.2) + (30 * 0.2) + (30 * 0.05), window.Energy[0].Value, 9);
        Assert.Equal([true, true, false], window.Samples.Select(s => s.IsFresh));
    }

    [Fact]
    public void A_window_with_a_gap_or_with_one_reading_is_invalid()
    {
        var clock = new TimerClock();
        using var source = new HardwareMonitorPowerSource(new Scripted(10, null, 30, 40, 50, 60), clock);
        source.Start();
        clock.Tick();
        clock.Tick();
        Assert.Contains("CPU Package gave no reading", source.Stop().Invalid, StringComparison.Ordinal);
        source.Start();
        clock.Advance(TimeSpan.FromMilliseconds(50));
        Assert.Contains("shorter than two readings", source.Stop().Invalid, StringComparison.Ordinal);
    }

    [Fact]
    public void A_driver_that_throws_makes_the_window_invalid_and_not_the_process()
    {
        var clock = new TimerClock();
        using var source = new HardwareMonitorPowerSource(new Scripted(10, 20), clock);
        source.Start();
        clock.Tick();
        clock.Tick();
        Assert.Contains("driver gone", source.Stop().Invalid, StringComparison.Ordinal);
    }

    [Fact]
    public void Windows_do_not_nest_and_closing_closes_the_driver()
    {
        var sensors = new Scripted(10);
        var source = new HardwareMonitorPowerSource(sensors, new TimerClock());
        Assert.Throws<InvalidOperationException>(source.Stop);
        source.Start();
        Assert.Throws<InvalidOperationException>(source.Start);
        source.Dispose();
        Assert.True(sensors.IsClosed);
    }

    /// <summary>One sensor that says what it is told, one figure an update, and then breaks.</summary>
    private sealed class Scripted(params float?[] watts) : IPackageSensors
    {
        private int updates;

        public bool IsClosed { get; private set; }

        public IReadOnlyList<string> Names => ["CPU Package"];

        public void Update()
        {
            if (updates == watts.Length)
            {
                throw new InvalidOperationException("driver gone");
            }

            updates++;
        }

        public float? Watts(int index) => watts[updates - 1];

        public void Dispose() => IsClosed = true;
    }

    /// <summary>Time that passes when told, with one timer.</summary>
    private sealed class TimerClock : TimeProvider
    {
        private long now;
        private Action? timer;
        private TimeSpan length;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => now;

        public void Advance(TimeSpan by) => now += by.Ticks;

        public void Tick()
        {
            Advance(length);
            timer!();
        }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            (timer, length) = (() => callback(state), period);
            return new Handle();
        }

        private sealed class Handle : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => false;

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => default;
        }
    }
}
#endif

using System.Runtime.InteropServices;
using EdgePrune.Onnx;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Sensors.Packages;

/// <summary>
/// Power of the processor's package and of each graphics card through LibreHardwareMonitorLib, on Windows x64 only. One rail a
/// package, in watts: the library's other power sensors (cores, memory, pins of the plug) are parts of these and would be
/// counted twice. No rail is the whole PC. An AMD processor with graphics in its package may report these as a card of their
/// own; the rail's name shows it.
/// </summary>
/// <remarks>
/// A processor's reading is its mean power since the reading before, from its energy counter; a card's is its driver's latest
/// figure. Both are booked for the time since the reading before. No sensor says when it converted, so that a reading counts
/// as fresh where it differs from the one before.
/// </remarks>
public sealed class HardwareMonitorPowerSource : IPowerSource
{
    // The counters are read through a driver, core by core: often enough for a window, too seldom to cost much in it.
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(200);

    private readonly TimeProvider clock;
    private readonly IPackageSensors sensors;
    private readonly Lock gate = new();
    private readonly List<PowerSample> samples = [];
    private readonly double[] joules;
    private readonly float?[] last;
    private ITimer? timer;
    private long started;
    private double readTo;
    private int taken;
    private string? invalid;

    /// <summary>Opens the library's driver and looks for power sensors; needs administrator rights for most processors.</summary>
    /// <exception cref="PlatformNotSupportedException">This is not Windows on x64; see <see cref="IsSupported"/>.</exception>
    /// <exception cref="InputException">No power sensor can be read.</exception>
    public HardwareMonitorPowerSource(TimeProvider clock)
        : this(Open(), clock)
    {
    }

    internal HardwareMonitorPowerSource(IPackageSensors sensors, TimeProvider clock)
    {
        this.clock = clock;
        this.sensors = sensors;
        Rails = [.. sensors.Names.Select(name => new PowerRail(name, RailRole.Part))];
        joules = new double[Rails.Count];
        last = new float?[Rails.Count];
    }

    /// <summary>
    /// True on Windows with an x64 processor. Elsewhere the library has no power sensors, and on Arm it would run x86 machine
    /// code; an x64 process emulated on Arm does not count.
    /// </summary>
    public static bool IsSupported =>
        OperatingSystem.IsWindows() && RuntimeInformation.OSArchitecture == Architecture.X64 && RuntimeInformation.ProcessArchitecture == Architecture.X64;

    public string Name => "LibreHardwareMonitorLib";

    public Provenance Provenance { get; } = Provenance.Measured("LibreHardwareMonitorLib");

    public IReadOnlyList<PowerRail> Rails { get; }

    public PowerTraits Traits { get; } = new(
        new Seconds(Period.TotalSeconds), new Seconds(Period.TotalSeconds), default, new Seconds(Period.TotalSeconds), PowerReadout.Samples);

    public void Start()
    {
        lock (gate)
        {
            if (timer is not null)
            {
                throw new InvalidOperationException("a window is open already");
            }

            samples.Clear();
            Array.Clear(joules);
            taken = 0;
            invalid = null;
            Update();
            for (int i = 0; i < last.Length; i++)
            {
                last[i] = sensors.Watts(i);
            }

            started = clock.GetTimestamp();
            readTo = 0;
            timer = clock.CreateTimer(_ => OnTimer(), null, Period, Period);
        }
    }

    public bool TryTake(out PowerSample sample)
    {
        lock (gate)
        {
            bool any = timer is not null && taken < samples.Count;
            sample = any ? samples[taken++] : default;
            return any;
        }
    }

    public PowerWindow Stop()
    {
        lock (gate)
        {
            if (timer is null)
            {
                throw new InvalidOperationException("no window is open");
            }

            timer.Dispose();
            timer = null;
            Read();
            if (samples.Count < 2 * last.Length)
            {
                invalid ??= $"the window of {readTo * 1e3:F0} ms is shorter than two readings of {Name} ({2 * Period.TotalMilliseconds:F0} ms)";
            }

            return new PowerWindow(new Seconds(readTo), [.. joules.Select(j => new Joules(j))], [.. samples], Provenance, invalid);
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            timer?.Dispose();
            timer = null;
            sensors.Dispose();
        }
    }

    // Nothing that mentions the library's types may be reached elsewhere: its package has an assembly for Windows only.
    private static HardwareMonitorSensors Open() =>
        IsSupported
            ? HardwareMonitorSensors.Open()
            : throw new PlatformNotSupportedException(
                $"power through LibreHardwareMonitorLib needs Windows on an x64 processor; this is {RuntimeInformation.OSDescription} on {RuntimeInformation.OSArchitecture}: use another power source");

    private void OnTimer()
    {
        lock (gate)
        {
            if (timer is not null)
            {
                Read();
            }
        }
    }

    private void Read()
    {
        Update();
        double now = clock.GetElapsedTime(started).TotalSeconds;
        double length = now - readTo;
        for (int i = 0; i < last.Length; i++)
        {
            if (sensors.Watts(i) is not { } watts || !float.IsFinite(watts) || watts < 0)
            {
                invalid ??= $"{Rails[i].Name} gave no reading at {now:F1} s";
                continue;
            }

            joules[i] += watts * length;
            samples.Add(new PowerSample(new Seconds(now - (length / 2)), i, new Watts(watts), IsFresh: last[i] != watts));
            last[i] = watts;
        }

        readTo = now;
    }

    private void Update()
    {
        try
        {
            sensors.Update();
        }
#pragma warning disable CA1031 // Drivers of many makers; an exception on the timer's thread would end the process.
        catch (Exception e)
#pragma warning restore CA1031
        {
            invalid ??= $"{Name} could not be read: {e.Message}";
        }
    }
}

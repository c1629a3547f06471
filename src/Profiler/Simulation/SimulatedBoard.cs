using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Simulation;

/// <summary>
/// A board with physics: what it draws from its supply is the idle power, leakage that follows the temperature, background
/// activity, and what the processor computes; its sensor sees that through the supply's capacitors. All integrals are closed
/// forms over pieces of constant power, so that the truth is exact.
/// </summary>
/// <remarks>
/// With a <see cref="VirtualTime"/>, <see cref="Run"/> lets time pass. On a real clock <see cref="SetLoad"/> says what the
/// processor draws from now on. Thread-safe: a sensor is read on a thread of its own.
/// </remarks>
public sealed class SimulatedBoard : ISupplyLine
{
    private const double Step = 0.02;
    private const double Hysteresis = 5;
    // Nothing looks further back than the longest conversion with averaging (INA226: 1024 times two of 8.2 ms = 17 s).
    private const double History = 20;

    private readonly BoardPhysics physics;
    private readonly TimeProvider clock;
    private readonly VirtualTime? virtualTime;
    private readonly long origin;
    private readonly Random random;
    private readonly Lock gate = new();
    private readonly PowerTimeline line;
    private double end;
    private double load;
    private double kelvin;
    private double background;
    private double lastLoadEnd = double.NegativeInfinity;
    private double loadBegin;

    /// <param name="clock">A <see cref="VirtualTime"/>, or the clock of the machine.</param>
    /// <param name="seed">Of background activity and jitter.</param>
    public SimulatedBoard(BoardPhysics physics, TimeProvider clock, int seed = 0)
    {
        ArgumentNullException.ThrowIfNull(physics);
        ArgumentNullException.ThrowIfNull(clock);
        this.physics = physics;
        this.clock = clock;
        virtualTime = clock as VirtualTime;
        origin = clock.GetTimestamp();
        random = new Random(seed);
        // It has been on for long: warm from its own idle power.
        kelvin = physics.Idle.Value * physics.KelvinPerWatt;
        line = new PowerTimeline(physics.SupplyFilter.Value, Resting(), History);
    }

    public Seconds Now => new((double)(clock.GetTimestamp() - origin) / clock.TimestampFrequency);

    public double Celsius => physics.AmbientCelsius + kelvin;

    /// <summary>True while it runs slower because it is hot.</summary>
    public bool IsThrottled { get; private set; }

    /// <summary>How often it began to throttle.</summary>
    public int ThrottleEvents { get; private set; }

    /// <summary>Speed now, of full speed.</summary>
    public double Speed => IsThrottled || Now.Value < loadBegin + physics.GovernorDelay.Value ? physics.LowSpeed : 1;

    /// <summary>Forces the processor to the lower step, as another program's heat would.</summary>
    public void Throttle()
    {
        IsThrottled = true;
        ThrottleEvents++;
    }

    /// <summary>Ends <see cref="Throttle"/>.</summary>
    public void Recover() => IsThrottled = false;

    /// <summary>Lets virtual time pass with a load on the processor.</summary>
    /// <param name="watts">Power above idle.</param>
    public void Run(double watts, Seconds duration)
    {
        VirtualTime time = virtualTime ?? throw new InvalidOperationException("this board runs on a real clock");
        lock (gate)
        {
            Extend(Now.Value + duration.Value, watts);
        }

        time.Advance(duration);
    }

    /// <summary>From now on the processor draws this much above idle.</summary>
    public void SetLoad(double watts)
    {
        lock (gate)
        {
            Extend(Now.Value, load);
            load = watts;
        }
    }

    public double MeanAmperes(Seconds from, Seconds to)
    {
        double watts = MeanWatts(from, to);
        return watts / Volts(watts);
    }

    public double MeanVolts(Seconds from, Seconds to) => Volts(MeanWatts(from, to));

    private void CoverUntil(double time)
    {
        if (time > end)
        {
            Extend(time, load);
        }
    }

    private double MeanWatts(Seconds from, Seconds to)
    {
        lock (gate)
        {
            CoverUntil(to.Value);
            return line.Mean(from.Value, to.Value);
        }
    }

    // A board takes the power that it needs at the voltage that is left: V = V₀ − R·P/V, the upper root.
    private double Volts(double watts) =>
        (physics.Volts + Math.Sqrt(Math.Max(0, (physics.Volts * physics.Volts) - (4 * physics.LineOhms * watts)))) / 2;

    private double Resting() => physics.Idle.Value + (physics.LeakagePerKelvin * kelvin) + background;

    // Pieces no longer than a step, in which temperature and background count as constant.
    private void Extend(double to, double watts)
    {
        if (watts > 0)
        {
            if (end - lastLoadEnd > 0.01)
            {
                loadBegin = end;
            }

            lastLoadEnd = to;
        }

        while (end < to)
        {
            double piece = Math.Min(to - end, Step);
            double total = Resting() + watts;
            line.Append(end, end + piece, total);
            Warm(total, piece);
            end += piece;
        }
    }

    private void Warm(double watts, double seconds)
    {
        kelvin += ((watts * physics.KelvinPerWatt) - kelvin) * (1 - Math.Exp(-seconds / physics.ThermalTime.Value));
        if (physics.BackgroundWatts > 0)
        {
            double keep = Math.Exp(-seconds / physics.BackgroundTime.Value);
            background = (background * keep) + (physics.BackgroundWatts * Math.Sqrt(1 - (keep * keep)) * Gaussian());
        }

        if (!IsThrottled && Celsius > physics.ThrottleCelsius)
        {
            Throttle();
        }
        else if (IsThrottled && Celsius < physics.ThrottleCelsius - Hysteresis && physics.ThrottleCelsius < 150)
        {
            Recover();
        }
    }

    private double Gaussian() =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}

using EdgePrune.Profiler.Simulation;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Tests.Sensors.I2c;

/// <summary>A supply whose current is a level, a slope and a sine, and whose voltage is a level and a slope; its integrals are exact.</summary>
internal sealed class Wave(Func<double> now) : ISupplyLine
{
    public double Amperes { get; init; } = 1;

    public double AmperesPerSecond { get; init; }

    public double Amplitude { get; init; }

    public double Hertz { get; init; } = 1;

    public double Volts { get; init; } = 5;

    public double VoltsPerSecond { get; init; }

    public Seconds Now => new(now());

    public double MeanAmperes(Seconds from, Seconds to)
    {
        double middle = (from.Value + to.Value) / 2;
        double linear = Amperes + (AmperesPerSecond * middle);
        double width = to.Value - from.Value;
        double w = 2 * Math.PI * Hertz;
        double sine = width > 0
            ? (Math.Cos(w * from.Value) - Math.Cos(w * to.Value)) / (w * width)
            : Math.Sin(w * middle);
        return linear + (Amplitude * sine);
    }

    public double MeanVolts(Seconds from, Seconds to) => Volts + (VoltsPerSecond * (from.Value + to.Value) / 2);
}

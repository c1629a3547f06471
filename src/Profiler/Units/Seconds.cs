using System.Globalization;

namespace EdgePrune.Profiler.Units;

/// <summary>A duration in seconds; unlike <see cref="TimeSpan"/> it keeps fractions of a nanosecond.</summary>
public readonly record struct Seconds(double Value) : IComparable<Seconds>
{
    public double Milliseconds => Value * 1e3;

    public double Microseconds => Value * 1e6;

    public static Seconds FromMilliseconds(double value) => new(value * 1e-3);

    public static Seconds FromMicroseconds(double value) => new(value * 1e-6);

    public static Seconds operator +(Seconds a, Seconds b) => new(a.Value + b.Value);

    public static Seconds operator -(Seconds a, Seconds b) => new(a.Value - b.Value);

    public static Seconds operator *(Seconds a, double factor) => new(a.Value * factor);

    public static Seconds operator /(Seconds a, double divisor) => new(a.Value / divisor);

    public static double operator /(Seconds a, Seconds b) => a.Value / b.Value;

    public static bool operator <(Seconds a, Seconds b) => a.Value < b.Value;

    public static bool operator >(Seconds a, Seconds b) => a.Value > b.Value;

    public static bool operator <=(Seconds a, Seconds b) => a.Value <= b.Value;

    public static bool operator >=(Seconds a, Seconds b) => a.Value >= b.Value;

    public int CompareTo(Seconds other) => Value.CompareTo(other.Value);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Value:G6} s");
}

using System.Globalization;

namespace EdgePrune.Profiler.Units;

/// <summary>Power in watts.</summary>
public readonly record struct Watts(double Value) : IComparable<Watts>
{
    public static Watts operator +(Watts a, Watts b) => new(a.Value + b.Value);

    public static Watts operator -(Watts a, Watts b) => new(a.Value - b.Value);

    public static Watts operator *(Watts a, double factor) => new(a.Value * factor);

    public static Watts operator /(Watts a, double divisor) => new(a.Value / divisor);

    /// <summary>Energy: power over a time.</summary>
    public static Joules operator *(Watts power, Seconds time) => new(power.Value * time.Value);

    /// <summary>Energy: power over a time.</summary>
    public static Joules operator *(Seconds time, Watts power) => power * time;

    public static bool operator <(Watts a, Watts b) => a.Value < b.Value;

    public static bool operator >(Watts a, Watts b) => a.Value > b.Value;

    public static bool operator <=(Watts a, Watts b) => a.Value <= b.Value;

    public static bool operator >=(Watts a, Watts b) => a.Value >= b.Value;

    public int CompareTo(Watts other) => Value.CompareTo(other.Value);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Value:G6} W");
}

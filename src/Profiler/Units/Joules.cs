using System.Globalization;

namespace EdgePrune.Profiler.Units;

/// <summary>Energy in joules.</summary>
public readonly record struct Joules(double Value) : IComparable<Joules>
{
    public double Millijoules => Value * 1e3;

    public double Microjoules => Value * 1e6;

    public static Joules FromPicojoules(double value) => new(value * 1e-12);

    public static Joules operator +(Joules a, Joules b) => new(a.Value + b.Value);

    public static Joules operator -(Joules a, Joules b) => new(a.Value - b.Value);

    public static Joules operator *(Joules a, double factor) => new(a.Value * factor);

    public static Joules operator /(Joules a, double divisor) => new(a.Value / divisor);

    public static double operator /(Joules a, Joules b) => a.Value / b.Value;

    /// <summary>Mean power: an energy spread over a time.</summary>
    public static Watts operator /(Joules energy, Seconds time) => new(energy.Value / time.Value);

    /// <summary>How long a power lasts on an energy.</summary>
    public static Seconds operator /(Joules energy, Watts power) => new(energy.Value / power.Value);

    public static bool operator <(Joules a, Joules b) => a.Value < b.Value;

    public static bool operator >(Joules a, Joules b) => a.Value > b.Value;

    public static bool operator <=(Joules a, Joules b) => a.Value <= b.Value;

    public static bool operator >=(Joules a, Joules b) => a.Value >= b.Value;

    public int CompareTo(Joules other) => Value.CompareTo(other.Value);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Value:G6} J");
}

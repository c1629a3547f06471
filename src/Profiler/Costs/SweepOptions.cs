using EdgePrune.Onnx.Sessions;
using EdgePrune.Profiler.Devices;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Costs;

/// <summary>How costs are swept.</summary>
public sealed record SweepOptions
{
    /// <summary>The board: names the table, suspects steps (<see cref="Devices.Device.Alignment"/>), models energy.</summary>
    public required Device Device { get; init; }

    /// <summary>Threads, provider and optimisation level; the same as the profile's.</summary>
    public SessionSettings Session { get; init; } = SessionSettings.Default;

    /// <summary>Relative error above which a grid is refined.</summary>
    public double Tolerance { get; init; } = 0.05;

    /// <summary>Errors below this are never worth another point.</summary>
    public Seconds Negligible { get; init; } = Seconds.FromMicroseconds(0.5);

    /// <summary>Time to spend on new points. A coarse grid on each path and the held-out widths of each block are measured in any case, by a single reading each when the time is up.</summary>
    public Seconds Budget { get; init; } = new(60);

    /// <summary>Held-out widths of each block that has axes.</summary>
    public int HeldOut { get; init; } = 6;

    /// <summary>Decides the held-out widths.</summary>
    public int Seed { get; init; }

    /// <summary>Shapes of inputs with free dimensions.</summary>
    public IReadOnlyDictionary<string, long[]>? Shapes { get; init; }

    /// <summary>The SQLite file that keeps the points; in memory only where null.</summary>
    public string? Store { get; init; }

    public TimeProvider Clock { get; init; } = TimeProvider.System;
}

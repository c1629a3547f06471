using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Sensors.Sysfs;

/// <summary>One power reading that the kernel offers: a power file, or a voltage and a current that are multiplied.</summary>
internal sealed record SysfsChannel
{
    /// <summary>The chip as its driver calls it, for example <c>ina3221</c>.</summary>
    public required string Chip { get; init; }

    /// <summary>Where the chip is, for example <c>1-0040</c>, or its folder's name.</summary>
    public required string Place { get; init; }

    public required int Number { get; init; }

    /// <summary>What the device tree calls the rail, or null.</summary>
    public string? Label { get; init; }

    /// <summary>The power, or the current.</summary>
    public required string Path { get; init; }

    /// <summary>The voltage that <see cref="Path"/> is multiplied with, or null.</summary>
    public string? VoltagePath { get; init; }

    /// <summary>Watts for one unit of the product.</summary>
    public required double Scale { get; init; }

    public required ChannelTiming Timing { get; init; }

    public Watts Resolution { get; init; }

    /// <summary>Why the driver gives no reading, or null.</summary>
    public string? Problem { get; init; }

    /// <summary>What would make it usable, or better.</summary>
    public string? Fix { get; init; }

    /// <summary>What reports call the rail.</summary>
    public string RailName => Label ?? $"{Chip} {Number}";

    /// <summary>For messages, in full.</summary>
    public string Description => $"{(Label is null ? $"channel {Number}" : $"'{Label}'")} of {Chip} at {Place}";
}

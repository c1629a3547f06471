using EdgePrune.Profiler.Devices;

namespace EdgePrune.Profiler.Sensors;

/// <summary>Something that could tell power, found on the machine.</summary>
/// <param name="Name">Part and place, for example "ina3221 at 1-0040".</param>
/// <param name="Entry">What a device file would say to use it.</param>
/// <param name="Rails">Rails that it would report; may be empty where they cannot be read.</param>
/// <param name="Traits">Rate and resolution, where they are known without starting it.</param>
/// <param name="Problem">Why it cannot be used now, or null.</param>
/// <param name="Fix">What the user can do about it, or null.</param>
public sealed record DiscoveredSource(
    string Name,
    PowerSourceEntry Entry,
    IReadOnlyList<PowerRail> Rails,
    PowerTraits? Traits,
    string? Problem,
    string? Fix)
{
    public bool IsUsable => Problem is null;
}

namespace EdgePrune.Profiler.Sensors;

/// <summary>What a rail is to the sum of the board's power.</summary>
public enum RailRole
{
    /// <summary>Feeds everything else: the board's power is this rail alone.</summary>
    Total,

    /// <summary>A share of the board that overlaps with no other <see cref="Part"/>: without a total these are summed.</summary>
    Part,

    /// <summary>Inside another rail (a core inside a package): shown, never summed.</summary>
    Detail,
}

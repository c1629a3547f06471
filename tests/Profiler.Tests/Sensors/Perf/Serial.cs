namespace EdgePrune.Profiler.Tests.Sensors.Perf;

/// <summary>Tests that need the process for themselves: they count what all of its threads do.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Serial
{
    public const string Name = "counts the whole process";
}

namespace EdgePrune.Profiler.Sensors.Packages;

/// <summary>Power sensors of whole packages that do not overlap.</summary>
internal interface IPackageSensors : IDisposable
{
    /// <summary>Part and sensor, for example "Core i7 CPU Package".</summary>
    IReadOnlyList<string> Names { get; }

    /// <summary>Reads all sensors.</summary>
    void Update();

    /// <summary>What the sensor said at the last update, in watts; null where it said nothing.</summary>
    float? Watts(int index);
}

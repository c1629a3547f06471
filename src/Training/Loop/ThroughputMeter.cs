namespace EdgePrune.Training.Loop;

/// <summary>Samples a second over the last steps.</summary>
internal sealed class ThroughputMeter(TimeProvider clock)
{
    private const double Memory = 0.95;
    private long started;
    private double samples;
    private double seconds;

    /// <summary>Zero before there is any step.</summary>
    public double SamplesPerSecond => seconds > 0 ? samples / seconds : 0;

    public void Start() => started = clock.GetTimestamp();

    /// <summary>Ends a step and gives its seconds.</summary>
    public double Stop(int done)
    {
        double took = clock.GetElapsedTime(started).TotalSeconds;
        samples = (samples * Memory) + done;
        seconds = (seconds * Memory) + took;
        return took;
    }
}

using EdgePrune.Profiler.Sensors.Sampling;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Sensors.Replay;

/// <summary>Plays a trace at the pace at which it was recorded. It begins with the first window and goes on between windows.</summary>
internal sealed class ReplayPoller(PowerTrace trace, TimeProvider clock) : IPoller
{
    private long? began;
    private double offset;
    private int next;

    public void Begin()
    {
        began ??= clock.GetTimestamp();
        offset = trace.Begin.Value + clock.GetElapsedTime(began.Value).TotalSeconds;
        while (next < trace.Samples.Count && trace.Samples[next].Time.Value < offset)
        {
            next++;
        }
    }

    public Seconds Poll(Seconds now, SampleSink sink)
    {
        double position = offset + now.Value;
        while (next < trace.Samples.Count && trace.Samples[next].Time.Value <= position)
        {
            PowerSample sample = trace.Samples[next++];
            sink.Add(new Seconds(sample.Time.Value - offset), sample.Rail, sample.Power, sample.IsFresh);
        }

        return next < trace.Samples.Count
            ? new Seconds(trace.Samples[next].Time.Value - offset)
            : throw new SensorException($"the trace ended after {trace.End - trace.Begin}");
    }

    public void Dispose()
    {
    }
}

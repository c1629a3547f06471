using EdgePrune.Profiler.Energy;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Agent.Service.Power;

/// <summary>
/// The power of a board without a sensor: what inference keeps busy, by the device file's coefficients. No sensor was read, and the
/// word says so.
/// </summary>
/// <param name="model">The coefficients.</param>
/// <param name="busySeconds">Processor seconds of inference so far.</param>
/// <param name="time">The clock.</param>
internal sealed class ModelledPower(EnergyModel model, Func<double> busySeconds, TimeProvider time)
{
    private (long At, double Busy)? before;

    /// <summary>Mean power since the last call; null for the first.</summary>
    public PowerReading? Read(DateTimeOffset now)
    {
        (long At, double Busy) current = (time.GetTimestamp(), busySeconds());
        (long At, double Busy)? last = before;
        before = current;
        if (last is not { } from)
        {
            return null;
        }

        double seconds = time.GetElapsedTime(from.At, current.At).TotalSeconds;
        var busy = new Seconds(Math.Max(0, current.Busy - from.Busy));
        double joules = model.Dynamic(new Workload(busy, 1, 0, 0)).Value + (model.Idle.Value * seconds);
        return seconds > 0 ? new PowerReading(now, joules / seconds, model.Provenance.Word, model.Provenance.Source, [], null) : null;
    }

    public void Forget() => before = null;
}

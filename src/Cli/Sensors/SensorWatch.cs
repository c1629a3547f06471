using EdgePrune.Cli.Documents;
using EdgePrune.Profiler.Sensors;
using EdgePrune.Profiler.Sensors.Replay;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Cli.Sensors;

/// <summary>
/// Reads a source for a time, or until it is told to end, and hands on what it sees. Windows are cut every minute, so that the
/// memory of a watch over days stays that of a minute.
/// </summary>
internal sealed class SensorWatch(IPowerSource source, TimeProvider clock)
{
    private const double SpanSeconds = 0.25;
    private const double PauseSeconds = 0.05;
    private const double LongestWindow = 60;
    private const double ShortestToJudge = 1;
    private const double LongestSilence = 2;
    private const double SilentPeriods = 25;
    private readonly RailHistory[] history = [.. source.Rails.Select(_ => new RailHistory(SpanSeconds))];
    private readonly double[] joules = new double[source.Rails.Count];

    public IReadOnlyList<PowerRail> Rails => source.Rails;

    public IReadOnlyList<RailHistory> History => history;

    /// <summary>Time since the begin.</summary>
    public double Elapsed { get; private set; }

    /// <summary>Reads until the time is over or the token is cancelled; both are good ends.</summary>
    /// <param name="seconds">How long; null for ever.</param>
    /// <param name="writer">Is given every reading; null for none.</param>
    /// <param name="tick">Called some twenty times a second.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="SensorException">The source failed.</exception>
    /// <exception cref="Onnx.InputException">The recording could not be written.</exception>
    public void Run(double? seconds, TraceWriter? writer, Action tick, CancellationToken cancellationToken)
    {
        long begin = clock.GetTimestamp();
        while (!cancellationToken.IsCancellationRequested && !(Elapsed >= seconds))
        {
            Window(begin, seconds, writer, tick, cancellationToken);
        }
    }

    public SensorWatchDocument Document(string device, string? recorded, long? rows) => new(
        device,
        source.Name,
        source.Provenance.Word,
        Elapsed,
        [.. Rails.Select((r, i) => new WatchedRail(
            r.Name, SensorSurvey.RoleName(r.Role), history[i].Readings, history[i].Mean, history[i].Min, history[i].Max, joules[i]))],
        recorded,
        rows);

    private void Window(long begin, double? seconds, TraceWriter? writer, Action tick, CancellationToken cancellationToken)
    {
        source.Start();
        Seconds offset = new(clock.GetElapsedTime(begin).TotalSeconds);
        PowerWindow window;
        bool silent = false;
        try
        {
            double heard = offset.Value;
            double silence = Math.Max(LongestSilence, SilentPeriods * source.Traits.Period.Value);
            while (!cancellationToken.IsCancellationRequested && !silent && !(Elapsed >= seconds) && Elapsed - offset.Value < LongestWindow)
            {
                cancellationToken.WaitHandle.WaitOne(TimeSpan.FromSeconds(PauseSeconds));
                Elapsed = clock.GetElapsedTime(begin).TotalSeconds;
                heard = Take(offset, writer) ? Elapsed : heard;
                silent = Elapsed - heard > silence;
                writer?.Flush();
                tick();
            }

            Take(offset, writer);
        }
        finally
        {
            window = source.Stop();
        }

        for (int i = 0; i < joules.Length; i++)
        {
            joules[i] += window.Energy[i].Value;
        }

        // A window that was cut short by its end tells nothing about the sensor.
        bool judged = silent || (window.Duration.Value >= Math.Max(ShortestToJudge, SilentPeriods * source.Traits.Period.Value) && !cancellationToken.IsCancellationRequested);
        if (judged && window.Invalid is { } reason)
        {
            throw new SensorException($"{source.Name}: {reason}");
        }
    }

    private bool Take(Seconds offset, TraceWriter? writer)
    {
        bool any = false;
        while (source.TryTake(out PowerSample sample))
        {
            PowerSample moved = sample with { Time = sample.Time + offset };
            writer?.Add(moved);
            if (sample.IsFresh)
            {
                history[sample.Rail].Add(moved.Time, moved.Power);
                any = true;
            }
        }

        return any;
    }
}

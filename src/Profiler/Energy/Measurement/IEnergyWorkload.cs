using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Energy.Measurement;

/// <summary>
/// A network that can be run whole, layer by layer, and with layers repeated. Each call keeps the board busy with one thing for
/// about the time asked for, and says what it did.
/// </summary>
public interface IEnergyWorkload
{
    /// <summary>Seconds of one execution of each layer, as timed before; NaN where a layer cannot be run on its own.</summary>
    IReadOnlyList<double> LayerSeconds { get; }

    /// <summary>Seconds of one run of the network.</summary>
    double NetworkSeconds { get; }

    /// <summary>Seconds that 95 % of its runs stayed below when it was timed; a machine that others use is often slower than at its best.</summary>
    double SlowNetworkSeconds { get; }

    /// <summary>Leaves the board at rest.</summary>
    Activity Idle(Seconds duration, CancellationToken cancel);

    /// <summary>Runs that do nothing but what the runtime itself does for a run, with so many of its cheapest node.</summary>
    Activity Empty(int markers, Seconds duration, CancellationToken cancel);

    /// <summary>One layer in a loop of its own.</summary>
    Activity Layer(int layer, Seconds duration, CancellationToken cancel);

    /// <summary>The whole network.</summary>
    Activity Network(Seconds duration, CancellationToken cancel);

    /// <summary>The whole network with one layer executed <paramref name="repeats"/> times more in each run.</summary>
    /// <returns>Null where this layer cannot be repeated inside the network.</returns>
    Activity? Boosted(int layer, int repeats, Seconds duration, CancellationToken cancel);
}

/// <summary>What the board did in a window.</summary>
/// <param name="Begin">When it began: the clock's timestamp in seconds.</param>
/// <param name="End">When it ended.</param>
/// <param name="Runs">Calls of the runtime.</param>
/// <param name="Layer">The layer that was executed beyond the network, or -1.</param>
/// <param name="Executions">How often that was.</param>
/// <param name="Networks">How often the whole network was executed.</param>
/// <param name="Markers">
/// How often the cheapest node of the runtime was executed that reads a repeated layer's result, see <see cref="Timing.IsolatedModel"/>.
/// </param>
/// <param name="EarlyRate">Runs a second in the first half.</param>
/// <param name="LateRate">Runs a second in the second half; a changed speed shows in the two.</param>
public sealed record Activity(
    Seconds Begin, Seconds End, long Runs, int Layer, long Executions, long Networks, long Markers, double EarlyRate, double LateRate)
{
    public double Duration => End.Value - Begin.Value;

    /// <summary>
    /// When each run of the network began, and when the last one ended; empty where all runs draw the same power throughout.
    /// A sensor that sees an instant now and then must see all parts of a run alike.
    /// </summary>
    public IReadOnlyList<double> RunTimes { get; init; } = [];
}

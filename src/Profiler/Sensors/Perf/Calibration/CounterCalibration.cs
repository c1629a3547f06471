using System.Globalization;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Sensors.Perf.Calibration;

/// <summary>
/// Energy from counters: P_idle · T + Σ cᵢ · countᵢ. Made once per board against a real sensor by <c>edgeprune calibrate</c>,
/// kept in a file of its own (<c>&lt;device&gt;.counters.json</c> beside the device file), named by <c>path</c> of a source of kind perf.
/// </summary>
/// <param name="Format">Name and version of this form.</param>
/// <param name="Device">Device that it was made for.</param>
/// <param name="Processor">Processor that it holds for; another one is refused.</param>
/// <param name="Governor">Frequency governor while it was made, where the system told.</param>
/// <param name="Sensor">The power source that it was made against.</param>
/// <param name="SensorProvenance">measured, or simulated; then every figure from it is simulated too.</param>
/// <param name="Made">When.</param>
/// <param name="IdleWatts">Power of the idle board.</param>
/// <param name="Coefficients">At least one; no event twice.</param>
/// <param name="Error">Cross-validated error of dynamic power.</param>
/// <param name="Condition">Condition number of the fit's scaled design.</param>
/// <param name="Points">The workloads behind it.</param>
public sealed record CounterCalibration(
    string Format,
    string Device,
    string Processor,
    string? Governor,
    string Sensor,
    string SensorProvenance,
    DateTimeOffset Made,
    double IdleWatts,
    IReadOnlyList<CounterCoefficient> Coefficients,
    CalibrationError Error,
    double Condition,
    IReadOnlyList<CalibrationPoint> Points)
{
    public const string CurrentFormat = "edgeprune-counters/1";

    /// <summary>A median error above this is no calibration to work with, unless the user insists.</summary>
    public const double AcceptablePercent = 25;

    public bool IsAcceptable => Error.MedianPercent <= AcceptablePercent;

    /// <summary>The energy of a window in which these counts were seen.</summary>
    /// <param name="counts">In the order of <see cref="Coefficients"/>.</param>
    public Joules Energy(Seconds duration, IReadOnlyList<double> counts)
    {
        ArgumentNullException.ThrowIfNull(counts);
        Joules energy = new Watts(IdleWatts) * duration;
        for (int i = 0; i < Coefficients.Count; i++)
        {
            energy += Joules.FromPicojoules(Coefficients[i].Picojoules * counts[i]);
        }

        return energy;
    }

    /// <summary>What stands beside every figure: the counters, the error, and whatever makes the figure worse than the error says.</summary>
    /// <param name="governor">Governor of now; a different one is told, because a count costs more at a higher voltage.</param>
    /// <param name="board">The simulated board that is read, or null for this machine.</param>
    /// <param name="share">Share of the time that the counters counted; told where it is less than all.</param>
    public Provenance ProvenanceOf(string? governor, string? board, double share = 1)
    {
        string source = string.Create(
            CultureInfo.InvariantCulture,
            $"{string.Join(", ", Coefficients.Select(c => c.Event))}; cross-validated error {Error.MedianPercent:0.#} % median, {Error.WorstPercent:0.#} % worst");
        if (governor is not null && Governor is not null && governor != Governor)
        {
            source += $"; calibrated under governor {Governor}, now {governor}";
        }

        if (share < 1)
        {
            source += string.Create(CultureInfo.InvariantCulture, $"; scaled from {share * 100:0.#} % of the time");
        }

        return board is null && SensorProvenance == Provenance.Measured("").Word
            ? Provenance.Counted(source)
            : Provenance.Simulated($"{board ?? "calibrated against " + Sensor}: counted {source}");
    }
}

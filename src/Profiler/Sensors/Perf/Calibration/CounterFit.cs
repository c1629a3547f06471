namespace EdgePrune.Profiler.Sensors.Perf.Calibration;

/// <summary>A model of dynamic power from rates of counts.</summary>
/// <param name="Chosen">Indices of the events that it uses, ascending.</param>
/// <param name="Coefficients">Joules a count, in the order of <paramref name="Chosen"/>; all above 0.</param>
/// <param name="Condition">Condition number of the scaled design.</param>
/// <param name="HeldOut">For each observation, in watts, what models made without it and its relatives say.</param>
/// <param name="Error">Relative error of those.</param>
public sealed record CounterFit(
    IReadOnlyList<int> Chosen, IReadOnlyList<double> Coefficients, double Condition, IReadOnlyList<double> HeldOut, CalibrationError Error)
{
    /// <summary>Watts above idle at these rates (one a candidate event).</summary>
    public double Predict(IReadOnlyList<double> rates)
    {
        ArgumentNullException.ThrowIfNull(rates);
        return Chosen.Zip(Coefficients, (e, c) => c * rates[e]).Sum();
    }
}

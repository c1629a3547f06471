using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Sensors.Checks;

/// <summary>What a source shows of a board at rest.</summary>
/// <param name="Mean">Mean power.</param>
/// <param name="Deviation">Standard deviation of single readings of the sum.</param>
/// <param name="Step">Smallest step of the sum, or 0 where the source does not say.</param>
/// <param name="DriftPerMinute">Slope of the power, in watts per minute.</param>
/// <param name="DriftError">Standard error of it.</param>
/// <param name="Points">Noise of means over windows of growing length.</param>
/// <param name="RateHertz">New readings a second of the slowest rail in the sum.</param>
/// <param name="StaleShare">Share of the readings that only repeated the one before.</param>
public sealed record SensorNoise(
    Watts Mean,
    Watts Deviation,
    Watts Step,
    Watts DriftPerMinute,
    Watts DriftError,
    IReadOnlyList<AllanPoint> Points,
    double RateHertz,
    double StaleShare)
{
    private const double Normal95 = 1.96;

    /// <summary>
    /// Smallest difference of power that two neighbouring windows show with 95 % confidence: 1.96·√2 times the two-sample deviation.
    /// Beyond the longest window that was seen it is taken to fall no further.
    /// </summary>
    public Watts Visible(Seconds window)
    {
        if (Points.Count == 0)
        {
            return new Watts(double.PositiveInfinity);
        }

        // Readings that stay within one step carry no noise that would average the step out.
        double floor = Deviation.Value < Step.Value / 2 ? Step.Value / 2 : 0;
        return new Watts(Math.Max(floor, Normal95 * Math.Sqrt(2) * At(window.Value)));
    }

    // Between two points on a straight line over the logarithm of the window; shorter windows as white noise.
    private double At(double window)
    {
        AllanPoint first = Points[0];
        if (window <= first.Window.Value)
        {
            return first.Deviation.Value * Math.Sqrt(first.Window.Value / window);
        }

        for (int i = 1; i < Points.Count; i++)
        {
            (AllanPoint a, AllanPoint b) = (Points[i - 1], Points[i]);
            if (window <= b.Window.Value)
            {
                double share = Math.Log(window / a.Window.Value) / Math.Log(b.Window.Value / a.Window.Value);
                return a.Deviation.Value + (share * (b.Deviation.Value - a.Deviation.Value));
            }
        }

        return Points[^1].Deviation.Value;
    }
}

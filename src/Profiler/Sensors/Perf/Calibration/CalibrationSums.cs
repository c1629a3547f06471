namespace EdgePrune.Profiler.Sensors.Perf.Calibration;

/// <summary>Means over the windows of a calibration: powers over all windows of a workload, rates over those that counted the event.</summary>
internal sealed class CalibrationSums(IReadOnlyList<string> workloads, int events)
{
    private readonly Dictionary<string, Mean> powers = workloads.ToDictionary(w => w, _ => default(Mean));
    private readonly Dictionary<string, Mean[]> rates = workloads.ToDictionary(w => w, _ => new Mean[events]);
    private readonly Mean[] idleRates = new Mean[events];
    private Mean idle;

    /// <summary>Power of the idle windows, in watts.</summary>
    public double IdlePower => idle.Value;

    /// <summary>Counts a second of an event in the idle windows: what the sampling of the sensor makes this process do.</summary>
    public double IdleRate(int counter) => idleRates[counter].Value;

    public void AddIdle(double watts) => idle = idle.With(watts);

    public void AddIdleRate(int counter, double rate) => idleRates[counter] = idleRates[counter].With(rate);

    public void Add(string workload, double watts) => powers[workload] = powers[workload].With(watts);

    public void AddRate(string workload, int counter, double rate) => rates[workload][counter] = rates[workload][counter].With(rate);

    /// <summary>One a workload.</summary>
    public CounterObservation[] Observations() =>
        [.. workloads.Select(w => new CounterObservation(w, powers[w].Value, [.. rates[w].Select(r => r.Value)]))];

    private readonly record struct Mean(double Sum, int Count)
    {
        public double Value => Count == 0 ? 0 : Sum / Count;

        public Mean With(double value) => new(Sum + value, Count + 1);
    }
}

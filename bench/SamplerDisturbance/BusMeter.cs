namespace EdgePrune.Bench.SamplerDisturbance;

/// <summary>Seconds of processor time spent behind a bus.</summary>
internal sealed class BusMeter
{
    public double Cpu { get; set; }
}

using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Sensors.Ina219;

/// <summary>What the converter's settings mean (SBOS448G, table 5).</summary>
public static class Ina219AdcTimes
{
    private const int Averaging = 8;
    private const int ResolutionBits = 3;
    private const double MicrosecondsOf12Bits = 532;

    /// <summary>Resolution in bits, 9 to 12.</summary>
    public static int Bits(this Ina219Adc adc) => ((int)adc & Averaging) != 0 ? 12 : 9 + ((int)adc & ResolutionBits);

    /// <summary>Conversions that are averaged, 1 to 128.</summary>
    public static int Samples(this Ina219Adc adc) => ((int)adc & Averaging) != 0 ? 1 << ((int)adc & 7) : 1;

    /// <summary>Typical time of one conversion without averaging.</summary>
    public static Seconds SampleTime(this Ina219Adc adc) => Seconds.FromMicroseconds(adc.Bits() switch
    {
        9 => 84,
        10 => 148,
        11 => 276,
        _ => MicrosecondsOf12Bits,
    });

    /// <summary>Typical time of a conversion with its averaging. The slowest part takes 10 % more.</summary>
    public static Seconds Time(this Ina219Adc adc) => adc.SampleTime() * adc.Samples();

    /// <summary>The setting without averaging for 9 to 12 bits.</summary>
    public static bool TryFromBits(int bits, out Ina219Adc adc)
    {
        // Two codes mean 12 bits; the one that is not the reset value lets a part that lost its settings be told apart.
        adc = bits == 12 ? Ina219Adc.Samples1 : (Ina219Adc)(bits - 9);
        return bits is >= 9 and <= 12;
    }

    /// <summary>The setting for 1, 2, 4 … 128 samples.</summary>
    public static bool TryFromSamples(int samples, out Ina219Adc adc)
    {
        adc = Ina219Adc.Samples1 + int.Log2(Math.Max(1, samples));
        return samples is >= 1 and <= 128 && int.IsPow2(samples);
    }
}

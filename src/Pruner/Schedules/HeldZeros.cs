using EdgePrune.Training.Steps;

namespace EdgePrune.Pruner.Schedules;

/// <summary>
/// Elements of trained tensors that are held at zero while the others are trained. What units had when they were masked is kept, so that
/// they can come back as they were: a unit whose weights are all zero has no gradient to grow by. A single weight comes back as zero.
/// </summary>
internal sealed class HeldZeros
{
    private readonly Dictionary<string, bool[]> ofUnits = new(StringComparer.Ordinal);
    private readonly Dictionary<string, bool[]> ofWeights = new(StringComparer.Ordinal);
    private readonly Dictionary<string, bool[]> held = new(StringComparer.Ordinal);
    private readonly Dictionary<string, float[]> kept = new(StringComparer.Ordinal);

    /// <summary>Elements of masked units, by tensor.</summary>
    public IReadOnlyDictionary<string, bool[]> OfUnits => ofUnits;

    /// <summary>Single weights at zero, by tensor.</summary>
    public IReadOnlyDictionary<string, bool[]> OfWeights => ofWeights;

    /// <summary>How many single weights are at zero that belong to no masked unit.</summary>
    public long ZeroWeights => ofWeights.Sum(w => w.Value.LongCount(z => z) - (ofUnits.TryGetValue(w.Key, out bool[]? units) ? w.Value.Zip(units).LongCount(z => z.First && z.Second) : 0));

    /// <summary>What a tensor's elements were when units were masked; null where none ever was.</summary>
    public float[]? Kept(string tensor) => kept.GetValueOrDefault(tensor);

    /// <summary>Changes what is held at zero.</summary>
    /// <param name="step">The training.</param>
    /// <param name="units">Elements of masked units from now on, by tensor.</param>
    /// <param name="weights">Single weights at zero from now on, by tensor.</param>
    public void Set(TrainingStep step, IReadOnlyDictionary<string, bool[]> units, IReadOnlyDictionary<string, bool[]> weights)
    {
        foreach (string tensor in units.Keys.Union(weights.Keys).Union(ofUnits.Keys).Union(ofWeights.Keys).ToArray())
        {
            Span<float> values = step.Values(tensor);
            bool[] none = new bool[values.Length];
            bool[] wasUnit = ofUnits.GetValueOrDefault(tensor, none), wasWeight = ofWeights.GetValueOrDefault(tensor, none);
            bool[] isUnit = units.GetValueOrDefault(tensor, none), isWeight = weights.GetValueOrDefault(tensor, none);
            if (!kept.TryGetValue(tensor, out float[]? own))
            {
                kept[tensor] = own = new float[values.Length];
            }

            for (int i = 0; i < values.Length; i++)
            {
                // What leaves the units' mask was kept when it entered it; a single weight that was zero then comes back as zero.
                float value = wasUnit[i] ? own[i] : wasWeight[i] ? 0 : values[i];
                own[i] = isUnit[i] ? value : own[i];
                values[i] = isUnit[i] || isWeight[i] ? 0 : value;
            }

            ofUnits[tensor] = isUnit;
            ofWeights[tensor] = isWeight;
            held[tensor] = [.. isUnit.Zip(isWeight, (u, w) => u || w)];
        }

        Apply(step);
    }

    /// <summary>Makes zero again what a step has moved.</summary>
    public void Apply(TrainingStep step)
    {
        foreach ((string tensor, bool[] zero) in held)
        {
            Span<float> values = step.Values(tensor);
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = zero[i] ? 0 : values[i];
            }

            step.Forget(tensor, zero);
        }
    }
}

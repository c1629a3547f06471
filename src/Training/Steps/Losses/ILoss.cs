namespace EdgePrune.Training.Steps.Losses;

/// <summary>A term of what training makes small: a scalar computed from the model's values and from inputs of its own.</summary>
public interface ILoss
{
    /// <summary>What the term is multiplied by in the sum of all.</summary>
    double Weight { get; }

    /// <summary>Writes the term and declares its inputs.</summary>
    internal string Write(LossContext context);
}

namespace EdgePrune.Training.Steps;

/// <summary>What a variable of a step is.</summary>
public enum StepVariableKind
{
    /// <summary>A trained tensor of the model.</summary>
    Parameter,

    /// <summary>A running mean or variance of the model.</summary>
    Statistic,

    /// <summary>State of the optimiser.</summary>
    State,
}

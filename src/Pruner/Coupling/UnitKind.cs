namespace EdgePrune.Pruner.Coupling;

/// <summary>What a unit is to the person who prunes; where several fit, the later one names it.</summary>
public enum UnitKind
{
    /// <summary>A column of a Gemm or MatMul, a hidden unit of a recurrent layer.</summary>
    Neuron,

    /// <summary>A channel of a convolution.</summary>
    Channel,

    /// <summary>A whole group of a grouped convolution.</summary>
    ConvolutionGroup,

    /// <summary>An attention head.</summary>
    Head,

    /// <summary>A head of keys and values with all the query heads that share it.</summary>
    KeyValueGroup,

    /// <summary>A residual branch that can be skipped.</summary>
    Block,

    /// <summary>A layer whose input and output agree.</summary>
    Layer,

    /// <summary>A single weight, which can be masked but not cut.</summary>
    Weight,
}

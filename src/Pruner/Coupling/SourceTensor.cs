namespace EdgePrune.Pruner.Coupling;

/// <summary>What a slice of a parameter is to the unit that it belongs to.</summary>
public enum SliceRole
{
    /// <summary>A value that goes with the unit: bias, scale, statistics, slope.</summary>
    Parameter,

    /// <summary>The weights that make the unit.</summary>
    Output,

    /// <summary>The weights that read the unit.</summary>
    Input,

    /// <summary>
    /// No parameter: the unit's place in a value between the layers, which no weights read (a product of two computed values, a sum
    /// over the axis). A mask has to be put on the value itself; nothing is sliced.
    /// </summary>
    Value,
}

/// <summary>A tensor of parameters, with the ids along each axis that is longer than one.</summary>
internal sealed record SourceTensor(string Name, int[] Dims, IReadOnlyList<AxisIds> Axes);

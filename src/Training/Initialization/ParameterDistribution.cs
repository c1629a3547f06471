namespace EdgePrune.Training.Initialization;

/// <summary>How the elements of a parameter are drawn.</summary>
internal enum ParameterDistribution
{
    /// <summary>All the same.</summary>
    Constant,

    /// <summary>Normal around zero.</summary>
    Normal,

    /// <summary>Uniform around zero.</summary>
    Uniform,
}

namespace EdgePrune.Training.Loop;

/// <summary>How the learning rate falls.</summary>
public enum ScheduleKind
{
    /// <summary>Not at all.</summary>
    Constant,

    /// <summary>By a factor every so many epochs.</summary>
    Step,

    /// <summary>Along half a cosine to zero (Loshchilov and Hutter, 2017, without restarts).</summary>
    Cosine,
}

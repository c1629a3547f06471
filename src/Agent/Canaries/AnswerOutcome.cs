namespace EdgePrune.Agent.Canaries;

/// <summary>How an answer compares with what was expected.</summary>
public enum AnswerOutcome
{
    Alike,

    /// <summary>Well formed, but another answer.</summary>
    Different,

    /// <summary>An output is missing, of another shape, or of no numbers.</summary>
    WrongShape,

    /// <summary>NaN or an infinity where the expected answer has none.</summary>
    NotFinite,
}

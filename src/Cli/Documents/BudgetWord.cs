namespace EdgePrune.Cli.Documents;

/// <summary>The words that <see cref="LoopDocument.Budget"/> can hold.</summary>
internal static class BudgetWord
{
    /// <summary>A measurement keeps the budget.</summary>
    public const string Met = "met";

    /// <summary>The cheapest plan has been measured and does not.</summary>
    public const string Unreachable = "unreachable";

    /// <summary>The rounds have ended before one did.</summary>
    public const string Missed = "missed";
}

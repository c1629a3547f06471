namespace EdgePrune.Agent.Canaries;

/// <summary>How a model did on canaries.</summary>
/// <param name="Run">How many were run.</param>
/// <param name="Passed">How many gave the expected outputs.</param>
/// <param name="Correct">How many were classified as their labels say; null where there are no labels.</param>
/// <param name="Failure">What was wrong with the first that did not pass; null where all did.</param>
/// <param name="IsUnsound">Whether one gave NaN, an infinity or another shape: no share of passes makes up for that.</param>
public sealed record CanaryResult(int Run, int Passed, int? Correct, string? Failure, bool IsUnsound)
{
    /// <summary>Whether a rule holds.</summary>
    public bool Holds(AnswerRule rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        // Shares come from people as 0.9: nine of ten must not fail by rounding.
        return !IsUnsound && Passed >= (rule.MinShare * Run) - 1e-9;
    }

    /// <summary>A sentence for people.</summary>
    public override string ToString() =>
        $"{Passed} of {Run} canaries gave the expected outputs{(Failure is null ? "" : $"; the first that did not: {Failure}")}";
}

using EdgePrune.Cli.Documents;

namespace EdgePrune.Cli.Loop.Boards;

/// <summary>A candidate that serves on probation.</summary>
internal interface IBoardTrial : IDisposable
{
    /// <summary>Measures the original (first) and the very model that serves (second), interleaved.</summary>
    ComparisonDocument Compare();

    /// <summary>Keeps it.</summary>
    /// <returns>What serves now.</returns>
    DeployedModel Commit();

    /// <summary>Puts what served before back.</summary>
    /// <returns>What serves now.</returns>
    DeployedModel RollBack(string reason);
}

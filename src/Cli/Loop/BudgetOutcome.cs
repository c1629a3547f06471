using EdgePrune.Cli.Documents;

namespace EdgePrune.Cli.Loop;

/// <summary>What the rounds came to.</summary>
/// <param name="Rounds">All of them.</param>
/// <param name="Word">A word of <see cref="BudgetWord"/>.</param>
/// <param name="Best">The round whose model goes on.</param>
internal sealed record BudgetOutcome(IReadOnlyList<LoopRound> Rounds, string Word, LoopRound Best);

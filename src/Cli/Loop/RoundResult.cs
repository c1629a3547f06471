using EdgePrune.Cli.Documents;

namespace EdgePrune.Cli.Loop;

/// <param name="Round">What a round measured; null where no plan was left to try.</param>
internal sealed record RoundResult(LoopRound? Round);

namespace EdgePrune.Pruner.Budget;

/// <summary>A block or layer that may go as a whole, as the solver sees it.</summary>
/// <param name="Id">Its place among the blocks that the model has.</param>
/// <param name="Lost">Importance lost with it, all its own units included.</param>
/// <param name="Groups">Groups of units that lie in it alone: with it they are gone and cost no importance of their own.</param>
/// <param name="Terms">Places of the cost terms that vanish with it.</param>
/// <param name="Values">Places of the values between layers that vanish with it.</param>
/// <param name="Excludes">Other blocks, by place in the list, that cannot go together with it.</param>
public sealed record BlockChoice(
    int Id, double Lost, IReadOnlyList<int> Groups, IReadOnlyList<int> Terms, IReadOnlyList<int> Values, IReadOnlyList<int> Excludes);

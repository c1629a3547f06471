using EdgePrune.Pruner.Budget;
using EdgePrune.Pruner.Importance;

namespace EdgePrune.Pruner.Schedules;

/// <summary>Chooses units: the least important that a budget makes necessary.</summary>
/// <param name="scores">Importance by unit id, zero for those that are gone.</param>
/// <param name="bounds">How many units of each group must and may stay.</param>
/// <param name="budget">What may remain.</param>
/// <returns>Ids of the units that go.</returns>
internal delegate IReadOnlyList<int> ChooseUnits(IReadOnlyList<double> scores, GroupBounds bounds, BudgetRequest budget);

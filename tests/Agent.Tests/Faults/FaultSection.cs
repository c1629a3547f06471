namespace EdgePrune.Agent.Tests.Faults;

/// <summary>A part of the fault table.</summary>
/// <param name="Title">Its heading.</param>
/// <param name="Tests">The class that runs its cases.</param>
/// <param name="About">What all cases have in common.</param>
/// <param name="Cases">Its lines.</param>
internal sealed record FaultSection(string Title, Type Tests, string About, IReadOnlyList<FaultCase> Cases)
{
    public TheoryData<string> Names => [.. Cases.Select(c => new TheoryDataRow<string>(c.Name))];

    public Task RunAsync(string name) => Cases.Single(c => c.Name == name).Run();
}

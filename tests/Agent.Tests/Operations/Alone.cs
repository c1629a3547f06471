namespace EdgePrune.Agent.Tests.Operations;

/// <summary>
/// Tests that nothing else may run beside. OpenTelemetry listens to the meters of the whole process by their names: an agent of another
/// test that stops would take the instruments of this one along.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "alone";
}

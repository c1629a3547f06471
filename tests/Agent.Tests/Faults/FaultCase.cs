namespace EdgePrune.Agent.Tests.Faults;

/// <summary>One line of the fault table and the test behind it.</summary>
/// <param name="Name">The fault.</param>
/// <param name="Ends">How it ends, in the words of the table; what the test asserts.</param>
/// <param name="Run">Makes the fault happen and asserts how it ends.</param>
internal sealed record FaultCase(string Name, string Ends, Func<Task> Run)
{
    public FaultCase(string name, string ends, Action run)
        : this(name, ends, () =>
        {
            run();
            return Task.CompletedTask;
        })
    {
    }
}

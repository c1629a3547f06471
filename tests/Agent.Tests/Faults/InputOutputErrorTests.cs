using EdgePrune.Agent.CrashChild.Operations;
using EdgePrune.Agent.Tests.Faults.FileOperations;

namespace EdgePrune.Agent.Tests.Faults;

/// <summary>Every file operation of everything that writes fails in its turn, as on a card that is wearing out.</summary>
public sealed class InputOutputErrorTests
{
    private const int InputOutputError = 5;

    internal static FaultSection Section { get; } = new(
        "File operations: errors of the disk",
        typeof(InputOutputErrorTests),
        "A real process does the same as above, once for each of its operations: opening, reading, writing, flushing, renaming, "
            + "linking, removing, making folders. At that operation the call to the system fails. What served serves, whatever had "
            + "been acknowledged is there, and the next opening repairs what is left.",
        [
            .. DeviceScenario.All.Select(s => OperationBench.Error("EIO once", s.Name, InputOutputError, again: false)),
            .. DeviceScenario.All.Select(s => OperationBench.Error("EIO from then on", s.Name, InputOutputError, again: true)),
        ]);

    public static TheoryData<string> Cases => Section.Names;

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Input_output_error(string fault) => Section.RunAsync(fault);
}

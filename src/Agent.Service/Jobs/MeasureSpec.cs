namespace EdgePrune.Agent.Service.Jobs;

/// <summary>What a measuring child process is told to do.</summary>
/// <param name="Request">What was asked for.</param>
/// <param name="Device">The board, by name or file.</param>
/// <param name="Threads">Inside one operator.</param>
/// <param name="MemoryBytes">Memory that it may write to.</param>
/// <param name="Model">File of the model.</param>
/// <param name="Other">File of the model to compare with.</param>
/// <param name="CostTable">The board's file of measured costs.</param>
/// <param name="Result">Where the result goes.</param>
internal sealed record MeasureSpec(
    JobRequest Request, string Device, int Threads, long MemoryBytes, string Model, string? Other, string CostTable, string Result);

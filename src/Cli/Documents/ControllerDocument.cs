namespace EdgePrune.Cli.Documents;

/// <summary>JSON of <c>controller</c>, when it has stopped.</summary>
/// <param name="Address">Where it listened.</param>
/// <param name="Data">Its folder.</param>
internal sealed record ControllerDocument(string Address, string Data);

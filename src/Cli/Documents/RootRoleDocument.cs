namespace EdgePrune.Cli.Documents;

/// <param name="Keys">Names of the keys.</param>
/// <param name="Threshold">How many of them must sign.</param>
internal sealed record RootRoleDocument(IReadOnlyList<string> Keys, int Threshold);

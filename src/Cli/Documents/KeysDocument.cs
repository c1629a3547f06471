namespace EdgePrune.Cli.Documents;

/// <summary>JSON of <c>keys</c>.</summary>
/// <param name="Folder">Where the files are.</param>
/// <param name="Files">Their names.</param>
internal sealed record KeysDocument(string Folder, IReadOnlyList<string> Files);

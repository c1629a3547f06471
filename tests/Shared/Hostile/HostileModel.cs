namespace EdgePrune.TestSupport.Hostile;

/// <summary>A malformed input.</summary>
/// <param name="Name">What is wrong with it.</param>
/// <param name="Write">Writes it into a folder and gives the path to open.</param>
/// <param name="Words">What the error must contain.</param>
/// <param name="NeverEnds">It is sound but runs for ever, so that only a time limit ends it.</param>
internal sealed record HostileModel(string Name, Func<string, string> Write, string Words, bool NeverEnds = false)
{
    public override string ToString() => Name;
}

namespace EdgePrune.Pruner.Budget.Search;

/// <summary>One decision: how many units of a group stay, or whether a block does.</summary>
/// <param name="Kept">Units that stay, ascending; the last is all of them. For a block 0 or 1.</param>
/// <param name="Loss">Importance lost at each of them.</param>
internal sealed record ChoiceVariable(int[] Kept, double[] Loss)
{
    public int Labels => Kept.Length;
}

using EdgePrune.Onnx;
using EdgePrune.Pruner.Budget;

namespace EdgePrune.Pruner.Search;

/// <summary>The least accuracy that a pruned model may have on held-out samples.</summary>
/// <param name="Value">0 to 1: the accuracy, or the share of the original's accuracy that may be lost.</param>
/// <param name="IsDrop">True where the value is a loss relative to the original.</param>
public sealed record AccuracyFloor(double Value, bool IsDrop)
{
    /// <summary>Reads <c>90%</c> (at least that accuracy) or <c>-1%</c> (at most one percent of the original's accuracy is lost).</summary>
    /// <exception cref="InputException">It is neither.</exception>
    public static AccuracyFloor Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        bool drop = text.StartsWith('-');
        try
        {
            double share = ExactNumber.ParsePercent(drop ? text[1..] : text);
            return share > 0 || drop ? new AccuracyFloor(share, drop) : throw new InputException("0% is no floor");
        }
        catch (InputException wrong)
        {
            throw new InputException($"'{Printable.Name(text)}' is no floor of accuracy: write 90% (at least that accuracy) or -1% (at most one percent of the original's is lost)", wrong);
        }
    }

    /// <summary>The accuracy that is the least.</summary>
    /// <param name="original">That of the original on the same samples.</param>
    public double Of(double original) => IsDrop ? original * (1 - Value) : Value;

    /// <summary>The text that <see cref="Parse"/> makes the same floor of.</summary>
    public string ToText() => (IsDrop ? "-" : "") + ExactNumber.Percent(Value);
}

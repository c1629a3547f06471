using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;

namespace EdgePrune.Pruner.Coupling.Rules;

/// <summary>Einsum: letters name axes, an ellipsis stands for leading axes that are broadcast.</summary>
internal sealed class EinsumRule : IOperatorRule
{
    public IReadOnlyList<string> Operators { get; } = ["Einsum"];

    public string Relation =>
        "Axes named by one letter share their ids; letters missing in the output are summed over. A letter that stands twice in one "
        + "term (a diagonal) freezes what the node touches.";

    public void Relate(NodeProto node, CouplingBuilder c)
    {
        string equation = string.Concat(node.GetString("equation", "").Where(ch => !char.IsWhiteSpace(ch)));
        string[] sides = equation.Split("->");
        string[] terms = sides[0].Split(',');
        if (sides.Length > 2 || terms.Length != node.Input.Count)
        {
            c.Unknown(node, $"the equation '{equation}' does not fit its inputs");
            return;
        }

        var operands = new List<Operand>();
        for (int i = 0; i < terms.Length; i++)
        {
            if (Labels(terms[i], c.Rank(node.Input[i])) is not { } labels || labels.Distinct().Count() < labels.Length)
            {
                c.Unknown(node, $"a term of the equation '{equation}' names an axis twice or cannot be read");
                return;
            }

            operands.Add(new Operand(node.Input[i], labels));
        }

        // Without an output term: the ellipsis, then the letters that stand once, in order.
        string result = sides.Length == 2
            ? sides[1]
            : (sides[0].Contains("...", StringComparison.Ordinal) ? "..." : "")
                + string.Concat(sides[0].Where(char.IsAsciiLetter).GroupBy(l => l).Where(l => l.Count() == 1).Select(l => l.Key).Order());
        if (Labels(result, c.Rank(node.Output[0])) is not { } output || output.Distinct().Count() < output.Length)
        {
            c.Unknown(node, $"the output of the equation '{equation}' cannot be read");
            return;
        }

        Contraction.Relate(c, node, operands, output);
    }

    // Letters by their code; the axes of an ellipsis are numbered from its last one, −1, −2, …
    private static int[]? Labels(string term, int rank)
    {
        int dots = term.IndexOf("...", StringComparison.Ordinal);
        string letters = dots < 0 ? term : term.Remove(dots, 3);
        int hidden = rank - letters.Length;
        if (!letters.All(char.IsAsciiLetter) || hidden < 0 || (dots < 0 && hidden > 0))
        {
            return null;
        }

        int at = Math.Max(dots, 0);
        return
        [
            .. letters[..at].Select(l => (int)l),
            .. Enumerable.Range(0, hidden).Select(i => i - hidden),
            .. letters[at..].Select(l => (int)l),
        ];
    }
}

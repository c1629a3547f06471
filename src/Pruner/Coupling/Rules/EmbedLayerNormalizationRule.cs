using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;

namespace EdgePrune.Pruner.Coupling.Rules;

/// <summary>
/// Rows of the embedding tables for words [V, D], positions [P, D] and segments [S, D], summed and normalised (ONNX Runtime's contrib
/// operator): ids of tokens [N, L] → Y [N, L, D].
/// </summary>
internal sealed class EmbedLayerNormalizationRule : IOperatorRule
{
    public IReadOnlyList<string> Operators { get; } = ["com.microsoft.EmbedLayerNormalization"];

    public string Relation => "The tables […, D], gamma [D], beta [D] and Y [N, L, D] share the ids of D, which are inexact; the rows are frozen.";

    public void Relate(NodeProto node, CouplingBuilder c)
    {
        int[]? width = null;
        string[] tables = [.. node.Given(2, 3, 4)];
        foreach (string table in tables)
        {
            c.FreezeAxis(table, 0, $"{node.Describe()}: picks single indices along this axis");
            c.Mark(c.Ids(table, 1), SliceRole.Output);
            width ??= c.Ids(table, 1);
        }

        foreach ((string value, int axis) in tables.Select(t => (t, 1)).Concat(node.Given(5, 6).Select(p => (p, 0))))
        {
            if (c.Dims(value)![axis] > 1)
            {
                c.Match(width, "a table without units", c.Ids(value, axis), c.Of(value).Reason);
            }
        }

        c.Inexact(width, $"{node.Describe()}: every index along this axis counts in the result");
        Layout made = width is null ? Layout.Fixed("a table without units") : new Layout([AxisIds.Single(2, width)], "indices of tokens");
        c.SetOutput(node, 0, made);
        c.SetOutput(node, 1, Layout.Fixed("a count of tokens"));
        c.SetOutput(node, 2, made);
    }
}

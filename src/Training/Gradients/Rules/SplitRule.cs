using EdgePrune.Onnx.Proto;

namespace EdgePrune.Training.Gradients.Rules;

/// <summary>Split: the parts' gradients are put together again, zeros where a part is not read.</summary>
internal sealed class SplitRule : IGradientRule
{
    public IReadOnlyList<string> Operators { get; } = ["Split"];

    public void Differentiate(NodeProto node, GradientContext g)
    {
        string[] parts = [.. Enumerable.Range(0, node.Output.Count).Select(i => g.GradientOf(i) ?? g.Writer.Fill(g.Dims(node.Output[i])))];
        g.Give(0, g.Writer.Concat(parts, g.Axis("axis", 0, g.Rank(0))));
    }
}

using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Pruner.Surgery;

namespace EdgePrune.Pruner.Coupling.Rules;

/// <summary>What attention operators say of heads in their attributes, once heads or positions inside them are gone.</summary>
internal static class AttentionAttributes
{
    /// <summary>Rewrites a number of heads where whole heads have gone from an axis of heads times width.</summary>
    public static void RewriteHeads(NodeProto node, SurgeryContext s, string value, int axis, string attribute)
    {
        long heads = node.GetInt(attribute, 0);
        if (heads > 0 && s.IsCut(value, axis) && HeadsAfter(s, value, axis, (int)heads) is var left && left != heads)
        {
            node.SetInt(attribute, left);
        }
    }

    /// <summary>Heads of which any position is left: heads go whole, positions go from every head.</summary>
    public static int HeadsAfter(SurgeryContext s, string value, int axis, int heads, int start = 0, int length = 0)
    {
        int width = (length > 0 ? length : s.Length(value, axis)) / heads;
        return Enumerable.Range(0, heads).Count(h => s.CountBefore(value, axis, start + ((h + 1) * width)) > s.CountBefore(value, axis, start + (h * width)));
    }

    /// <summary>
    /// The scale of scores is 1/√d by default. Where positions inside heads have gone it is still that of the original's width, and
    /// has to be written down.
    /// </summary>
    /// <param name="node">The node; an attribute of zero means the default.</param>
    /// <param name="before">Width of a head of queries in the original.</param>
    /// <param name="after">Its width now.</param>
    public static void KeepScale(NodeProto node, int before, int after)
    {
        if (before != after && (node.Find("scale") is not { } scale || scale.F == 0))
        {
            node.SetFloat("scale", 1 / MathF.Sqrt(before));
        }
    }
}

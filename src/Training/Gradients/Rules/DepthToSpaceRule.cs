using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;

namespace EdgePrune.Training.Gradients.Rules;

/// <summary>DepthToSpace (both modes) and SpaceToDepth move elements; the gradient is moved back.</summary>
internal sealed class DepthToSpaceRule : IGradientRule
{
    public IReadOnlyList<string> Operators { get; } = ["DepthToSpace", "SpaceToDepth"];

    public void Differentiate(NodeProto node, GradientContext g)
    {
        GraphWriter w = g.Writer;
        long block = node.GetInt("blocksize", 1);
        bool toSpace = node.OpType == "DepthToSpace";
        bool columnsFirst = toSpace && node.GetString("mode", "DCR") == "CRD";
        long[] deep = toSpace ? g.Dims(0) : g.OutputDims;
        (long n, long c, long h, long wide) = (deep[0], deep[1] / (block * block), deep[2], deep[3]);
        if (toSpace)
        {
            // [N, C, H, b, W, b] → [N, b, b, C, H, W], or [N, C, b, b, H, W].
            string apart = w.Reshape(g.OutputGradient, n, c, h, block, wide, block);
            g.Give(0, w.Reshape(columnsFirst ? w.Transpose(apart, 0, 1, 3, 5, 2, 4) : w.Transpose(apart, 0, 3, 5, 1, 2, 4), deep));
        }
        else
        {
            string apart = w.Reshape(g.OutputGradient, n, block, block, c, h, wide);
            g.Give(0, w.Reshape(w.Transpose(apart, 0, 3, 4, 1, 5, 2), g.Dims(0)));
        }
    }
}

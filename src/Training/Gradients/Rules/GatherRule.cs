using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;

namespace EdgePrune.Training.Gradients.Rules;

/// <summary>
/// Gather (embeddings, class tokens, shuffles): the gradients of the rows that were taken are added up where they came from, by a
/// product with a one-hot matrix, or by ScatterElements where that matrix would be large.
/// </summary>
internal sealed class GatherRule : IGradientRule
{
    // The product reads and writes vocabulary × indices elements for each element of a row; beyond this the scatter is cheaper.
    private const long MaxOneHot = 1 << 20;

    public IReadOnlyList<string> Operators { get; } = ["Gather"];

    public void Differentiate(NodeProto node, GradientContext g)
    {
        GraphWriter w = g.Writer;
        long[] data = g.Dims(0);
        long[] indices = g.Dims(1);
        int axis = g.Axis("axis", 0, data.Length);
        int count = indices.Length;
        long taken = Product(indices);
        long[] outer = data[..axis];
        long[] inner = data[(axis + 1)..];
        long row = Product(outer) * Product(inner);

        // [outer, indices, inner] → [indices, outer·inner].
        int rank = data.Length - 1 + count;
        long[] front = [.. Enumerable.Range(axis, count), .. Enumerable.Range(0, axis), .. Enumerable.Range(axis + count, rank - axis - count)];
        string rows = w.Reshape(w.Transpose(g.OutputGradient, front), taken, row);
        string flat = w.Reshape(node.Input[1], taken);
        string sum = taken * data[axis] <= MaxOneHot || w.Opset < 16
            ? w.Gemm(OneHot(w, flat, data[axis]), rows, transA: true)
            : Scatter(w, flat, rows, data[axis], row);

        // [axis, outer·inner] → [outer, axis, inner].
        string apart = w.Reshape(sum, [data[axis], .. outer, .. inner]);
        long[] back = [.. Enumerable.Range(1, axis), 0, .. Enumerable.Range(axis + 1, data.Length - axis - 1)];
        g.Give(0, w.Transpose(apart, back));
    }

    private static string OneHot(GraphWriter w, string indices, long depth) =>
        w.Node("OneHot", [indices, w.Ints(depth), w.Reals([0, 1], [2])], n => n.SetInt("axis", 1));

    private static string Scatter(GraphWriter w, string indices, string rows, long length, long row)
    {
        string wide = w.Expand(w.Node("Reshape", [indices, w.Ints(-1, 1)]), [1, row]);
        return w.Node("ScatterElements", [w.Fill([length, row]), wide, rows], n =>
        {
            n.SetInt("axis", 0);
            n.SetString("reduction", "add");
        });
    }

    private static long Product(long[] dims) => dims.Aggregate(1L, (a, d) => a * d);
}

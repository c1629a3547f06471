namespace Pruner.Tests.RandomGraphs;

/// <summary>Operators that change what the axes are: between the forms, and in size.</summary>
internal static class ShapeSteps
{
    public static Dictionary<string, Action<GrownGraph, GraphStep>> All { get; } = new()
    {
        ["pad space"] = (g, s) =>
        {
            GrownValue x = g.Pick(Form.Image, s);
            // There is nothing to reflect in a single row or column.
            int modes = x.Dims[2] > 1 && x.Dims[3] > 1 ? 3 : 2;
            string mode = new[] { "constant", "edge", "reflect" }[s.Variant % modes];
            g.Add(Form.Image, g.Graph.Node("Pad", [x.Name, g.Graph.Ints(0, 0, 1, 0, 0, 0, 0, 1)], ("mode", mode)), 1, x.Width, x.Dims[2] + 1, x.Dims[3] + 1);
        },
        ["resize"] = (g, s) =>
        {
            GrownValue x = g.Pick(Form.Image, s);
            string y = s.Flag()
                ? g.Graph.Node("Resize", [x.Name, "", g.Floats(1, 1, 2, 2)])
                : g.Graph.Node("Resize", [x.Name, "", "", g.Graph.Ints(1, x.Width, 2 * x.Dims[2], 2 * x.Dims[3])]);
            g.Add(Form.Image, y, 1, x.Width, 2 * x.Dims[2], 2 * x.Dims[3]);
        },
        ["depth to space"] = (g, s) =>
        {
            if (g.TryPick(Form.Image, s, v => v.Width % 4 == 0) is { } x)
            {
                string y = g.Graph.Node("DepthToSpace", [x.Name], ("blocksize", 2), ("mode", s.Flag() ? "CRD" : "DCR"));
                g.Add(Form.Image, y, 1, x.Width / 4, 2 * x.Dims[2], 2 * x.Dims[3]);
            }
        },
        ["space to depth"] = (g, s) =>
        {
            if (g.TryPick(Form.Image, s, v => v.Dims[2] % 2 == 0 && v.Dims[3] % 2 == 0) is { } x)
            {
                g.Add(Form.Image, g.Graph.Node("SpaceToDepth", [x.Name], ("blocksize", 2)), 1, 4 * x.Width, x.Dims[2] / 2, x.Dims[3] / 2);
            }
        },
        ["tile"] = (g, s) =>
        {
            GrownValue x = g.Pick(Form.Image, s);
            int times = s.Flag(1) ? 2 : 1;
            int along = s.Flag() ? 2 : 1;
            g.Add(Form.Image, g.Graph.Node("Tile", [x.Name, g.Graph.Ints(1, times, along, 1)]), 1, x.Width * times, x.Dims[2] * along, x.Dims[3]);
        },
        ["expand"] = (g, s) =>
        {
            GrownValue x = g.Pick(Form.Image, s);
            string pooled = g.Graph.Node("GlobalMaxPool", [x.Name]);
            string shape = s.Flag() ? g.Graph.Ints(1, x.Width, x.Dims[2], x.Dims[3]) : g.Graph.Node("Shape", [x.Name]);
            g.Same(x, g.Graph.Node("Add", [x.Name, g.Graph.Node("Expand", [pooled, shape])]));
        },
        ["image to sequence"] = (g, s) =>
        {
            GrownValue x = g.Pick(Form.Image, s);
            string y = s.Flag() ? g.Graph.Node("Reshape", [x.Name, g.Graph.Ints(0, 0, -1)]) : g.Graph.Node("Reshape", [x.Name, g.Graph.Ints(1, x.Width, x.Dims[2] * x.Dims[3])]);
            g.Add(Form.Sequence, y, 1, x.Width, x.Dims[2] * x.Dims[3]);
        },
        ["rows folded into channels"] = (g, s) =>
        {
            GrownValue x = g.Pick(Form.Image, s);
            g.Add(Form.Sequence, g.Graph.Node("Reshape", [x.Name, g.Graph.Ints(1, x.Width * x.Dims[2], x.Dims[3])]), 1, x.Width * x.Dims[2], x.Dims[3]);
        },
        ["image to tokens"] = (g, s) =>
        {
            GrownValue x = g.Pick(Form.Image, s);
            string flat = g.Graph.Node("Reshape", [x.Name, g.Graph.Ints(1, x.Width, x.Dims[2] * x.Dims[3])]);
            string turned = g.Graph.Node("Transpose", [flat], ("perm", new long[] { 0, 2, 1 }));
            g.Add(Form.Tokens, g.Graph.Node("Concat", [turned, turned], ("axis", 0)), 2, x.Dims[2] * x.Dims[3], x.Width);
        },
        ["image to volume"] = (g, s) =>
        {
            GrownValue x = g.Pick(Form.Image, s);
            g.Add(Form.Volume, g.Graph.Node("Unsqueeze", [x.Name, g.Graph.Ints(2)]), 1, x.Width, 1, x.Dims[2], x.Dims[3]);
        },
        ["volume to image"] = (g, s) =>
        {
            GrownValue x = g.Pick(Form.Volume, s);
            string y = s.Flag()
                ? g.Graph.Node("Gather", [x.Name, g.Graph.Initializer(EdgePrune.Onnx.Tensors.TensorEditor.FromInts(g.Name(), [0]))], ("axis", 2))
                : g.Graph.Node("Reshape", [x.Name, g.Graph.Ints(1, x.Width * x.Dims[2], x.Dims[3], x.Dims[4])]);
            g.Add(Form.Image, y, 1, s.Flag() ? x.Width : x.Width * x.Dims[2], x.Dims[3], x.Dims[4]);
        },
        ["pool to rows"] = (g, s) =>
        {
            GrownValue x = g.Pick((Form)(s.Variant % 3), s);
            string pooled = g.Graph.Node("Flatten", [ElementwiseSteps.Reduced(g, s.Flag() ? "ReduceMean" : "ReduceL2", x)]);
            g.Add(Form.Rows, g.Graph.Node("Concat", [pooled, g.Graph.Relu(pooled), pooled], ("axis", 0)), 3, x.Width);
        },
        ["rows to image"] = (g, s) =>
        {
            GrownValue x = g.Pick(Form.Rows, s);
            int wide = s.Wide();
            string y = g.Graph.Node("Gemm", [x.Name, g.Weights(x.Width, x.Width, wide * 4), g.Weights(1, wide * 4)]);
            string one = g.Graph.Node("Slice", [y, g.Graph.Ints(0), g.Graph.Ints(1), g.Graph.Ints(0)]);
            g.Add(Form.Image, g.Graph.Node("Reshape", [one, g.Graph.Ints(1, wide, 2, 2)]), 1, wide, 2, 2);
        },
        ["product of two values"] = (g, s) =>
        {
            GrownValue x = g.Pick(Form.Sequence, s);
            string turned = g.Graph.Node("Transpose", [x.Name], ("perm", new long[] { 0, 2, 1 }));
            string scaled = g.Graph.Node("Mul", [x.Name, g.Scalar(0.2f)]);
            if (s.Flag())
            {
                // Channels against channels: [1, C, C], then weights that read them.
                g.Add(Form.Sequence, g.Graph.Node("MatMul", [scaled, turned]), 1, x.Width, x.Width);
            }
            else
            {
                string positions = g.Graph.Node("Tanh", [g.Graph.Node("MatMul", [turned, scaled])]);
                g.Same(x, g.Graph.Node("MatMul", [x.Name, positions]));
            }
        },
    };
}

using EdgePrune.Onnx.Tensors;

namespace Pruner.Tests.RandomGraphs;

/// <summary>What transformers are made of: products with weights, attention of several heads, normalisations, Einsum.</summary>
internal static class TokenSteps
{
    public static Dictionary<string, Action<GrownGraph, GraphStep>> All { get; } = new()
    {
        ["matmul"] = (g, s) => Linear(g, g.Pick(Form.Tokens, s), s.Wide(), "MatMul"),
        ["einsum"] = (g, s) =>
        {
            GrownValue x = g.Pick(Form.Tokens, s);
            string y = s.Flag()
                ? g.Graph.Node("Einsum", [x.Name, g.Weights(x.Width, x.Width, s.Wide())], ("equation", "btd,de->bte"))
                : g.Graph.Node("Einsum", [x.Name, g.Weights(x.Width, s.Wide(), x.Width)], ("equation", "abc,ec->abe"));
            g.Add(Form.Tokens, y, 2, x.Dims[1], s.Wide());
        },
        ["gemm"] = (g, s) =>
        {
            GrownValue x = g.Pick(Form.Rows, s);
            string y = s.Flag()
                ? g.Graph.Linear(x.Name, x.Width, s.Wide())
                : g.Graph.Node("Gemm", [x.Name, g.Weights(x.Width, x.Width, s.Wide())], ("alpha", 0.5f));
            g.Add(Form.Rows, y, 3, s.Wide());
        },
        ["mlp"] = (g, s) =>
        {
            GrownValue x = g.Pick(Form.Tokens, s);
            string wide = g.Graph.Node("Add", [g.Graph.Node("MatMul", [x.Name, g.Weights(x.Width, x.Width, 2 * s.Wide())]), g.Weights(1, 2 * s.Wide())]);
            string half = g.Graph.Node("Mul", [g.Graph.Node("Mul", [wide, g.Scalar(0.5f)]), g.Graph.Node("Add", [g.Graph.Node("Erf", [wide]), g.Scalar(1)])]);
            string back = g.Graph.Node("MatMul", [half, g.Weights(2 * s.Wide(), 2 * s.Wide(), x.Width)]);
            g.Same(x, g.Graph.Node("Add", [x.Name, back]));
        },
        ["gated mlp"] = (g, s) =>
        {
            GrownValue x = g.Pick(Form.Tokens, s);
            string both = g.Graph.Node("MatMul", [x.Name, g.Weights(x.Width, x.Width, 2 * s.Wide())]);
            string[] halves = g.Graph.Nodes("Split", [both, g.Graph.Ints(s.Wide(), s.Wide())], 2, ("axis", -1));
            string gated = g.Graph.Node("Mul", [halves[0], g.Graph.Node("Sigmoid", [halves[1]])]);
            g.Same(x, g.Graph.Node("MatMul", [gated, g.Weights(s.Wide(), s.Wide(), x.Width)]));
        },
        ["layer norm"] = (g, s) =>
        {
            GrownValue x = g.Pick(s.Flag() ? Form.Rows : Form.Tokens, s);
            g.Same(x, g.Graph.Node("LayerNormalization", [x.Name, g.Weights(1, x.Width), g.Weights(1, x.Width)], ("axis", -1), ("epsilon", 0.05f)));
        },
        ["layer norm in parts"] = (g, s) =>
        {
            GrownValue x = g.Pick(Form.Tokens, s);
            string mean = Mean(g, x.Name);
            string centred = g.Graph.Node("Sub", [x.Name, mean]);
            string variance = Mean(g, g.Graph.Node("Mul", [centred, centred]));
            string normal = g.Graph.Node("Div", [centred, g.Graph.Node("Sqrt", [g.Graph.Node("Add", [variance, g.Scalar(0.05f)])])]);
            g.Same(x, g.Graph.Node("Mul", [normal, g.Weights(1, x.Width)]));
        },
        ["attention"] = (g, s) => Attention(g, s, fused: false, shared: false),
        ["fused attention"] = (g, s) => Attention(g, s, fused: true, shared: false),
        ["grouped query attention"] = (g, s) => Attention(g, s, fused: false, shared: true),
        ["first token"] = (g, s) =>
        {
            GrownValue x = g.Pick(Form.Tokens, s);
            string one = g.Graph.Node("Gather", [x.Name, g.Graph.Initializer(TensorEditor.FromInts(g.Name(), [0]))], ("axis", 1));
            g.Add(Form.Rows, g.Graph.Node("Pad", [one, g.Graph.Ints(0, 0, 1, 0)]), 3, x.Width);
        },
        ["mean over tokens"] = (g, s) =>
        {
            GrownValue x = g.Pick(Form.Tokens, s);
            string mean = g.Opset >= 18
                ? g.Graph.Node("ReduceMean", [x.Name, g.Graph.Ints(1)], ("keepdims", 0))
                : g.Graph.Node("ReduceMean", [x.Name], ("axes", new long[] { 1 }), ("keepdims", 0));
            g.Add(Form.Rows, g.Graph.Node("Pad", [mean, g.Graph.Ints(0, 0, 1, 0)]), 3, x.Width);
        },
        ["tokens to sequence"] = (g, s) =>
        {
            GrownValue x = g.Pick(Form.Tokens, s);
            string one = g.Graph.Node("Slice", [x.Name, g.Graph.Ints(0), g.Graph.Ints(1), g.Graph.Ints(0)]);
            g.Add(Form.Sequence, g.Graph.Node("Transpose", [one], ("perm", new long[] { 0, 2, 1 })), 1, x.Width, x.Dims[1]);
        },
    };

    private static string Mean(GrownGraph g, string x) => g.Opset >= 18
        ? g.Graph.Node("ReduceMean", [x, g.Graph.Ints(-1)])
        : g.Graph.Node("ReduceMean", [x], ("axes", new long[] { -1 }));

    private static void Linear(GrownGraph g, GrownValue x, int wide, string op)
    {
        string y = g.Graph.Node(op, [x.Name, g.Weights(x.Width, x.Width, wide)]);
        g.Add(Form.Tokens, g.Graph.Node("Add", [y, g.Weights(1, wide)]), 2, x.Dims[1], wide);
    }

    private static void Attention(GrownGraph g, GraphStep s, bool fused, bool shared)
    {
        GrownValue x = g.Pick(Form.Tokens, s);
        (int heads, int depth, int tokens) = (2 + (s.Variant % 2 * 2), 2 + s.Width, x.Dims[1]);
        int keys = shared ? heads / 2 : heads;
        string Project(int wide) => g.Graph.Node("MatMul", [x.Name, g.Weights(x.Width, x.Width, wide)]);
        string Heads(string value, int count, params long[] perm) =>
            g.Graph.Node("Transpose", [g.Graph.Node("Reshape", [value, g.Graph.Ints(0, 0, count, depth)])], ("perm", perm));
        string q, k, v;
        if (fused)
        {
            string all = Project(3 * heads * depth);
            string[] parts = s.Flag(1)
                ? g.Graph.Nodes("Split", [all, g.Graph.Ints(heads * depth, heads * depth, heads * depth)], 3, ("axis", 2))
                : Third(g, all, tokens, heads, depth);
            (q, k, v) = s.Flag(1)
                ? (Heads(parts[0], heads, 0, 2, 1, 3), Heads(parts[1], heads, 0, 2, 3, 1), Heads(parts[2], heads, 0, 2, 1, 3))
                : (parts[0], g.Graph.Node("Transpose", [parts[1]], ("perm", new long[] { 0, 1, 3, 2 })), parts[2]);
        }
        else
        {
            (q, k, v) = (Heads(Project(heads * depth), heads, 0, 2, 1, 3), Heads(Project(keys * depth), keys, 0, 2, 3, 1), Heads(Project(keys * depth), keys, 0, 2, 1, 3));
        }

        if (shared)
        {
            k = Repeated(g, k, keys, depth, tokens);
            v = Repeated(g, v, keys, tokens, depth);
        }

        string scores = g.Graph.Node("Softmax", [g.Graph.Node("Mul", [g.Graph.Node("MatMul", [q, k]), g.Scalar(0.5f)])], ("axis", -1));
        string mixed = g.Graph.Node("Transpose", [g.Graph.Node("MatMul", [scores, v])], ("perm", new long[] { 0, 2, 1, 3 }));
        string joined = g.Graph.Node("Reshape", [mixed, g.Graph.Ints(0, 0, heads * depth)]);
        g.Same(x, g.Graph.Node("MatMul", [joined, g.Weights(heads * depth, heads * depth, x.Width)]));
    }

    // [2, T, 3·H·D] → three of [2, H, T, D].
    private static string[] Third(GrownGraph g, string all, int tokens, int heads, int depth)
    {
        string turned = g.Graph.Node("Transpose", [g.Graph.Node("Reshape", [all, g.Graph.Ints(2, tokens, 3, heads, depth)])], ("perm", new long[] { 2, 0, 3, 1, 4 }));
        return [.. Enumerable.Range(0, 3).Select(i => g.Graph.Node("Gather", [turned, g.Graph.Initializer(TensorEditor.FromInts(g.Name(), [i]))], ("axis", 0)))];
    }

    // Each of the keys' heads twice: [2, K, a, b] → [2, 2·K, a, b].
    private static string Repeated(GrownGraph g, string value, int keys, int a, int b)
    {
        string wide = g.Graph.Node("Expand", [g.Graph.Node("Unsqueeze", [value, g.Graph.Ints(2)]), g.Graph.Ints(2, keys, 2, a, b)]);
        return g.Graph.Node("Reshape", [wide, g.Graph.Ints(2, 2 * keys, a, b)]);
    }
}

using EdgePrune.Onnx.Tensors;

namespace Pruner.Tests.RandomGraphs;

/// <summary>Operators that move, join, part, pick or normalise channels.</summary>
internal static class ChannelSteps
{
    public static Dictionary<string, Action<GrownGraph, GraphStep>> All { get; } = new()
    {
        ["concat"] = Concat,
        ["concat of tokens"] = (g, s) =>
        {
            GrownValue x = g.Pick(Form.Tokens, s);
            GrownValue y = g.Pick(Form.Tokens, s with { Source = s.Source / 2 }, v => v.Dims[1] == x.Dims[1]);
            g.Add(Form.Tokens, g.Graph.Node("Concat", [x.Name, y.Name], ("axis", s.Flag() ? 2 : -1)), 2, x.Dims[1], x.Width + y.Width);
        },
        ["split and turn"] = SplitAndTurn,
        ["split in three"] = (g, s) =>
        {
            if (g.TryPick(Form.Image, s, v => v.Width % 3 == 0) is { } x)
            {
                int third = x.Width / 3;
                string[] parts = g.Graph.Nodes("Split", [x.Name, g.Graph.Ints(third, third, third)], 3, ("axis", 1));
                g.Add(Form.Image, parts[s.Variant % 3], 1, third, x.Dims[2], x.Dims[3]);
                g.Add(Form.Image, g.Graph.Node("Mul", [parts[0], parts[2]]), 1, third, x.Dims[2], x.Dims[3]);
            }
        },
        ["slice channels"] = SliceChannels,
        ["gather channels"] = GatherChannels,
        ["shuffle"] = Shuffle,
        ["pad channels"] = (g, s) =>
        {
            GrownValue x = g.Pick(Form.Image, s);
            (int before, int after) = (s.Variant % 3, s.Width % 3);
            g.Add(Form.Image, g.Graph.Node("Pad", [x.Name, g.Graph.Ints(0, before, 0, 0, 0, after, 0, 0)]), 1, x.Width + before + after, x.Dims[2], x.Dims[3]);
        },
        ["pool"] = (g, s) =>
        {
            GrownValue x = g.Pick((Form)(s.Width % 3), s);
            long[] kernel = [.. Enumerable.Repeat(3L, x.Dims.Length - 2)];
            long[] pads = [.. Enumerable.Repeat(1L, 2 * kernel.Length)];
            g.Same(x, g.Graph.Node(s.Flag() ? "MaxPool" : "AveragePool", [x.Name], ("kernel_shape", kernel), ("pads", pads)));
        },
        ["instance norm"] = (g, s) =>
        {
            GrownValue x = g.Pick((Form)(s.Width % 3), s);
            g.Same(x, g.Graph.Node("InstanceNormalization", [x.Name, g.Weights(1, x.Width), g.Weights(1, x.Width)], ("epsilon", 0.05f)));
        },
        ["group norm"] = GroupNorm,
        ["local response"] = (g, s) =>
        {
            GrownValue x = g.Pick(Form.Image, s);
            g.Same(x, g.Graph.Node("LRN", [x.Name], ("size", 3)));
        },
        ["softmax"] = (g, s) =>
        {
            GrownValue x = g.Pick((Form)(s.Width % 5), s);
            g.Same(x, g.Graph.Node(s.Flag() ? "Softmax" : "LogSoftmax", [x.Name], ("axis", (s.Variant / 2 % (x.Dims.Length - 1)) + 1)));
        },
        ["channels last"] = (g, s) =>
        {
            GrownValue x = g.Pick(Form.Image, s);
            string last = g.Graph.Node("Transpose", [x.Name], ("perm", new long[] { 0, 2, 3, 1 }));
            string worked = g.Graph.Node("Add", [g.Graph.Node("MatMul", [last, g.Weights(x.Width, x.Width, s.Wide())]), g.Weights(1, s.Wide())]);
            g.Add(Form.Image, g.Graph.Node("Transpose", [worked], ("perm", new long[] { 0, 3, 1, 2 })), 1, s.Wide(), x.Dims[2], x.Dims[3]);
        },
    };

    private static void Concat(GrownGraph g, GraphStep s)
    {
        GrownValue x = g.Pick((Form)(s.Width % 3), s);
        GrownValue y = g.Pick(x.Form, s with { Source = s.Source / 2 }, v => v.Dims.Skip(2).SequenceEqual(x.Dims.Skip(2)));
        string[] parts = s.Flag(1) ? [x.Name, y.Name, x.Name] : [x.Name, y.Name];
        g.Add(x.Form, g.Graph.Node("Concat", parts, ("axis", s.Flag() ? 1 : 1 - x.Dims.Length)), [1, x.Width + y.Width + (s.Flag(1) ? x.Width : 0), .. x.Dims[2..]]);
    }

    private static void SplitAndTurn(GrownGraph g, GraphStep s)
    {
        if (g.TryPick((Form)(s.Width % 3), s, v => v.Width is var c && c % 2 == 0 && c > 2) is not { } x)
        {
            return;
        }

        int first = s.Flag() ? x.Width / 2 : (x.Width / 2) - 1;
        string[] parts = g.Graph.Nodes("Split", [x.Name, g.Graph.Ints(first, x.Width - first)], 2, ("axis", 1));
        g.Add(x.Form, parts[0], [1, first, .. x.Dims[2..]]);
        g.Same(x, g.Graph.Node("Concat", [parts[1], parts[0]], ("axis", 1)));
    }

    private static void SliceChannels(GrownGraph g, GraphStep s)
    {
        GrownValue x = g.Pick((Form)(s.Width % 3), s, v => v.Width >= 4);
        (long start, long end, long step) = s.Variant switch
        {
            0 => (1L, (long)x.Width, 1L),
            1 => (0, -1, 1),
            2 => (0, x.Width, 2),
            3 => (-1, -x.Width - 1, -1),
            4 => (1, int.MaxValue, 3),
            _ => (-3, x.Width, 1),
        };
        int taken = s.Variant switch { 0 or 1 => x.Width - 1, 2 => (x.Width + 1) / 2, 3 => x.Width, 4 => (x.Width + 1) / 3, _ => 3 };
        string y = g.Graph.Node("Slice", [x.Name, g.Graph.Ints(start), g.Graph.Ints(end), g.Graph.Ints(1), g.Graph.Ints(step)]);
        g.Add(x.Form, y, [1, taken, .. x.Dims[2..]]);
    }

    private static void GatherChannels(GrownGraph g, GraphStep s)
    {
        GrownValue x = g.Pick((Form)(s.Width % 3), s);
        long[] picked = [.. Enumerable.Range(0, 2 + s.Variant).Select(i => (long)((i * 5) + s.Width) % x.Width)];
        if (s.Flag())
        {
            picked[0] -= x.Width;
        }

        g.Add(x.Form, g.Graph.Node("Gather", [x.Name, g.Graph.Ints(picked)], ("axis", 1)), [1, picked.Length, .. x.Dims[2..]]);
    }

    private static void Shuffle(GrownGraph g, GraphStep s)
    {
        int groups = s.Flag() ? 2 : 3;
        if (g.TryPick(Form.Image, s, v => v.Width % groups == 0 && v.Width > groups) is { } x)
        {
            string split = g.Graph.Node("Reshape", [x.Name, g.Graph.Ints(1, groups, x.Width / groups, x.Dims[2], x.Dims[3])]);
            string turned = g.Graph.Node("Transpose", [split], ("perm", new long[] { 0, 2, 1, 3, 4 }));
            g.Same(x, g.Graph.Node("Reshape", [turned, s.Flag(1) ? g.Graph.Ints(1, x.Width, x.Dims[2], x.Dims[3]) : g.Graph.Ints(0, -1, x.Dims[2], x.Dims[3])]));
        }
    }

    private static void GroupNorm(GrownGraph g, GraphStep s)
    {
        if (g.TryPick(Form.Image, s, v => v.Width % 2 == 0) is not { } x)
        {
            return;
        }

        if (g.Opset >= 21)
        {
            g.Same(x, g.Graph.Node("GroupNormalization", [x.Name, g.Weights(1, x.Width), g.Weights(1, x.Width)], ("num_groups", 2), ("epsilon", 0.05f)));
            return;
        }

        // As PyTorch exports it before opset 21.
        string groups = g.Graph.Node("Reshape", [x.Name, g.Graph.Ints(0, 2, -1)]);
        string normal = g.Graph.Node("InstanceNormalization", [groups, g.Floats(1, 1), g.Floats(0, 0)], ("epsilon", 0.05f));
        string back = g.Graph.Node("Reshape", [normal, g.Graph.Initializer(TensorEditor.FromInts(g.Name(), [1, x.Width, x.Dims[2], x.Dims[3]], 4))]);
        g.Same(x, g.Graph.Node("Mul", [back, g.Weights(1, x.Width, 1, 1)]));
    }
}

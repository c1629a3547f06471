using EdgePrune.Onnx;
using EdgePrune.TestSupport;

namespace Pruner.Tests;

/// <summary>
/// Random convolutional graphs: values [1, C, 6, 6] are made from earlier ones by randomly chosen operators, and some of them are
/// read by the head.
/// </summary>
internal sealed class RandomGraph
{
    private readonly GraphBuilder g;
    private readonly Random random;
    private readonly List<(string Name, int Channels)> values = [];

    private RandomGraph(int seed)
    {
        random = new Random(seed);
        g = new GraphBuilder(seed: seed);
        int stem = Even(4, 10);
        values.Add((g.Conv(g.Input("x", 1, 3, 6, 6), 3, stem), stem));
    }

    public static OnnxModel Make(int seed)
    {
        var made = new RandomGraph(seed);
        for (int i = made.random.Next(4, 12); i > 0; i--)
        {
            made.Grow();
        }

        return made.Finish();
    }

    private int Even(int low, int high) => 2 * random.Next(low / 2, (high / 2) + 1);

    private (string Name, int Channels) Any() => values[random.Next(values.Count)];

    private void Grow()
    {
        (string x, int c) = Any();
        int wide = Even(2, 12);
        switch (random.Next(12))
        {
            case 0:
                Add(g.Conv(x, c, wide, random.Next(2) == 0 ? 1 : 3), wide);
                break;
            case 1:
                Add(g.Conv(x, c, c, 3, c), c);
                break;
            case 2 when c % 2 == 0:
                Add(g.Conv(x, c, wide, 1, 2), wide);
                break;
            case 3:
                Add(g.BatchNorm(x, c), c);
                break;
            case 4:
                Add(g.Node(new[] { "Relu", "Sigmoid", "Tanh", "HardSwish", "Softplus" }[random.Next(5)], [x]), c);
                break;
            case 5 when values.Where(v => v.Channels == c).ToArray() is var same:
                Add(g.Node(random.Next(2) == 0 ? "Add" : "Mul", [x, same[random.Next(same.Length)].Name]), c);
                break;
            case 6 when Any() is var other:
                Add(g.Node("Concat", [x, other.Name], ("axis", 1)), c + other.Channels);
                break;
            case 7 when c % 2 == 0:
                string[] halves = g.Nodes("Split", [x, g.Ints(c / 2, c / 2)], 2, ("axis", 1));
                string first = c == 2 ? g.Node("Concat", [halves[0], halves[0]], ("axis", 1)) : halves[0];
                Add(first, Math.Max(2, c / 2));
                Add(g.Node("Concat", [halves[1], halves[0]], ("axis", 1)), c);
                break;
            case 8 when c % 2 == 0:
                string split = g.Node("Reshape", [x, g.Ints(1, 2, c / 2, 6, 6)]);
                Add(g.Node("Reshape", [g.Node("Transpose", [split], ("perm", new long[] { 0, 2, 1, 3, 4 })), g.Ints(1, c, 6, 6)]), c);
                break;
            case 9:
                Add(g.Node("Pad", [x, g.Ints(0, 2, 0, 0, 0, 2, 0, 0)]), c + 4);
                break;
            case 10:
                string squeezed = g.Relu(g.Conv(g.Node("GlobalAveragePool", [x]), c, 4, 1));
                Add(g.Node("Mul", [x, g.Node("Sigmoid", [g.Conv(squeezed, 4, c, 1)])]), c);
                break;
            default:
                Add(g.Node("Add", [x, g.Weights(1, c, 1, 1)]), c);
                break;
        }
    }

    private void Add(string name, int channels)
    {
        if (channels <= 40)
        {
            values.Add((name, channels));
        }
    }

    // Two heads: pooled, and flattened with all its positions.
    private OnnxModel Finish()
    {
        (string last, int c) = values[^1];
        (string other, int d) = Any();
        string pooled = g.Linear(g.Node("Flatten", [g.Node("GlobalAveragePool", [last])]), c, 3);
        string flat = g.Linear(g.Node("Reshape", [other, g.Ints(0, -1)]), d * 36, 3);
        return g.Output(pooled, flat).Build();
    }
}

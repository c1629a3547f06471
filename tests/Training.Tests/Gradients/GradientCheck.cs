using EdgePrune.Onnx;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Onnx.Tensors;
using EdgePrune.Training.Gradients;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace EdgePrune.Training.Tests.Gradients;

/// <summary>
/// Compares the gradient of Σ r·y over a model's outputs, r random, with central differences of the model as the runtime executes
/// it. The sum is taken in double, so that only the outputs that move add rounding.
/// </summary>
internal static class GradientCheck
{
    private const int Entries = 24;

    /// <param name="model">Outputs y; all inputs and initializers of float are checked unless <paramref name="only"/> names some.</param>
    /// <param name="seed">Seed of inputs, of r, and of the entries that are compared.</param>
    /// <param name="values">Values for one input; those of <see cref="Smooth"/> where null.</param>
    /// <param name="step">Half the distance of the two evaluations.</param>
    /// <param name="tolerance">Largest error, relative to the largest element of the same gradient.</param>
    /// <param name="fixedInputs">Values of inputs that are not checked.</param>
    /// <param name="only">What is checked, where not everything.</param>
    public static void Run(
        OnnxModel model,
        int seed,
        Func<long[], Random, float[]>? values = null,
        float step = 0.01f,
        double tolerance = 1e-3,
        IReadOnlyDictionary<string, OrtValue>? fixedInputs = null,
        IReadOnlyList<string>? only = null)
    {
        var random = new Random(seed);
        ModelProto open = Open(model.Proto, only);
        Dictionary<string, long[]> dims = open.Graph.Input.Where(i => fixedInputs?.ContainsKey(i.Name) != true)
            .ToDictionary(i => i.Name, i => i.Type.TensorType.Shape.Dim.Select(d => d.DimValue).ToArray());
        Dictionary<string, float[]> inputs = dims.ToDictionary(
            d => d.Key, d => Initial(model, d.Key) ?? (values ?? Smooth)(d.Value, random));
        string[] wanted = [.. dims.Keys.Where(k => only?.Contains(k) != false)];

        using ModelSession forward = ModelSession.Create(open.ToByteArray(), "forward");
        Dictionary<string, float[]> weights = [];
        using (NamedValues first = Evaluate(forward, inputs, dims, fixedInputs))
        {
            foreach ((string name, OrtValue y) in first)
            {
                weights[name] = Smooth(y.GetTensorTypeAndShape().Shape, random);
            }
        }

        Dictionary<string, float[]> gradients = Gradients(model, open, inputs, dims, fixedInputs, weights, wanted);
        double Loss()
        {
            using NamedValues results = Evaluate(forward, inputs, dims, fixedInputs);
            double sum = 0;
            foreach ((string name, OrtValue y) in results)
            {
                ReadOnlySpan<float> span = y.GetTensorDataAsSpan<float>();
                for (int i = 0; i < span.Length; i++)
                {
                    sum += (double)span[i] * weights[name][i];
                }
            }

            return sum;
        }

        foreach (string name in wanted)
        {
            float[] x = inputs[name];
            float[] g = gradients[name];
            Assert.Equal(x.Length, g.Length);
            double scale = Math.Max(g.Max(Math.Abs), 1e-3);
            foreach (int at in Enumerable.Range(0, x.Length).OrderBy(_ => random.Next()).Take(Entries))
            {
                float kept = x[at];
                x[at] = kept + step;
                float up = x[at];
                double above = Loss();
                x[at] = kept - step;
                double difference = (above - Loss()) / ((double)up - x[at]);
                x[at] = kept;
                Assert.True(
                    Math.Abs(difference - g[at]) <= tolerance * scale,
                    $"{name}[{at}]: gradient {g[at]:G6}, differences {difference:G6}, largest {scale:G4}\n{string.Join('\n', model.Graph.Node)}");
            }
        }
    }

    /// <summary>Multiples of 0.1 plus 0.05 between −2 and 2: nowhere near the kinks of activations.</summary>
    public static float[] Smooth(long[] dims, Random random) =>
        [.. Enumerable.Range(0, (int)dims.Aggregate(1L, (a, d) => a * d)).Select(_ => (random.Next(-20, 20) * 0.1f) + 0.05f)];

    /// <summary>Values that all differ by more than two steps: no maximum changes its place.</summary>
    public static float[] Distinct(long[] dims, Random random)
    {
        int count = (int)dims.Aggregate(1L, (a, d) => a * d);
        return [.. Enumerable.Range(0, count).OrderBy(_ => random.Next()).Select(i => (i - (count / 2)) * 0.05f)];
    }

    /// <summary>Between 0.5 and 2.5: logarithms, roots, divisors.</summary>
    public static float[] Positive(long[] dims, Random random) => [.. Smooth(dims, random).Select(v => MathF.Abs(v) + 0.5f)];

    // Weights become inputs, so that differences can be taken of them as well.
    private static ModelProto Open(ModelProto proto, IReadOnlyList<string>? only)
    {
        ModelProto open = proto.Clone();
        foreach (TensorProto tensor in open.Graph.Initializer
            .Where(t => ElementTypes.TypeOf(t) == TensorProto.Types.DataType.Float && only?.Contains(t.Name) != false).ToList())
        {
            open.Graph.Initializer.Remove(tensor);
            var shape = new TensorShapeProto();
            shape.Dim.Add(tensor.Dims.Select(d => new TensorShapeProto.Types.Dimension { DimValue = d }));
            open.Graph.Input.Add(new ValueInfoProto { Name = tensor.Name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = tensor.DataType, Shape = shape } } });
        }

        return open;
    }

    private static float[]? Initial(OnnxModel model, string name) =>
        model.Graph.Initializer.FirstOrDefault(i => i.Name == name) is { } tensor ? TensorReader.ToFloats(tensor) : null;

    private static NamedValues Evaluate(
        ModelSession session, Dictionary<string, float[]> inputs, Dictionary<string, long[]> dims, IReadOnlyDictionary<string, OrtValue>? fixedInputs)
    {
        Dictionary<string, OrtValue> values = inputs.ToDictionary(i => i.Key, i => OrtValue.CreateTensorValueFromMemory(i.Value, dims[i.Key]));
        foreach ((string name, OrtValue value) in fixedInputs ?? new Dictionary<string, OrtValue>())
        {
            values[name] = value;
        }

        try
        {
            return session.Run(values);
        }
        finally
        {
            foreach (string name in inputs.Keys)
            {
                values[name].Dispose();
            }
        }
    }

    private static Dictionary<string, float[]> Gradients(
        OnnxModel model,
        ModelProto open,
        Dictionary<string, float[]> inputs,
        Dictionary<string, long[]> dims,
        IReadOnlyDictionary<string, OrtValue>? fixedInputs,
        Dictionary<string, float[]> weights,
        string[] wanted)
    {
        ModelProto proto = open.Clone();
        var writer = new GraphWriter(proto.Graph, model.Opset);
        string[] outputs = [.. proto.Graph.Output.Select(o => o.Name)];
        OnnxModel forward = OnnxModel.FromProto(proto.Clone());
        Dictionary<string, OrtValue> feed = inputs.ToDictionary(i => i.Key, i => OrtValue.CreateTensorValueFromMemory(i.Value, dims[i.Key]));
        foreach ((string name, OrtValue value) in fixedInputs ?? new Dictionary<string, OrtValue>())
        {
            feed[name] = value;
        }

        var shapes = ShapeProbe.Run(forward, feed).ToDictionary(s => s.Key, s => s.Value);
        var terms = outputs.Select(o => writer.SumAll(writer.Mul(o, writer.Reals([.. weights[o].Select(v => (double)v)], shapes[o].Dims)))).ToList();
        string loss = writer.Node("Identity", [writer.Sum(terms)]);
        foreach (NodeProto node in proto.Graph.Node.Where(n => n.Output.All(o => !shapes.ContainsKey(o))))
        {
            // The loss's own nodes: products of the outputs' shapes, and scalars.
            string of = node.OpType == "Mul" ? node.Input[0] : "";
            shapes[node.Output[0]] = new ValueShape(TensorElementType.Float, of.Length > 0 ? shapes[of].Dims : []);
        }

        IReadOnlyDictionary<string, string> gradients = GradientGraph.Append(writer, [.. proto.Graph.Node], shapes, loss, wanted, "the model");
        proto.Graph.Output.Clear();
        proto.Graph.Output.Add(wanted.Select(n => new ValueInfoProto { Name = gradients[n] }));
        using ModelSession session = ModelSession.Create(proto.ToByteArray(), "gradient");
        using NamedValues results = session.Run(feed);
        foreach (string name in wanted)
        {
            Assert.Equal(dims[name], results[gradients[name]].GetTensorTypeAndShape().Shape);
        }

        return wanted.ToDictionary(n => n, n => results[gradients[n]].GetTensorDataAsSpan<float>().ToArray());
    }
}

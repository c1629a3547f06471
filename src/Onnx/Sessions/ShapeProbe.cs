using EdgePrune.Onnx.Proto;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace EdgePrune.Onnx.Sessions;

/// <summary>The element type and dimensions that a value had in the probe.</summary>
public sealed record ValueShape(TensorElementType Type, long[] Dims)
{
    public override string ToString() => $"{Type} [{string.Join(", ", Dims)}]";
}

/// <summary>
/// Shapes of every value of a model, found by letting ONNX Runtime run it once with every value exposed. So there are no shape
/// rules here that could differ from the runtime's.
/// </summary>
public static class ShapeProbe
{
    // Free spatial dimensions that models are commonly exported for; the first that runs is taken.
    private static readonly int[] FreeDimensions = [1, 32, 64, 96, 128, 224, 320];

    /// <summary>Shapes by value name, graph inputs included, initializers not.</summary>
    /// <param name="model">The model.</param>
    /// <param name="inputs">Values to run it on; seeded noise where null.</param>
    /// <param name="shapes">Shapes of inputs that have free dimensions, where no values are given.</param>
    public static IReadOnlyDictionary<string, ValueShape> Run(
        OnnxModel model, IReadOnlyDictionary<string, OrtValue>? inputs = null, IReadOnlyDictionary<string, long[]>? shapes = null)
    {
        using NamedValues values = Values(model, inputs, shapes, out IReadOnlyDictionary<string, ValueShape> inputShapes);
        var result = new Dictionary<string, ValueShape>(inputShapes, StringComparer.Ordinal);
        foreach ((string name, OrtValue value) in values)
        {
            if (value.IsTensor)
            {
                result[name] = Shape(value);
            }
        }

        return result;
    }

    /// <summary>The values themselves (all node outputs of the main graph). The caller disposes them.</summary>
    public static NamedValues Values(
        OnnxModel model,
        IReadOnlyDictionary<string, OrtValue>? inputs,
        IReadOnlyDictionary<string, long[]>? shapes,
        out IReadOnlyDictionary<string, ValueShape> inputShapes)
    {
        ArgumentNullException.ThrowIfNull(model);
        // Optimisation would fold values away that are asked for here.
        using var session = ModelSession.CreatePlain(Exposed(model), model.Source);
        if (inputs is not null)
        {
            inputShapes = inputs.ToDictionary(i => i.Key, i => Shape(i.Value), StringComparer.Ordinal);
            return session.Run(inputs);
        }

        InputException? first = null;
        bool free = session.Inputs.Any(i => shapes?.ContainsKey(i.Name) != true && i.Shape.Skip(1).Any(d => d < 0));
        foreach (int size in free ? FreeDimensions : FreeDimensions[..1])
        {
            try
            {
                using NamedValues made = SyntheticInputs.Make(session.Inputs, seed: 0, shapes, size);
                NamedValues values = session.Run(made);
                inputShapes = made.ToDictionary(i => i.Key, i => Shape(i.Value), StringComparer.Ordinal);
                return values;
            }
            catch (InputException failed)
            {
                first ??= failed;
            }
        }

        throw free
            ? new InputException($"{first!.Message}\nInputs with free dimensions: {string.Join("; ", session.Inputs)}. Give their shape, for example --shape {session.Inputs[0].Name}=1,3,224,224", first)
            : first!;
    }

    private static ModelProto Exposed(OnnxModel model)
    {
        ModelProto proto = model.Proto.Clone();
        var known = proto.Graph.Output.Select(o => o.Name).ToHashSet(StringComparer.Ordinal);
        foreach (NodeProto node in proto.Graph.Node)
        {
            foreach (string output in node.Output)
            {
                if (output.Length > 0 && known.Add(output))
                {
                    // Without a type: the runtime's own inference fills it in.
                    proto.Graph.Output.Add(new ValueInfoProto { Name = output });
                }
            }
        }

        return proto;
    }

    private static ValueShape Shape(OrtValue value)
    {
        OrtTensorTypeAndShapeInfo info = value.GetTensorTypeAndShape();
        return new ValueShape(info.ElementDataType, info.Shape);
    }
}

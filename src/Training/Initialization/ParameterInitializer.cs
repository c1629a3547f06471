using EdgePrune.Onnx;
using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Tensors;
using EdgePrune.Training.Data;
using EdgePrune.Training.Steps;
using Google.Protobuf;
using static EdgePrune.Onnx.Proto.TensorProto.Types;

namespace EdgePrune.Training.Initialization;

/// <summary>
/// Draws new values for all parameters of a graph, by what they are: weights of convolutions and matrix products after He et al.
/// (2015) where a rectifier follows and after Glorot and Bengio (2010) where not; scales one, biases zero, running statistics zero
/// and one, embeddings normal with deviation 0.02 (Devlin et al., 2018). What the file held does not matter.
/// </summary>
public static class ParameterInitializer
{
    private const int Stage = 5;

    /// <summary>The model with new values; equal graphs and seeds give equal bytes.</summary>
    /// <exception cref="InputException">The graph has no parameters.</exception>
    public static OnnxModel Draw(OnnxModel model, int seed)
    {
        ArgumentNullException.ThrowIfNull(model);
        OnnxModel drawn = model.Clone();
        ConstantWeights.Lift(drawn.Graph);
        var index = new GraphIndex(drawn.Graph);
        IReadOnlyList<string> parameters = ParameterSelection.Find(drawn.Graph);
        if (parameters.Count == 0)
        {
            throw new InputException($"{model.Source}: has no weights that could be trained");
        }

        int number = 0;
        foreach (TensorProto tensor in parameters.Select(name => index.Initializer(name)!))
        {
            var random = new SampleRandom(seed, 0, number++, Stage);
            Fill(tensor, ParameterRole.Of(index, tensor), ref random);
        }

        foreach (NodeProto node in drawn.Graph.Node.Where(n => n.OpType == "BatchNormalization" && n.IsStandard()))
        {
            FillStatistic(index.Initializer(node.Input[3]), 0);
            FillStatistic(index.Initializer(node.Input[4]), 1);
        }

        return drawn;
    }

    private static void FillStatistic(TensorProto? tensor, double value)
    {
        if (tensor is not null)
        {
            Write(tensor, [.. Enumerable.Repeat(value, (int)TensorReader.Count(tensor))]);
        }
    }

    private static void Fill(TensorProto tensor, ParameterRole role, ref SampleRandom random)
    {
        double[] values = new double[TensorReader.Count(tensor)];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = role.Distribution switch
            {
                ParameterDistribution.Normal => role.Amount * random.NextNormal(),
                ParameterDistribution.Uniform => role.Amount * ((2 * random.NextDouble()) - 1),
                _ => role.Amount,
            };
        }

        Write(tensor, values);
    }

    private static void Write(TensorProto tensor, double[] values)
    {
        bool wide = ElementTypes.TypeOf(tensor) == DataType.Double;
        byte[] raw = new byte[values.Length * (wide ? sizeof(double) : sizeof(float))];
        for (int i = 0; i < values.Length; i++)
        {
            if (wide)
            {
                System.Buffers.Binary.BinaryPrimitives.WriteDoubleLittleEndian(raw.AsSpan(i * sizeof(double)), values[i]);
            }
            else
            {
                System.Buffers.Binary.BinaryPrimitives.WriteSingleLittleEndian(raw.AsSpan(i * sizeof(float)), (float)values[i]);
            }
        }

        tensor.FloatData.Clear();
        tensor.DoubleData.Clear();
        tensor.RawData = ByteString.CopyFrom(raw);
    }
}

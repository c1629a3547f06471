using EdgePrune.Onnx;
using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Tensors;
using EdgePrune.Pruner.Calibration;

namespace EdgePrune.Pruner.Reconstruction;

/// <summary>From the sums of a layer to its new weights.</summary>
internal static class LayerFit
{
    /// <summary>Solves for a layer's weights and puts them into the model.</summary>
    /// <param name="pruned">The model.</param>
    /// <param name="index">Its index, from before any layer was fitted.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="equations">What it reads and should make, by group.</param>
    /// <param name="options">How it is fitted.</param>
    public static FittedLayer Solve(OnnxModel pruned, GraphIndex index, LinearLayer layer, NormalEquations[] equations, ReconstructionOptions options)
    {
        float[] weights = TensorReader.ToFloats(index.Initializer(layer.Weights)!);
        float[] bias = layer.Bias is { } name ? TensorReader.ToFloats(index.Initializer(name)!) : new float[layer.Outputs];
        // Up to IR version 3 a new initializer would have to be an input as well.
        bool withBias = bias.Length == layer.Outputs && (layer.Bias is not null || (layer.Node.OpType != "MatMul" && pruned.Proto.IrVersion >= 4));
        (double was, double now, double spread) = (0, 0, 0);
        for (int group = 0; group < layer.Groups; group++)
        {
            double[,] start = new double[layer.GroupOutputs, layer.Columns + 1];
            for (int i = 0; i < layer.GroupOutputs; i++)
            {
                int output = (group * layer.GroupOutputs) + i;
                for (int c = 0; c < layer.Columns; c++)
                {
                    start[i, c] = weights[layer.Offset(output, c)];
                }

                start[i, layer.Columns] = bias.Length == layer.Outputs ? bias[output] : bias[0];
            }

            double[,] solved = options.Kind == ReconstructionKind.Bias ? Shifted(equations[group], start, withBias) : equations[group].Solve(start, options.Ridge, withBias);
            was += equations[group].Error(start);
            now += equations[group].Error(solved);
            spread += equations[group].Spread();
            for (int i = 0; i < layer.GroupOutputs; i++)
            {
                int output = (group * layer.GroupOutputs) + i;
                for (int c = 0; c < layer.Columns; c++)
                {
                    weights[layer.Offset(output, c)] = (float)solved[i, c];
                }

                if (withBias)
                {
                    bias[output] = (float)solved[i, layer.Columns];
                }
            }
        }

        Store(pruned, layer, weights, withBias ? bias : null);
        return new FittedLayer(layer.Output, spread == 0 ? 0 : was / spread, spread == 0 ? 0 : now / spread);
    }

    private static double[,] Shifted(NormalEquations equations, double[,] start, bool withBias)
    {
        double[,] moved = (double[,])start.Clone();
        int ones = start.GetLength(1) - 1;
        for (int o = 0; withBias && o < start.GetLength(0); o++)
        {
            double residual = equations.Cross(ones, o);
            for (int i = 0; i <= ones; i++)
            {
                residual -= equations.Inner(ones, i) * start[o, i];
            }

            moved[o, ones] += residual / Math.Max(1, equations.Count);
        }

        return moved;
    }

    private static void Store(OnnxModel pruned, LinearLayer layer, float[] weights, float[]? bias)
    {
        Replace(pruned, TensorEditor.FromFloats(layer.Weights, weights, Array.ConvertAll(layer.Dims, d => (long)d)));
        if (bias is null)
        {
            return;
        }

        string name = layer.Bias ?? $"{layer.Output}/edgeprune_bias";
        Replace(pruned, TensorEditor.FromFloats(name, bias, bias.Length));
        if (layer.Bias is null)
        {
            // A left-out input stands as an empty name where later ones are given; Conv and Gemm have none after the bias.
            while (layer.Node.Input.Count > 2)
            {
                layer.Node.Input.RemoveAt(2);
            }

            layer.Node.Input.Add(name);
        }
    }

    private static void Replace(OnnxModel pruned, TensorProto tensor)
    {
        for (int i = 0; i < pruned.Graph.Initializer.Count; i++)
        {
            if (pruned.Graph.Initializer[i].Name == tensor.Name)
            {
                pruned.Graph.Initializer[i] = tensor;
                return;
            }
        }

        pruned.Graph.Initializer.Add(tensor);
    }
}

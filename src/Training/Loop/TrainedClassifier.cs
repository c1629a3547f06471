using EdgePrune.Onnx;
using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Training.Data;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace EdgePrune.Training.Loop;

/// <summary>What a model takes and how many classes it tells apart, found with the data that it is to be trained on.</summary>
/// <param name="Inputs">The model's inputs.</param>
/// <param name="Shapes">Their shapes at the batch of the training.</param>
/// <param name="Classes">Classes of the first output, [N, C] with axes of length one behind.</param>
internal sealed record TrainedClassifier(IReadOnlyList<ModelInput> Inputs, IReadOnlyDictionary<string, long[]> Shapes, int Classes)
{
    /// <exception cref="InputException">The data does not fit the model, or the model is no classifier.</exception>
    public static TrainedClassifier Of(OnnxModel model, Dataset data, int batch)
    {
        // The batch that a file states is that of its inference; training makes a graph for a batch of its own.
        ModelInput[] inputs = [.. new GraphIndex(model.Graph).Inputs.Select(input => Free(model, input))];
        Dictionary<string, long[]> shapes = inputs.ToDictionary(input => input.Name, input => data.ColumnFor(input, inputs).BatchShape(input, batch), StringComparer.Ordinal);
        OnnxModel free = model.Clone();
        foreach (ValueInfoProto input in free.Graph.Input.Where(input => shapes.ContainsKey(input.Name)))
        {
            input.Type.TensorType.Shape.Dim[0] = new TensorShapeProto.Types.Dimension { DimParam = "batch" };
        }

        foreach (ValueInfoProto output in free.Graph.Output.Where(output => output.Type?.TensorType is not null))
        {
            output.Type.TensorType.Shape = null;
        }

        string name = model.Graph.Output[0].Name;
        ValueShape scores = ShapeProbe.Run(free, shapes: shapes)[name];
        bool perSample = scores.Dims.Length >= 2 && scores.Dims[0] == batch && scores.Dims[1] >= 2 && scores.Dims.Skip(2).All(d => d == 1);
        return perSample
            ? new TrainedClassifier(inputs, shapes, (int)scores.Dims[1])
            : throw new InputException($"{model.Source}: output '{Printable.Name(name)}' is {scores} for a batch of {batch}; classifiers are trained, [N, C] with a score for each of at least two classes");
    }

    /// <exception cref="InputException">A label has no output.</exception>
    public void CheckLabels(Dataset data)
    {
        int bad = data.Labels is { } labels ? labels.ToList().FindIndex(label => label >= Classes) : -1;
        if (bad >= 0)
        {
            throw new InputException($"{data.Source}: label {data.Labels![bad]} of sample {data.Row(bad)} is out of range; the model has {Classes} outputs, so labels run from 0 to {Classes - 1}");
        }
    }

    private static ModelInput Free(OnnxModel model, ValueInfoProto input) => input.Type?.TensorType is { Shape.Dim.Count: > 0 } tensor
        ? new ModelInput(input.Name, (TensorElementType)tensor.ElemType, [-1, .. tensor.Shape.Dim.Skip(1).Select(d => d.HasDimValue ? (int)d.DimValue : -1)])
        : throw new InputException($"{model.Source}: input '{Printable.Name(input.Name)}' has no batch axis; training needs it as the first axis of every input");
}

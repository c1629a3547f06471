using EdgePrune.Onnx;
using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Training.Data;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace EdgePrune.Training.Loop;

/// <summary>What a model takes and gives at the batch of a training, found with the data that it is to be trained on.</summary>
/// <param name="Inputs">The model's inputs.</param>
/// <param name="Shapes">Their shapes at the batch of the training.</param>
/// <param name="Values">Shapes of all values at that batch.</param>
/// <param name="Classes">Classes of the first output, [N, C] with axes of length one behind; 0 where a teacher's outputs are learnt without labels.</param>
internal sealed record TrainedModel(
    IReadOnlyList<ModelInput> Inputs, IReadOnlyDictionary<string, long[]> Shapes, IReadOnlyDictionary<string, ValueShape> Values, int Classes)
{
    /// <exception cref="InputException">The data does not fit the model, or has labels and the model is no classifier.</exception>
    public static TrainedModel Of(OnnxModel model, Dataset data, int batch)
    {
        ModelInput[] inputs = [.. new GraphIndex(model.Graph).Inputs.Select(input => Free(model, input))];
        Dictionary<string, long[]> shapes = inputs.ToDictionary(input => input.Name, input => data.ColumnFor(input, inputs).BatchShape(input, batch), StringComparer.Ordinal);
        IReadOnlyDictionary<string, ValueShape> values = ShapeProbe.Run(FreeBatch(model), shapes: shapes);
        if (data.Labels is null)
        {
            return new TrainedModel(inputs, shapes, values, 0);
        }

        string name = model.Graph.Output[0].Name;
        ValueShape scores = values[name];
        bool perSample = scores.Dims.Length >= 2 && scores.Dims[0] == batch && scores.Dims[1] >= 2 && scores.Dims.Skip(2).All(d => d == 1);
        return perSample
            ? new TrainedModel(inputs, shapes, values, (int)scores.Dims[1])
            : throw new InputException($"{model.Source}: output '{Printable.Name(name)}' is {scores} for a batch of {batch}; classifiers are trained, [N, C] with a score for each of at least two classes. Of any other model the original's outputs can be learnt, from samples without labels");
    }

    /// <summary>The model with a free batch: what a file states is that of its inference, and training makes a graph for a batch of its own.</summary>
    public static OnnxModel FreeBatch(OnnxModel model)
    {
        OnnxModel free = model.Clone();
        HashSet<string> inputs = [.. new GraphIndex(model.Graph).Inputs.Select(i => i.Name)];
        foreach (ValueInfoProto input in free.Graph.Input.Where(i => inputs.Contains(i.Name) && i.Type?.TensorType is { Shape.Dim.Count: > 0 }))
        {
            input.Type.TensorType.Shape.Dim[0] = new TensorShapeProto.Types.Dimension { DimParam = "batch" };
        }

        foreach (ValueInfoProto output in free.Graph.Output.Where(output => output.Type?.TensorType is not null))
        {
            output.Type.TensorType.Shape = null;
        }

        return free;
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

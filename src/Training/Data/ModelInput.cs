using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace EdgePrune.Training.Data;

/// <summary>An input that a model declares.</summary>
/// <param name="Name">Name of the graph input.</param>
/// <param name="Type">Element type it takes.</param>
/// <param name="Shape">Its shape with the batch axis first; -1 where the model leaves a dimension free.</param>
public sealed record ModelInput(string Name, TensorElementType Type, int[] Shape)
{
    /// <summary>The inputs of a session, in the order in which the model declares them.</summary>
    public static IReadOnlyList<ModelInput> Of(InferenceSession session)
    {
        ArgumentNullException.ThrowIfNull(session);
        return [.. session.InputNames.Select(name =>
        {
            NodeMetadata meta = session.InputMetadata[name];
            return new ModelInput(name, meta.ElementDataType, meta.Dimensions);
        })];
    }
}

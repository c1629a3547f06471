using EdgePrune.Onnx.Proto;

namespace EdgePrune.Training.Gradients;

/// <summary>How the gradient of an operator's inputs follows from that of its outputs. One file an operator or small family.</summary>
internal interface IGradientRule
{
    /// <summary>The operators; one of another domain as <c>com.microsoft.Gelu</c>.</summary>
    IReadOnlyList<string> Operators { get; }

    /// <summary>
    /// Writes the nodes that compute the gradients of those inputs that <see cref="GradientContext.Wants(int)"/> names, and hands
    /// each to <see cref="GradientContext.Give(int, string)"/>. Called once a node, when the gradients of its outputs are known.
    /// </summary>
    /// <exception cref="EdgePrune.Onnx.InputException">A form that the rule does not cover.</exception>
    void Differentiate(NodeProto node, GradientContext g);
}

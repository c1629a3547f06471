using EdgePrune.Onnx.Proto;

namespace EdgePrune.Profiler.Layers;

/// <summary>A node of the graph as the runtime executes it, mapped back to the nodes of the source model.</summary>
public sealed record Layer
{
    /// <summary>Position in the order of execution, from 0.</summary>
    public required int Index { get; init; }

    /// <summary>Name of the last source node (its output where it has none); operator and output for a node that only the runtime has.</summary>
    public required string Name { get; init; }

    /// <summary>Operator as executed.</summary>
    public required string Op { get; init; }

    /// <summary>The source tensor that it computes; the runtime's own name where there is none.</summary>
    public required string Output { get; init; }

    /// <summary>The executed node, of the optimised graph.</summary>
    public required NodeProto Node { get; init; }

    /// <summary>Nodes of the source graph in its order; empty for a node that the runtime added (layout changes).</summary>
    public required IReadOnlyList<NodeProto> SourceNodes { get; init; }

    /// <summary>Source tensors that it reads in the runtime's blocked layout.</summary>
    public IReadOnlyList<string> BlockedInputs { get; init; } = [];

    /// <summary>Multiply-accumulates of its source nodes.</summary>
    public long Macs { get; init; }

    /// <summary>Parameters of its source nodes.</summary>
    public long Params { get; init; }

    /// <summary>Bytes that the executed node reads and writes: activations and constants.</summary>
    public long BytesMoved { get; init; }

    /// <summary>Bytes of the constants that the executed node reads.</summary>
    public long WeightBytes { get; init; }

    /// <summary>Bytes of its results.</summary>
    public long ActivationBytes { get; init; }

    /// <summary>Names of its source nodes; the output's name stands for a node without one.</summary>
    public IEnumerable<string> NodeNames => SourceNodes.Select(NameOf);

    internal static string NameOf(NodeProto node) => node.Name.Length > 0 ? node.Name : node.Output.First(o => o.Length > 0);
}

/// <summary>A source node that is not executed.</summary>
/// <param name="Node">Node of the source graph.</param>
/// <param name="Reason">Why: "constant", "eliminated" or "absorbed".</param>
public sealed record FoldedNode(NodeProto Node, string Reason);

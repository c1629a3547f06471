using EdgePrune.Onnx.Proto;
using EdgePrune.Pruner.Surgery;

namespace EdgePrune.Pruner.Coupling;

/// <summary>
/// What one operator (or a small family) means for pruning: how the indices of its outputs relate to those of its inputs, and
/// what must be rewritten on the node itself once slices are gone. One file a rule, listed in <see cref="OperatorRules"/>.
/// </summary>
internal interface IOperatorRule
{
    /// <summary>Operator types that this rule states; those of another domain with its name and a point before (com.microsoft.FusedConv).</summary>
    IReadOnlyList<string> Operators { get; }

    /// <summary>What the operators mean for pruning, in one plain sentence or two with shapes; docs/operators.md prints it.</summary>
    string Relation { get; }

    /// <summary>States the relations. A rule that meets a case that it does not cover calls <see cref="CouplingBuilder.Unknown"/>.</summary>
    void Relate(NodeProto node, CouplingBuilder c);

    /// <summary>Rewrites attributes and constant inputs of a node whose tensors were cut. Most operators need nothing.</summary>
    void Rewrite(NodeProto node, SurgeryContext s)
    {
    }
}

using EdgePrune.Onnx.Proto;
using EdgePrune.Pruner.Surgery;

namespace EdgePrune.Pruner.Coupling.Rules;

/// <summary>FusedGemm of ONNX Runtime: Gemm, then an activation.</summary>
internal sealed class FusedGemmRule : IOperatorRule
{
    private readonly GemmRule gemm = new();

    public IReadOnlyList<string> Operators { get; } = ["com.microsoft.FusedGemm"];

    public string Relation => "As Gemm; the activation after it is elementwise.";

    public void Relate(NodeProto node, CouplingBuilder c) => gemm.Relate(node, c);

    public void Rewrite(NodeProto node, SurgeryContext s) => ((IOperatorRule)gemm).Rewrite(node, s);
}

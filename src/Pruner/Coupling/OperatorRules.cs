using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Pruner.Coupling.Rules;

namespace EdgePrune.Pruner.Coupling;

/// <summary>All operator rules. Adding an operator is one file in Rules/, one line here, and its test.</summary>
internal static class OperatorRules
{
    private static readonly Dictionary<string, IOperatorRule> ByOperator = Register(
        new ElementwiseRule(),
        new ConvRule(),
        new ConvTransposeRule(),
        new BatchNormalizationRule(),
        new PoolRule(),
        new ConcatRule(),
        new SplitRule(),
        new SliceRule(),
        new GatherRule(),
        new ReshapeRule(),
        new TransposeRule(),
        new GemmRule(),
        new MatMulRule(),
        new PadRule(),
        new ReduceRule(),
        new AxisNormalizationRule(),
        new ResizeRule(),
        new ConstantRule(),
        new ExpandRule(),
        new TileRule(),
        new DepthSpaceRule(),
        new IndexOfAxisRule(),
        new CumSumRule(),
        new TriluRule(),
        new SamplingRule(),
        new QuantizeRule(),
        new DynamicQuantizeRule(),
        new IntegerMatMulRule(),
        new EinsumRule(),
        new LpNormalizationRule(),
        new LayerNormalizationRule(),
        new SkipLayerNormalizationRule(),
        new EmbedLayerNormalizationRule(),
        new GroupNormalizationRule(),
        new RecurrentRule(),
        new AttentionRule(),
        new FusedAttentionRule(),
        new MultiHeadAttentionRule(),
        new GroupQueryAttentionRule(),
        new RotaryEmbeddingRule(),
        new FusedConvRule(),
        new FusedGemmRule(),
        new ContribElementwiseRule(),
        new BiasSplitGeluRule(),
        new QLinearElementwiseRule(),
        new QuantizedMatMulRule(),
        new MatMulNBitsRule());

    /// <summary>The rule of a node's operator, or null.</summary>
    public static IOperatorRule? Find(NodeProto node) => ByOperator.GetValueOrDefault(node.IsStandard() ? node.OpType : $"{node.Domain}.{node.OpType}");

    /// <summary>Every operator that has a rule, in order, with the rule.</summary>
    public static IEnumerable<KeyValuePair<string, IOperatorRule>> All => ByOperator.OrderBy(r => r.Key, StringComparer.Ordinal);

    private static Dictionary<string, IOperatorRule> Register(params IOperatorRule[] rules)
    {
        var map = new Dictionary<string, IOperatorRule>(StringComparer.Ordinal);
        foreach (IOperatorRule rule in rules)
        {
            foreach (string name in rule.Operators)
            {
                map.Add(name, rule);
            }
        }

        return map;
    }
}

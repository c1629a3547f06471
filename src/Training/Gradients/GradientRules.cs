using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Training.Gradients.Rules;

namespace EdgePrune.Training.Gradients;

/// <summary>All gradient rules. Adding an operator is one file in Rules/, one line here, and its test.</summary>
internal static class GradientRules
{
    private static readonly Dictionary<string, IGradientRule> ByOperator = Register(
        new ArithmeticRule(),
        new PowRule(),
        new ExtremumRule(),
        new WhereRule(),
        new PReluRule(),
        new UnaryRule(),
        new ReluRule(),
        new ClipRule(),
        new GeluRule(),
        new CastRule(),
        new SoftmaxRule(),
        new ConvRule(),
        new ConvTransposeRule(),
        new GemmRule(),
        new MatMulRule(),
        new BatchNormalizationRule(),
        new TrainingBatchNormalizationRule(),
        new LayerNormalizationRule(),
        new InstanceNormalizationRule(),
        new GroupNormalizationRule(),
        new MaxPoolRule(),
        new MaxUnpoolRule(),
        new AveragePoolRule(),
        new GlobalPoolRule(),
        new ReshapeRule(),
        new TransposeRule(),
        new ConcatRule(),
        new SplitRule(),
        new SliceRule(),
        new GatherRule(),
        new PadRule(),
        new ResizeRule(),
        new ExpandRule(),
        new TileRule(),
        new DepthToSpaceRule(),
        new ReduceRule(),
        new LstmRule(),
        new DropoutRule(),
        new ZeroGradientRule());

    /// <summary>Every operator that has a rule, in order.</summary>
    public static IEnumerable<string> Operators => ByOperator.Keys.Order(StringComparer.Ordinal);

    /// <summary>The rule of a node's operator, or null.</summary>
    public static IGradientRule? Find(NodeProto node) => ByOperator.GetValueOrDefault(KeyOf(node));

    public static string KeyOf(NodeProto node) => node.IsStandard() ? node.OpType : $"{node.Domain}.{node.OpType}";

    private static Dictionary<string, IGradientRule> Register(params IGradientRule[] rules)
    {
        var map = new Dictionary<string, IGradientRule>(StringComparer.Ordinal);
        foreach (IGradientRule rule in rules)
        {
            foreach (string name in rule.Operators)
            {
                map.Add(name, rule);
            }
        }

        return map;
    }
}

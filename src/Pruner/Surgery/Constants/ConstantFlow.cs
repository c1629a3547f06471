using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Pruner.Coupling;
using EdgePrune.Pruner.Coupling.Rules;

namespace EdgePrune.Pruner.Surgery.Constants;

/// <summary>
/// Proves which channels do not depend on the model's inputs once the weights that make them are zero. A channel is determined
/// where a layer makes it from zero weights and a constant bias, or an operator computes it from determined channels and
/// parameters alone. What an evaluation shows of such a channel holds for every input; two evaluations that happen to agree (a
/// saturated gate) would prove nothing. An operator that is not listed here determines nothing.
/// </summary>
internal sealed class ConstantFlow
{
    // One channel of their output comes from that channel of their input alone, whatever they do along other axes.
    private static readonly HashSet<string> Channelwise =
    [
        "AveragePool", "DepthToSpace", "Expand", "Flatten", "Gather", "GlobalAveragePool", "GlobalLpPool", "GlobalMaxPool", "Hardmax",
        "LogSoftmax", "LpPool", "MaxPool", "Pad", "ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMax", "ReduceMean",
        "ReduceMin", "ReduceProd", "ReduceSum", "ReduceSumSquare", "Reshape", "Resize", "Slice", "Softmax", "SpaceToDepth", "Split",
        "Squeeze", "Tile", "Transpose", "Unsqueeze", "Upsample",
    ];

    // What these make of a constant depends on how long the other axes are.
    private static readonly HashSet<string> SizeDependent =
    [
        "GlobalLpPool", "Hardmax", "LogSoftmax", "LpPool", "ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceProd",
        "ReduceSum", "ReduceSumSquare", "Softmax",
    ];

    // These may leave channels out and still be understood.
    private static readonly HashSet<string> Selecting = ["Gather", "Slice", "Split"];

    private readonly ConstantFacts facts;
    private readonly Func<string, int, int, bool> isZero;
    private readonly Dictionary<(string Value, int Axis), bool[]> determined = [];
    private readonly Dictionary<NodeProto, Dictionary<int, bool>> passed = new(ReferenceEqualityComparer.Instance);

    /// <param name="facts">What is known of the graph.</param>
    /// <param name="isZero">True where all weights at an index of an axis of a constant value are zero.</param>
    public ConstantFlow(ConstantFacts facts, Func<string, int, int, bool> isZero)
    {
        this.facts = facts;
        this.isZero = isZero;
        foreach (NodeProto node in facts.Index.Graph.Node)
        {
            foreach (string output in node.Output.Where(o => o.Length > 0 && !facts.IsConstant(o)))
            {
                foreach (int axis in facts.Coupling.LiveAxes(output))
                {
                    if (facts.Units(output, axis) is { } units)
                    {
                        determined[(output, axis)] = [.. units.Select((unit, i) => unit >= 0 && IsDetermined(node, output, axis, i, unit))];
                    }
                }
            }
        }
    }

    /// <summary>True where a slice of a value does not depend on the model's inputs.</summary>
    public bool IsDetermined(string value, int axis, int index) =>
        facts.IsConstant(value) || (determined.TryGetValue((value, axis), out bool[]? flags) && index < flags.Length && flags[index]);

    /// <summary>True where a node that reads units cannot hide them: it passes them on, reads them with weights, or leaves them out.</summary>
    public static bool Understands(NodeProto node, ConstantReader? reader) =>
        node.IsStandard()
        && (reader is not null || Channelwise.Contains(node.OpType) || OperatorRules.Find(node) is ElementwiseRule
            || node.OpType is "BatchNormalization" or "InstanceNormalization" or "Concat" or "Conv" or "ConvTranspose" or "MatMul" or "Shape");

    /// <summary>True where an operator may leave units out of its output without having read them.</summary>
    public static bool Selects(NodeProto node) => Selecting.Contains(node.OpType) || node.OpType == "Shape";

    private bool IsDetermined(NodeProto node, string output, int axis, int index, int unit)
    {
        if (!node.IsStandard() || (facts.HasFreeSizes && DependsOnSize(node)))
        {
            return false;
        }

        if (OperatorRules.Find(node) is ElementwiseRule)
        {
            bool random = node.OpType == "Dropout" && node.InputAt(2) is not null;
            return !random && node.Input.Where(i => i.Length > 0).All(i => Aligned(i, output, axis, index));
        }

        string? bias = node.InputAt(2);
        switch (node.OpType)
        {
            case "Concat":
                return Concatenated(node, output, axis, index);
            case "BatchNormalization" or "InstanceNormalization":
                return axis <= 1
                    && node.GetInt("training_mode", 0) == 0
                    && IsDetermined(node.Input[0], axis, index)
                    && node.Input.Skip(1).All(facts.IsConstant);
            case "Conv":
                return axis == 1 && IsMadeOfNothing(node.Input[1], 0, index) && (bias is null || facts.IsConstant(bias));
            case "ConvTranspose":
                bool single = node.GetInt("group", 1) == 1;
                bool depthwise = !single && facts.Dims(node.Input[1])[1] == 1;
                return axis == 1 && (single || depthwise) && IsMadeOfNothing(node.Input[1], single ? 1 : 0, index) && (bias is null || facts.IsConstant(bias));
            case "Gemm":
                return axis == 1 && IsMadeOfNothing(node.Input[1], node.GetInt("transB", 0) != 0 ? 0 : 1, index) && (bias is null || facts.IsConstant(bias));
            case "MatMul":
                return Multiplied(node, output, axis, index);
            default:
                return Channelwise.Contains(node.OpType) && Passed(node, unit);
        }
    }

    // An evaluation at one size proves nothing for others there: sums over axes of any length, windows that fit at one size only.
    private bool DependsOnSize(NodeProto node)
    {
        bool fits = node.GetInt("ceil_mode", 0) == 0 && node.GetString("auto_pad", "NOTSET") is "NOTSET" or "VALID";
        return SizeDependent.Contains(node.OpType)
            || (node.OpType == "AveragePool" && !fits && node.GetInt("count_include_pad", 0) != 0)
            || (node.OpType == "Resize" && node.GetString("coordinate_transformation_mode", "half_pixel") == "tf_crop_and_resize")
            || (node.OpType == "MatMul" && !facts.IsConstant(node.Input[1]));
    }

    private bool IsMadeOfNothing(string weights, int axis, int index) => facts.IsConstant(weights) && isZero(weights, axis, index);

    // The same place of an operand that is not broadcast.
    private bool Aligned(string input, string output, int axis, int index)
    {
        if (facts.IsConstant(input))
        {
            return true;
        }

        int[] dims = facts.Dims(input);
        int[] outDims = facts.Dims(output);
        int own = axis - (outDims.Length - dims.Length);
        return own >= 0 && dims[own] == outDims[axis] && IsDetermined(input, own, index);
    }

    private bool Concatenated(NodeProto node, string output, int axis, int index)
    {
        if (axis != CouplingBuilder.Axis(node.GetInt("axis", 1), facts.Dims(output).Length))
        {
            return node.Input.All(i => Aligned(i, output, axis, index));
        }

        foreach (string input in node.Input)
        {
            int length = facts.Dims(input)[axis];
            if (index < length)
            {
                return IsDetermined(input, axis, index);
            }

            index -= length;
        }

        return false;
    }

    private bool Multiplied(NodeProto node, string output, int axis, int index)
    {
        int rank = facts.Dims(output).Length;
        (string a, string b) = (node.Input[0], node.Input[1]);
        if (axis == rank - 1)
        {
            return IsMadeOfNothing(b, facts.Dims(b).Length - 1, index);
        }

        return axis == rank - 2
            ? facts.IsConstant(b) && Aligned(a, output, axis, index)
            : Aligned(a, output, axis, index) && Aligned(b, output, axis, index);
    }

    // Cutting a unit cuts exactly its places in the input and in the output, so that what is cut from the output came from there.
    private bool Passed(NodeProto node, int unit)
    {
        if (!passed.TryGetValue(node, out Dictionary<int, bool>? known))
        {
            passed[node] = known = UnitsOf(node);
        }

        // Only Pad makes places that no input has, and fills them with a constant.
        return known.GetValueOrDefault(unit, node.OpType == "Pad");
    }

    // Which units the first input carries, and whether all their places there are determined.
    private Dictionary<int, bool> UnitsOf(NodeProto node)
    {
        string x = node.Input[0];
        // What else an operator reads must be constant, unless it says nothing but how long the output is.
        bool fixedOtherwise = node.OpType is "Reshape" or "Expand" || node.Input.Skip(1).All(i => i.Length == 0 || facts.IsConstant(i));
        var result = new Dictionary<int, bool>();
        foreach (int axis in facts.Coupling.LiveAxes(x))
        {
            int[] units = facts.Units(x, axis) ?? [];
            for (int i = 0; i < units.Length; i++)
            {
                result[units[i]] = fixedOtherwise && IsDetermined(x, axis, i) && result.GetValueOrDefault(units[i], true);
            }
        }

        return result;
    }
}

using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Tensors;
using EdgePrune.Pruner.Surgery;

namespace EdgePrune.Pruner.Coupling.Rules;

/// <summary>
/// LSTM, GRU and RNN: X [L, N, I], W [dirs, gates·H, I], R [dirs, gates·H, H], B [dirs, 2·gates·H], initial states [dirs, N, H],
/// peepholes P [dirs, 3·H] → Y [L, dirs, N, H], Y_h and Y_c [dirs, N, H]. A hidden unit is one index of H in every gate. What a masked
/// unit still holds (an activation of zero, its bias) is read through R and through later weights only, which are masked, so that
/// cutting is exact whatever the activations are. Both directions stand in one tensor and lose the same indices.
/// </summary>
internal sealed class RecurrentRule : IOperatorRule
{
    private const int MaxViews = 16;

    private static readonly HashSet<string> Views = ["Expand", "Identity", "Reshape", "Slice", "Squeeze", "Transpose", "Unsqueeze"];

    public IReadOnlyList<string> Operators { get; } = ["GRU", "LSTM", "RNN"];

    public string Relation =>
        "X [L, N, I] and W [dirs, gates·H, I] share the ids of I; every gate's H rows of W, R [dirs, gates·H, H] and B, the columns of R, "
        + "the states, the peepholes and Y share the ids of H; hidden_size is rewritten.";

    public void Relate(NodeProto node, CouplingBuilder c)
    {
        (string x, string w, string r) = (node.Input[0], node.Input[1], node.Input[2]);
        string axisOfSteps = $"{node.Describe()}: axis of steps, of the batch or of directions";
        foreach ((string value, int axis) in new[] { (x, 0), (x, 1), (w, 0), (r, 0) })
        {
            c.FreezeAxis(value, axis, axisOfSteps);
        }

        int[]? reads = c.Ids(w, 2);
        c.Mark(reads, SliceRole.Input);
        if (c.Dims(w)![2] > 1)
        {
            c.Match(c.Ids(x, 2), c.Of(x).Reason, reads, c.Of(w).Reason);
        }

        int[]? hidden = c.Ids(r, 2);
        c.Mark(hidden, SliceRole.Input);
        foreach (string weights in new[] { w, r }.Where(v => !WeightChain.IsMasked(c, v)))
        {
            // Joined from several tensors, or computed: masks on those would not make all of it zero.
            c.MaskValue(weights, 2);
        }

        TieGates(c, w, 1, hidden, SliceRole.Output);
        TieGates(c, r, 1, hidden, SliceRole.Output);
        foreach (string parameter in node.Given(3, 7))
        {
            c.FreezeAxis(parameter, 0, axisOfSteps);
            TieGates(c, parameter, 1, hidden, SliceRole.Parameter);
        }

        foreach (string state in node.Given(5, 6).Where(s => !IsZero(c.Index, s)))
        {
            c.FreezeAxis(state, 0, axisOfSteps);
            c.FreezeAxis(state, 1, axisOfSteps);
            TieGates(c, state, 2, hidden, SliceRole.Parameter);
        }

        for (int i = 0; i < node.Output.Count; i++)
        {
            c.SetOutput(node, i, hidden is null ? Layout.Fixed(axisOfSteps) : new Layout([AxisIds.Single(i == 0 ? 3 : 2, hidden)], axisOfSteps));
        }
    }

    public void Rewrite(NodeProto node, SurgeryContext s)
    {
        bool isCut = s.IsCut(node.Input[2], 2);
        if (isCut)
        {
            node.SetInt("hidden_size", s.LengthAfter(node.Input[2], 2));
        }

        for (int i = 5; i < Math.Min(node.Input.Count, 7); i++)
        {
            // Zeros are what a state is that is not given. They may be cut for another node that reads them.
            bool differs = isCut || s.IsCut(node.Input[i]);
            node.Input[i] = differs && IsZero(s.Index, node.Input[i]) ? "" : node.Input[i];
        }
    }

    // Zeros of which exporters cut the state of each layer, as long as the batch: the layers' units have nothing to do with each other.
    private static bool IsZero(GraphIndex index, string value)
    {
        for (int i = 0; i < MaxViews && index.Constant(value) is null; i++)
        {
            if (index.Producer(value) is not { } node || !node.IsStandard())
            {
                return false;
            }

            if (node.OpType == "ConstantOfShape")
            {
                return node.Find("value") is not { T: { } fill } || (ElementTypes.TypeOf(fill) == TensorProto.Types.DataType.Float && TensorReader.ToFloats(fill)[0] == 0);
            }

            if (!Views.Contains(node.OpType))
            {
                return false;
            }

            value = node.Input[0];
        }

        return index.Constant(value) is { } constant && ElementTypes.TypeOf(constant) == TensorProto.Types.DataType.Float && TensorReader.ToFloats(constant).All(v => v == 0);
    }

    // An axis of one or several gates, each with the hidden units in order.
    private static void TieGates(CouplingBuilder c, string value, int axis, int[]? hidden, SliceRole role)
    {
        int length = c.Dims(value)![axis];
        int[]? own = c.Ids(value, axis);
        if (role != SliceRole.Parameter)
        {
            c.Mark(own, role);
        }

        if (length > 1)
        {
            int[]? spread = hidden is null ? null : [.. Enumerable.Range(0, length).Select(i => hidden[i % hidden.Length])];
            c.Match(spread, "a single hidden unit", own, c.Of(value).Reason);
        }
    }
}

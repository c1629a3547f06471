using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Tensors;
using EdgePrune.Pruner.Coupling;
using EdgePrune.TestSupport;
using static EdgePrune.Onnx.Proto.TensorProto.Types;

namespace Pruner.Tests;

/// <summary>What the rules do not cover is frozen, with a reason that names the operator.</summary>
public sealed class FailClosedTests
{
    [Fact]
    public void A_branch_of_If_freezes_the_value_that_it_captures()
    {
        var g = new GraphBuilder();
        string y = g.Conv(X(g), 3, 6);
        string condition = g.Initializer(TensorEditor.FromRaw("condition", DataType.Bool, [1]));
        string chosen = g.Node("If", [condition], ("then_branch", Branch("Relu", y, "a")), ("else_branch", Branch("Neg", y, "b")));
        Frozen(g.Output(g.Conv(chosen, 6, 4)), "If 'If_");
    }

    [Fact]
    public void The_body_of_a_Loop_freezes_what_goes_round_and_what_it_captures()
    {
        var g = new GraphBuilder();
        string y = g.Conv(X(g), 3, 6);
        string step = g.Conv(X(g, "z"), 3, 6);
        var body = new GraphProto { Name = "body" };
        body.Input.Add([Value("i", DataType.Int64), Value("go", DataType.Bool), Value("v", DataType.Float, 1, 6, 8, 8)]);
        body.Node.Add([
            new NodeProto { OpType = "Identity", Input = { "go" }, Output = { "go_on" } },
            new NodeProto { OpType = "Add", Input = { "v", step }, Output = { "next" } },
        ]);
        body.Output.Add([Value("go_on", DataType.Bool), Value("next", DataType.Float, 1, 6, 8, 8)]);
        string times = g.Initializer(TensorEditor.FromInts("times", [2]));
        string result = g.Node("Loop", [times, "", y], ("body", body));
        CouplingResult coupling = Frozen(g.Output(g.Conv(result, 6, 4)), "Loop 'Loop_");
        Assert.Equal(2, coupling.Frozen.Count(f => f.Axis == 0 && f.Reason.Contains("Loop", StringComparison.Ordinal) && f.Tensor is "w0" or "w3"));
    }

    [Fact]
    public void Four_bit_weights_are_frozen_because_they_are_packed()
    {
        var g = new GraphBuilder(opset: 21, irVersion: 10);
        string w = g.Initializer(TensorEditor.FromRaw("packed", DataType.Int4, [.. Enumerable.Range(0, 12).Select(i => (byte)(i * 7))], 4, 6, 1, 1));
        string weights = g.Node("DequantizeLinear", [w, g.Initializer(TensorEditor.FromFloats("scale", [0.1f]))]);
        Frozen(g.Output(g.Node("Conv", [g.Conv(X(g), 3, 6), weights])), "packed into bytes");
    }

    [Fact]
    public void Scales_by_blocks_are_frozen()
    {
        var g = new GraphBuilder(opset: 21, irVersion: 10);
        string w = g.Initializer(TensorEditor.FromRaw("blocks", DataType.Int8, [.. Enumerable.Range(0, 24).Select(i => (byte)i)], 6, 4));
        string weights = g.Node("DequantizeLinear", [w, g.Positive(3, 4)], ("axis", 0), ("block_size", 2));
        string hidden = g.Node("MatMul", [g.Input("x", 2, 7), g.Weights(7, 6)]);
        Frozen(g.Output(g.Node("MatMul", [hidden, weights])), "scales by blocks");
    }

    [Fact]
    public void Statistics_of_the_batch_are_frozen()
    {
        var g = new GraphBuilder();
        string y = g.Conv(X(g), 3, 6);
        string[] norm = g.Nodes("BatchNormalization", [y, g.Weights(6), g.Weights(6), g.Weights(6), g.Positive(6)], 3, ("training_mode", 1));
        Frozen(g.Output(g.Conv(norm[0], 6, 4)), "statistics of the batch");
    }

    [Theory]
    [InlineData("NonZero")]
    [InlineData("OneHot")]
    [InlineData("Det")]
    [InlineData("EyeLike")]
    [InlineData("SequenceConstruct")]
    public void Operators_without_a_relation_freeze_what_they_read(string op)
    {
        var g = new GraphBuilder();
        string y = g.Node("MatMul", [g.Input("x", 6, 7), g.Weights(7, 6)]);
        string odd = op switch
        {
            "OneHot" => g.Node(op, [g.Node("Cast", [y], ("to", 7)), g.Initializer(TensorEditor.FromInts("depth", [3])), g.Initializer(TensorEditor.FromFloats("values", [0, 1], 2))]),
            "SequenceConstruct" => g.Node("SequenceAt", [g.Node(op, [y, y]), g.Initializer(TensorEditor.FromInts("first", [0]))]),
            "NonZero" => g.Node("Cast", [g.Node(op, [y])], ("to", 1)),
            _ => g.Node(op, [y]),
        };
        Frozen(g.Output(g.Node("MatMul", [y, g.Weights(6, 2)]), odd), $"{op} '{op}_");
    }

    private static string X(GraphBuilder g, string name = "x") => g.Input(name, 1, 3, 8, 8);

    private static GraphProto Branch(string op, string captured, string name) => new()
    {
        Name = name,
        Node = { new NodeProto { OpType = op, Input = { captured }, Output = { name } } },
        Output = { Value(name, DataType.Float, 1, 6, 8, 8) },
    };

    private static ValueInfoProto Value(string name, DataType type, params long[] dims)
    {
        var shape = new TensorShapeProto();
        shape.Dim.Add(dims.Select(d => new TensorShapeProto.Types.Dimension { DimValue = d }));
        return new() { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = shape } } };
    }

    private static CouplingResult Frozen(GraphBuilder g, string reason)
    {
        CouplingResult coupling = CouplingAnalysis.Run(g.Build());
        Assert.Empty(coupling.Units);
        Assert.True(coupling.Frozen.Any(f => f.Reason.Contains(reason, StringComparison.Ordinal)), string.Join("\n", coupling.Frozen));
        return coupling;
    }
}

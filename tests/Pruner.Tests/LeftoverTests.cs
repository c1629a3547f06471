using EdgePrune.Onnx;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Onnx.Tensors;
using EdgePrune.Pruner.Coupling;
using EdgePrune.Pruner.Surgery;
using EdgePrune.Pruner.Verification;
using EdgePrune.TestSupport;
using static EdgePrune.Onnx.Proto.TensorProto.Types;

namespace Pruner.Tests;

/// <summary>What surgery leaves behind, and what it must leave alone.</summary>
public sealed class LeftoverTests
{
    [Fact]
    public void Nodes_and_initializers_that_serve_no_output_go()
    {
        OnnxModel model = Chain(g =>
        {
            string dead = g.Node("Constant", [], ("value", TensorEditor.FromFloats("c", [1, 2, 3], 3)));
            g.Node("Mul", [g.Node("Add", [dead, g.Weights(3)]), g.Weights(3)]);
            g.Weights(5, 5);
        });
        OnnxModel pruned = Prune(model);
        Assert.Equal(["Conv", "Relu", "Conv"], pruned.Graph.Node.Select(n => n.OpType));
        Assert.Equal(4, pruned.Graph.Initializer.Count);
    }

    [Fact]
    public void Declared_shapes_follow_the_cut_and_those_of_lost_values_go()
    {
        OnnxModel model = Chain();
        model.Graph.ValueInfo.Add(Declare(model.Graph.Node[0].Output[0], 1, 8, 8, 8));
        model.Graph.ValueInfo.Add(Declare("nothing", 1, 2));
        OnnxModel pruned = Prune(model);
        ValueInfoProto kept = Assert.Single(pruned.Graph.ValueInfo);
        Assert.Equal([1, 6, 8, 8], kept.Type.TensorType.Shape.Dim.Select(d => d.DimValue));
    }

    [Fact]
    public void Initializers_among_the_inputs_are_declared_as_they_are()
    {
        // IR version 3 lists every initializer among the inputs.
        OnnxModel chain = Chain(ir: 3);
        foreach (TensorProto initializer in chain.Graph.Initializer)
        {
            chain.Graph.Input.Add(Declare(initializer.Name, [.. initializer.Dims]));
        }

        // A bias of its own is among what the cut adds.
        string bias = chain.Graph.Node[2].Input[2];
        chain.Graph.Input.Remove(chain.Graph.Input.Single(i => i.Name == bias));
        chain.Graph.Initializer.Remove(chain.Graph.Initializer.Single(i => i.Name == bias));
        chain.Graph.Node[2].Input.RemoveAt(2);
        OnnxModel model = OnnxModel.FromProto(chain.Proto);
        OnnxModel pruned = ModelSurgeon.Apply(model, CouplingAnalysis.Run(model), [0, 1, 2, 3, 4, 5], new SurgeryOptions { Constants = ConstantHandling.FoldPadded });
        Assert.Equal(4, pruned.Graph.Initializer.Count);
        Assert.Equal(3, pruned.Proto.IrVersion);
        foreach (TensorProto initializer in pruned.Graph.Initializer)
        {
            Assert.Equal(initializer.Dims, pruned.Graph.Input.Single(i => i.Name == initializer.Name).Type.TensorType.Shape.Dim.Select(d => d.DimValue));
        }
    }

    [Fact]
    public void Annotations_keep_the_tensors_that_they_name()
    {
        OnnxModel model = Chain(g => g.Initializer(TensorEditor.FromFloats("scale", [0.5f])));
        string value = model.Graph.Node[1].Output[0];
        model.Graph.QuantizationAnnotation.Add(Annotation(value));
        model.Graph.QuantizationAnnotation.Add(Annotation("nothing"));
        OnnxModel pruned = Prune(model);
        Assert.Equal(value, Assert.Single(pruned.Graph.QuantizationAnnotation).TensorName);
        Assert.Contains(pruned.Graph.Initializer, i => i.Name == "scale");
    }

    [Fact]
    public void Versions_names_metadata_and_documentation_stay()
    {
        OnnxModel model = Chain();
        model.Proto.ProducerName = "someone";
        model.Proto.DocString = "what it is for";
        model.Proto.MetadataProps.Add(new StringStringEntryProto { Key = "labels", Value = "a,b" });
        model.Graph.MetadataProps.Add(new StringStringEntryProto { Key = "k", Value = "v" });
        model.Graph.Initializer[0].DocString = "weights";
        OnnxModel pruned = Prune(model);
        Assert.Equal(model.Proto.IrVersion, pruned.Proto.IrVersion);
        Assert.Equal(model.Proto.OpsetImport, pruned.Proto.OpsetImport);
        Assert.Equal(model.Proto.ProducerName, pruned.Proto.ProducerName);
        Assert.Equal(model.Proto.DocString, pruned.Proto.DocString);
        Assert.Equal(model.Proto.MetadataProps, pruned.Proto.MetadataProps);
        Assert.Equal(model.Graph.MetadataProps, pruned.Graph.MetadataProps);
        Assert.Equal(model.Graph.Node.Select(n => n.Name), pruned.Graph.Node.Select(n => n.Name));
        Assert.Equal("weights", pruned.Graph.Initializer[0].DocString);
    }

    [Fact]
    public void Local_functions_stay_and_freeze_what_they_are_called_with()
    {
        OnnxModel model = Chain();
        NodeProto call = model.Graph.Node[1];
        (call.OpType, call.Domain) = ("Halved", "own");
        model.Proto.OpsetImport.Add(new OperatorSetIdProto { Domain = "own", Version = 1 });
        var half = new AttributeProto { Name = "value_float", Type = AttributeProto.Types.AttributeType.Float, F = 0.5f };
        model.Proto.Functions.Add(new FunctionProto
        {
            Name = "Halved",
            Domain = "own",
            Input = { "a" },
            Output = { "b" },
            Node = { new NodeProto { OpType = "Constant", Output = { "h" }, Attribute = { half } }, new NodeProto { OpType = "Mul", Input = { "a", "h" }, Output = { "b" } } },
            OpsetImport = { new OperatorSetIdProto { Version = 17 } },
        });
        model = OnnxModel.FromProto(model.Proto);
        CouplingResult coupling = CouplingAnalysis.Run(model);
        Assert.Empty(coupling.Units);
        OnnxModel same = ModelSurgeon.Apply(model, coupling, []);
        Assert.Equal(model.Proto.Functions, same.Proto.Functions);
        using var session = ModelSession.Create(same);
        Assert.Single(session.OutputNames);
    }

    [Fact]
    public void Sparse_weights_stay_and_freeze_what_they_read()
    {
        var g = new GraphBuilder(seed: 2);
        string hidden = g.Relu(g.Node("MatMul", [g.Input("x", 2, 5), g.Weights(5, 4)]));
        string y = g.Node("MatMul", [hidden, "sparse"]);
        string z = g.Node("MatMul", [g.Relu(g.Node("MatMul", [y, g.Weights(3, 6)])), g.Weights(6, 2)]);
        OnnxModel model = g.Output(z).Build(proto => proto.Graph.SparseInitializer.Add(new SparseTensorProto
        {
            Values = TensorEditor.FromFloats("sparse", [1, 2, 3], 3),
            Indices = TensorEditor.FromInts("", [0, 5, 11], 3),
            Dims = { 4, 3 },
        }));
        CouplingResult coupling = CouplingAnalysis.Run(model);
        Assert.Equal(6, coupling.Units.Count);
        SurgeryResult cut = ModelSurgeon.Cut(model, coupling, [1, 2]);
        Assert.Single(cut.Model.Graph.SparseInitializer);
        Assert.True(MaskedEquivalence.Check(model, cut.Model, cut.Plan).Ok);
    }

    [Fact]
    public void A_model_with_training_information_is_refused()
    {
        OnnxModel model = Chain();
        model.Proto.TrainingInfo.Add(new TrainingInfoProto());
        InputException refused = Assert.Throws<InputException>(() => Prune(model));
        Assert.Contains("training_info", refused.Message, StringComparison.Ordinal);
    }

    private static OnnxModel Chain(Action<GraphBuilder>? besides = null, int ir = 8)
    {
        var g = new GraphBuilder(seed: 2, irVersion: ir);
        string y = g.Conv(g.Relu(g.Conv(g.Input("x", 1, 3, 8, 8), 3, 8)), 8, 4);
        besides?.Invoke(g);
        return g.Output(y).Build();
    }

    private static OnnxModel Prune(OnnxModel model)
    {
        CouplingResult coupling = CouplingAnalysis.Run(model);
        SurgeryResult cut = ModelSurgeon.Cut(model, coupling, [1, 4]);
        Assert.True(MaskedEquivalence.Check(model, cut.Model, cut.Plan).Ok);
        return cut.Model;
    }

    private static TensorAnnotation Annotation(string value) => new()
    {
        TensorName = value,
        QuantParameterTensorNames = { new StringStringEntryProto { Key = "SCALE_TENSOR", Value = "scale" } },
    };

    private static ValueInfoProto Declare(string name, params long[] dims)
    {
        var shape = new TensorShapeProto();
        shape.Dim.Add(dims.Select(d => new TensorShapeProto.Types.Dimension { DimValue = d }));
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)DataType.Float, Shape = shape } } };
    }
}

using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Tensors;
using static EdgePrune.Onnx.Proto.AttributeProto.Types;
using static EdgePrune.Onnx.Proto.TensorProto.Types;

namespace EdgePrune.TestSupport.Hostile;

/// <summary>Sound files whose graphs the runtime refuses, or which end, fill or occupy the process that runs them.</summary>
internal static partial class HostileModels
{
    private const string Killed = "it ends the process";

    private static IEnumerable<HostileModel> Operators()
    {
        TensorProto data = TensorEditor.FromFloats("d", [1, 2, 3, 4, 5, 6], 2, 3);
        TensorProto image = TensorEditor.FromFloats("d", new float[64], 1, 4, 4, 4);
        yield return Edit("unknown operator", Runtime, m => m.Graph.Node[1].OpType = "Rellu");
        yield return Edit("operator name of a megabyte", Runtime, m => m.Graph.Node[1].OpType = new string('R', 1 << 20));
        yield return Edit("int where a list is expected", Runtime, m => m.Graph.Node[0].Attribute.Add(Int("strides", 1)));
        yield return Edit("text where a number is expected", Runtime, m => m.Graph.Node[0].Attribute.Add(new AttributeProto { Name = "group", Type = AttributeType.String, S = Google.Protobuf.ByteString.CopyFromUtf8("x") }));
        yield return Edit("attribute without a type", Runtime, m => m.Graph.Node[0].Attribute.Add(new AttributeProto { Name = "group", Ints = { 1, 2 } }));
        yield return Edit("attribute that the operator does not have", Runtime, m => m.Graph.Node[1].Attribute.Add(Int("slope", 1)));
        yield return Edit("Conv with strides 0", Runtime, m => m.Graph.Node[0].Attribute.Add(Ints("strides", 0, 0)));
        yield return Edit("Conv with group 0", Runtime, m => m.Graph.Node[0].Attribute.Add(Int("group", 0)));
        yield return Edit("Conv with group 7", Runtime, m => m.Graph.Node[0].Attribute.Add(Int("group", 7)));
        yield return Edit("Conv with kernel larger than its input", Runtime, m => m.Graph.Node[0].Attribute.Add(Ints("dilations", 1000, 1000)));
        yield return Edit("Conv with pads of 2^62", Runtime, m => m.Graph.Node[0].Attribute.Add(Ints("pads", 1L << 62, 1L << 62, 1L << 62, 1L << 62)));
        yield return Edit("Conv without inputs", Runtime, m => m.Graph.Node[0].Input.Clear());
        yield return Operator("Reshape that is impossible", Runtime, Node("Reshape", ["d", "s"], ["y"]), data, TensorEditor.FromInts("s", [4, 4], 2));
        yield return Operator("Transpose with a wrong order", Runtime, Node("Transpose", ["d"], ["y"], Ints("perm", 0, 7)), data);
        yield return Operator("Concat at axis 9", Runtime, Node("Concat", ["d", "d"], ["y"], Int("axis", 9)), data);
        yield return Operator("Concat without an axis", Runtime, Node("Concat", ["d", "d"], ["y"]), data);
        yield return Operator("Gather outside", Runtime, Node("Gather", ["d", "i"], ["y"]), data, TensorEditor.FromInts("i", [1L << 40], 1));
        yield return Operator("If without branches", Runtime, Node("If", ["k"], ["y"]), TensorEditor.FromRaw("k", DataType.Bool, [1], 1));
        yield return Operator("Constant without a value", Runtime, Node("Constant", [], ["y"]));
        yield return Operator("node without outputs", "no output", Node("Relu", ["d"], []), data);
        yield return Operator("MaxPool with kernel 0", Runtime, Node("MaxPool", ["d"], ["y"], Ints("kernel_shape", 0, 0)), image);
        yield return Operator("AveragePool with strides 0", Runtime, Node("AveragePool", ["d"], ["y"], Ints("kernel_shape", 1, 1), Ints("strides", 0, 0)), image);
    }

    private static IEnumerable<HostileModel> Runs()
    {
        TensorProto image = TensorEditor.FromFloats("d", new float[64], 1, 4, 4, 4);
        TensorProto one = TensorEditor.FromFloats("d", [1], 1);
        TensorProto ints = TensorEditor.FromInts("d", [long.MinValue, 7], 2);
        yield return Operator("DepthToSpace with block size 0", Runtime, Node("DepthToSpace", ["d"], ["y"], Int("blocksize", 0)), image);
        yield return Operator("LayerNormalization at axis -9", "", Node("LayerNormalization", ["d", "s"], ["y"], Int("axis", -9)), image, TensorEditor.FromFloats("s", [1, 1, 1, 1], 4));
        yield return Operator("Trilu with k of -2^63", Killed, Node("Trilu", ["d", "k"], ["y"]), image, TensorEditor.FromInts("k", [long.MinValue]));
        yield return Operator("integer division by zero", "", Node("Div", ["d", "z"], ["y"]), ints, TensorEditor.FromInts("z", [0], 1));
        yield return Operator("integer remainder by zero", "", Node("Mod", ["d", "z"], ["y"]), ints, TensorEditor.FromInts("z", [0], 1));
        yield return Operator("ConstantOfShape of 10^12 elements", Runtime, Node("ConstantOfShape", ["s"], ["y"]), TensorEditor.FromInts("s", [1_000_000, 1_000_000], 2));
        yield return Operator("ConstantOfShape that overflows", Runtime, Node("ConstantOfShape", ["s"], ["y"]), TensorEditor.FromInts("s", [1L << 32, 1L << 32], 2));
        yield return Operator("ConstantOfShape with a negative shape", Runtime, Node("ConstantOfShape", ["s"], ["y"]), TensorEditor.FromInts("s", [-4], 1));
        yield return Operator("Expand to 10^12 elements", Runtime, Node("Expand", ["d", "s"], ["y"]), one, TensorEditor.FromInts("s", [1_000_000, 1_000_000], 2));
        yield return Operator("Tile 10^12 times", Runtime, Node("Tile", ["d", "s"], ["y"]), one, TensorEditor.FromInts("s", [1_000_000_000_000], 1));
        yield return Operator("Range of 10^12 elements", Runtime, Node("Range", ["a", "b", "c"], ["y"]), TensorEditor.FromInts("a", [0]), TensorEditor.FromInts("b", [1_000_000_000_000]), TensorEditor.FromInts("c", [1]));
        yield return Operator("Range with steps of 0", Runtime, Node("Range", ["a", "b", "c"], ["y"]), TensorEditor.FromInts("a", [0]), TensorEditor.FromInts("b", [9]), TensorEditor.FromInts("c", [0]));
        yield return Operator("Pad by 10^12", Runtime, Node("Pad", ["d", "p"], ["y"]), one, TensorEditor.FromInts("p", [0, 1_000_000_000_000], 2));
        yield return Operator("OneHot of 10^12 classes", Runtime, Node("OneHot", ["d", "n", "v"], ["y"]), ints, TensorEditor.FromInts("n", [1_000_000_000_000]), TensorEditor.FromFloats("v", [0, 1], 2));
        yield return Operator("RandomNormal of 10^12 elements", Runtime, Node("RandomNormal", [], ["y"], Ints("shape", 1_000_000, 1_000_000)));
        yield return Make("memory taken in steps", Runtime, () =>
        {
            var graph = new GraphProto { Name = "main" };
            graph.Initializer.Add(TensorEditor.FromInts("s", [1L << 28], 1));
            graph.Node.AddRange(Enumerable.Range(0, 64).Select(i => Node("ConstantOfShape", ["s"], [$"y{i}"])));
            graph.Output.AddRange(graph.Node.Select(n => new ValueInfoProto { Name = n.Output[0] }));
            return Model(graph);
        });
        yield return Operator("Loop without end", "does not finish", Node("Loop", ["n", "k", "d"], ["y"], Graph("body", Body("carried"))), one,
            TensorEditor.FromInts("n", [long.MaxValue]), TensorEditor.FromRaw("k", DataType.Bool, [1])) with
        { NeverEnds = true };
    }
}

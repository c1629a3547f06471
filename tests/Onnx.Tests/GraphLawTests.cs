using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Tensors;
using EdgePrune.TestSupport.Hostile;
using static EdgePrune.Onnx.Proto.TensorProto.Types;

namespace Onnx.Tests;

/// <summary>Order and index of graphs.</summary>
public sealed class GraphLawTests
{
    [Fact]
    public void Any_file_order_of_an_acyclic_graph_is_sorted_into_a_valid_one()
    {
        for (int seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            GraphProto graph = Acyclic(random, random.Next(1, 60));
            List<NodeProto>? order = TopologicalOrder.TryOf(graph, out IReadOnlyList<NodeProto> cycle);
            Assert.NotNull(order);
            Assert.Empty(cycle);
            Assert.Equal(graph.Node.Count, order.Distinct(ReferenceEqualityComparer.Instance).Count());
            var made = new HashSet<string> { "x" };
            foreach (NodeProto node in order)
            {
                Assert.All(GraphIndex.Reads(node), input => Assert.Contains(input, made));
                made.UnionWith(node.Output);
            }
        }
    }

    [Fact]
    public void A_graph_in_order_keeps_its_order()
    {
        GraphProto graph = HostileModels.Sound().Graph;
        Assert.Equal(graph.Node, TopologicalOrder.TryOf(graph, out _));
    }

    [Fact]
    public void A_cyclic_graph_names_a_cycle_and_only_that()
    {
        for (int seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            GraphProto graph = Acyclic(random, random.Next(2, 60));
            // Close a circle: an ancestor, or the node itself, reads what its descendant makes.
            NodeProto last = graph.Node[random.Next(graph.Node.Count)];
            NodeProto first = last;
            while (random.Next(4) > 0 && graph.Node.FirstOrDefault(n => GraphIndex.Reads(first).Contains(n.Output[0])) is { } earlier)
            {
                first = earlier;
            }

            first.Input.Add(last.Output[0]);
            Assert.Null(TopologicalOrder.TryOf(graph, out IReadOnlyList<NodeProto> cycle));
            Assert.NotEmpty(cycle);
            for (int i = 0; i < cycle.Count; i++)
            {
                Assert.Contains(cycle[(i + 1) % cycle.Count].Output[0], GraphIndex.Reads(cycle[i]));
            }
        }
    }

    [Fact]
    public void What_a_nested_graph_captures_is_read_by_the_node_that_holds_it()
    {
        var inner = new GraphProto { Name = "inner" };
        inner.SparseInitializer.Add(new SparseTensorProto { Values = TensorEditor.FromFloats("own_sparse", [1], 1) });
        inner.Initializer.Add(TensorEditor.FromFloats("own", [1], 1));
        inner.Node.Add(HostileModels.Node("Sum", ["c", "own", "own_sparse", "w"], ["t"]));
        inner.Output.Add(HostileModels.Value("t", DataType.Float));
        var middle = new GraphProto { Name = "middle" };
        middle.Node.Add(HostileModels.Node("If", ["k"], ["m"], HostileModels.Graph("then_branch", inner), HostileModels.Graph("else_branch", inner.Clone())));
        middle.Output.Add(HostileModels.Value("b", DataType.Float)); // handed through from outside
        GraphProto graph = HostileModels.Sound().Graph;
        NodeProto holder = HostileModels.Node("If", ["y"], ["z"], HostileModels.Graph("then_branch", middle));
        graph.Node.Add(holder);

        var index = new GraphIndex(graph);

        Assert.Equal(["b", "c", "k", "w", "y"], GraphIndex.Reads(holder).Distinct().Order());
        Assert.Equal([graph.Node[1], holder], index.Consumers("c"));
        Assert.Equal([graph.Node[0], holder], index.Consumers("w"));
        Assert.Same(graph.Node[0], index.Producer("c"));
        Assert.Empty(index.Consumers("own"));
        Assert.Equal("x", Assert.Single(index.Inputs).Name);
    }

    [Fact]
    public void Initializers_that_are_listed_as_inputs_need_no_value()
    {
        GraphProto graph = HostileModels.Sound().Graph;
        graph.Input.Add(HostileModels.Value("w", DataType.Float, 4, 3, 3, 3));
        Assert.Equal(["x"], new GraphIndex(graph).Inputs.Select(i => i.Name));
    }

    private static GraphProto Acyclic(Random random, int count)
    {
        var nodes = new List<NodeProto>();
        for (int i = 0; i < count; i++)
        {
            string[] inputs = [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => random.Next(-1, i) is var from and >= 0 ? $"v{from}" : "x")];
            nodes.Add(HostileModels.Node("Sum", inputs, [$"v{i}"]));
        }

        NodeProto[] shuffled = [.. nodes];
        random.Shuffle(shuffled);
        var graph = new GraphProto { Name = "random" };
        graph.Node.AddRange(shuffled);
        return graph;
    }
}

using EdgePrune.Onnx;
using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Tensors;
using EdgePrune.Pruner;
using EdgePrune.Pruner.Coupling;
using EdgePrune.Pruner.Recovery;
using EdgePrune.Pruner.Schedules;
using EdgePrune.Pruner.Sparsity;
using EdgePrune.Training.Loop;
using EdgePrune.Training.Steps;
using Google.Protobuf;

namespace Pruner.Tests.Schedules;

/// <summary>Masks that grow, move or stay while a model is trained.</summary>
public sealed class MaskedTrainingTests
{
    private static readonly OnnxModel Model = SmallSchedules.DigitsModel();

    [Fact]
    public void Gradual_masks_grow_by_the_cubic_rule_and_nothing_else_goes()
    {
        var schedule = new ScheduleOptions { Kind = PruningScheduleKind.Gradual, Steps = 24, Every = 3, MaskedUntil = 0.75 };
        ScheduleContext context = SmallSchedules.Context(Model, SmallSchedules.Options(0.5, schedule, Training()));
        ScheduledModel made = ScheduledPruning.Run(context);
        int units = context.Coupling.Units.Count;
        // Zhu and Gupta's rule from 0 to a half over the 18 steps in which masks may change.
        int[] expected = [.. Enumerable.Range(1, 6).Select(i => (int)Math.Round(0.5 * (1 - Math.Pow(1 - (3.0 * i / 18), 3)) * units))];
        Assert.Equal(expected, made.Stages.Select(s => s.Removed));
        Assert.All(made.Stages, s => Assert.Equal(0, s.Restored));
        Assert.True(made.Equivalence.Ok);
        Assert.Equal(expected[^1], made.Removed.Count);
    }

    [Fact]
    public void Surgery_removes_exactly_what_was_masked()
    {
        var editor = new GradualMasks(Gradual(0.5), null);
        OnnxModel dense = RecoveryTraining.Run(Model, Training(), 12, new TrainingDetail { Editor = editor }, TestContext.Current.CancellationToken);
        ScheduledModel made = ScheduledPruning.Run(Gradual(0.5));
        Assert.Equal(editor.Masked.Order(), made.Removed.Order());
        // The model as it was trained, with its zeros, computes what the cut one computes.
        SmallSchedules.AssertClose(SmallSchedules.Run(dense, SmallSchedules.DigitsData(40)), SmallSchedules.Run(made.Model, SmallSchedules.DigitsData(40)), 1e-5);
        ScheduleContext Gradual(double ratio) => SmallSchedules.Context(
            Model, SmallSchedules.Options(ratio, new ScheduleOptions { Kind = PruningScheduleKind.Gradual, Steps = 12, Every = 3 }, Training()));
    }

    [Fact]
    public void Single_weights_are_masked_beside_units_and_stay_zero()
    {
        var schedule = new ScheduleOptions { Kind = PruningScheduleKind.Gradual, Steps = 12, Every = 4 };
        PruneOptions options = SmallSchedules.Options(0.25, schedule, Training()) with { Sparsity = new SparsityOptions { Pattern = SparsityPattern.Parse("60%") } };
        ScheduledModel made = ScheduledPruning.Run(SmallSchedules.Context(Model, options));
        SparsityResult zeros = WeightSparsifier.Count(made.Model, options.Sparsity);
        Assert.InRange((double)made.Stages[^1].ZeroWeights / zeros.Weights, 0.595, 0.605);
        // Weights that were zero from the beginning come on top where a layer has more of them than that.
        Assert.InRange(zeros.Zeros, made.Stages[^1].ZeroWeights, zeros.Weights);
    }

    [Fact]
    public void Equal_seeds_give_equal_bytes()
    {
        foreach (PruningScheduleKind kind in new[] { PruningScheduleKind.Gradual, PruningScheduleKind.Dynamic })
        {
            var schedule = new ScheduleOptions { Kind = kind, Steps = 4, Every = 3 };
            PruneOptions options = SmallSchedules.Options(0.4, schedule, Training()) with { Sparsity = new SparsityOptions { Pattern = SparsityPattern.Parse("50%") } };
            Assert.Equal(
                ScheduledPruning.Run(SmallSchedules.Context(Model, options)).Model.Proto.ToByteArray(),
                ScheduledPruning.Run(SmallSchedules.Context(Model, options)).Model.Proto.ToByteArray());
        }
    }

    [Fact]
    public void A_dynamic_schedule_exchanges_units_and_keeps_the_width_of_every_layer()
    {
        var schedule = new ScheduleOptions { Kind = PruningScheduleKind.Dynamic, Steps = 8, Every = 4, Exchange = 0.6 };
        ScheduleContext context = SmallSchedules.Context(Model, SmallSchedules.Options(0.4, schedule, Training()));
        ScheduledModel made = ScheduledPruning.Run(context);
        HashSet<int> single = context.Next(context.Initial, new HashSet<int>(), context.Budget.At(1));
        foreach (UnitGroup group in context.Coupling.Groups)
        {
            Assert.Equal(group.Units.Count(u => single.Contains(u.Id)), group.Units.Count(u => made.Removed.Contains(u.Id)));
        }

        Assert.True(made.Equivalence.Ok);
        Assert.Contains(made.Stages, s => s.Restored > 0);
        Assert.All(made.Stages.Skip(1), s => Assert.Equal(s.Added, s.Restored));
    }

    [Fact]
    public void Weights_are_exchanged_as_rigl_says()
    {
        var random = new Random(1);
        for (int trial = 0; trial < 50; trial++)
        {
            float[] values = [.. Enumerable.Range(0, 20).Select(_ => (float)(random.NextDouble() - 0.5))];
            double[] gradient = [.. Enumerable.Range(0, 20).Select(_ => random.NextDouble() - 0.5)];
            bool[] zero = [.. Enumerable.Range(0, 20).Select(i => i % 2 == 0)];
            bool[] gone = [.. Enumerable.Range(0, 20).Select(i => i >= 16)];
            for (int i = 0; i < 20; i++)
            {
                values[i] = zero[i] ? 0 : values[i];
            }

            // Eight of sixteen are active: a quarter of them goes, the least ones; then the two of the largest gradient among all that is masked return.
            List<int> active = [.. Enumerable.Range(0, 16).Where(i => i % 2 == 1)];
            active = [.. active.OrderBy(i => Math.Abs(values[i])).Skip(2)];
            active.AddRange(Enumerable.Range(0, 16).Where(i => !active.Contains(i)).OrderByDescending(i => Math.Abs(gradient[i])).Take(2).ToArray());
            bool[] exchanged = [.. zero];
            DynamicMasks.Exchange(values, gradient, exchanged, gone, 0.25);
            Assert.Equal(active.Order(), Enumerable.Range(0, 16).Where(i => !exchanged[i]));
            Assert.Equal(zero[16..], exchanged[16..]);
        }
    }

    [Fact]
    public void The_gradient_of_a_closed_gate_is_what_opening_it_a_little_changes()
    {
        var schedule = new ScheduleOptions { Kind = PruningScheduleKind.Dynamic, Steps = 2, Every = 1 };
        RecoveryOptions training = Training() with { BatchSize = 48 };
        ScheduleContext context = SmallSchedules.Context(Model, SmallSchedules.Options(0.3, schedule, training));
        HashSet<int> masked = [.. context.Choose(context.Initial, context.Bounds, context.Budget.At(1))];
        // Nothing was masked before: the gates of these units are closed in the model as it is.
        var index = new GraphIndex(Model.Graph);
        var elements = new MaskElements(context.Coupling, index.Graph.Initializer.Select(i => i.Name).ToHashSet());
        double[] gates = GateGradients.Of(context, Model, elements, new HeldZeros(), masked, training, seed: 4);
        double Loss(int unit, double gate) => LossOf(Gated(elements, masked, unit, gate), training.Training.Shuffle(4).Take(48));
        foreach (int unit in masked.Order().Where((_, i) => i % 3 == 0).Take(6))
        {
            double slope = (Loss(unit, 0.02) - Loss(unit, -0.02)) / 0.04;
            Assert.InRange(gates[unit], slope - (0.02 * Math.Abs(slope)) - 2e-4, slope + (0.02 * Math.Abs(slope)) + 2e-4);
        }
    }

    [Fact]
    public void A_unit_comes_back_as_it_was_and_a_weight_as_zero()
    {
        CouplingResult coupling = CouplingAnalysis.Run(Model);
        Unit unit = coupling.Groups[0].Units[0];
        using TrainingStep step = TrainingStep.Create(Model, new TrainingOptions { BatchSize = 4 });
        var elements = new MaskElements(coupling, step.Parameters.ToHashSet());
        Dictionary<string, bool[]> own = elements.Of([unit.Id], MaskElements.All);
        string tensor = own.First(o => o.Value.Contains(false)).Key;
        float[] before = [.. step.Values(tensor)];
        int single = Array.IndexOf(own[tensor], false);
        var weights = new Dictionary<string, bool[]> { [tensor] = [.. own[tensor].Select((_, i) => i == single)] };
        var zeros = new HeldZeros();
        zeros.Set(step, own, weights);
        float[] masked = [.. step.Values(tensor)];
        Assert.Equal(before.Select((v, i) => own[tensor][i] || i == single ? 0 : v), masked);
        zeros.Set(step, new Dictionary<string, bool[]>(), new Dictionary<string, bool[]>());
        Assert.Equal(before.Select((v, i) => i == single ? 0 : v), [.. step.Values(tensor)]);
    }

    [Fact]
    public void Dense_sparse_dense_holds_the_smallest_of_each_layer_and_gives_them_back()
    {
        var training = Training();
        PruneOptions options = SmallSchedules.Options(0, new ScheduleOptions { Kind = PruningScheduleKind.DenseSparseDense, Steps = 12, Share = 0.4 }, training);
        PreparedModel prepared = SchedulePreparation.Run(Model, options, TestContext.Current.CancellationToken);
        // The same three trainings by hand; the masked weights are those that are smallest after the first.
        OnnxModel dense = RecoveryTraining.Run(Model, training, 4, Detail(0), TestContext.Current.CancellationToken);
        string tensor = new GraphIndex(dense.Graph).Initializer(Layer())!.Name;
        float[] first = Values(dense, tensor);
        HashSet<int> smallest = [.. Enumerable.Range(0, first.Length).OrderBy(i => Math.Abs(first[i])).Take((int)Math.Round(0.4 * first.Length))];
        var share = new WeightShare(dense, new SparsityOptions { Pattern = new SparsityPattern(0.4) });
        OnnxModel sparse = RecoveryTraining.Run(
            dense, training, 4, Detail(1) with { Editor = new SparseTraining(s => share.Smallest(s, new Dictionary<string, bool[]>(), 1)) }, TestContext.Current.CancellationToken);
        Assert.Equal(smallest.Union(Zeros(first)).Order(), Zeros(Values(sparse, tensor)));
        OnnxModel again = RecoveryTraining.Run(sparse, training, 4, Detail(2) with { RateFactor = 0.1 }, TestContext.Current.CancellationToken);
        Assert.Equal(Values(again, tensor), Values(prepared.Model, tensor));
        int[] held = [.. smallest.Where(i => first[i] != 0)];
        Assert.NotEmpty(held);
        // Weights of units that never fire get no gradient, and stay.
        Assert.True(held.Intersect(Zeros(Values(again, tensor))).Count() < held.Length);

        TrainingDetail Detail(int seed) => new() { Seed = seed, Session = new() { Threads = Environment.ProcessorCount } };
    }

    [Theory]
    [InlineData(PruningScheduleKind.GroupLasso, 2e-2)]
    [InlineData(PruningScheduleKind.L1, 4e-3)]
    public void Units_that_a_penalty_made_next_to_nothing_go_first(PruningScheduleKind kind, double factor)
    {
        var training = Training() with { LearningRate = 0.05 };
        var schedule = new ScheduleOptions { Kind = kind, Steps = 10, Factor = factor, Threshold = 0.2 };
        PreparedModel prepared = SchedulePreparation.Run(Model, SmallSchedules.Options(0, schedule, training), TestContext.Current.CancellationToken);
        CouplingResult coupling = CouplingAnalysis.Run(Model);
        var index = new GraphIndex(Model.Graph);
        bool Counts(UnitSlice s) => s.Role is SliceRole.Output or SliceRole.Input || (s.Role == SliceRole.Parameter && index.Consumers(s.Tensor)[0].Input.IndexOf(s.Tensor) == 1);
        double Norm(OnnxModel model, Unit unit) => Math.Sqrt(unit.Slices.Where(Counts).Sum(s => Along(model, s)));
        int[] expected = [.. coupling.Groups.SelectMany(g =>
        {
            double mean = g.Units.Average(v => Norm(Model, v));
            return g.Units.Where(u => Norm(prepared.Model, u) < 0.2 * mean);
        }).Select(u => u.Id).Order()];
        Assert.NotEmpty(expected);
        Assert.Equal(expected, prepared.Weak.Order());
    }

    [Fact]
    public void A_schedule_that_trains_says_what_it_lacks()
    {
        var schedule = new ScheduleOptions { Kind = PruningScheduleKind.Gradual, Steps = 4 };
        Assert.Contains("--train", Assert.Throws<InputException>(() => SchedulePreparation.Run(Model, SmallSchedules.Options(0.2, schedule), TestContext.Current.CancellationToken)).Message);
        PruneOptions pattern = SmallSchedules.Options(0.2, schedule, Training()) with { Sparsity = new SparsityOptions { Pattern = SparsityPattern.Parse("2:4") } };
        Assert.Contains("share", Assert.Throws<InputException>(() => ScheduledPruning.Run(SmallSchedules.Context(Model, pattern))).Message);
    }

    [Fact]
    public void A_training_ends_at_its_step_wherever_in_an_epoch()
    {
        var plan = new TrainingPlan { Epochs = 3, Steps = 13, BatchSize = 32 };
        using var loop = TrainingLoop.Create(Model, SmallSchedules.DigitsData(320), null, plan);
        Assert.Equal(13, loop.Steps);
        TrainingResult result = loop.Run(cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(13, loop.Done);
        Assert.Equal([10L, 13L], result.Curve.Select(e => e.Step));
    }

    private static IEnumerable<int> Zeros(float[] values) => Enumerable.Range(0, values.Length).Where(i => values[i] == 0);

    private static RecoveryOptions Training() => new() { Training = SmallSchedules.DigitsData(), BatchSize = 32 };

    private static string Layer() => WeightSparsifier.Layers(Model, new SparsityOptions { Pattern = new SparsityPattern(0.4) })[0].Weights;

    private static float[] Values(OnnxModel model, string tensor) => TensorReader.ToFloats(new GraphIndex(model.Graph).Initializer(tensor)!);

    // Σw² over one slice of a tensor, by its indices in row-major order.
    private static double Along(OnnxModel model, UnitSlice slice)
    {
        float[] values = Values(model, slice.Tensor);
        long[] dims = [.. new GraphIndex(model.Graph).Initializer(slice.Tensor)!.Dims];
        long inner = dims.Skip(slice.Axis + 1).Aggregate(1L, (a, d) => a * d);
        return values.Select((v, i) => slice.Indices.Contains((int)(i / inner % dims[slice.Axis])) ? (double)v * v : 0).Sum();
    }

    // The model whose masked units' reading weights are zero, but for one unit, whose are multiplied by its gate.
    private static OnnxModel Gated(MaskElements elements, HashSet<int> masked, int unit, double gate)
    {
        OnnxModel gated = Model.Clone();
        Dictionary<string, bool[]> all = elements.Of(masked, u => u.Slices.Where(s => s.Role == SliceRole.Input));
        Dictionary<string, bool[]> others = elements.Of(masked.Where(u => u != unit), u => u.Slices.Where(s => s.Role == SliceRole.Input));
        foreach (var tensor in gated.Graph.Initializer.Where(i => all.ContainsKey(i.Name)))
        {
            float[] values = TensorReader.ToFloats(tensor);
            bool[]? other = others.GetValueOrDefault(tensor.Name);
            for (int i = 0; i < values.Length; i++)
            {
                values[i] *= other?[i] == true ? 0 : all[tensor.Name][i] ? (float)gate : 1;
            }

            tensor.FloatData.Clear();
            tensor.RawData = ByteString.CopyFrom(System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()));
        }

        return gated;
    }

    private static double LossOf(OnnxModel model, EdgePrune.Training.Data.Dataset data)
    {
        float[] scores = SmallSchedules.Run(model, data);
        int classes = scores.Length / data.Count;
        return Enumerable.Range(0, data.Count).Average(i =>
        {
            double[] row = [.. scores.Skip(i * classes).Take(classes).Select(v => (double)v)];
            return Math.Log(row.Sum(v => Math.Exp(v - row.Max()))) + row.Max() - row[(int)data.Labels![i]];
        });
    }
}

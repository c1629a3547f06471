using EdgePrune.Onnx;
using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Training.Data;
using EdgePrune.Training.Evaluation;
using EdgePrune.Training.Steps.Losses;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace EdgePrune.Training.Loop;

/// <summary>
/// One of a teacher's outputs that a student learns. With labels it is the first, as logits. Without labels it is each of float32:
/// of one that ends with a softmax over its last axis the logits, by their divergence; of any other the values, by their squared
/// error in units of how much each varies between samples, so that outputs of different scales count alike.
/// </summary>
/// <param name="Value">The student's value that is compared.</param>
/// <param name="Teacher">The teacher's value that it is compared with.</param>
/// <param name="Input">The step's input that holds the teacher's.</param>
/// <param name="ClassAxis">Axis of the logits' classes; null for values.</param>
internal sealed record LearntOutput(string Value, string Teacher, string Input, int? ClassAxis)
{
    // Samples that the variances are taken from.
    private const int VarianceSamples = 32;

    public static LearntOutput FirstLogits(OnnxModel student, OnnxModel teacher) => new(
        ClassifierHead.Logits(student).Graph.Output[0].Name, ClassifierHead.Logits(teacher).Graph.Output[0].Name, BatchLoader.TeacherLogits, 1);

    /// <summary>All outputs, for a training without labels.</summary>
    /// <exception cref="InputException">The teacher has other outputs, or none is float32.</exception>
    public static IReadOnlyList<LearntOutput> All(OnnxModel student, IReadOnlyDictionary<string, ValueShape> values, OnnxModel teacher)
    {
        if (student.Graph.Output.Count != teacher.Graph.Output.Count)
        {
            throw new InputException($"{teacher.Source}: the teacher has {teacher.Graph.Output.Count} outputs, the student {student.Graph.Output.Count}; to learn them without labels both must have the same");
        }

        (GraphIndex ours, GraphIndex theirs) = (new GraphIndex(student.Graph), new GraphIndex(teacher.Graph));
        List<LearntOutput> learnt = [];
        for (int i = 0; i < student.Graph.Output.Count; i++)
        {
            (string value, string theirValue) = (student.Graph.Output[i].Name, teacher.Graph.Output[i].Name);
            if (!values.TryGetValue(value, out ValueShape? shape) || shape.Type != TensorElementType.Float)
            {
                continue;
            }

            string input = $"{BatchLoader.TeacherLogits}{i}";
            int last = shape.Dims.Length - 1;
            learnt.Add(ClassifierHead.Softmax(ours, value) is { } end && ClassifierHead.Softmax(theirs, theirValue) is { } other
                && end.OpType == other.OpType && AxisOf(end, student, last) == last && AxisOf(other, teacher, last) == last
                ? new LearntOutput(end.Input[0], other.Input[0], input, last)
                : new LearntOutput(value, theirValue, input, null));
        }

        return learnt.Count > 0 ? learnt : throw new InputException($"{student.Source}: no output is float32; there is nothing to learn of the original");
    }

    /// <summary>Sums of two computed values that both models have, by name, in the same shape: where branches join.</summary>
    /// <param name="student">The student.</param>
    /// <param name="trained">Its shapes.</param>
    /// <param name="teacher">The teacher.</param>
    public static IReadOnlyList<LearntOutput> Joins(OnnxModel student, TrainedModel trained, OnnxModel teacher)
    {
        (GraphIndex ours, GraphIndex theirs) = (new GraphIndex(student.Graph), new GraphIndex(teacher.Graph));
        IReadOnlyDictionary<string, ValueShape> shapes = ShapeProbe.Run(TrainedModel.FreeBatch(teacher), shapes: trained.Shapes);
        return
        [
            .. student.Graph.Node
                .Where(n => IsJoin(n, ours) && theirs.Producer(n.Output[0]) is { } other && IsJoin(other, theirs))
                .Select(n => n.Output[0])
                .Where(v => trained.Values.TryGetValue(v, out ValueShape? a) && shapes.TryGetValue(v, out ValueShape? b)
                    && a.Type == TensorElementType.Float && b.Type == a.Type && a.Dims.SequenceEqual(b.Dims))
                .Select((v, i) => new LearntOutput(v, v, $"{BatchLoader.TeacherFeature}{i}", null)),
        ];
    }

    /// <summary>The losses of learnt values, each with the same share of the weight.</summary>
    /// <param name="outputs">The values; none give no losses.</param>
    /// <param name="teacher">Gives the values whose variances are the units.</param>
    /// <param name="data">The samples.</param>
    /// <param name="model">What the student takes.</param>
    /// <param name="batch">Samples a run.</param>
    /// <param name="temperature">What logits are divided by.</param>
    /// <param name="weight">What all of them have together.</param>
    public static IReadOnlyList<ILoss> Losses(
        IReadOnlyList<LearntOutput> outputs, TeacherSession teacher, Dataset data, TrainedModel model, int batch, double temperature, double weight = 1)
    {
        double[] variances = outputs.All(o => o.ClassAxis is not null) ? [] : Variances(outputs, teacher, data, model, batch);
        return
        [
            .. outputs.Select((o, i) => o.ClassAxis is { } axis
                ? (ILoss)new Distillation { Value = o.Value, Teacher = o.Input, ClassAxis = axis, Temperature = temperature, Weight = weight / outputs.Count }
                : new MeanSquaredError { Value = o.Value, Targets = o.Input, Weight = weight / (variances[i] * outputs.Count) }),
        ];
    }

    public static bool HasJoins(OnnxModel model)
    {
        var index = new GraphIndex(model.Graph);
        return model.Graph.Node.Any(n => IsJoin(n, index));
    }

    private static bool IsJoin(NodeProto node, GraphIndex index) =>
        node.OpType == "Add" && node.IsStandard() && node.Input.Count == 2 && node.Input.All(i => index.Producer(i) is { OpType: not "Constant" });

    // Before opset 13 a softmax was over all axes from its own on.
    private static long AxisOf(NodeProto softmax, OnnxModel model, int last)
    {
        long axis = softmax.GetInt("axis", model.Opset < 13 ? 1 : -1);
        return axis < 0 ? axis + last + 1 : axis;
    }

    // Of each number between samples, the mean over the numbers; of all numbers where they are the same for all samples.
    private static double[] Variances(IReadOnlyList<LearntOutput> outputs, TeacherSession teacher, Dataset data, TrainedModel model, int batch)
    {
        var sums = new double[outputs.Count][];
        var squares = new double[outputs.Count][];
        int samples = 0;
        for (int start = 0; start + batch <= data.Count && samples < VarianceSamples; start += batch)
        {
            using DatasetBatch some = data.Batch(start, batch, model.Inputs);
            using NamedValues answers = teacher.Answer(some.Values);
            for (int o = 0; o < outputs.Count; o++)
            {
                ReadOnlySpan<float> values = answers[outputs[o].Teacher].GetTensorDataAsSpan<float>();
                int each = Math.Max(1, values.Length / batch);
                sums[o] ??= new double[each];
                squares[o] ??= new double[each];
                for (int i = 0; i < values.Length; i++)
                {
                    sums[o][i % each] += values[i];
                    squares[o][i % each] += (double)values[i] * values[i];
                }
            }

            samples += batch;
        }

        return
        [
            .. sums.Zip(squares).Select(p =>
            {
                double between = p.First.Zip(p.Second).Average(v => (v.Second / samples) - Math.Pow(v.First / samples, 2));
                double mean = p.First.Average() / samples;
                double overall = (p.Second.Average() / samples) - (mean * mean);
                return between > 1e-6 * overall && between > 0 ? between : overall > 0 ? overall : 1;
            }),
        ];
    }
}

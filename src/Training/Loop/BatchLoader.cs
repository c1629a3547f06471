using System.Runtime.InteropServices;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Training.Data;
using EdgePrune.Training.Data.Augmentation;
using EdgePrune.Training.Steps;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace EdgePrune.Training.Loop;

/// <summary>Fills batches: reads, changes and mixes samples, and asks the teacher. Not for several threads at once.</summary>
internal sealed class BatchLoader
{
    /// <summary>Names of the inputs that losses read.</summary>
    public const string Labels = "labels", TeacherLogits = "teacher", TeacherFeature = "teacher-feature";

    private const int SampleStage = 2, PartnerStage = 3, MixStage = 4;
    private readonly Dataset data;
    private readonly SampleOrder order;
    private readonly IReadOnlyList<StepInput> inputs;
    private readonly List<(string Name, SampleReader Reader)> readers = [];
    private readonly AugmentationPlan augmentation;
    private readonly SampleGeometry? geometry;
    private readonly TeacherSession? teacher;
    private readonly int seed;
    private readonly int classes;
    private readonly float[] scratch = [];
    private readonly byte[] partner = [];

    /// <exception cref="InputException">The data does not fit the model, or an augmentation does not fit the data.</exception>
    public BatchLoader(
        Dataset data, SampleOrder order, IReadOnlyList<ModelInput> modelInputs, IReadOnlyList<StepInput> inputs, TrainingPlan plan, int classes, TeacherSession? teacher)
    {
        this.data = data;
        this.order = order;
        this.inputs = inputs;
        this.classes = classes;
        this.teacher = teacher;
        augmentation = plan.Augmentation;
        seed = plan.Seed;
        foreach (ModelInput input in modelInputs)
        {
            readers.Add((input.Name, data.Reader(input, modelInputs)));
        }

        if (!augmentation.IsEmpty)
        {
            if (modelInputs is not [{ Type: TensorElementType.Float } only])
            {
                throw new InputException($"augmentation needs a model with one float32 input; this one takes {string.Join("; ", modelInputs)}");
            }

            geometry = new SampleGeometry(data.ColumnFor(only, modelInputs));
            foreach (IAugmentation each in augmentation.Samples)
            {
                each.Check(geometry);
            }

            scratch = new float[readers[0].Reader.Length];
            partner = new byte[readers[0].Reader.Bytes];
        }
    }

    /// <summary>Room for one batch.</summary>
    public BatchBuffer Allocate()
    {
        Dictionary<string, OrtValue> values = new(StringComparer.Ordinal);
        foreach (StepInput input in inputs)
        {
            values[input.Name] = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, (TensorElementType)input.Type, [.. input.Dims]);
        }

        return new BatchBuffer(new NamedValues(values), new long[inputs[0].Dims[0]]);
    }

    /// <summary>Fills the batch of a step, from 0.</summary>
    public void Fill(BatchBuffer buffer, long step)
    {
        int at = 0;
        foreach ((long epoch, int sample) in order.Batch(step))
        {
            foreach ((string name, SampleReader reader) in readers)
            {
                Span<byte> into = buffer.Values[name].GetTensorMutableRawData().Slice(at * reader.Bytes, reader.Bytes);
                reader.Read(data.Row(sample), into);
                Augment(MemoryMarshal.Cast<byte, float>(into), epoch, sample, SampleStage);
            }

            Mix(buffer, at, epoch, sample);
            at++;
        }

        teacher?.Fill(buffer.Values);
    }

    private void Augment(Span<float> sample, long epoch, int number, int stage)
    {
        if (augmentation.Samples.Count == 0)
        {
            return;
        }

        var random = new SampleRandom(seed, epoch, data.Row(number), stage);
        foreach (IAugmentation each in augmentation.Samples)
        {
            each.Apply(sample, scratch, geometry!, ref random);
        }
    }

    private void Mix(BatchBuffer buffer, int at, long epoch, int sample)
    {
        if (data.Labels is null)
        {
            return;
        }

        long label = data.Labels[sample];
        buffer.Labels[at] = label;
        // Where the teacher has the whole of the loss, no labels go in.
        _ = buffer.Values.TryGetValue(Labels, out OrtValue? target);
        if (augmentation.Mixup is not { } alpha)
        {
            if (target is not null)
            {
                target.GetTensorMutableDataAsSpan<long>()[at] = label;
            }

            return;
        }

        var random = new SampleRandom(seed, epoch, data.Row(sample), MixStage);
        int other = random.NextInt(data.Count);
        double share = random.NextBeta(alpha);
        (string name, SampleReader reader) = readers[0];
        reader.Read(data.Row(other), partner);
        Span<float> second = MemoryMarshal.Cast<byte, float>(partner.AsSpan());
        Augment(second, epoch, other, PartnerStage);
        Span<float> first = buffer.Values[name].GetTensorMutableDataAsSpan<float>().Slice(at * reader.Length, reader.Length);
        for (int i = 0; i < first.Length; i++)
        {
            first[i] = (float)((share * first[i]) + ((1 - share) * second[i]));
        }

        if (target is not null)
        {
            Span<float> distribution = target.GetTensorMutableDataAsSpan<float>().Slice(at * classes, classes);
            distribution.Clear();
            distribution[(int)label] += (float)share;
            distribution[(int)data.Labels[other]] += (float)(1 - share);
        }

        buffer.Labels[at] = share >= 0.5 ? label : data.Labels[other];
    }
}

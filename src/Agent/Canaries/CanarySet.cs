using EdgePrune.Agent.Store;
using EdgePrune.Agent.Tensors;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using Microsoft.ML.OnnxRuntime;

namespace EdgePrune.Agent.Canaries;

/// <summary>
/// Inputs whose outputs are known, as an .npz: an array <c>input.NAME</c> for each input of the model, <c>output.NAME</c> for
/// outputs to be compared, and, for classifiers, <c>labels</c>. The first axis of each counts the canaries. What follows is one
/// input as the model takes it, with or without its batch axis.
/// </summary>
public sealed class CanarySet : IDisposable
{
    private const long MaxFileBytes = 64L << 20;
    private const long MaxBytes = 256L << 20;
    private const int MaxCanaries = 4096;
    private const string InputPrefix = "input.";
    private const string OutputPrefix = "output.";
    private const string LabelsName = "labels";

    private readonly NamedValues _arrays;
    private readonly long[]? _labels;

    private CanarySet(NamedValues arrays, int count, long[]? labels)
    {
        _arrays = arrays;
        Count = count;
        _labels = labels;
    }

    /// <summary>How many there are; at least one.</summary>
    public int Count { get; }

    /// <summary>Whether the right class of each is known.</summary>
    public bool HasLabels => _labels is not null;

    /// <exception cref="InputException">The file cannot be read or is no set of canaries.</exception>
    public static CanarySet Load(string path)
    {
        const string what = "the canaries";
        try
        {
            using FileStream file = RegularFile.OpenRead(path, followLinks: true);
            return file.Length <= MaxFileBytes
                ? Of(Npz.Read(file, MaxBytes, what))
                : throw new InputException($"{what} have {file.Length} bytes; at most {MaxFileBytes} are taken");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{what} cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Takes the arrays over; they are disposed also where they are refused.</summary>
    /// <exception cref="InputException">They are no set of canaries.</exception>
    public static CanarySet Of(NamedValues arrays)
    {
        ArgumentNullException.ThrowIfNull(arrays);
        bool done = false;
        try
        {
            string? stranger = arrays.Keys.FirstOrDefault(k => k != LabelsName && !k.StartsWith(InputPrefix, StringComparison.Ordinal) && !k.StartsWith(OutputPrefix, StringComparison.Ordinal));
            Require(stranger is null, $"the array '{Printable.Name(stranger ?? "")}' is none of {InputPrefix}NAME, {OutputPrefix}NAME, {LabelsName}");
            Require(arrays.Keys.Any(k => k.StartsWith(InputPrefix, StringComparison.Ordinal)), $"there is no array {InputPrefix}NAME");
            long[] counts = [.. arrays.Values.Select(v => v.GetTensorTypeAndShape().Shape is [var n, ..] ? n : -1).Distinct()];
            Require(counts is [> 0 and <= MaxCanaries], $"the first axis of every array counts the canaries, the same 1 to {MaxCanaries} for all");
            long[]? labels = null;
            if (arrays.TryGetValue(LabelsName, out OrtValue? given))
            {
                Require(given.GetTensorTypeAndShape().Shape.Length == 1 && TensorValues.TryRead(given, out double[] read) && (labels = [.. read.Select(l => (long)l)]) is not null, $"'{LabelsName}' is not one number each");
            }

            done = true;
            return new CanarySet(arrays, (int)counts[0], labels);
        }
        finally
        {
            if (!done)
            {
                arrays.Dispose();
            }
        }
    }

    /// <summary>One canary's inputs for a model. The caller disposes them.</summary>
    /// <exception cref="InputException">The model has an input that the canaries lack, or of another number of dimensions.</exception>
    public NamedValues Inputs(int index, IReadOnlyList<ModelInput> inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        var values = new Dictionary<string, OrtValue>(StringComparer.Ordinal);
        bool done = false;
        try
        {
            foreach (ModelInput input in inputs)
            {
                Require(_arrays.TryGetValue(InputPrefix + input.Name, out OrtValue? array), $"there is no array {InputPrefix}{Printable.Name(input.Name)}");
                int rank = array!.GetTensorTypeAndShape().Shape.Length;
                Require(rank == input.Shape.Length || rank == input.Shape.Length + 1, $"the array {InputPrefix}{Printable.Name(input.Name)} has {rank} dimensions; the model wants {input}");
                values.Add(input.Name, Slice(array, index, keepsBatch: rank == input.Shape.Length));
            }

            done = true;
            return new NamedValues(values);
        }
        finally
        {
            if (!done)
            {
                Release(values);
            }
        }
    }

    /// <summary>Runs all of them. A model that cannot be run on one fails as unsound; the runtime's words are in the result.</summary>
    /// <param name="session">The model.</param>
    /// <param name="rule">When outputs are the expected ones.</param>
    /// <exception cref="InputException">The canaries are not for this model.</exception>
    public CanaryResult Check(ModelSession session, AnswerRule rule)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(rule);
        int passed = 0;
        int correct = 0;
        string? failure = null;
        bool unsound = false;
        for (int i = 0; i < Count; i++)
        {
            using NamedValues inputs = Inputs(i, session.Inputs);
            NamedValues outputs;
            try
            {
                outputs = session.Run(inputs);
            }
            catch (InputException e)
            {
                return new CanaryResult(i + 1, passed, HasLabels ? correct : null, $"canary {i}: {e.Message}", IsUnsound: true);
            }

            using (outputs)
            {
                AnswerOutcome outcome = CompareWithExpected(i, outputs, rule);
                passed += outcome == AnswerOutcome.Alike ? 1 : 0;
                unsound |= outcome is AnswerOutcome.NotFinite or AnswerOutcome.WrongShape;
                failure ??= outcome == AnswerOutcome.Alike ? null : $"canary {i} gave {Words(outcome)}";
                correct += _labels is not null && IsCorrect(i, outputs[session.OutputNames[0]]) ? 1 : 0;
            }
        }

        return new CanaryResult(Count, passed, HasLabels ? correct : null, failure, unsound);
    }

    public void Dispose() => _arrays.Dispose();

    private static string Words(AnswerOutcome outcome) => outcome switch
    {
        AnswerOutcome.NotFinite => "NaN or an infinity",
        AnswerOutcome.WrongShape => "outputs of another shape",
        _ => "another answer",
    };

    private AnswerOutcome CompareWithExpected(int index, NamedValues outputs, AnswerRule rule)
    {
        if (outputs.Values.Any(v => !TensorValues.IsFinite(v)) && !_arrays.Keys.Any(k => k.StartsWith(OutputPrefix, StringComparison.Ordinal)))
        {
            return AnswerOutcome.NotFinite; // nothing says that it belongs there
        }

        Dictionary<string, OrtValue> expected = _arrays
            .Where(a => a.Key.StartsWith(OutputPrefix, StringComparison.Ordinal))
            .ToDictionary(a => a.Key[OutputPrefix.Length..], a => Slice(a.Value, index, keepsBatch: true), StringComparer.Ordinal);
        try
        {
            return AnswerComparison.Compare(expected, outputs, rule);
        }
        finally
        {
            Release(expected);
        }
    }

    private bool IsCorrect(int index, OrtValue output) =>
        TensorValues.TryRead(output, out double[] values)
        && output.GetTensorTypeAndShape().Shape is [.., var columns and > 0]
        && values.Length == columns
        && AnswerComparison.Top1(values, (int)columns)[0] == _labels![index];

    private static OrtValue Slice(OrtValue array, int index, bool keepsBatch)
    {
        OrtTensorTypeAndShapeInfo info = array.GetTensorTypeAndShape();
        long[] shape = keepsBatch ? [1, .. info.Shape.AsSpan(1)] : info.Shape[1..];
        Span<byte> all = array.GetTensorMutableRawData();
        int size = (int)(all.Length / info.Shape[0]);
        OrtValue value = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, info.ElementDataType, shape);
        all.Slice(index * size, size).CopyTo(value.GetTensorMutableRawData());
        return value;
    }

    private static void Release(Dictionary<string, OrtValue> values)
    {
        foreach (OrtValue value in values.Values)
        {
            value.Dispose();
        }
    }

    private static void Require(bool condition, string problem)
    {
        if (!condition)
        {
            throw new InputException($"the canaries are not usable: {problem}");
        }
    }
}

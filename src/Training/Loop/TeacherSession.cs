using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Training.Evaluation;
using Microsoft.ML.OnnxRuntime;

namespace EdgePrune.Training.Loop;

/// <summary>Runs a teacher on the student's batches.</summary>
internal sealed class TeacherSession : IDisposable
{
    private readonly ModelSession session;
    private readonly string source;
    private readonly (string Theirs, string Ours)[] names;

    /// <exception cref="InputException">The teacher takes other inputs than the student.</exception>
    public TeacherSession(OnnxModel teacher, IReadOnlyList<ModelInput> student, SessionSettings settings)
    {
        source = teacher.Source;
        session = ModelSession.Create(ClassifierHead.Logits(teacher), settings);
        names = [.. session.Inputs.Select(input => (input.Name, student.FirstOrDefault(s => s.Name == input.Name)?.Name ?? (student.Count == 1 && session.Inputs.Count == 1 ? student[0].Name : "")))];
        if (names.FirstOrDefault(n => n.Ours.Length == 0) is { Theirs: { } missing })
        {
            session.Dispose();
            throw new InputException($"{source}: the teacher takes '{Printable.Name(missing)}', which the student does not ({string.Join("; ", student)}); a teacher must take the student's inputs");
        }
    }

    /// <summary>Writes the teacher's logits for a batch.</summary>
    /// <exception cref="InputException">The teacher cannot run on it, or has other classes.</exception>
    public void Answer(IReadOnlyDictionary<string, OrtValue> batch, OrtValue logits)
    {
        using NamedValues answer = session.Run(names.ToDictionary(n => n.Theirs, n => batch[n.Ours]), [session.OutputNames[0]]);
        OrtValue value = answer[session.OutputNames[0]];
        OrtTensorTypeAndShapeInfo theirs = value.GetTensorTypeAndShape(), ours = logits.GetTensorTypeAndShape();
        if (theirs.ElementDataType != ours.ElementDataType || theirs.ElementCount != ours.ElementCount || theirs.Shape[0] != ours.Shape[0])
        {
            throw new InputException($"{source}: the teacher answers {theirs.ElementDataType} [{string.Join(", ", theirs.Shape)}], the student {ours.ElementDataType} [{string.Join(", ", ours.Shape)}]; a teacher needs the student's classes");
        }

        value.GetTensorMutableRawData().CopyTo(logits.GetTensorMutableRawData());
    }

    public void Dispose() => session.Dispose();
}

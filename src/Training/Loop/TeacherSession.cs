using EdgePrune.Onnx;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Sessions;
using Microsoft.ML.OnnxRuntime;

namespace EdgePrune.Training.Loop;

/// <summary>Runs a teacher on the student's batches.</summary>
internal sealed class TeacherSession : IDisposable
{
    private readonly ModelSession session;
    private readonly string source;
    private readonly IReadOnlyList<LearntOutput> outputs;
    private readonly (string Theirs, string Ours)[] names;

    /// <exception cref="InputException">The teacher takes other inputs than the student.</exception>
    public TeacherSession(OnnxModel teacher, IReadOnlyList<LearntOutput> outputs, IReadOnlyList<ModelInput> student, SessionSettings settings)
    {
        source = teacher.Source;
        this.outputs = outputs;
        OnnxModel cut = TrainedModel.FreeBatch(teacher);
        cut.Graph.Output.Clear();
        cut.Graph.Output.Add(outputs.Select(o => o.Teacher).Distinct().Select(name => new ValueInfoProto { Name = name }));
        session = ModelSession.Create(cut, settings);
        names = [.. session.Inputs.Select(input => (input.Name, student.FirstOrDefault(s => s.Name == input.Name)?.Name ?? (student.Count == 1 && session.Inputs.Count == 1 ? student[0].Name : "")))];
        if (names.FirstOrDefault(n => n.Ours.Length == 0) is { Theirs: { } missing })
        {
            session.Dispose();
            throw new InputException($"{source}: the teacher takes '{Printable.Name(missing)}', which the student does not ({string.Join("; ", student)}); a teacher must take the student's inputs");
        }
    }

    /// <summary>The teacher's values for a batch, by their names in the teacher.</summary>
    /// <exception cref="InputException">The teacher cannot run on it.</exception>
    public NamedValues Answer(IReadOnlyDictionary<string, OrtValue> batch) => session.Run(names.ToDictionary(n => n.Theirs, n => batch[n.Ours]), session.OutputNames);

    /// <summary>Writes the teacher's values for a batch into the inputs of a step.</summary>
    /// <exception cref="InputException">The teacher cannot run on it, or its values have other shapes.</exception>
    public void Fill(IReadOnlyDictionary<string, OrtValue> step)
    {
        using NamedValues answer = Answer(step);
        foreach (LearntOutput output in outputs)
        {
            OrtValue value = answer[output.Teacher], into = step[output.Input];
            OrtTensorTypeAndShapeInfo theirs = value.GetTensorTypeAndShape(), ours = into.GetTensorTypeAndShape();
            if (theirs.ElementDataType != ours.ElementDataType || theirs.ElementCount != ours.ElementCount || theirs.Shape.FirstOrDefault() != ours.Shape.FirstOrDefault())
            {
                throw new InputException($"{source}: the teacher answers {theirs.ElementDataType} [{string.Join(", ", theirs.Shape)}], the student {ours.ElementDataType} [{string.Join(", ", ours.Shape)}]; a teacher needs the student's {(output.ClassAxis is null ? "outputs" : "classes")}");
            }

            value.GetTensorMutableRawData().CopyTo(into.GetTensorMutableRawData());
        }
    }

    public void Dispose() => session.Dispose();
}

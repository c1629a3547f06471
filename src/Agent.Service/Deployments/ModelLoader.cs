using EdgePrune.Agent.Bundles;
using EdgePrune.Agent.Canaries;
using EdgePrune.Agent.Deployment;
using EdgePrune.Agent.Service.Serving;
using EdgePrune.Agent.Store;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;

namespace EdgePrune.Agent.Service.Deployments;

/// <summary>Loads models out of the store, and looks at a new one for the last time before it serves.</summary>
internal sealed class ModelLoader(StoreReader reader, ModelHost host, int threads)
{
    private const string OpenFiles = "/proc/self/fd";

    /// <summary>Loads a model that has been opened, every byte of it checked. The caller leaves it.</summary>
    /// <exception cref="InputException">The runtime refuses it.</exception>
    public ServedModel Load(VerifiedModel model)
    {
        string source = $"the model {model.Digest}";
        var settings = new SessionSettings { Threads = threads };
        if (model.Content is FileStream file && Directory.Exists(OpenFiles))
        {
            // The runtime reads the very file that was checked. An array of it would be a large object, and the collection that its
            // making brings on would stop the requests that are answered meanwhile.
            return new ServedModel(model.Digest, ModelSession.Open($"{OpenFiles}/{file.SafeFileHandle.DangerousGetHandle()}", source, settings));
        }

        byte[] bytes = new byte[model.Content.Length];
        model.Content.ReadExactly(bytes);
        return new ServedModel(model.Digest, ModelSession.Create(bytes, source, settings));
    }

    /// <summary>Loads a model that is not current yet and runs its canaries here, where it is going to serve. The caller leaves it.</summary>
    /// <param name="digest">Which.</param>
    /// <param name="canaries">Null: the bundle holds none.</param>
    /// <param name="gates">What was signed with it.</param>
    /// <param name="mustCompare">Whether it is going to be compared with the model that serves, and so must take the same inputs.</param>
    /// <exception cref="InputException">It is not to serve; the message says why.</exception>
    public ServedModel LoadCandidate(ModelDigest digest, CanarySet? canaries, BundleGates gates, bool mustCompare)
    {
        using VerifiedModel stored = reader.Open(digest);
        ServedModel candidate = Load(stored);
        bool done = false;
        try
        {
            using ModelLease? incumbent = host.TryEnter(out ModelLease? lease) ? lease : null;
            if (incumbent is not null && mustCompare)
            {
                ThrowIfUnlike(incumbent.Model.Session, candidate.Session);
            }

            candidate.Stats.Canaries = RunCanaries(candidate.Session, incumbent?.Model.Session, canaries, gates);
            done = true;
            return candidate;
        }
        finally
        {
            if (!done)
            {
                candidate.Leave();
            }
        }
    }

    private static CanaryFigure? RunCanaries(ModelSession candidate, ModelSession? incumbent, CanarySet? canaries, BundleGates gates)
    {
        if (canaries is null || !canaries.HasLabels)
        {
            Require(gates.MaxAccuracyDrop is null, "its gates limit the fall of accuracy on canaries, and it holds no labelled ones");
        }

        if (canaries is null)
        {
            Require(gates.MinCanaries is null, "its gates speak of canaries, and it holds none");
            return null;
        }

        var rule = AnswerRule.Of(gates);
        CanaryResult now = canaries.Check(candidate, rule);
        Require(now.Holds(rule), now.ToString());
        double? before = IncumbentAccuracy(incumbent, canaries, rule);
        double? after = (double?)now.Correct / now.Run;
        if (gates.MaxAccuracyDrop is { } allowed && before is { } old && after is { } accuracy)
        {
            double drop = (old - accuracy) * 100;
            Require(drop <= allowed + 1e-9, FormattableString.Invariant($"its accuracy on the canaries falls by {drop:F2} points from {old * 100:F2} %, and {allowed:G4} are allowed"));
        }

        return new CanaryFigure(now.Run, now.Passed, after, before);
    }

    private static double? IncumbentAccuracy(ModelSession? incumbent, CanarySet canaries, AnswerRule rule)
    {
        if (incumbent is null || !canaries.HasLabels)
        {
            return null;
        }

        try
        {
            CanaryResult result = canaries.Check(incumbent, rule);
            return (double?)result.Correct / result.Run;
        }
        catch (InputException)
        {
            return null; // they are not for the model before
        }
    }

    private static void ThrowIfUnlike(ModelSession before, ModelSession now)
    {
        static string[] Words(IEnumerable<ModelInput> values) => [.. values.Select(v => $"{Printable.Name(v.Name)}: {v.Type} of {v.Shape.Length} dimensions").Order(StringComparer.Ordinal)];
        Require(Words(before.Inputs).SequenceEqual(Words(now.Inputs)), $"its inputs are not those of the model that serves ({string.Join(", ", Words(before.Inputs).Take(8))}), so that the two cannot be compared; deploy it with \"wait\": \"decide\"");
        Require(Words(before.Outputs).SequenceEqual(Words(now.Outputs)), $"its outputs are not those of the model that serves ({string.Join(", ", Words(before.Outputs).Take(8))}), so that the two cannot be compared; deploy it with \"wait\": \"decide\"");
    }

    private static void Require(bool condition, string problem)
    {
        if (!condition)
        {
            throw new InputException($"the model is refused: {problem}");
        }
    }
}

using EdgePrune.Agent.Canaries;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;

namespace EdgePrune.Agent.Service.Serving;

/// <summary>
/// Answers requests in this process. While a model is on probation, a request that it fails is answered by the incumbent: the
/// user notices nothing, and the trial is over.
/// </summary>
internal sealed class InferenceRunner(InferenceMetrics metrics)
{
    /// <summary>Runs the leased model. The caller disposes the outputs.</summary>
    /// <param name="lease">From <see cref="ModelHost"/>.</param>
    /// <param name="inputs">The request's; not disposed.</param>
    /// <param name="slot">From <see cref="InferenceGate"/>.</param>
    /// <param name="limit">How long it may take.</param>
    /// <param name="answered">The model that gave the answer.</param>
    /// <exception cref="InputException">The model cannot be run on these inputs.</exception>
    /// <exception cref="TimeoutException">It took too long.</exception>
    public NamedValues Run(ModelLease lease, NamedValues inputs, InferenceSlot slot, TimeSpan limit, out ServedModel answered)
    {
        if (lease.Incumbent is { } incumbent)
        {
            return RunOnTrial(lease, incumbent, inputs, slot, limit, out answered);
        }

        answered = lease.Model;
        return RunOne(lease.Model, inputs, slot, limit);
    }

    private NamedValues RunOnTrial(ModelLease lease, ServedModel incumbent, NamedValues inputs, InferenceSlot slot, TimeSpan limit, out ServedModel answered)
    {
        // The other half is the incumbent's, should this one hang.
        TimeSpan half = limit / 2;
        NamedValues? outputs = null;
        Exception? failure = null;
        try
        {
            outputs = RunOne(lease.Model, inputs, slot, half);
        }
        catch (Exception e) when (e is InputException or TimeoutException)
        {
            failure = e;
        }

        answered = lease.Model;
        if (outputs is not null && IsFinite(outputs))
        {
            return outputs;
        }

        NamedValues? other = null;
        try
        {
            other = RunOne(incumbent, inputs, slot, half);
        }
        catch (Exception e) when (e is InputException or TimeoutException && failure is not null)
        {
            // Neither takes this request: that is the request's fault, not the new model's.
            throw failure;
        }
        catch (Exception e) when (e is InputException or TimeoutException)
        {
            return outputs!;
        }

        if (outputs is not null && !IsFinite(other))
        {
            other.Dispose();
            return outputs; // these inputs lead to no number with either
        }

        outputs?.Dispose();
        answered = incumbent;
        lease.Trial!.Fail(failure is null ? "it gave NaN or an infinity where the model before it gave numbers" : $"it failed on a request that the model before it answers: {failure.Message}");
        return other;
    }

    private NamedValues RunOne(ServedModel model, NamedValues inputs, InferenceSlot slot, TimeSpan limit)
    {
        slot.Arm(limit);
        NamedValues outputs;
        TimeSpan elapsed;
        try
        {
            outputs = BatchRun.Run(model.Session, inputs, slot.Options);
        }
        catch (InputException e)
        {
            model.Stats.AddFailure();
            if (slot.IsExpired)
            {
                throw new TimeoutException($"the model did not answer within {limit.TotalSeconds:G3} s", e);
            }

            throw;
        }
        finally
        {
            elapsed = slot.Disarm();
        }

        metrics.Add(elapsed);
        model.Stats.Add(elapsed);
        return outputs;
    }

    private static bool IsFinite(NamedValues outputs)
    {
        foreach (KeyValuePair<string, Microsoft.ML.OnnxRuntime.OrtValue> output in outputs)
        {
            if (!TensorValues.IsFinite(output.Value))
            {
                return false;
            }
        }

        return true;
    }
}

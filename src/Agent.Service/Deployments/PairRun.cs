using System.Diagnostics;
using EdgePrune.Agent.Canaries;
using EdgePrune.Agent.Service.Serving;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;

namespace EdgePrune.Agent.Service.Deployments;

/// <summary>Runs both models of a trial on the same inputs, one right after the other.</summary>
internal sealed class PairRun(Trial trial, ServedModel incumbent, AnswerRule rule, InferenceSlot slot, TimeSpan limit)
{
    private bool newFirst;

    /// <summary>Runs them and compares. A new model that fails where the old one does not ends the trial.</summary>
    /// <returns>False where nothing can be said: the trial has ended, or the old model does not take these inputs.</returns>
    public bool TryRun(NamedValues inputs, out double ratio, out AnswerOutcome outcome)
    {
        (ratio, outcome) = (0, default);
        newFirst = !newFirst;
        (NamedValues? Outputs, double Seconds, string? Failure) now = default;
        (NamedValues? Outputs, double Seconds, string? Failure) before = default;
        try
        {
            if (newFirst)
            {
                now = RunOne(trial.Model, inputs);
                before = RunOne(incumbent, inputs);
            }
            else
            {
                before = RunOne(incumbent, inputs);
                now = RunOne(trial.Model, inputs);
            }

            if (before.Outputs is null)
            {
                return false;
            }

            if (now.Outputs is null)
            {
                trial.Fail($"it failed on inputs that the model before it takes: {now.Failure}");
                return false;
            }

            outcome = AnswerComparison.Compare(before.Outputs, now.Outputs, rule);
            if (outcome is AnswerOutcome.NotFinite or AnswerOutcome.WrongShape)
            {
                trial.Fail(outcome == AnswerOutcome.NotFinite
                    ? "it gave NaN or an infinity where the model before it gives numbers"
                    : "it gave outputs of another shape than the model before it");
                return false;
            }

            ratio = now.Seconds / before.Seconds;
            return ratio > 0 && double.IsFinite(ratio);
        }
        finally
        {
            now.Outputs?.Dispose();
            before.Outputs?.Dispose();
        }
    }

    /// <summary>Runs one of them as often as fits into a time.</summary>
    /// <returns>How often; 0 where it failed.</returns>
    public int Repeat(ServedModel model, NamedValues inputs, TimeSpan duration)
    {
        int runs = 0;
        long start = Stopwatch.GetTimestamp();
        do
        {
            (NamedValues? outputs, _, string? failure) = RunOne(model, inputs);
            outputs?.Dispose();
            if (failure is not null)
            {
                return 0;
            }

            runs++;
        }
        while (Stopwatch.GetElapsedTime(start) < duration);
        return runs;
    }

    private (NamedValues? Outputs, double Seconds, string? Failure) RunOne(ServedModel model, NamedValues inputs)
    {
        slot.Arm(limit);
        long start = Stopwatch.GetTimestamp();
        try
        {
            NamedValues outputs = BatchRun.Run(model.Session, inputs, slot.Options);
            return (outputs, Stopwatch.GetElapsedTime(start).TotalSeconds, null);
        }
        catch (InputException e)
        {
            return (null, 0, slot.IsExpired ? $"it did not answer within {limit.TotalSeconds:G3} s" : e.Message);
        }
        finally
        {
            slot.Disarm();
        }
    }
}

using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Training.Data;
using EdgePrune.Training.Evaluation;

namespace EdgePrune.Training.Loop;

/// <summary>How a model answers samples that it was not trained on.</summary>
/// <param name="Accuracy">Share answered right, 0 to 1.</param>
/// <param name="Loss">Mean cross-entropy, in nats.</param>
internal readonly record struct Validation(double Accuracy, double Loss)
{
    private const int BatchSize = 64;

    /// <summary>Whether this is better: by accuracy, and at equal accuracy by loss.</summary>
    public bool IsBetterThan(Validation other) => Accuracy > other.Accuracy || (Accuracy == other.Accuracy && Loss < other.Loss);

    public static Validation Of(OnnxModel model, Dataset data, SessionSettings settings, CancellationToken cancellation)
    {
        using ModelSession session = ModelSession.Create(ClassifierHead.Logits(model), settings);
        ModelOutputs outputs = Evaluator.Outputs(session.Session, data, BatchSize, null, cancellation);
        double accuracy = ClassificationMetrics.Of(outputs.Values, outputs.Classes, data.Labels!).Accuracy;
        double loss = 0;
        for (int sample = 0; sample < outputs.Count; sample++)
        {
            ReadOnlySpan<float> row = outputs.Row(sample);
            double highest = row[outputs.Prediction(sample)], sum = 0;
            foreach (float logit in row)
            {
                sum += Math.Exp(logit - highest);
            }

            loss += Math.Log(sum) + highest - row[(int)data.Labels![sample]];
        }

        return new Validation(accuracy, loss / outputs.Count);
    }
}

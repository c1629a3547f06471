namespace EdgePrune.Training.Evaluation;

/// <summary>A classifier's outputs on a dataset.</summary>
/// <param name="Values">Row-major, samples × <paramref name="Classes"/>.</param>
/// <param name="Classes">Outputs a sample.</param>
public sealed record ModelOutputs(float[] Values, int Classes)
{
    public int Count => Values.Length / Classes;

    public ReadOnlySpan<float> Row(int sample) => Values.AsSpan(sample * Classes, Classes);

    /// <summary>Class of the highest output of a sample.</summary>
    public int Prediction(int sample) => ClassificationMetrics.Highest(Row(sample), sample);
}

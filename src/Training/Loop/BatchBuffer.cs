using EdgePrune.Onnx.Sessions;

namespace EdgePrune.Training.Loop;

/// <summary>Room for one batch, used again and again.</summary>
/// <param name="Values">A value for each input of the step.</param>
/// <param name="Labels">Class id of each sample, of a mixed one the heavier.</param>
internal sealed record BatchBuffer(NamedValues Values, long[] Labels) : IDisposable
{
    public void Dispose() => Values.Dispose();
}

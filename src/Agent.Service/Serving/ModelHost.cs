using System.Diagnostics.CodeAnalysis;

namespace EdgePrune.Agent.Service.Serving;

/// <summary>
/// The model that answers requests. A switch takes effect for the next request; those under way finish on the model
/// that they began with, so none is dropped.
/// </summary>
internal sealed class ModelHost : IDisposable
{
    private ServedModel? current;

    /// <summary>Enters the current model; the caller leaves it when done. False when there is none.</summary>
    public bool TryEnter([NotNullWhen(true)] out ServedModel? model)
    {
        do
        {
            model = Volatile.Read(ref current);
        }
        while (model is not null && !model.TryEnter()); // left by the last user meanwhile: there is a newer one

        return model is not null;
    }

    public void Switch(ServedModel? next) => Interlocked.Exchange(ref current, next)?.Leave();

    public void Dispose() => Switch(null);
}

namespace EdgePrune.Agent.Service.Jobs;

/// <summary>
/// One measurement at a time on this device: a job, or a step of a probation. Two at once would each measure the other. Who waits
/// is served in the order of asking.
/// </summary>
internal sealed class MeasurementTurns : IDisposable
{
    private readonly SemaphoreSlim gate = new(1, 1);

    /// <summary>Waits for the turn, which ends with what is given back.</summary>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public IDisposable Take(CancellationToken cancellationToken)
    {
        // Not Wait: threads that wait that way are passed over by those that come later.
        gate.WaitAsync(cancellationToken).GetAwaiter().GetResult();
        return new Turn(gate);
    }

    /// <inheritdoc cref="Take"/>
    public async Task<IDisposable> TakeAsync(CancellationToken cancellationToken)
    {
        await gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        return new Turn(gate);
    }

    public void Dispose() => gate.Dispose();

    private sealed class Turn(SemaphoreSlim gate) : IDisposable
    {
        private SemaphoreSlim? held = gate;

        public void Dispose() => Interlocked.Exchange(ref held, null)?.Release();
    }
}

using EdgePrune.Onnx;

namespace EdgePrune.Agent.Bundles;

/// <summary>Reads from a sender that may stall, drip or never stop.</summary>
internal sealed class RetrievalReader(Stream source, RetrievalLimits limits, TimeProvider time)
{
    private TimeSpan _waited;

    /// <summary>How many bytes have come.</summary>
    public long Received { get; private set; }

    /// <summary>Fills the whole of <paramref name="target"/>.</summary>
    /// <exception cref="InputException">The sender is too slow, or ended before.</exception>
    public async Task ReadExactlyAsync(Memory<byte> target, string what, CancellationToken cancellationToken)
    {
        while (target.Length > 0)
        {
            int read = await ReadAsync(target, cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                throw new InputException($"the bundle ends after {Received} bytes, inside {what}; send it again, whole");
            }

            target = target[read..];
        }
    }

    /// <summary>Reads what has come; 0 at the end.</summary>
    /// <exception cref="InputException">The sender is too slow.</exception>
    public async Task<int> ReadAsync(Memory<byte> target, CancellationToken cancellationToken)
    {
        TimeSpan allowed = limits.Grace + TimeSpan.FromSeconds((double)Received / limits.MinBytesPerSecond);
        TimeSpan remaining = allowed - _waited;
        if (remaining <= TimeSpan.Zero)
        {
            throw TooSlow();
        }

        long start = time.GetTimestamp();
        try
        {
            int read = await source.ReadAsync(target, cancellationToken).AsTask().WaitAsync(remaining, time, cancellationToken).ConfigureAwait(false);
            _waited += time.GetElapsedTime(start);
            Received += read;
            return read;
        }
        catch (TimeoutException)
        {
            throw TooSlow();
        }
    }

    private InputException TooSlow() => new(
        $"the bundle comes too slowly: {Received} bytes, and less than {limits.MinBytesPerSecond} bytes a second after the first {limits.Grace.TotalSeconds:0.###} s; try again over a better line");
}

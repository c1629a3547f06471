using System.Collections.Concurrent;

namespace EdgePrune.Agent.Service.Serving;

/// <summary>Lets so many requests run at a time, so many wait for their turn, and turns the others away.</summary>
internal sealed class InferenceGate : IDisposable
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim places;
    private readonly ConcurrentQueue<InferenceSlot> slots = new();
    private readonly int maxWaiting;
    private readonly long maxBodyBytes;
    private int waiting;
    private long bodyBytes;

    /// <param name="concurrency">How many run at a time.</param>
    /// <param name="maxWaiting">How many wait.</param>
    /// <param name="maxBodyBytes">What requests may take together in memory, those included that are still coming in.</param>
    /// <param name="time">Measures deadlines.</param>
    public InferenceGate(int concurrency, int maxWaiting, long maxBodyBytes, TimeProvider time)
    {
        this.maxBodyBytes = maxBodyBytes;
        places = new SemaphoreSlim(concurrency, concurrency);
        this.maxWaiting = maxWaiting;
        for (int i = 0; i < concurrency; i++)
        {
            slots.Enqueue(new InferenceSlot(time));
        }

        Concurrency = concurrency;
    }

    public int Concurrency { get; }

    /// <summary>How many wait now.</summary>
    public int Waiting => Volatile.Read(ref waiting);

    /// <summary>How many run now.</summary>
    public int Running => Concurrency - places.CurrentCount;

    /// <summary>Waits for a turn; the caller gives the slot back.</summary>
    /// <exception cref="BusyException">Too many wait already, or the turn has not come in time.</exception>
    public ValueTask<InferenceSlot> EnterAsync(TimeSpan limit, CancellationToken cancellationToken) =>
        places.Wait(0, CancellationToken.None) ? ValueTask.FromResult(Take()) : WaitAsync(limit, cancellationToken);

    /// <summary>Sets memory for a request aside; the caller gives it back.</summary>
    /// <exception cref="BusyException">Others have it.</exception>
    public void Reserve(long bytes)
    {
        if (Interlocked.Add(ref bodyBytes, bytes) > maxBodyBytes)
        {
            Interlocked.Add(ref bodyBytes, -bytes);
            throw new BusyException("other requests take all the memory that there is for requests; try again later", RetryAfter);
        }
    }

    public void GiveBack(long bytes) => Interlocked.Add(ref bodyBytes, -bytes);

    public void Leave(InferenceSlot slot)
    {
        slots.Enqueue(slot);
        places.Release();
    }

    public void Dispose()
    {
        places.Dispose();
        while (slots.TryDequeue(out InferenceSlot? slot))
        {
            slot.Dispose();
        }
    }

    private async ValueTask<InferenceSlot> WaitAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref waiting) > maxWaiting)
        {
            Interlocked.Decrement(ref waiting);
            throw new BusyException($"{maxWaiting} requests are waiting already; try again later", RetryAfter);
        }

        try
        {
            return await places.WaitAsync(limit, cancellationToken)
                ? Take()
                : throw new BusyException($"the request's turn has not come within {limit.TotalSeconds:G3} s; try again later", RetryAfter);
        }
        finally
        {
            Interlocked.Decrement(ref waiting);
        }
    }

    private InferenceSlot Take() => slots.TryDequeue(out InferenceSlot? slot) ? slot : throw new InvalidOperationException("a place without a slot");
}

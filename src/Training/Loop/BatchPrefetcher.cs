using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace EdgePrune.Training.Loop;

/// <summary>Fills the batches of coming steps in a thread of its own while the present one is trained on.</summary>
internal sealed class BatchPrefetcher : IDisposable
{
    private const int Buffers = 3;
    private readonly BlockingCollection<BatchBuffer> ready = [];
    private readonly BlockingCollection<BatchBuffer> free = [];
    private readonly List<BatchBuffer> all = [];
    private readonly CancellationTokenSource stop = new();
    private readonly BatchLoader loader;
    private readonly Thread thread;
    private ExceptionDispatchInfo? failure;

    public BatchPrefetcher(BatchLoader loader, long first, long end)
    {
        this.loader = loader;
        for (int i = 0; i < Buffers; i++)
        {
            all.Add(loader.Allocate());
            free.Add(all[i]);
        }

        thread = new Thread(() => Work(first, end)) { IsBackground = true, Name = "edgeprune batches" };
        thread.Start();
    }

    /// <summary>The batch of the next step, in order; it goes back through <see cref="Return"/>.</summary>
    public BatchBuffer Take()
    {
        if (ready.TryTake(out BatchBuffer? buffer, Timeout.Infinite))
        {
            return buffer;
        }

        failure?.Throw();
        throw new InvalidOperationException("there is no further batch");
    }

    public void Return(BatchBuffer buffer) => free.Add(buffer);

    public void Dispose()
    {
        stop.Cancel();
        thread.Join();
        foreach (BatchBuffer buffer in all)
        {
            buffer.Dispose();
        }

        ready.Dispose();
        free.Dispose();
        stop.Dispose();
    }

    private void Work(long first, long end)
    {
        try
        {
            for (long step = first; step < end; step++)
            {
                BatchBuffer buffer = free.Take(stop.Token);
                loader.Fill(buffer, step);
                ready.Add(buffer, stop.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // Disposed: nobody waits any more.
        }
        catch (Exception error)
        {
            // Thrown again in the thread that asks for the batch.
            failure = ExceptionDispatchInfo.Capture(error);
        }
        finally
        {
            ready.CompleteAdding();
        }
    }
}

using System.Collections.Concurrent;

namespace EdgePrune.Controller.Links;

/// <summary>Wakes those who wait for a device's next wish.</summary>
internal sealed class Wishes
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource> waiting = new(StringComparer.Ordinal);

    /// <summary>Done at the next wish; to be taken before one looks whether there is one already.</summary>
    public Task Next(string device) => waiting.GetOrAdd(device, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    public void Tell(string device)
    {
        if (waiting.TryRemove(device, out TaskCompletionSource? waiter))
        {
            waiter.SetResult();
        }
    }
}

namespace EdgePrune.Agent.Service.Deployments;

/// <summary>
/// Runs what waits for disks and child processes on a thread of its own: the few threads of the pool answer requests, and new
/// ones come slowly.
/// </summary>
internal static class BlockingWork
{
    public static Task<T> RunAsync<T>(Func<T> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach, TaskScheduler.Default);

    public static Task RunAsync(Action work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach, TaskScheduler.Default);
}

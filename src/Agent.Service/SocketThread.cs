using System.Runtime.CompilerServices;

namespace EdgePrune.Agent.Service;

/// <summary>
/// The thread that sockets are read on, on which a request begins and goes on after each piece of its body. An inference stays on it
/// from end to end, which is the fastest; whatever waits for a disk, or works for more than a moment, would keep the inferences of
/// other connections waiting there.
/// </summary>
internal static class SocketThread
{
    /// <summary>What is awaited goes on on a thread of the pool.</summary>
    public static ConfiguredTaskAwaitable Leave() => Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
}

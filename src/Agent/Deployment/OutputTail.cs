using System.Text;

namespace EdgePrune.Agent.Deployment;

/// <summary>Empties a pipe and keeps the end of what came through it.</summary>
internal sealed class OutputTail
{
    private const int KeptBytes = 4096;
    private const int ShownCharacters = 500;

    private readonly Lock _lock = new();
    private readonly Task _reading;
    private byte[] _tail = [];

    // On a thread of its own: reading blocks, and the threads of the pool answer requests.
    private OutputTail(Stream pipe) =>
        _reading = Task.Factory.StartNew(() => Drain(pipe), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    public static OutputTail Read(Stream pipe) => new(pipe);

    /// <summary>A colon and the last of the text on one line; nothing where there was no text.</summary>
    /// <param name="limit">How long to wait for the pipe's end; what has come by then counts.</param>
    public string Describe(TimeSpan limit)
    {
        _ = _reading.Wait(limit);
        string text;
        lock (_lock)
        {
            text = Encoding.UTF8.GetString(_tail);
        }

        // The child may have read a hostile model: its words must not steer the terminal that shows them.
        string plain = string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c)).Trim();
        if (plain.Length > ShownCharacters)
        {
            plain = "…" + plain[^ShownCharacters..];
        }

        return plain.Length == 0 ? "" : ": " + plain;
    }

    private void Drain(Stream pipe)
    {
        try
        {
            byte[] buffer = new byte[KeptBytes];
            for (int read; (read = pipe.Read(buffer)) > 0;)
            {
                lock (_lock)
                {
                    byte[] all = [.. _tail, .. buffer.AsSpan(0, read)];
                    _tail = all.Length > KeptBytes ? all[^KeptBytes..] : all;
                }
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The process is being given up; what has come is what there is.
        }
    }
}

using System.Diagnostics;

namespace EdgePrune.Profiler.Sensors.Pmic;

/// <summary>
/// Reads what a child process prints, up to a limit, on a thread of its own: the pool's threads may all be busy with what is being
/// measured, and a reading that waits for one would look like a program that hangs.
/// </summary>
internal sealed class BoundedReader
{
    public const int MostCharacters = 1 << 16;
    private readonly Thread thread;
    private volatile string text = "";

    public BoundedReader(StreamReader reader, Process process)
    {
        thread = new Thread(() => Read(reader, process)) { IsBackground = true, Name = "edgeprune vcgencmd" };
        thread.Start();
    }

    public string Text => text;

    public bool IsFull => text.Length == MostCharacters;

    /// <summary>Waits for the pipe's end.</summary>
    public bool Ended(TimeSpan limit) => thread.Join(limit);

    private void Read(StreamReader reader, Process process)
    {
        char[] buffer = new char[MostCharacters];
        try
        {
            text = new string(buffer, 0, reader.ReadBlock(buffer));
            if (IsFull)
            {
                // Who prints without end is ended at once; the other pipe closes with it.
                process.Kill(entireProcessTree: true);
            }
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or ObjectDisposedException or System.ComponentModel.Win32Exception)
        {
            // The process was given up meanwhile; who waits has said so.
        }
    }
}

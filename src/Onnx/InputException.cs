namespace EdgePrune.Onnx;

/// <summary>
/// Something that came from outside (a file, an argument, a device) is not usable. The message says what was wrong,
/// where, and what to do about it; the command line prints it as it stands and ends with exit code 1.
/// </summary>
public sealed class InputException : Exception
{
    private const int MaxLength = 8000;

    /// <param name="message">What was wrong, where, and what to do.</param>
    public InputException(string message)
        : base(Safe(message))
    {
    }

    /// <param name="message">What was wrong, where, and what to do.</param>
    /// <param name="innerException">The error that the message explains.</param>
    public InputException(string message, Exception innerException)
        : base(Safe(message), innerException)
    {
    }

    // The last line of defence: messages quote what a hostile file says, and end up on a terminal.
    private static string Safe(string message)
    {
        string text = message.ReplaceLineEndings("\n");
        return Printable.Text(text.Length > MaxLength ? text[..MaxLength] + "…" : text, keepLines: true);
    }
}

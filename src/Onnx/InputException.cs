namespace EdgePrune.Onnx;

/// <summary>
/// Something that came from outside (a file, an argument, a device) is not usable. The message says what was wrong,
/// where, and what to do about it; the command line prints it as it stands and ends with exit code 1.
/// </summary>
public sealed class InputException : Exception
{
    /// <param name="message">What was wrong, where, and what to do.</param>
    public InputException(string message)
        : base(message)
    {
    }

    /// <param name="message">What was wrong, where, and what to do.</param>
    /// <param name="innerException">The error that the message explains.</param>
    public InputException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

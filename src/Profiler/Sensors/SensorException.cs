using EdgePrune.Onnx;

namespace EdgePrune.Profiler.Sensors;

/// <summary>
/// A sensor cannot be reached, is not the part that it should be, or answers nonsense. The message names part, bus and address
/// (or the file), what was wrong, and what to do; the command line prints it and ends with exit code 4.
/// </summary>
public sealed class SensorException : Exception
{
    public SensorException(string message)
        : base(Printable.Text(message, keepLines: true))
    {
    }

    public SensorException(string message, Exception inner)
        : base(Printable.Text(message, keepLines: true), inner)
    {
    }
}

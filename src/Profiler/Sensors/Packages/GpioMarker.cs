using System.Device.Gpio;
using EdgePrune.Onnx;

namespace EdgePrune.Profiler.Sensors.Packages;

/// <summary>
/// Holds a pin high during the measured window and low outside it, for a logic analyser or a power analyser with a trigger
/// input. The pin number is in the numbering of the controller.
/// </summary>
public sealed class GpioMarker : IMeasurementMarker
{
    private readonly GpioController controller;
    private readonly int pin;
    private bool isOpen;
    private bool isDisposed;

    /// <summary>Takes the pin as an output and lowers it. The controller stays the caller's to dispose of.</summary>
    /// <exception cref="InputException">The pin does not exist, is in use, cannot be an output or may not be opened.</exception>
    public GpioMarker(GpioController controller, int pin)
    {
        ArgumentNullException.ThrowIfNull(controller);
        // The controller would hand out the same pin twice, and disposing would then take it from its first owner.
        if (controller.IsPinOpen(pin))
        {
            throw new InputException($"GPIO pin {pin} is in use in this process already: choose another pin for the marker");
        }

        try
        {
            controller.OpenPin(pin, PinMode.Output, PinValue.Low);
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or IOException or UnauthorizedAccessException or NotSupportedException)
        {
            // The controller keeps a pin open whose mode it could not set.
            if (controller.IsPinOpen(pin))
            {
                controller.ClosePin(pin);
            }

            throw new InputException(
                $"GPIO pin {pin} cannot be an output ({e.Message}): choose a free pin of this board, and see that this user may open the GPIO device", e);
        }

        this.controller = controller;
        this.pin = pin;
    }

    public void Begin()
    {
        ObjectDisposedException.ThrowIf(isDisposed, this);
        if (isOpen)
        {
            throw new InvalidOperationException("a window is open already");
        }

        controller.Write(pin, PinValue.High);
        isOpen = true;
    }

    public void End()
    {
        ObjectDisposedException.ThrowIf(isDisposed, this);
        if (!isOpen)
        {
            throw new InvalidOperationException("no window is open");
        }

        controller.Write(pin, PinValue.Low);
        isOpen = false;
    }

    public void Dispose()
    {
        if (isDisposed)
        {
            return;
        }

        isDisposed = true;
        try
        {
            controller.Write(pin, PinValue.Low);
        }
        finally
        {
            controller.ClosePin(pin);
        }
    }
}

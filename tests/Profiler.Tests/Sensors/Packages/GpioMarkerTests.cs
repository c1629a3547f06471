#if DEVICE_PACKAGES
using System.Device.Gpio;
using EdgePrune.Onnx;
using EdgePrune.Profiler.Sensors.Packages;

namespace EdgePrune.Profiler.Tests.Sensors.Packages;

public sealed class GpioMarkerTests
{
    private const int Pin = 17;
    private const int InputOnlyPin = 3;

    [Fact]
    public void The_pin_is_high_inside_the_window_only()
    {
        using var driver = new RecordedDriver();
        using var controller = new GpioController(driver);
        using (var marker = new GpioMarker(controller, Pin))
        {
            marker.Begin();
            marker.End();
            marker.Begin();
            marker.End();
        }

        Assert.Equal(["open", "Output", "Low", "High", "Low", "High", "Low", "Low", "close"], driver.Events);
        Assert.False(controller.IsPinOpen(Pin));
    }

    [Fact]
    public void Disposing_inside_a_window_lowers_the_pin()
    {
        using var driver = new RecordedDriver();
        using var controller = new GpioController(driver);
        var marker = new GpioMarker(controller, Pin);
        marker.Begin();
        marker.Dispose();
        marker.Dispose();
        Assert.Equal(["High", "Low", "close"], driver.Events[3..]);
        Assert.Throws<ObjectDisposedException>(marker.Begin);
    }

    [Fact]
    public void Windows_do_not_nest()
    {
        using var driver = new RecordedDriver();
        using var controller = new GpioController(driver);
        using var marker = new GpioMarker(controller, Pin);
        Assert.Throws<InvalidOperationException>(marker.End);
        marker.Begin();
        Assert.Throws<InvalidOperationException>(marker.Begin);
    }

    [Fact]
    public void A_pin_in_use_is_refused_and_left_alone()
    {
        using var driver = new RecordedDriver();
        using var controller = new GpioController(driver);
        using var first = new GpioMarker(controller, Pin);
        InputException error = Assert.Throws<InputException>(() => new GpioMarker(controller, Pin));
        Assert.Contains("pin 17 is in use", error.Message, StringComparison.Ordinal);
        first.Begin();
        Assert.Equal("High", driver.Events[^1]);
    }

    [Fact]
    public void A_pin_that_cannot_be_an_output_is_refused_and_closed()
    {
        using var driver = new RecordedDriver();
        using var controller = new GpioController(driver);
        InputException error = Assert.Throws<InputException>(() => new GpioMarker(controller, InputOnlyPin));
        Assert.Contains("pin 3 cannot be an output", error.Message, StringComparison.Ordinal);
        Assert.Equal(["open", "close"], driver.Events);
    }

    /// <summary>A driver with pins that only remember; the controller above it is the library's own.</summary>
    private sealed class RecordedDriver : GpioDriver
    {
        public List<string> Events { get; } = [];

        protected override int PinCount => 28;

        protected override void OpenPin(int pinNumber) => Events.Add("open");

        protected override void ClosePin(int pinNumber) => Events.Add("close");

        protected override void SetPinMode(int pinNumber, PinMode mode) => Events.Add(mode.ToString());

        protected override PinMode GetPinMode(int pinNumber) => PinMode.Output;

        protected override bool IsPinModeSupported(int pinNumber, PinMode mode) => pinNumber != InputOnlyPin;

        protected override PinValue Read(int pinNumber) => PinValue.Low;

        protected override void Write(int pinNumber, PinValue value) => Events.Add(value.ToString());

        protected override WaitForEventResult WaitForEvent(int pinNumber, PinEventTypes eventTypes, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        protected override void AddCallbackForPinValueChangedEvent(int pinNumber, PinEventTypes eventTypes, PinChangeEventHandler callback) =>
            throw new NotSupportedException();

        protected override void RemoveCallbackForPinValueChangedEvent(int pinNumber, PinChangeEventHandler callback) =>
            throw new NotSupportedException();
    }
}
#endif

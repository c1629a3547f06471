namespace EdgePrune.DeviceVm.Usb;

/// <summary>What i2c-tiny-usb tells the host about itself (USB 2.0, section 9.6).</summary>
internal static class TinyUsbDescriptors
{
    private const byte DeviceType = 1;
    private const byte ConfigurationType = 2;

    // USB 1.1, vendor class, 8-byte control endpoint, 0403:C631 by which the kernel's driver knows the adapter, release 2.05,
    // no strings, one configuration.
    private static ReadOnlySpan<byte> Device => [18, DeviceType, 0x10, 0x01, 0xFF, 0, 0, 8, 0x03, 0x04, 0x31, 0xC6, 0x05, 0x02, 0, 0, 0, 1];

    // One configuration of 18 bytes, powered by the bus with 100 mA; one vendor interface without further endpoints.
    private static ReadOnlySpan<byte> Configuration => [9, ConfigurationType, 18, 0, 1, 1, 0, 0x80, 50, 9, 4, 0, 0, 0, 0xFF, 0, 0, 0];

    /// <summary>Answers the standard requests that an enumeration makes.</summary>
    public static ControlAnswer Answer(ControlSetup setup, Span<byte> data)
    {
        const byte GetStatus = 0, GetDescriptor = 6, GetConfiguration = 8;
        switch (setup.Request)
        {
            case GetDescriptor when setup.Value >> 8 == DeviceType:
                return Send(Device, data);
            case GetDescriptor when setup.Value >> 8 == ConfigurationType:
                return Send(Configuration, data);
            case GetDescriptor:
                return ControlAnswer.Stalled;
            case GetStatus:
                return Send([0, 0], data);
            case GetConfiguration:
                return Send([1], data);
            default: // set address, configuration, interface or feature: nothing follows from them here
                return ControlAnswer.Done(0);
        }
    }

    /// <summary>Copies as much as the host asked for.</summary>
    public static ControlAnswer Send(ReadOnlySpan<byte> answer, Span<byte> data)
    {
        int length = Math.Min(answer.Length, data.Length);
        answer[..length].CopyTo(data);
        return ControlAnswer.Done(length);
    }
}

using System.Globalization;

namespace EdgePrune.Profiler.Sensors.I2c;

/// <summary>Error numbers of Linux as I2C controllers use them (Documentation/i2c/fault-codes), in words with what to do.</summary>
public static class I2cErrors
{
    public const int NotPermitted = 1;
    public const int NoEntry = 2;
    public const int InputOutput = 5;
    public const int NoDeviceOrAddress = 6;
    public const int TryAgain = 11;
    public const int AccessDenied = 13;
    public const int Busy = 16;
    public const int NoDevice = 19;
    public const int InvalidArgument = 22;
    public const int NotATerminal = 25;
    public const int NotSupported = 95;
    public const int TimedOut = 110;
    public const int RemoteInputOutput = 121;

    /// <summary>What a failed transfer means, for example "no part answered (error 121)".</summary>
    public static string Words(int number)
    {
        string words = number switch
        {
            NoDeviceOrAddress or RemoteInputOutput =>
                "no part acknowledged: check the wiring, the supply of the part and its address pins",
            InputOutput => "the transfer broke off: check the wiring and the pull-up resistors, or lower the bus clock",
            TryAgain => "another master won the bus",
            TimedOut => "the bus hangs: a part holds SCL or SDA low; power the part off and on, and check for a short",
            Busy => "the bus or the address is in use: another driver or program holds it",
            NoDevice => "the bus has gone: its adapter was unplugged or its driver unloaded",
            NotSupported => "the adapter cannot do this transfer",
            InvalidArgument => "the adapter refuses this transfer",
            _ => "the transfer failed",
        };
        return string.Create(CultureInfo.InvariantCulture, $"{words} (error {number})");
    }

    /// <summary>Why a bus could not be opened, and what to do about it.</summary>
    public static string CannotOpen(string path, int number)
    {
        string words = number switch
        {
            NoEntry or NoDeviceOrAddress or NoDevice =>
                "is not there: enable I2C (on a Raspberry Pi 'sudo raspi-config', Interface Options, I2C) or load its module ('sudo modprobe i2c-dev'), and check the bus number",
            AccessDenied or NotPermitted =>
                "may not be opened by this user: add the user to its group ('sudo usermod -aG i2c $USER') and log in again",
            Busy => "is in use by a program that allows no other: end that program",
            NotATerminal => "is not an I2C bus",
            _ => "cannot be opened",
        };
        return string.Create(CultureInfo.InvariantCulture, $"{path} {words} (error {number})");
    }
}

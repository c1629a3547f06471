using System.Device.I2c;
using System.Globalization;
using System.Text.RegularExpressions;
using EdgePrune.Profiler.Sensors.I2c;

namespace EdgePrune.Profiler.Sensors.Packages;

/// <summary>
/// A bus by System.Device.I2c. The library has one object an address and states only "Error 121" where a transfer fails: the
/// number is taken from its message and said in words.
/// </summary>
internal sealed partial class PackageI2cBus : II2cBus
{
    private const int Addresses = 128;

    private readonly int number;
    private readonly Lock gate = new();
    private readonly I2cDevice?[] devices = new I2cDevice?[Addresses];
    private bool isDisposed;

    private PackageI2cBus(int number)
    {
        this.number = number;
        Name = $"i2c-{number}";
    }

    public string Name { get; }

    /// <exception cref="SensorException">The library knows no such bus, or the user may not open it.</exception>
    public static PackageI2cBus Open(int number)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(number);
        string path = $"/dev/i2c-{number}";
        if (OperatingSystem.IsLinux())
        {
            // The library opens the bus at the first transfer only, with an error that does not say what to do.
            try
            {
                using FileStream _ = new(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
            }
            catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
            {
                throw new SensorException(I2cErrors.CannotOpen(path, I2cErrors.NoEntry), e);
            }
            catch (UnauthorizedAccessException e)
            {
                throw new SensorException(I2cErrors.CannotOpen(path, I2cErrors.AccessDenied), e);
            }
            catch (IOException e)
            {
                throw new SensorException($"{path} cannot be opened: {e.Message}", e);
            }
        }

        return new PackageI2cBus(number);
    }

    public void Write(int address, ReadOnlySpan<byte> data)
    {
        lock (gate)
        {
            try
            {
                Device(address).Write(data);
            }
            catch (Exception e) when (IsTransferError(e))
            {
                throw Failure(e);
            }
        }
    }

    public void WriteRead(int address, ReadOnlySpan<byte> write, Span<byte> read)
    {
        lock (gate)
        {
            try
            {
                if (write.IsEmpty)
                {
                    Device(address).Read(read);
                }
                else
                {
                    Device(address).WriteRead(write, read);
                }
            }
            catch (Exception e) when (IsTransferError(e))
            {
                throw Failure(e);
            }
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            isDisposed = true;
            foreach (I2cDevice? device in devices)
            {
                device?.Dispose();
            }

            Array.Clear(devices);
        }
    }

    private static bool IsTransferError(Exception e) =>
        e is IOException or UnauthorizedAccessException or PlatformNotSupportedException;

    private static IOException Failure(Exception e)
    {
        Match match = ErrorNumber().Match(e.Message);
        return match.Success && int.TryParse(match.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out int error)
            ? new I2cTransferException(error, e)
            : new IOException(e.Message, e);
    }

    [GeneratedRegex("Error ([0-9]{1,4})", RegexOptions.CultureInvariant)]
    private static partial Regex ErrorNumber();

    private I2cDevice Device(int address)
    {
        ObjectDisposedException.ThrowIf(isDisposed, this);
        return devices[address] ??= I2cDevice.Create(new I2cConnectionSettings(number, address));
    }
}

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

    private readonly I2cBus bus;
    private readonly Lock gate = new();
    private readonly I2cDevice?[] devices = new I2cDevice?[Addresses];
    private bool isDisposed;

    private PackageI2cBus(I2cBus bus, int number)
    {
        this.bus = bus;
        Name = $"i2c-{number}";
    }

    public string Name { get; }

    /// <exception cref="SensorException">The library knows no such bus, or the user may not open it.</exception>
    public static PackageI2cBus Open(int number)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(number);
        string path = $"/dev/i2c-{number}";
        try
        {
            return new PackageI2cBus(I2cBus.Create(number), number);
        }
        catch (IOException e) when (TryNumber(e, out int error))
        {
            throw new SensorException(I2cErrors.CannotOpen(path, error), e);
        }
        catch (Exception e) when (IsTransferError(e))
        {
            throw new SensorException($"{path} cannot be opened: {e.Message}", e);
        }
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
            bus.Dispose();
        }
    }

    private static bool IsTransferError(Exception e) =>
        e is IOException or UnauthorizedAccessException or PlatformNotSupportedException;

    private static IOException Failure(Exception e) =>
        TryNumber(e, out int error) ? new I2cTransferException(error, e) : new IOException(e.Message, e);

    private static bool TryNumber(Exception e, out int error)
    {
        Match match = ErrorNumber().Match(e.Message);
        error = 0;
        return match.Success && int.TryParse(match.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out error);
    }

    [GeneratedRegex("Error ([0-9]{1,4})", RegexOptions.CultureInvariant)]
    private static partial Regex ErrorNumber();

    private I2cDevice Device(int address)
    {
        ObjectDisposedException.ThrowIf(isDisposed, this);
        return devices[address] ??= bus.CreateDevice(address);
    }
}

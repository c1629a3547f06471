using System.Diagnostics;
using System.Globalization;

namespace EdgePrune.DeviceVm.Kernel;

/// <summary>
/// An I2C bus as the kernel shows it, with transfers of this test's own (I2C_RDWR), so that the product's bus is judged by
/// another than itself. Source: the kernel's Documentation/i2c/dev-interface.rst.
/// </summary>
internal sealed unsafe class I2cBus
{
    private const nuint CombinedTransfer = 0x0707; // I2C_RDWR
    private const ushort ReadFlag = 1; // I2C_M_RD

    public I2cBus(int number) => Number = number;

    public int Number { get; }

    public string File => string.Create(CultureInfo.InvariantCulture, $"/dev/i2c-{Number}");

    public string Folder => string.Create(CultureInfo.InvariantCulture, $"/sys/bus/i2c/devices/i2c-{Number}");

    /// <summary>The bus of the adapter that was just plugged in.</summary>
    public static I2cBus WaitForAdapter(TimeSpan limit)
    {
        var waited = Stopwatch.StartNew();
        while (waited.Elapsed < limit)
        {
            foreach (string folder in Directory.EnumerateDirectories("/sys/bus/i2c/devices", "i2c-*"))
            {
                var bus = new I2cBus(int.Parse(Path.GetFileName(folder)[4..], CultureInfo.InvariantCulture));
                if (bus.IsTinyUsb && System.IO.File.Exists(bus.File))
                {
                    return bus;
                }
            }

            Thread.Sleep(20);
        }

        throw new TimeoutException($"the kernel showed no i2c-tiny-usb adapter within {limit.TotalSeconds} s");
    }

    public void WaitUntilGone(TimeSpan limit)
    {
        var waited = Stopwatch.StartNew();
        while (Directory.Exists(Folder))
        {
            if (waited.Elapsed > limit)
            {
                throw new TimeoutException($"the kernel still shows {File} {limit.TotalSeconds} s after its adapter was unplugged");
            }

            Thread.Sleep(20);
        }
    }

    private bool IsTinyUsb
    {
        get
        {
            try
            {
                return System.IO.File.ReadAllText(Folder + "/name").StartsWith("i2c-tiny-usb", StringComparison.Ordinal);
            }
            catch (IOException)
            {
                return false; // the bus is about to go
            }
        }
    }

    /// <summary>Reads a 16-bit register in one combined transfer.</summary>
    /// <param name="value">The register, most significant byte first as these parts send it.</param>
    /// <returns>0, or the errno with which the kernel ended the transfer.</returns>
    public int ReadRegister(int address, byte register, out ushort value)
    {
        byte* data = stackalloc byte[2];
        Message* messages = stackalloc Message[2];
        messages[0] = new Message((ushort)address, 0, 1, &register);
        messages[1] = new Message((ushort)address, ReadFlag, 2, data);
        int result = Transfer(messages, 2);
        value = (ushort)((data[0] << 8) | data[1]);
        return result;
    }

    /// <summary>Writes a 16-bit register.</summary>
    /// <returns>0, or the errno.</returns>
    public int WriteRegister(int address, byte register, ushort value)
    {
        byte* data = stackalloc byte[3] { register, (byte)(value >> 8), (byte)value };
        var message = new Message((ushort)address, 0, 3, data);
        return Transfer(&message, 1);
    }

    private int Transfer(Message* messages, uint count)
    {
        int file = LibC.OpenForTransfers(File);
        try
        {
            var transfer = new Messages(messages, count);
            int result = LibC.Control(file, CombinedTransfer, &transfer);
            return result < 0 ? -result : 0;
        }
        finally
        {
            LibC.Close(file);
        }
    }

    /// <summary>struct i2c_msg.</summary>
    private readonly struct Message(ushort address, ushort flags, ushort length, byte* data)
    {
        public readonly ushort Address = address, Flags = flags, Length = length;
        public readonly byte* Data = data;
    }

    /// <summary>struct i2c_rdwr_ioctl_data.</summary>
    private readonly struct Messages(Message* first, uint count)
    {
        public readonly Message* First = first;
        public readonly uint Count = count;
    }
}

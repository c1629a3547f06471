using EdgePrune.DeviceVm.Commands;
using EdgePrune.DeviceVm.Kernel;
using EdgePrune.DeviceVm.Usb;
using EdgePrune.Profiler.Simulation;
using EdgePrune.Profiler.Simulation.Parts;

namespace EdgePrune.DeviceVm.Checks;

/// <summary>An adapter with three parts, plugged into the guest's kernel: what every group of checks starts from.</summary>
internal sealed class Bench : IDisposable
{
    /// <summary>An INA219 that no driver of the kernel holds: for transfers of one's own and for the product's driver.</summary>
    public const int FreeAddress = 0x40;

    /// <summary>An INA219 for the kernel's ina2xx.</summary>
    public const int HwmonAddress = 0x41;

    /// <summary>An INA3221 for the kernel's ina3221.</summary>
    public const int ThreeChannelAddress = 0x42;

    /// <summary>Nobody answers here.</summary>
    public const int EmptyAddress = 0x45;

    public const double ShuntOhms = 0.1;

    /// <summary>The same as hwmon wants it.</summary>
    public const long ShuntMicroohms = 100_000;

    private readonly VirtualUsbPort port;

    /// <param name="single">What both INA219 measure.</param>
    /// <param name="channels">What the three channels of the INA3221 measure.</param>
    public Bench(ISupplyLine single, IReadOnlyList<ISupplyLine> channels)
    {
        Adapter = new TinyUsbAdapter(new Dictionary<int, II2cPart>
        {
            [FreeAddress] = new Ina219Part(single, ShuntOhms),
            [HwmonAddress] = new Ina219Part(single, ShuntOhms),
            [ThreeChannelAddress] = new Ina3221Part(channels, [ShuntOhms, ShuntOhms, ShuntOhms]),
        });
        port = new VirtualUsbPort(Adapter);
        Bus = I2cBus.WaitForAdapter(TimeSpan.FromSeconds(20));
    }

    public TinyUsbAdapter Adapter { get; }

    public I2cBus Bus { get; }

    /// <summary>Waits until the command has read that many registers from now on, or has ended.</summary>
    public void WaitUntilRead(RunningCommand command, int registers)
    {
        long enough = Adapter.Reads + registers;
        while (Adapter.Reads < enough && !command.HasExited)
        {
            Thread.Sleep(20);
        }
    }

    /// <summary>Pulls the adapter's plug.</summary>
    public void Unplug() => port.Unplug();

    /// <summary>Unplugs, and waits until the kernel has let the bus go: the next bench must not find this one's.</summary>
    public void Dispose()
    {
        port.Unplug();
        Bus.WaitUntilGone(TimeSpan.FromSeconds(20));
        port.Dispose();
    }
}

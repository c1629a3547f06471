using System.Runtime.InteropServices;

namespace EdgePrune.I2cRig;

/// <summary>The thread that answers stopped system calls. It must itself make none that the filter stops.</summary>
internal sealed unsafe class SystemCallListener
{
    private const nuint Receive = 0xC0502100;
    private const nuint Send = 0xC0182101;
    private const nuint AddFile = 0x40182103;
    private const uint AddFileAndSend = 2;
    private const int Interrupted = 4;
    private const int NoEntry = 2;

    private readonly II2cDevices devices;
    private readonly TaskCompletionSource<int> installed = new();
    private int listener;

    private SystemCallListener(II2cDevices devices) => this.devices = devices;

    /// <summary>Starts to answer. Once a process.</summary>
    /// <returns>False where the kernel does not allow it, with its error number.</returns>
    public static bool TryStart(II2cDevices devices, out int error)
    {
        // The thread must run before the filter is there: the C library names a thread by opening a file for reading and
        // writing, which would wait for this very thread.
        var self = new SystemCallListener(devices);
        using var running = new ManualResetEventSlim();
        new Thread(() =>
        {
            running.Set();
            self.listener = self.installed.Task.GetAwaiter().GetResult();
            self.Answer();
        })
        { IsBackground = true, Name = "i2c rig" }.Start();
        running.Wait();
        int result = SeccompFilter.Install();
        error = Math.Max(0, -result);
        if (result < 0)
        {
            return false;
        }

        self.installed.SetResult(result);
        return true;
    }

    private void Answer()
    {
        while (true)
        {
            Notification call = default;
            if (SystemCalls.Control(listener, Receive, &call) < 0)
            {
                // ENOENT: the caller was killed meanwhile.
                if (Marshal.GetLastPInvokeError() is Interrupted or NoEntry)
                {
                    continue;
                }

                return;
            }

            if (call.Number == SystemCalls.OpenAt)
            {
                Open(call);
            }
            else
            {
                Reply(call, Control(call));
            }
        }
    }

    private void Open(in Notification call)
    {
        if (!new CallerMemory(call.Process).TryReadText(call.Arguments[1], out string path)
            || !I2cDeviceName.TryParse(path, "/dev/i2c-", out int bus) || !devices.Has(bus))
        {
            Reply(call, I2cRig.Answer.Pass);
            return;
        }

        if (devices.OpenError(bus) is { } error and not 0)
        {
            Reply(call, I2cRig.Answer.Fails(error));
            return;
        }

        // The caller gets a file of memory whose name tells the bus when it is used.
        int file = SystemCalls.CreateMemoryFile($"i2c-{bus}", 1);
        FileHandOver handOver = new()
        {
            Id = call.Id,
            Flags = AddFileAndSend,
            Source = (uint)file,
            TargetFlags = (uint)(call.Arguments[2] & 0x80000),
        };
        bool isSent = SystemCalls.Control(listener, AddFile, &handOver) >= 0;
        SystemCalls.Close(file);
        if (!isSent)
        {
            Reply(call, I2cRig.Answer.Fails(5));
        }
    }

    private Answer Control(in Notification call)
    {
        byte* target = stackalloc byte[256];
        nint length = SystemCalls.ReadLink($"/proc/{call.Process}/fd/{(int)call.Arguments[0]}", target, 255);
        string name = length > 0 ? System.Text.Encoding.UTF8.GetString(target, (int)length) : "";
        return I2cDeviceName.TryParse(name, "/memfd:i2c-", out int bus) && devices.Has(bus)
            ? devices.Control(bus, (uint)call.Arguments[1], call.Arguments[2], new CallerMemory(call.Process))
            : I2cRig.Answer.Pass;
    }

    private void Reply(in Notification call, Answer answer)
    {
        answer.Id = call.Id;
        SystemCalls.Control(listener, Send, &answer);
    }
}

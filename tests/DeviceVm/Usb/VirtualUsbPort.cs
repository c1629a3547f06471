using System.Globalization;
using System.Net.Sockets;
using EdgePrune.DeviceVm.Kernel;

namespace EdgePrune.DeviceVm.Usb;

/// <summary>
/// Plugs an adapter into the kernel's virtual USB host controller and answers its requests. The controller (vhci_hcd) takes
/// one end of a connected stream socket; a socket pair within this process will do. Disposing unplugs.
/// </summary>
internal sealed class VirtualUsbPort : IDisposable
{
    private const string Controller = "/sys/devices/platform/vhci_hcd.0/";
    private const int FullSpeed = 2;
    private const int DeviceId = 0x10001; // bus 1, device 1; the kernel wants it not to be 0
    private const int BrokenPipe = -32, ConnectionReset = -104;
    private const int MostBytes = 1 << 16;

    private readonly TinyUsbAdapter adapter;
    private readonly Socket socket;
    private readonly int port;
    private readonly Thread server;
    private bool plugged = true;

    /// <exception cref="IOException">The controller is missing, full, or refused the adapter.</exception>
    public VirtualUsbPort(TinyUsbAdapter adapter)
    {
        this.adapter = adapter;
        port = FreePort();
        (int own, int kernels) = LibC.SocketPair();
        socket = new Socket(new SafeSocketHandle(own, ownsHandle: true));
        server = new Thread(Serve) { IsBackground = true, Name = "adapter" };
        server.Start();
        try
        {
            File.WriteAllText(
                Controller + "attach", string.Create(CultureInfo.InvariantCulture, $"{port} {kernels} {DeviceId} {FullSpeed}"));
        }
        finally
        {
            LibC.Close(kernels);
        }
    }

    /// <summary>Takes the adapter away as pulling its plug does: what is under way fails, then the bus disappears.</summary>
    public void Unplug()
    {
        if (plugged)
        {
            plugged = false;
            File.WriteAllText(Controller + "detach", port.ToString(CultureInfo.InvariantCulture));
        }
    }

    public void Dispose()
    {
        Unplug();
        socket.Dispose();
        server.Join();
    }

    /// <summary>The first port of the high-speed hub that is not in use: "hs 0000 004 …", where 004 says so.</summary>
    private static int FreePort()
    {
        foreach (string line in File.ReadLines(Controller + "status"))
        {
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length > 2 && words[0] == "hs" && words[2] == "004")
            {
                return int.Parse(words[1], CultureInfo.InvariantCulture);
            }
        }

        throw new IOException($"{Controller}status names no free port");
    }

    private void Serve()
    {
        byte[] header = new byte[UsbIpRequest.HeaderBytes];
        byte[] answer = new byte[UsbIpRequest.HeaderBytes + MostBytes];
        try
        {
            while (TryFill(header))
            {
                UsbIpRequest request = UsbIpRequest.Parse(header);
                int length = Answer(request, answer);
                if (length > 0)
                {
                    socket.Send(answer.AsSpan(0, length));
                }
            }
        }
        catch (Exception ended) when (ended is SocketException or ObjectDisposedException)
        {
            // The kernel closes its end when the adapter is unplugged, Dispose closes ours.
        }
    }

    /// <summary>Writes the answer; returns its length, 0 for none.</summary>
    private int Answer(UsbIpRequest request, Span<byte> answer)
    {
        if (request.Command == UsbIpRequest.Unlink)
        {
            // Only a request that was met with silence is ever taken back.
            request.WriteAnswer(answer, ConnectionReset, 0);
            return UsbIpRequest.HeaderBytes;
        }

        if (request.Command != UsbIpRequest.Submit || request.Length is < 0 or > MostBytes)
        {
            throw new InvalidDataException($"vhci_hcd sent a request {request.Command} of {request.Length} bytes");
        }

        Span<byte> data = answer.Slice(UsbIpRequest.HeaderBytes, request.Length);
        if (!request.IsIn && !TryFill(data))
        {
            return 0;
        }

        ControlAnswer done = request.Endpoint == 0 ? adapter.Control(request.Setup, request.IsIn, data) : ControlAnswer.Stalled;
        switch (done.Kind)
        {
            case ControlAnswer.Kinds.Silent:
                return 0;
            case ControlAnswer.Kinds.Stalled:
                request.WriteAnswer(answer, BrokenPipe, 0);
                return UsbIpRequest.HeaderBytes;
            default:
                request.WriteAnswer(answer, 0, done.Length);
                return UsbIpRequest.HeaderBytes + (request.IsIn ? done.Length : 0);
        }
    }

    /// <summary>False where the stream ended.</summary>
    private bool TryFill(Span<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            int read = socket.Receive(buffer);
            if (read == 0)
            {
                return false;
            }

            buffer = buffer[read..];
        }

        return true;
    }
}

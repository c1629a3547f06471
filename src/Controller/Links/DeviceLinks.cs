using System.Diagnostics.CodeAnalysis;

namespace EdgePrune.Controller.Links;

/// <summary>The agents that are connected, one link a device: that of the newest lease.</summary>
internal sealed class DeviceLinks
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, DeviceLink> links = new(StringComparer.Ordinal);

    public bool TryFind(string device, [NotNullWhen(true)] out DeviceLink? link)
    {
        lock (gate)
        {
            return links.TryGetValue(device, out link);
        }
    }

    /// <summary>Takes a link; the one before it ends. False where a newer lease has one already.</summary>
    public bool TryAdd(DeviceLink link)
    {
        DeviceLink? before;
        lock (gate)
        {
            if (links.TryGetValue(link.Device, out before) && before.Token >= link.Token)
            {
                return false;
            }

            links[link.Device] = link;
        }

        before?.Dispose();
        return true;
    }

    public void Remove(DeviceLink link)
    {
        lock (gate)
        {
            if (links.TryGetValue(link.Device, out DeviceLink? there) && there == link)
            {
                links.Remove(link.Device);
            }
        }
    }
}

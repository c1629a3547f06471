namespace EdgePrune.DeviceVm.Usb;

/// <summary>What a device does with a control transfer.</summary>
/// <param name="Kind">Data or acknowledgement, a stalled endpoint, or nothing at all.</param>
/// <param name="Length">Bytes that it sends or took.</param>
internal readonly record struct ControlAnswer(ControlAnswer.Kinds Kind, int Length)
{
    public enum Kinds
    {
        Done,

        /// <summary>The endpoint halts: the host sees EPIPE.</summary>
        Stalled,

        /// <summary>Nothing comes back, until the host's time-out takes the request away.</summary>
        Silent,
    }

    public static ControlAnswer Stalled => new(Kinds.Stalled, 0);

    public static ControlAnswer Silent => new(Kinds.Silent, 0);

    public static ControlAnswer Done(int length) => new(Kinds.Done, length);
}

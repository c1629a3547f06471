namespace EdgePrune.DeviceVm.Usb;

/// <summary>What goes wrong on the way to one address.</summary>
internal enum TransferFault
{
    None,

    /// <summary>Nobody pulls the data line low after the address.</summary>
    NoAcknowledge,

    /// <summary>The adapter halts its endpoint in the middle of a transfer.</summary>
    Stall,

    /// <summary>One byte fewer than asked for arrives.</summary>
    ShortTransfer,

    /// <summary>The adapter never answers; the kernel's driver waits two seconds for each message.</summary>
    Silence,
}

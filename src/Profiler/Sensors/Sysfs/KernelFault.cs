namespace EdgePrune.Profiler.Sensors.Sysfs;

/// <summary>Why a file of the kernel gave no value.</summary>
internal enum KernelFault
{
    None,

    /// <summary>ENOENT, ENOTDIR: no such file.</summary>
    Missing,

    /// <summary>EACCES, EPERM.</summary>
    Denied,

    /// <summary>EIO, ENODATA, ETIMEDOUT, EREMOTEIO: the part behind the file did not answer; ina3221 says so of a disabled channel.</summary>
    NoAnswer,

    /// <summary>ENODEV, ENXIO: the driver or the part was removed.</summary>
    Gone,

    /// <summary>EBUSY, EAGAIN.</summary>
    Busy,

    /// <summary>The file was read and holds nothing.</summary>
    Empty,

    /// <summary>The file holds something else than one whole number.</summary>
    NotANumber,

    /// <summary>A counter whose range is not told.</summary>
    NoRange,

    /// <summary>Any other error of the system.</summary>
    Other,
}

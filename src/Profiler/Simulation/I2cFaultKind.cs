namespace EdgePrune.Profiler.Simulation;

/// <summary>What goes wrong on a simulated I2C bus.</summary>
public enum I2cFaultKind
{
    None,

    /// <summary>No part acknowledges its address: ENXIO.</summary>
    NoAcknowledge,

    /// <summary>A part holds the clock low until the adapter gives up: ETIMEDOUT after a while.</summary>
    Stall,

    /// <summary>The transfer ends before all bytes are there: EIO.</summary>
    Short,

    /// <summary>The adapter was unplugged: ENODEV.</summary>
    Vanished,

    /// <summary>Every read gives the same bytes, whatever the part says.</summary>
    Stuck,

    /// <summary>Every n-th transfer fails with EREMOTEIO, as it does on real boards now and then.</summary>
    Sporadic,
}

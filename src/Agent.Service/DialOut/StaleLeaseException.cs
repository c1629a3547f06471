namespace EdgePrune.Agent.Service.DialOut;

/// <summary>Another process has taken this device's lease: this one no longer speaks for it.</summary>
internal sealed class StaleLeaseException() : Exception("another process has taken this device's lease");

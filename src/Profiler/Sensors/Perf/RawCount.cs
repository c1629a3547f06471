using System.Runtime.InteropServices;

namespace EdgePrune.Profiler.Sensors.Perf;

/// <summary>One counter as the kernel gives it; all three only ever grow.</summary>
/// <param name="Value">What was counted while the event was on the hardware.</param>
/// <param name="Enabled">Nanoseconds in which it should have counted.</param>
/// <param name="Running">Nanoseconds in which it did; less where counters are shared in turns (multiplexing).</param>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct RawCount(ulong Value, ulong Enabled, ulong Running);

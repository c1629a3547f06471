using System.Diagnostics;
using System.Globalization;

namespace EdgePrune.Agent.Deployment;

/// <summary>The resident memory of another process.</summary>
internal static class ProcessMemory
{
    /// <summary>
    /// The most that the process has ever had resident, in bytes (VmHWM in proc(5), which also catches what came and
    /// went between two looks). False once it has ended.
    /// </summary>
    public static bool TryGetPeak(Process process, out long bytes)
    {
        bytes = 0;
        try
        {
            if (OperatingSystem.IsLinux())
            {
                return TryParseStatus(File.ReadLines($"/proc/{process.Id}/status"), out bytes);
            }

            process.Refresh();
            bytes = Math.Max(process.WorkingSet64, process.PeakWorkingSet64); // the peak reads 0 on macOS
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>Reads the larger of VmHWM and VmRSS, both in kB.</summary>
    internal static bool TryParseStatus(IEnumerable<string> lines, out long bytes)
    {
        bytes = 0;
        bool found = false;
        foreach (string line in lines)
        {
            if ((line.StartsWith("VmHWM:", StringComparison.Ordinal) || line.StartsWith("VmRSS:", StringComparison.Ordinal))
                && line.EndsWith("kB", StringComparison.Ordinal)
                && long.TryParse(line.AsSpan()["VmHWM:".Length..^2].Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out long kilobytes))
            {
                bytes = Math.Max(bytes, kilobytes * 1024);
                found = true;
            }
        }

        return found;
    }
}

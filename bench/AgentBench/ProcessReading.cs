using System.Globalization;

namespace EdgePrune.Bench.Agent;

/// <summary>What a process holds, as proc(5) tells it.</summary>
/// <param name="ResidentBytes">VmRSS.</param>
/// <param name="PrivateBytes">RssAnon: what is its own.</param>
/// <param name="Threads">Threads.</param>
/// <param name="Handles">Open file descriptors.</param>
/// <param name="ProcessorSeconds">User and system time so far.</param>
internal sealed record ProcessReading(long ResidentBytes, long PrivateBytes, int Threads, int Handles, double ProcessorSeconds)
{
    private const double TicksPerSecond = 100; // USER_HZ of Linux

    public static ProcessReading Of(int id)
    {
        string[] status = File.ReadAllLines($"/proc/{id}/status");
        long Field(string name) => long.Parse(status.First(l => l.StartsWith(name, StringComparison.Ordinal)).Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
        string stat = File.ReadAllText($"/proc/{id}/stat");
        string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        double ticks = double.Parse(fields[11], CultureInfo.InvariantCulture) + double.Parse(fields[12], CultureInfo.InvariantCulture);
        return new ProcessReading(Field("VmRSS:") * 1024, Field("RssAnon:") * 1024, (int)Field("Threads:"), Directory.GetFiles($"/proc/{id}/fd").Length, ticks / TicksPerSecond);
    }
}

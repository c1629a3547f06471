using System.Diagnostics;
using System.Globalization;

namespace TrainingStepBench;

/// <summary>
/// The other framework in a process of its own, which is asked for so many steps at a time over its standard input and answers
/// with their milliseconds. It is stopped while it is not its turn: its idle threads spin.
/// </summary>
internal sealed class Competitor : IDisposable
{
    private readonly Process process;

    private Competitor(Process process)
    {
        this.process = process;
    }

    /// <summary>Peak resident memory in megabytes.</summary>
    public double Peak => PeakMegabytes(process.Id);

    public static Competitor Start(string[] command, string model, int batch, int threads)
    {
        var start = new ProcessStartInfo(command[0], [.. command[1..], model, $"{batch}", $"{threads}"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        start.Environment["OMP_WAIT_POLICY"] = "ACTIVE";
        start.Environment["OMP_NUM_THREADS"] = $"{threads}";
        var other = new Competitor(Process.Start(start)!);
        _ = other.process.StandardOutput.ReadLine();
        other.Signal("STOP");
        return other;
    }

    public IReadOnlyList<double> Run(int steps)
    {
        Signal("CONT");
        process.StandardInput.WriteLine($"{steps}");
        process.StandardInput.Flush();
        string line = process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("the other process has ended");
        Signal("STOP");
        return [.. line.Split(' ').Select(t => double.Parse(t, CultureInfo.InvariantCulture))];
    }

    public static double PeakMegabytes(int process)
    {
        string line = File.ReadLines($"/proc/{process}/status").First(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
    }

    public void Dispose()
    {
        Signal("CONT");
        process.StandardInput.Close();
        process.WaitForExit();
        process.Dispose();
    }

    private void Signal(string name) => Process.Start("kill", [$"-{name}", $"{process.Id}"]).WaitForExit();
}

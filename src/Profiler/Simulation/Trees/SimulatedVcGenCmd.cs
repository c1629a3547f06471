using System.Globalization;
using System.Text;

namespace EdgePrune.Profiler.Simulation.Trees;

/// <summary>
/// The firmware of a Raspberry Pi 5 behind an executable script of its own: it prints a file that is kept up to date, so that what
/// reads it starts a real process. The script answers <c>pmic_read_adc</c> only.
/// </summary>
public sealed class SimulatedVcGenCmd : ISimulatedTree
{
    // Least steps seen in printed values; no data sheet of the chip is public.
    private const double CurrentStep = 0.0009759;
    private const double VoltageStep = 0.00036621;
    private readonly IReadOnlyList<(string Name, ISupplyLine Line)> rails;
    private readonly string answer;

    /// <param name="folder">Where script and answer go.</param>
    /// <param name="rails">Rails by the firmware's names, such as VDD_CORE and 3V3_SYS.</param>
    public SimulatedVcGenCmd(string folder, IReadOnlyList<(string Name, ISupplyLine Line)> rails)
    {
        this.rails = rails;
        Directory.CreateDirectory(folder);
        answer = Path.Combine(folder, "pmic_read_adc.txt");
        Program = Path.Combine(folder, "vcgencmd");
        File.WriteAllText(Program, $"#!/bin/sh\n[ \"$1\" = pmic_read_adc ] && exec cat '{answer.Replace("'", "'\\''", StringComparison.Ordinal)}'\necho 'error=1 error_msg=\"Command not registered\"'\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(Program, UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        }

        Refresh();
    }

    /// <summary>Path of the script.</summary>
    public string Program { get; }

    public void Refresh()
    {
        var text = new StringBuilder();
        int index = 0;
        foreach ((string name, ISupplyLine line) in rails)
        {
            text.Append(CultureInfo.InvariantCulture, $"{name,16}_A current({index++})={Step(line.MeanAmperes(line.Now, line.Now), CurrentStep):F8}A\n");
        }

        foreach ((string name, ISupplyLine line) in rails)
        {
            text.Append(CultureInfo.InvariantCulture, $"{name,16}_V volt({index++})={Step(line.MeanVolts(line.Now, line.Now), VoltageStep):F8}V\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"{"EXT5V",16}_V volt({index++})=5.14800000V\n{"BATT",16}_V volt({index})=0.00000000V\n");
        // The script opens it anew each time: renamed into place, it is never half written.
        string next = answer + ".next";
        File.WriteAllText(next, text.ToString());
        File.Move(next, answer, overwrite: true);
    }

    private static double Step(double value, double step) => Math.Round(value / step) * step;
}

using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace EdgePrune.Profiler.Sensors.Pmic;

/// <summary>
/// The firmware's command line on a Raspberry Pi, run as a child process with limits on its time and on what it may print. There
/// is no file that gives the same figures.
/// </summary>
internal sealed class VcGenCmd(string program)
{
    private const int TextFileBusy = 26; // ETXTBSY
    private const int BusyTrials = 20;
    private static readonly TimeSpan BusyPause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    /// <summary>Full path of the program; null where it is not installed.</summary>
    public static string? Find(string program)
    {
        if (program.Contains(Path.DirectorySeparatorChar, StringComparison.Ordinal))
        {
            return File.Exists(program) ? program : null;
        }

        string[] folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return folders.Select(f => Path.Combine(f, program)).FirstOrDefault(File.Exists);
    }

    /// <summary>What <c>vcgencmd pmic_read_adc</c> prints.</summary>
    /// <exception cref="SensorException">It is not there, fails, prints too much or does not end in two seconds.</exception>
    public string ReadAdc()
    {
        var start = new ProcessStartInfo(program, ["pmic_read_adc"]) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        try
        {
            using Process process = Start(start);
            return Read(process);
        }
        catch (Win32Exception missing)
        {
            throw new SensorException($"{program} cannot be run ({missing.Message}): it comes with Raspberry Pi OS (sudo apt install raspi-utils)", missing);
        }
        catch (Exception broken) when (broken is IOException or InvalidOperationException)
        {
            throw new SensorException($"{program} pmic_read_adc could not be read: {broken.Message}", broken);
        }
    }

    // A program that is being written at this very moment (an update) cannot be run for an instant.
    private static Process Start(ProcessStartInfo start)
    {
        for (int trial = 0; ; trial++)
        {
            try
            {
                return Process.Start(start)!; // null only through the shell
            }
            catch (Win32Exception busy) when (busy.NativeErrorCode == TextFileBusy && trial < BusyTrials)
            {
                Thread.Sleep(BusyPause);
            }
        }
    }

    private string Read(Process process)
    {
        process.StandardInput.Close();
        long begin = Environment.TickCount64;
        var output = new BoundedReader(process.StandardOutput, process);
        var error = new BoundedReader(process.StandardError, process);
        TimeSpan Left() => TimeSpan.FromMilliseconds(Math.Max(0, Limit.TotalMilliseconds - (Environment.TickCount64 - begin)));
        if (!output.Ended(Left()) || !error.Ended(Left()) || !process.WaitForExit(Left()))
        {
            process.Kill(entireProcessTree: true);
            throw new SensorException(string.Create(
                CultureInfo.InvariantCulture, $"{program} pmic_read_adc did not end within {Limit.TotalSeconds:F0} s: is the firmware busy or hung?"));
        }

        if (output.IsFull || error.IsFull)
        {
            throw new SensorException($"{program} pmic_read_adc printed more than {BoundedReader.MostCharacters} characters");
        }

        string said = (output.Text + error.Text).Trim();
        if (process.ExitCode != 0 || said.Contains("not registered", StringComparison.OrdinalIgnoreCase) || said.StartsWith("error", StringComparison.OrdinalIgnoreCase))
        {
            throw new SensorException($"{program} pmic_read_adc failed: {Reason(said, process.ExitCode)}");
        }

        return output.Text;
    }

    private static string Reason(string said, int code)
    {
        string line = said.Length > 200 ? said[..200] + "…" : said;
        return said switch
        {
            _ when said.Contains("not registered", StringComparison.OrdinalIgnoreCase) => $"{line}; only the Raspberry Pi 5 and its relatives read their supply, others need a sensor such as INA219",
            _ when said.Contains("vcio", StringComparison.OrdinalIgnoreCase) || said.Contains("VCHI", StringComparison.Ordinal) =>
                $"{line}; let this user talk to the firmware: sudo usermod -aG video $USER, then log in again",
            "" => $"exit code {code}",
            _ => $"{line} (exit code {code})",
        };
    }
}

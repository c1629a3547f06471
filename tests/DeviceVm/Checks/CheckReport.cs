using System.Globalization;

namespace EdgePrune.DeviceVm.Checks;

/// <summary>Writes one line a check to the file that the host shows, and counts.</summary>
internal sealed class CheckReport(string file)
{
    public int Passed { get; private set; }

    public int Failed { get; private set; }

    /// <summary>One check with the figures that decided it.</summary>
    public void Check(string name, bool passed, string figures)
    {
        if (passed)
        {
            Passed++;
        }
        else
        {
            Failed++;
        }

        Line($"{(passed ? "PASS" : "FAIL")} {name}: {figures.Trim().ReplaceLineEndings(" | ")}");
    }

    /// <summary>Runs a group of checks; what it throws is a failed check, and the next group still runs.</summary>
    public void Group(string name, Action<CheckReport> checks)
    {
        Line($"== {name}");
        try
        {
            checks(this);
        }
        catch (Exception e) when (e is IOException or TimeoutException or InvalidDataException or FormatException or UnauthorizedAccessException or InvalidOperationException or KeyNotFoundException)
        {
            Check(name, passed: false, $"ended early, {e.GetType().Name}: {e.Message}");
        }
    }

    public void Line(string text) => File.AppendAllText(file, text + "\n");

    public void Verdict() => Line(string.Create(CultureInfo.InvariantCulture, $"{Passed} passed, {Failed} failed"));
}

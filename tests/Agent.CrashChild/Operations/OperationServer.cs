using System.Globalization;

namespace EdgePrune.Agent.CrashChild.Operations;

/// <summary>
/// Acts scenarios as it is told on standard input, a line each: SCENARIO, ROOT, LOG, FAIL AT, FAIL WITH, FAIL AGAIN with tabs
/// between. Answers with the number of operations and how it ended.
/// </summary>
internal static class OperationServer
{
    public static void Run()
    {
        while (Console.In.ReadLine() is { } line)
        {
            string[] words = line.Split('\t');
            DeviceScenario scenario = DeviceScenario.All.Append(DeviceScenario.TriedAgain).Single(s => s.Name == words[0]);
            var device = new Device(words[1]);
            string? log = words[2].Length > 0 ? words[2] : null;
            FileOperations.Begin(device.Disk, log, nint.Parse(words[3], CultureInfo.InvariantCulture), int.Parse(words[4], CultureInfo.InvariantCulture), words[5] == "again");
            string ending = "done";
            try
            {
                scenario.Act(device, FileOperations.Mark);
            }
#pragma warning disable CA1031 // Every ending is looked at by the test.
            catch (Exception e)
#pragma warning restore CA1031
            {
                ending = $"{e.GetType().Name}: {e.Message.ReplaceLineEndings(" ")}";
            }

            nint operations = FileOperations.End();
            Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{operations}\t{ending}"));
            Console.Out.Flush();
        }
    }
}

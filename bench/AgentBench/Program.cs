using System.Globalization;
using EdgePrune.Bench.Agent;

// agent-switch [SWITCHES [CLIENTS [QUIET_SECONDS [THINK_MS [MODEL]]]]]; agent-overhead [ROUNDS [IDLE_SECONDS [MODEL]]]; agent-soak [MINUTES [MODEL [PARTS]]]; in-process [ROUNDS], a part of agent-overhead
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
double Number(int place, double fallback) => args.Length > place ? double.Parse(args[place], CultureInfo.InvariantCulture) : fallback;
string? Text(int place) => args.Length > place ? args[place] : null;
switch (args.FirstOrDefault())
{
    case "switch":
        return await SwitchBench.RunAsync((int)Number(1, 1000), (int)Number(2, 8), Number(3, 20), Number(4, 20), Text(5));
    case "overhead":
        return await OverheadBench.RunAsync((int)Number(1, 2000), Number(2, 30), Text(3));
    case "in-process":
        return await OverheadBench.InProcessAsync((int)Number(1, 4000));
    case "soak":
        return await SoakBench.RunAsync(Number(1, 30), Text(2) is "" ? null : Text(2), Text(3));
    case "bare":
        return OverheadBench.Bare(args[1]);
    default:
        Console.Error.WriteLine("usage: switch | overhead | in-process | soak");
        return 2;
}

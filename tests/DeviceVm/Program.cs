using System.Globalization;
using EdgePrune.DeviceVm;
using EdgePrune.DeviceVm.Checks;
using EdgePrune.DeviceVm.Commands;

GuestOptions options = GuestOptions.Parse(args);
var report = new CheckReport(Path.Combine(options.Share, "report.txt"));
report.Line(string.Create(
    CultureInfo.InvariantCulture, $"Linux {Environment.OSVersion.Version}, {Environment.ProcessorCount} processor, up for {Environment.TickCount64 / 1000.0:F1} s"));

TimeProvider clock = TimeProvider.System;
var edgeprune = new EdgePruneCommand(options.Program, Path.Combine(options.Share, "edgeprune.log"));
(string Name, Action<CheckReport> Run)[] groups =
[
    ("bus", new BusChecks(clock).Run),
    ("hwmon", new HwmonChecks(clock).Run),
    ("sensors", new SensorsChecks(clock, edgeprune, options.Share).Run),
    ("profile", new ProfileChecks(clock, edgeprune, options.Share).RunSmall),
    ("faults", new FaultChecks(clock, edgeprune, options.Share).Run),
    ("digits", new ProfileChecks(clock, edgeprune, options.Share).RunDigits),
];
if (!groups.Any(g => options.Wants(g.Name)))
{
    report.Check($"--only {options.Only}", passed: false, $"there is no such group; there are {string.Join(", ", groups.Select(g => g.Name))}");
}

foreach ((string name, Action<CheckReport> run) in groups.Where(g => options.Wants(g.Name)))
{
    report.Group(name, run);
}

report.Verdict();
return report.Failed == 0 ? 0 : 1;

using System.CommandLine;
using EdgePrune.Cli.Doctor;
using EdgePrune.Cli.Documents;
using EdgePrune.Cli.Options;
using EdgePrune.Cli.Output;
using EdgePrune.Cli.Reports;

namespace EdgePrune.Cli.Commands;

/// <summary>Says what this machine and this build can do.</summary>
internal sealed class DoctorCommand : ReportingCommand
{
    private readonly Option<string> device = SharedOptions.Device();
    private readonly Option<string?> store = SharedOptions.Store();

    public DoctorCommand()
        : base("doctor", "Say what this machine and this build can do, and what is missing.", "edgeprune doctor")
    {
        Add(device);
        Add(store);
    }

    public override Outcome Execute(ParseResult parsed, Reporter reporter, CancellationToken cancellationToken)
    {
        DoctorDocument facts = Examination.Run(parsed.GetValue(device)!, StoreLocation.Resolve(parsed.GetValue(store)), reporter.Machine);
        return new Outcome(facts, console => DoctorReport.Show(console, facts));
    }
}

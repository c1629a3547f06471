using EdgePrune.Agent.Service.Power;
using EdgePrune.Agent.Service.Serving;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Agent.Service.Deployments;

/// <summary>Compares what two models take from the board: rounds of two windows, one a model, the first of them in turns.</summary>
internal sealed class EnergyComparison(PairRun pair, ServedModel model, ServedModel incumbent, ProbationServices services, ProbationEvidence evidence, CancellationToken stop)
{
    private const int MaxFaults = 10;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private int faults;
    private bool newFirst;

    /// <summary>Whether a round may still succeed.</summary>
    public bool IsPossible => faults < MaxFaults && services.Energy.Shortest.Value > 0;

    /// <summary>Measures one round. A request in between is somebody else's energy: such a round does not count.</summary>
    public void Run(NamedValues inputs)
    {
        newFirst = !newFirst;
        long entered = services.Host.Entered;
        ServedModel[] order = newFirst ? [model, incumbent] : [incumbent, model];
        var joules = new Joules[order.Length];
        Provenance? source = null;
        for (int i = 0; i < order.Length; i++)
        {
            if (stop.IsCancellationRequested)
            {
                return;
            }

            if (!TryWindow(order[i], inputs, out joules[i], out source))
            {
                faults++;
                stop.WaitHandle.WaitOne(Pause);
                return;
            }
        }

        if (services.Host.Entered == entered && joules[0].Value > 0 && joules[1].Value > 0)
        {
            (Joules now, Joules before) = newFirst ? (joules[0], joules[1]) : (joules[1], joules[0]);
            evidence.AddEnergy(now, before, source!);
        }
    }

    private bool TryWindow(ServedModel of, NamedValues inputs, out Joules perRun, out Provenance? source)
    {
        (perRun, source) = (default, null);
        IEnergyWindow energy = services.Energy;
        if (!energy.TryStart())
        {
            return false;
        }

        int runs = pair.Repeat(of, inputs, TimeSpan.FromSeconds(energy.Shortest.Value));
        if (!energy.TryStop(out EnergyReading? reading) || runs == 0)
        {
            return false;
        }

        (perRun, source) = (new Joules(reading.Energy.Median / runs), reading.Provenance);
        return true;
    }
}

using EdgePrune.Agent.Canaries;
using EdgePrune.Agent.Deployment;
using EdgePrune.Profiler.Statistics;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Agent.Service.Deployments;

/// <summary>What has been seen of a model beside its incumbent. One thread adds; any may look.</summary>
internal sealed class ProbationEvidence
{
    /// <summary>Comparisons whose times do not count: caches and the runtime's memory have still to settle.</summary>
    public const int WarmUp = 4;

    /// <summary>The fewest rounds whose interval covers 95 % (see <see cref="Order.MedianInterval"/>), and one to spare.</summary>
    public const int EnergyRounds = 7;

    private readonly Lock gate = new();
    private readonly List<double> latency = [];
    private readonly List<double> energy = [];
    private readonly List<double> newJoules = [];
    private readonly List<double> oldJoules = [];
    private Provenance? provenance;
    private double pending;
    private int compared;
    private int requests;
    private int answers;
    private int agreed;

    /// <summary>Comparisons so far.</summary>
    public int Compared
    {
        get
        {
            lock (gate)
            {
                return compared;
            }
        }
    }

    /// <summary>How many of those were of live requests.</summary>
    public int Requests
    {
        get
        {
            lock (gate)
            {
                return requests;
            }
        }
    }

    public bool HasEnergy
    {
        get
        {
            lock (gate)
            {
                return energy.Count >= EnergyRounds;
            }
        }
    }

    /// <summary>Answers to real inputs; null: none were compared.</summary>
    public AnswerFigure? Answers
    {
        get
        {
            lock (gate)
            {
                return answers == 0 ? null : new AnswerFigure(answers, agreed);
            }
        }
    }

    /// <summary>Adds a comparison.</summary>
    /// <param name="ratio">Time of the new model over that of the old on the same inputs, one right after the other.</param>
    /// <param name="outcome">How the answers compare; well formed, or the trial would be over.</param>
    /// <param name="isReal">Whether the inputs are real ones.</param>
    /// <param name="isLive">Whether they came with a request.</param>
    public void Add(double ratio, AnswerOutcome outcome, bool isReal, bool isLive)
    {
        lock (gate)
        {
            compared++;
            requests += isLive ? 1 : 0;
            answers += isReal ? 1 : 0;
            agreed += isReal && outcome == AnswerOutcome.Alike ? 1 : 0;
            if (compared <= WarmUp)
            {
                return;
            }

            // Whoever runs second finds its inputs in the cache. The order changes each time, so that two in a row cancel it.
            if (pending == 0)
            {
                pending = ratio;
            }
            else
            {
                latency.Add(Math.Sqrt(pending * ratio));
                pending = 0;
            }
        }
    }

    public void AddEnergy(Joules forNew, Joules forOld, Provenance source)
    {
        lock (gate)
        {
            energy.Add(forNew / forOld);
            newJoules.Add(forNew.Value);
            oldJoules.Add(forOld.Value);
            provenance = source;
        }
    }

    /// <summary>Time, new over old; null: too little to tell.</summary>
    public Interval? Latency()
    {
        lock (gate)
        {
            return latency.Count < 6 ? null : Order.MedianInterval(latency.ToArray());
        }
    }

    /// <summary>Energy per inference, new over old; null: too little to tell.</summary>
    public (Interval Ratio, Provenance Source)? Energy()
    {
        lock (gate)
        {
            return energy.Count < 6 || provenance is null ? null : (Order.MedianInterval(energy.ToArray()), provenance);
        }
    }

    /// <summary>Joules per inference, new and old; null: not known.</summary>
    public (Joules New, Joules Old, Provenance Source)? EnergyPerInference()
    {
        lock (gate)
        {
            return provenance is null ? null : (new Joules(Order.Median(newJoules.ToArray())), new Joules(Order.Median(oldJoules.ToArray())), provenance);
        }
    }
}

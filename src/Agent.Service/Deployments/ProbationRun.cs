using System.Collections.Concurrent;
using System.Diagnostics;
using EdgePrune.Agent.Canaries;
using EdgePrune.Agent.Deployment;
using EdgePrune.Agent.Service.Serving;
using EdgePrune.Agent.Threads;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using Microsoft.ML.OnnxRuntime;

namespace EdgePrune.Agent.Service.Deployments;

/// <summary>
/// Tries a model that serves beside the one that it replaced, on a thread of its own that gives way to requests, and says once
/// what it has found. Inputs of answered requests come first; while there are none it drives the canaries itself, or noise.
/// </summary>
internal sealed class ProbationRun : IDisposable
{
    private const int MaxQueued = 4;
    private const int FirstRuns = 10;
    private const long MaxShadowBytes = 16L << 20;

    /// <summary>After a request the agent does not drive for that long.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(200);

    /// <summary>How long to pause after a comparison, in multiples of its own time: requests have the machine first.</summary>
    private const double LivePause = 3;
    private const double DrivenPause = 0.25;
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(50);

    private readonly BlockingCollection<NamedValues> queue = new(MaxQueued);
    private readonly CancellationTokenSource stop = new();
    private readonly ProbationEvidence evidence = new();
    private readonly Trial trial;
    private readonly ProbationPlan plan;
    private readonly ProbationServices services;
    private readonly CanarySet? canaries;
    private readonly CanaryFigure? canaryFigure;
    private readonly Action<DeploymentVerdict> decide;
    private readonly DateTimeOffset begun;
    private readonly InferenceSlot slot;
    private readonly Thread thread;
    private int shadowing;
    private long waited;

    /// <param name="trial">The models.</param>
    /// <param name="plan">What the new one must hold to.</param>
    /// <param name="services">What the agent has at hand.</param>
    /// <param name="canaries">Taken over; null: the bundle held none.</param>
    /// <param name="canaryFigure">How the model did on them before the switch.</param>
    /// <param name="decide">Told the verdict, once, on this run's thread.</param>
    public ProbationRun(Trial trial, ProbationPlan plan, ProbationServices services, CanarySet? canaries, CanaryFigure? canaryFigure, Action<DeploymentVerdict> decide)
    {
        this.trial = trial;
        this.plan = plan;
        this.services = services;
        this.canaries = canaries;
        this.canaryFigure = canaryFigure;
        this.decide = decide;
        slot = new InferenceSlot(services.Time);
        begun = services.Time.GetUtcNow();
        thread = new Thread(Run) { IsBackground = true, Name = "probation" };
    }

    public ProbationProgress Progress => new(evidence.Requests, evidence.Compared, plan.Needed, Deadline);

    // What it waits for a measurement on this device is not its own time: it would go back for want of comparisons.
    private DateTimeOffset Deadline => begun + plan.Time + TimeSpan.FromTicks(Interlocked.Read(ref waited));

    public void Start() => thread.Start();

    /// <summary>What is to be said of a model that has failed, with what had been seen of it by then.</summary>
    public DeploymentVerdict Rejects(string failure) => ProbationRule.Failed(failure, evidence, canaryFigure);

    /// <summary>Takes the inputs of a request that has been answered, where there is room; true: they are no longer the caller's.</summary>
    public bool TryTake(NamedValues inputs)
    {
        // Not one more than can be worked off soon: what waits takes memory, and the share of requests stays bounded.
        if (stop.IsCancellationRequested || Volatile.Read(ref shadowing) != 0 || queue.Count >= MaxQueued || Bytes(inputs) > MaxShadowBytes)
        {
            return false;
        }

        try
        {
            return queue.TryAdd(inputs);
        }
        catch (InvalidOperationException)
        {
            return false; // decided meanwhile
        }
    }

    /// <summary>Stops without a verdict, or after it.</summary>
    public void Dispose()
    {
        stop.Cancel();
        slot.Cancel();
        if (thread.IsAlive && thread != Thread.CurrentThread)
        {
            thread.Join();
        }

        queue.CompleteAdding();
        while (queue.TryTake(out NamedValues? left))
        {
            left.Dispose();
        }

        canaries?.Dispose();
        slot.Dispose();
        stop.Dispose();
    }

    private static long Bytes(NamedValues values)
    {
        long bytes = 0;
        foreach (KeyValuePair<string, OrtValue> value in values)
        {
            bytes += value.Value.GetTensorSizeInBytes();
        }

        return bytes;
    }

    private void Run()
    {
        BackgroundPriority.Enter();
        DeploymentVerdict? verdict = null;
        bool holdsNew = trial.Model.TryEnter();
        bool holdsOld = trial.Incumbent?.TryEnter() ?? false;
        try
        {
            if (holdsNew)
            {
                verdict = trial.Incumbent is { } incumbent && holdsOld ? Compare(incumbent) : TryFirst();
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Stopped while it waited for its turn.
        }
        catch (Exception e) when (e is InputException or OnnxRuntimeException or IOException or InvalidOperationException or ArgumentException or KeyNotFoundException)
        {
            // On a thread of its own anything else would end the service.
            verdict = ProbationRule.Failed($"it could not be tried: {e.Message}", evidence, canaryFigure);
        }
        finally
        {
            if (holdsNew)
            {
                trial.Model.Leave();
            }

            if (holdsOld)
            {
                trial.Incumbent!.Leave();
            }
        }

        if (verdict is not null && !stop.IsCancellationRequested)
        {
            decide(verdict);
        }
    }

    /// <returns>Null where it was stopped.</returns>
    private DeploymentVerdict? TryFirst()
    {
        using TrialInputs inputs = TrialInputs.Of(canaries, trial.Model.Session, services.Model);
        int runs = Math.Min(plan.Needed, FirstRuns);
        for (int i = 0; i < runs && !stop.IsCancellationRequested; i++)
        {
            InTurn(() => inputs.Use(trial.Model.Session, values =>
            {
                slot.Arm(services.RunLimit);
                BatchRun.Run(trial.Model.Session, values, slot.Options).Dispose();
                slot.Disarm();
            }));
        }

        return stop.IsCancellationRequested ? null : ProbationRule.First(runs, canaryFigure);
    }

    private DeploymentVerdict? Compare(ServedModel incumbent)
    {
        using TrialInputs driven = TrialInputs.Of(canaries, trial.Model.Session, services.Model);
        var pair = new PairRun(trial, incumbent, plan.Answers, slot, services.RunLimit);
        var energy = new EnergyComparison(pair, trial.Model, incumbent, services, evidence, stop.Token);
        while (!stop.IsCancellationRequested)
        {
            if (trial.Failure is { } failure)
            {
                return ProbationRule.Failed(failure, evidence, canaryFigure);
            }

            bool enough = evidence.Compared >= plan.Needed;
            if ((enough && (evidence.HasEnergy || !energy.IsPossible)) || services.Time.GetUtcNow() >= Deadline)
            {
                if (evidence.EnergyPerInference() is var (now, before, source))
                {
                    trial.Model.Stats.Energy = new EnergyPerInference(now, source);
                    incumbent.Stats.Energy = new EnergyPerInference(before, source);
                }

                return ProbationRule.Decide(evidence, plan, canaryFigure);
            }

            Step(pair, energy, driven, incumbent, enough);
        }

        return null;
    }

    private void Step(PairRun pair, EnergyComparison energy, TrialInputs driven, ServedModel incumbent, bool enough)
    {
        if (queue.TryTake(out NamedValues? inputs, Patience))
        {
            using (inputs)
            {
                Volatile.Write(ref shadowing, 1); // the next is taken after the pause, from a request of that moment
                InTurn(() => Paced(LivePause, () => Add(pair, inputs, isReal: true, isLive: true)));
                Volatile.Write(ref shadowing, 0);
            }
        }
        else if (IsQuiet && enough)
        {
            InTurn(() => driven.Use(incumbent.Session, energy.Run));
        }
        else if (IsQuiet)
        {
            InTurn(() => Drive(pair, driven, incumbent));
        }
    }

    // As many as fit until somebody may be waiting again.
    private void Drive(PairRun pair, TrialInputs driven, ServedModel incumbent)
    {
        long until = Stopwatch.GetTimestamp() + (Stopwatch.Frequency / 20);
        do
        {
            Paced(DrivenPause, () => driven.Use(incumbent.Session, values => Add(pair, values, driven.AreReal, isLive: false)));
        }
        while (Stopwatch.GetTimestamp() < until && IsQuiet && queue.Count == 0 && evidence.Compared < plan.Needed && trial.Failure is null && !stop.IsCancellationRequested);
    }

    // A step at a time: a measurement that somebody has asked for gets its turn before the end of a long probation.
    private void InTurn(Action step)
    {
        long start = services.Time.GetTimestamp();
        using IDisposable turn = services.Turns.Take(stop.Token);
        Interlocked.Add(ref waited, services.Time.GetElapsedTime(start).Ticks);
        step();
    }

    private bool IsQuiet => services.Host.LastEntered is not { } last || Environment.TickCount64 - last > Quiet.TotalMilliseconds;

    private void Add(PairRun pair, NamedValues inputs, bool isReal, bool isLive)
    {
        if (pair.TryRun(inputs, out double ratio, out AnswerOutcome outcome))
        {
            evidence.Add(ratio, outcome, isReal, isLive);
        }
    }

    private void Paced(double share, Action work)
    {
        long start = Stopwatch.GetTimestamp();
        work();
        TimeSpan pause = Stopwatch.GetElapsedTime(start) * share;
        if (pause > TimeSpan.FromMilliseconds(1))
        {
            stop.Token.WaitHandle.WaitOne(pause < LongestPause ? pause : LongestPause);
        }
    }
}

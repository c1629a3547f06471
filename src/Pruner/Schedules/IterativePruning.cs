using EdgePrune.Onnx;
using EdgePrune.Pruner.Calibration;
using EdgePrune.Pruner.Coupling;
using EdgePrune.Pruner.Reconstruction;
using EdgePrune.Pruner.Recovery;

namespace EdgePrune.Pruner.Schedules;

/// <summary>
/// Pruning in several cuts (Han et al., NIPS 2015; Molchanov et al., ICLR 2017): each is scored on the model that the last one left, which
/// is fitted to the original's activations and trained on between the cuts where that is asked for.
/// </summary>
internal static class IterativePruning
{
    /// <summary>Cuts that each go a part of the way to the budget.</summary>
    /// <exception cref="InputException">A criterion, the fitting or the training lacks what it needs.</exception>
    public static ScheduledModel Run(ScheduleContext context)
    {
        ScheduleOptions schedule = context.Options.Schedule;
        var model = new ShrinkingModel(context);
        var stages = new List<ScheduleStage>();
        for (int cut = 1; cut <= schedule.Cuts; cut++)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            HashSet<int> next = context.Next(model.Score(), model.Removed, context.Budget.At((double)cut / schedule.Cuts, schedule.Spacing));
            int went = model.Cut(next);
            if (model.Equivalence is { Ok: false })
            {
                break;
            }

            stages.Add(new ScheduleStage(cut, model.Removed.Count, went, 0));
            Recover(context, model, seed: cut);
        }

        return model.Result(stages);
    }

    /// <summary>One cut, fitted and trained on.</summary>
    /// <param name="context">The model.</param>
    /// <param name="units">The units that go.</param>
    /// <exception cref="InputException">The fitting or the training lacks what it needs.</exception>
    public static ScheduledModel Once(ScheduleContext context, IReadOnlySet<int> units)
    {
        var model = new ShrinkingModel(context);
        int went = model.Cut(units);
        if (model.Equivalence is not { Ok: false })
        {
            Recover(context, model, seed: 1);
        }

        return model.Result([new ScheduleStage(1, model.Removed.Count, went, 0)]);
    }

    /// <summary>
    /// Layer after layer, as channel pruning by LASSO (He et al., ICCV 2017) and ThiNet (Luo et al., ICCV 2017) are meant: the budget says how
    /// many units each group keeps; which, is found group by group on the model whose earlier layers are cut and fitted.
    /// </summary>
    /// <exception cref="InputException">A criterion, the fitting or the training lacks what it needs.</exception>
    public static ScheduledModel LayerByLayer(ScheduleContext context)
    {
        var model = new ShrinkingModel(context);
        var stages = new List<ScheduleStage>();
        int[] wanted = new int[context.Coupling.Groups.Count];
        foreach (int unit in context.Next(model.Score(), model.Removed, context.Budget.At(1)))
        {
            wanted[context.Coupling.Units[unit].Group]++;
        }

        foreach (UnitGroup group in InOrder(context.Coupling).Where(g => wanted[g.Id] > 0))
        {
            context.Cancellation.ThrowIfCancellationRequested();
            double[] scores = model.Score();
            int went = model.Cut(group.Units.Select(u => u.Id).OrderBy(u => scores[u]).ThenBy(u => u).Take(wanted[group.Id]));
            if (model.Equivalence is { Ok: false })
            {
                break;
            }

            stages.Add(new ScheduleStage(stages.Count + 1, model.Removed.Count, went, 0));
            Fit(context, model);
        }

        if (model.Equivalence is not { Ok: false } && context.Options.Recovery is { } recovery)
        {
            model.Train(recovery, context.Detail());
        }

        return model.Result(stages);
    }

    private static void Recover(ScheduleContext context, ShrinkingModel model, int seed)
    {
        Fit(context, model);
        if (context.Options.Recovery is { Steps: > 0 } recovery)
        {
            // Each training draws its own order of samples.
            TrainingDetail detail = context.Detail();
            model.Train(recovery, detail with { Seed = unchecked((detail.Seed * 31) + seed) });
        }
    }

    private static void Fit(ScheduleContext context, ShrinkingModel model)
    {
        if (context.Options.Reconstruction is not { } reconstruction || model.Removed.Count == 0)
        {
            return;
        }

        CalibrationData data = context.Options.Calibration
            ?? throw new InputException("weights are fitted to what the original does with samples, and none were given; name training samples (--calibration)");
        model.Replace(Reconstructor.Run(
            context.Model, model.Model, context.Coupling, [.. model.Removed], data, reconstruction, context.Session, context.Cancellation));
    }

    // By the first node that reads one of the group's weights.
    private static IEnumerable<UnitGroup> InOrder(CouplingResult coupling)
    {
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int n = 0; n < coupling.Context.Index.Graph.Node.Count; n++)
        {
            foreach (string input in coupling.Context.Index.Graph.Node[n].Input)
            {
                places.TryAdd(input, n);
            }
        }

        return coupling.Groups.OrderBy(g => g.Slices.Min(s => places.GetValueOrDefault(s.Tensor, int.MaxValue))).ThenBy(g => g.Id);
    }
}

using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Pruner.Coupling;
using EdgePrune.Pruner.Importance;
using EdgePrune.Pruner.Recovery;
using EdgePrune.Pruner.Sparsity;
using EdgePrune.Training.Steps;

namespace EdgePrune.Pruner.Schedules;

/// <summary>What happens to a model before it is measured, scored and cut: training that makes it fit for that, a new head.</summary>
internal static class SchedulePreparation
{
    /// <summary>The model to prune.</summary>
    /// <exception cref="InputException">Training lacks what it needs, or the schedule does not go with the other options.</exception>
    public static PreparedModel Run(OnnxModel model, PruneOptions options, CancellationToken cancel)
    {
        Check(options);
        TrainingDetail detail = new()
        {
            Seed = options.Seed,
            Session = options.Session with { Threads = Math.Max(options.Session.Threads, Environment.ProcessorCount) },
            Teacher = model,
        };
        if (options.Transfer is { Order: TransferOrder.TransferFirst } transfer)
        {
            model = HeadTransfer.Run(model, transfer, options.Recovery!, detail, cancel);
            // The new head's answers are of the target's classes: its own earlier self can teach, the pre-trained model cannot.
            detail = detail with { Teacher = model };
        }

        bool prunesFirst = options.Transfer is { Order: TransferOrder.PruneFirst };
        if (options.Recovery is { } recovery && prunesFirst)
        {
            RecoveryTraining.CheckLabels(recovery);
        }
        else if (options.Recovery is { } used && (used.Steps > 0 || options.Schedule.Trains))
        {
            RecoveryTraining.Check(model, used);
        }

        return options.Schedule.Kind switch
        {
            PruningScheduleKind.DenseSparseDense => PreparedModel.AsGiven(DenseSparseDense(model, options, detail, cancel), options),
            PruningScheduleKind.L1 or PruningScheduleKind.GroupLasso => Penalized(model, options, detail, cancel),
            // What is pruned first has no labels to recover by yet.
            _ => PreparedModel.AsGiven(model, prunesFirst ? options with { Recovery = null } : options),
        };
    }

    /// <summary>
    /// Dense–sparse–dense training (Han et al., "DSD: Dense-Sparse-Dense Training for Deep Neural Networks", ICLR 2017): a third of the steps
    /// with all weights, a third with the smallest of each layer held at zero, a third with these trained again, from zero and at a tenth of
    /// the learning rate.
    /// </summary>
    private static OnnxModel DenseSparseDense(OnnxModel model, PruneOptions options, TrainingDetail detail, CancellationToken cancel)
    {
        RecoveryOptions training = Training(options);
        long third = options.Schedule.Steps / 3;
        OnnxModel dense = RecoveryTraining.Run(model, training, options.Schedule.Steps - (2 * third), detail, cancel);
        var share = new WeightShare(dense, new SparsityOptions { Pattern = new SparsityPattern(options.Schedule.Share) });
        var editor = new SparseTraining(step => share.Smallest(step, new Dictionary<string, bool[]>(), 1));
        OnnxModel sparse = RecoveryTraining.Run(dense, training, third, detail with { Editor = editor, Seed = unchecked(detail.Seed + 1) }, cancel);
        return RecoveryTraining.Run(sparse, training, third, detail with { RateFactor = 0.1, Seed = unchecked(detail.Seed + 2) }, cancel);
    }

    /// <summary>
    /// Training under a penalty on weights (L1) or on whole units (group lasso; Yuan and Lin, 2006; Wen et al., "Learning Structured Sparsity
    /// in Deep Neural Networks", NIPS 2016) that drives what is not needed to zero. A unit is next to nothing where the norm of its weights is
    /// below a share of the mean norm that its group had before.
    /// </summary>
    private static PreparedModel Penalized(OnnxModel model, PruneOptions options, TrainingDetail detail, CancellationToken cancel)
    {
        RecoveryOptions training = Training(options);
        ScheduleOptions schedule = options.Schedule;
        IReadOnlyDictionary<string, ValueShape> shapes = ShapeProbe.Run(model, null, options.Shapes);
        CouplingResult before = Pruning.Units(model, shapes, options.Coupling);
        double[] norms = Norms(model, before);
        Regularizers penalty = schedule.Kind == PruningScheduleKind.L1
            ? new Regularizers { L1 = schedule.Factor }
            : new Regularizers { GroupLasso = schedule.Factor, Groups = [.. before.Units.Select(Slices)] };
        OnnxModel trained = RecoveryTraining.Run(model, training, schedule.Steps, detail with { Regularizers = penalty }, cancel);
        double[] after = Norms(trained, CouplingAnalysis.Run(trained, shapes, options.Coupling));
        var weak = new HashSet<int>();
        foreach (UnitGroup group in before.Groups)
        {
            double mean = group.Units.Select(u => norms[u.Id]).Where(double.IsFinite).DefaultIfEmpty(0).Average();
            weak.UnionWith(group.Units.Select(u => u.Id).Where(u => after[u] < schedule.Threshold * mean));
        }

        return new PreparedModel(trained, weak, options);
    }

    private static double[] Norms(OnnxModel model, CouplingResult coupling) => new GroupNormImportance().Score(new ImportanceContext(model, coupling));

    private static SliceGroup Slices(Unit unit) =>
        new([.. unit.Slices.Where(s => s.Role != SliceRole.Value).Select(s => new TensorSlice(s.Tensor, s.Axis, s.Indices))]);

    private static RecoveryOptions Training(PruneOptions options) => options.Recovery
        ?? throw new InputException("this schedule trains the model, and no labelled samples were given to train on; name them (--train)");

    private static void Check(PruneOptions options)
    {
        if (options.Recovery is null && (options.Schedule.Trains || options.Transfer is not null))
        {
            throw new InputException(options.Transfer is not null
                ? "a model is transferred to a target by training, and no labelled samples of the target were given"
                : "this schedule trains the model, and no labelled samples were given to train on; name them (--train)");
        }

        if (options.Transfer is { Order: TransferOrder.PruneFirst } && options.Schedule.Trains)
        {
            throw new InputException("a schedule that trains needs the target's head, which comes last where the model is pruned first; transfer first, or take a one-shot or iterative schedule");
        }

        if (options.Floor is not null && (ScheduledPruning.IsAskedFor(options) || options.Transfer is { Order: TransferOrder.PruneFirst }))
        {
            throw new InputException("an accuracy floor judges single cuts, before anything is trained on them; leave the floor out, or the schedule, --recover-steps, --densify and the transfer that comes last");
        }

        if (options.Densification is not null && options.Schedule is not { Kind: PruningScheduleKind.OneShot or PruningScheduleKind.DenseSparseDense })
        {
            throw new InputException("densification brings back units of a single cut; leave it or the schedule out");
        }
    }
}

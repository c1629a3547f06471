using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Pruner.Coupling;
using EdgePrune.Pruner.Surgery;
using EdgePrune.Pruner.Verification;

namespace Pruner.Tests;

/// <summary>The law of surgery, masked ≡ pruned, for random subsets of a model's units.</summary>
internal static class Law
{
    /// <summary>Checks it, for one more subset with constants folded too, and returns the units.</summary>
    /// <param name="model">The model.</param>
    /// <param name="subsets">How many subsets; each leaves at least one unit of each group.</param>
    /// <param name="options">Which units.</param>
    /// <param name="what">What a failure is to name besides.</param>
    public static CouplingResult Holds(OnnxModel model, int subsets, CouplingOptions? options = null, string what = "")
    {
        CouplingResult coupling = CouplingAnalysis.Run(model, options: options);
        if (coupling.Units.Count == 0)
        {
            return coupling;
        }

        using var oracle = new MaskedOracle(model, coupling);
        for (int seed = 0; seed < subsets; seed++)
        {
            int[] removed = RandomUnits.Choose(coupling, seed);
            OnnxModel pruned = ModelSurgeon.Apply(model, coupling, removed);
            EquivalenceReport report = oracle.Check(pruned, PruningPlan.Of(model, coupling, removed), randomInputs: 1, seed);
            Assert.True(report.Ok, $"{what} subset {seed}, without {string.Join(",", removed)}: {report}");
        }

        // Axes of length one broadcast, and are squeezed: operators must not take a cut axis for one of these.
        int[] most = RandomUnits.AllButOne(coupling);
        EquivalenceReport least = oracle.Check(ModelSurgeon.Apply(model, coupling, most), PruningPlan.Of(model, coupling, most), randomInputs: 1, subsets);
        Assert.True(least.Ok, $"{what} with one unit of each group left, without {string.Join(",", most)}: {least}");

        int[] folded = RandomUnits.Choose(coupling, subsets);
        SurgeryResult cut = ModelSurgeon.Cut(model, coupling, folded, new SurgeryOptions { Constants = ConstantHandling.Fold });
        EquivalenceReport same = oracle.Check(cut.Model, cut.Plan, randomInputs: 1, subsets);
        Assert.True(same.Ok, $"{what} with constants folded, without {string.Join(",", folded)}: {same}");
        return coupling;
    }

    /// <summary>Where inexact units are allowed too: the cut model still runs, and gives outputs of the same shape.</summary>
    public static void CutsInShape(OnnxModel model, string what = "")
    {
        CouplingResult coupling = CouplingAnalysis.Run(model, options: new CouplingOptions { AllowInexact = true });
        int[] removed = RandomUnits.Choose(coupling, 1);
        IReadOnlyDictionary<string, ValueShape> after = ShapeProbe.Run(ModelSurgeon.Apply(model, coupling, removed));
        IReadOnlyDictionary<string, ValueShape> before = ShapeProbe.Run(model);
        foreach (string output in model.Graph.Output.Select(o => o.Name))
        {
            Assert.True(before[output].Dims.SequenceEqual(after[output].Dims), $"{what} output '{output}' is {after[output]} and was {before[output]}, without {string.Join(",", removed)}");
        }
    }
}

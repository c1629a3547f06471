using EdgePrune.Onnx;
using EdgePrune.Profiler.Costs;
using EdgePrune.Profiler.Devices;
using EdgePrune.Profiler.Documents;
using EdgePrune.Profiler.Units;
using EdgePrune.Pruner.Budget;
using EdgePrune.Pruner.Coupling;
using EdgePrune.TestSupport;

namespace Pruner.Tests;

/// <summary>
/// The cost table of the sample network, measured once for all tests that prune it: which widths share a kernel path takes ten seconds
/// of sessions to find, and no test that uses this asks how.
/// </summary>
internal static class DigitsCosts
{
    private static readonly Lazy<string> Measured = new(Measure);

    /// <summary>A copy of its own for one test.</summary>
    public static string Copy()
    {
        string copy = Path.Combine(Path.GetDirectoryName(Measured.Value)!, $"{Guid.NewGuid():N}.sqlite");
        File.Copy(Measured.Value, copy);
        return copy;
    }

    /// <summary>The same as a file that another machine plans with.</summary>
    public static CostTableDocument Document()
    {
        var model = OnnxModel.Load(Path.Combine(Repository.Root, "samples", "digits", "digits.onnx"));
        var options = new SweepOptions { Device = Device.Load("host"), Budget = new Seconds(3), Store = Copy() };
        return CostTableDocument.Of(CostSweep.Run(model, new BlockResizer(CouplingAnalysis.Run(model)), options), options, model);
    }

    private static string Measure()
    {
        string folder = Directory.CreateTempSubdirectory("edgeprune-test-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        string store = Path.Combine(folder, "digits.sqlite");
        var model = OnnxModel.Load(Path.Combine(Repository.Root, "samples", "digits", "digits.onnx"));
        CostSweep.Run(
            model,
            new BlockResizer(CouplingAnalysis.Run(model)),
            new SweepOptions { Device = Device.Load("host"), Budget = new Seconds(3), Store = store });
        return store;
    }
}

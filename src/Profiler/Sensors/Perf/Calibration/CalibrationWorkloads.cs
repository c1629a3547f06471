using EdgePrune.Onnx.Sessions;

namespace EdgePrune.Profiler.Sensors.Perf.Calibration;

/// <summary>
/// The workloads of a calibration: operators of real networks, chosen so that arithmetic, loads, cache refills and traffic to
/// memory stand in different proportions. All together they hold about 70 MB, so that a board with 512 MB takes them.
/// </summary>
public static class CalibrationWorkloads
{
    private const long Large = 4 << 20; // elements; 16 MB, which is more than the caches of small boards
    private const long Small = 2048; // elements; stays in the first cache

    /// <summary>All workloads, each loaded and run once. The caller disposes them.</summary>
    /// <param name="threads">Most threads that a workload uses; above 1 some run on one thread and on all.</param>
    public static IReadOnlyList<ICalibrationWorkload> Make(int threads, int seed, TimeProvider clock)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        var made = new List<ICalibrationWorkload>();
        try
        {
            foreach ((string name, Func<CalibrationGraph> graph) in Graphs(seed))
            {
                made.Add(new OnnxWorkload(name, graph().Build(), new SessionSettings(), seed, clock));
            }

            ICalibrationWorkload[] single = [.. made];
            if (threads > 1)
            {
                foreach ((string name, Func<CalibrationGraph> graph) in Graphs(seed).Where(g => g.Name is "conv 3x3" or "matmul" or "add large"))
                {
                    made.Add(new OnnxWorkload($"{name}@{threads} threads", graph().Build(), new SessionSettings { Threads = threads }, seed, clock));
                }
            }

            made.AddRange(single.Where(w => w.Name is "conv 3x3" or "depthwise 3x3" or "add large").Select(w => new DutyCycledWorkload(w, 0.5, clock)));
            return made;
        }
        catch
        {
            made.ForEach(w => w.Dispose());
            throw;
        }
    }

    private static (string Name, Func<CalibrationGraph> Graph)[] Graphs(int seed) =>
    [
        ("conv 3x3", () => new CalibrationGraph(seed, 1, 64, 28, 28).Conv(64, 64, 3).Then("Relu").Conv(64, 64, 3)),
        ("conv 1x1", () => new CalibrationGraph(seed, 1, 256, 14, 14).Conv(256, 256, 1)),
        ("conv 3x3 few channels", () => new CalibrationGraph(seed, 1, 3, 112, 112).Conv(3, 16, 3)),
        ("conv 3x3 many weights", () => new CalibrationGraph(seed, 1, 512, 7, 7).Conv(512, 256, 3)),
        ("depthwise 3x3", () => new CalibrationGraph(seed, 1, 96, 56, 56).Conv(96, 96, 3, 96)),
        ("depthwise 5x5", () => new CalibrationGraph(seed, 1, 240, 14, 14).Conv(240, 240, 5, 240)),
        ("matmul", () => new CalibrationGraph(seed, 128, 256).MatMul(256, 512)),
        ("matmul one row", () => new CalibrationGraph(seed, 1, 2048).MatMul(2048, 2048)),
        ("matmul small", () => new CalibrationGraph(seed, 8, 64).MatMul(64, 64)),
        ("add large", () => new CalibrationGraph(seed, 1, Large).AddToItself()),
        ("add small", () => new CalibrationGraph(seed, 1, Small).AddToItself()),
        ("sigmoid", () => new CalibrationGraph(seed, 1, 1 << 16).Then("Sigmoid")),
        ("exp small", () => new CalibrationGraph(seed, 1, Small).Then("Exp")),
        ("softmax", () => new CalibrationGraph(seed, 256, 256).Then("Softmax")),
        ("transpose large", () => new CalibrationGraph(seed, 1024, 2048).Then("Transpose", ("perm", [1, 0]))),
        ("max pool", () => new CalibrationGraph(seed, 1, 64, 56, 56).Then("MaxPool", ("kernel_shape", [3, 3]), ("strides", [2, 2]))),
        ("mean", () => new CalibrationGraph(seed, 1, 64, 56, 56).Then("GlobalAveragePool")),
    ];
}

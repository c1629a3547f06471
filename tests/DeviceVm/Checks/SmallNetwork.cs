using EdgePrune.TestSupport;

namespace EdgePrune.DeviceVm.Checks;

/// <summary>
/// Three convolutions and a product: a run takes about a millisecond in the guest, long beside what the sampler takes of its one
/// processor.
/// </summary>
internal static class SmallNetwork
{
    /// <summary>Writes the model into a folder and returns its path.</summary>
    public static string Save(string folder)
    {
        string model = Path.Combine(folder, "small-network.onnx");
        var graph = new GraphBuilder();
        string x = graph.Relu(graph.Conv(graph.Input("x", 1, 8, 12, 12), 8, 16));
        x = graph.Relu(graph.Conv(x, 16, 32, kernel: 1));
        x = graph.Relu(graph.Conv(x, 32, 12));
        graph.Output(graph.Linear(graph.Node("Flatten", [x]), 12 * 12 * 12, 64)).Build().Save(model);
        return model;
    }
}

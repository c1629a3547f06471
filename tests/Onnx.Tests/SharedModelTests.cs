using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.TestSupport;

namespace Onnx.Tests;

/// <summary>Real models load, survive a round trip and can be probed.</summary>
public sealed class SharedModelTests
{
    public static TheoryData<string> Models { get; } = [.. SharedModels.All.Select(m => new TheoryDataRow<string>(m))];

    [Theory]
    [MemberData(nameof(Models))]
    public void A_real_model_survives_a_round_trip(string relative)
    {
        OnnxModel model = SharedModels.Load(relative);
        using var folder = new TempFolder();
        model.Save(folder.File("copy.onnx"));
        Assert.Equal(model.Proto, OnnxModel.Load(folder.File("copy.onnx")).Proto);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Every_value_of_a_real_model_gets_a_shape(string relative)
    {
        OnnxModel model = SharedModels.Load(relative);
        IReadOnlyDictionary<string, ValueShape> shapes = ShapeProbe.Run(model);
        foreach (string value in model.Graph.Node.SelectMany(n => n.Output).Where(o => o.Length > 0))
        {
            Assert.True(shapes.ContainsKey(value), value);
        }
    }
}

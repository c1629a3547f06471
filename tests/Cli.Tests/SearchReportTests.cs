using EdgePrune.Cli.Documents;
using EdgePrune.Cli.Reports;
using EdgePrune.Pruner.Importance;
using EdgePrune.Pruner.Reconstruction;
using EdgePrune.Pruner.Search;

namespace EdgePrune.Cli.Tests;

public sealed class SearchReportTests
{
    private static readonly SearchRecipe Taylor = new("taylor", ScoreScope.Global, ReconstructionKind.LeastSquares);
    private static readonly SearchRecipe Plain = new("l2", ScoreScope.Isomorphic, null);

    /// <summary>A front of two models, and a trial that gave none.</summary>
    internal static SearchDocument Document { get; } = new(
        "model.onnx",
        "energy",
        "modelled",
        "train.npz",
        512,
        3000,
        0.9173,
        [
            new FrontModel(4, Plain.Name, 0.412, 0.405, 0.861, new Figure(0.43, 0.42, 0.44), new Figure(0.412, 0.402, 0.423), "modelled", 410_000, "/home/pi/front/model-4.onnx", "/home/pi/front/recipe-4.yaml"),
            new FrontModel(3, Taylor.Name, 0.604, 0.6, 0.9021, new Figure(0.62, 0.61, 0.63), new Figure(0.604, 0.593, 0.615), "modelled", 640_000, "/home/pi/front/model-3.onnx", "/home/pi/front/recipe-3.yaml"),
        ],
        [
            new SearchTrial(1, Taylor, 0.6, 750, 0.6, 0.904, 2.5, null),
            new SearchTrial(2, Plain, 0.6, 750, 0.598, 0.88, 1.5, null),
            new SearchTrial(3, Taylor, 0.6, 3000, 0.6, 0.9021, 3.1, null),
            new SearchTrial(4, Plain, 0.4, 3000, 0.405, 0.861, 2.9, null),
            new SearchTrial(5, Taylor, 0.3, 3000, 0.41, null, 0.4, "no choice of units keeps this budget"),
        ],
        10.4,
        "/home/pi/front");

    [Theory]
    [InlineData("model-4.onnx")]
    [InlineData("41.2 %")]
    [InlineData("90.21 %")]
    [InlineData("taylor-global-least-squares")]
    [InlineData("on 3000 samples held out")]
    [InlineData("1 could not be made")]
    public void The_front_is_told(string words) =>
        Assert.Contains(words, Rendered.At(200, console => SearchReport.Show(console, Document)), StringComparison.Ordinal);
}

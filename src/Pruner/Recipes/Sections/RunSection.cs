using System.Globalization;
using EdgePrune.Onnx;
using EdgePrune.Profiler.Devices;
using EdgePrune.Profiler.Units;
using Microsoft.ML.OnnxRuntime;

namespace EdgePrune.Pruner.Recipes.Sections;

/// <summary><c>run</c>: the board, the runtime, the seed, and what measuring may take.</summary>
internal sealed class RunSection : IRecipeSection
{
    private const double LongestSeconds = 86_400;
    private const int MostDims = 64;

    // ORT_ENABLE_LAYOUT, which not every version of the managed library names.
    private const GraphOptimizationLevel Layout = (GraphOptimizationLevel)3;
    private static readonly PruneRecipe Default = new();

    public string Key => "run";

    public PruneRecipe Read(YamlMap map, PruneRecipe recipe) => recipe with
    {
        Seed = map.OptionalInteger("seed", 0, int.MaxValue) ?? recipe.Seed,
        Device = map.OptionalText("device") ?? recipe.Device,
        Session = recipe.Session with
        {
            Threads = map.OptionalInteger("threads", 1, 1024) ?? recipe.Session.Threads,
            Provider = map.OptionalText("provider") ?? recipe.Session.Provider,
            Optimization = map.Parsed("optimization", Level) ?? recipe.Session.Optimization,
            AllowSpinning = map.OptionalFlag("spinning") ?? recipe.Session.AllowSpinning,
        },
        Shapes = map.OptionalMap("shapes") is { } shapes ? Shapes(shapes) : recipe.Shapes,
        CostStore = map.OptionalText("costs") ?? recipe.CostStore,
        SweepBudget = new Seconds(map.OptionalNumber("sweep_seconds", 0.1, LongestSeconds) ?? recipe.SweepBudget.Value),
        CompareBudget = new Seconds(map.OptionalNumber("compare_seconds", 0.1, LongestSeconds) ?? recipe.CompareBudget.Value),
    };

    public void Write(RecipeWriter writer, PruneRecipe recipe)
    {
        writer.Number("seed", recipe.Seed, Default.Seed);
        writer.Text("device", recipe.Device == Default.Device ? null : recipe.Device);
        writer.Number("threads", recipe.Session.Threads, Default.Session.Threads);
        writer.Text("provider", recipe.Session.Provider == Default.Session.Provider ? null : recipe.Session.Provider);
        writer.Text("optimization", recipe.Session.Optimization == Default.Session.Optimization ? null : Word(recipe.Session.Optimization));
        writer.Flag("spinning", recipe.Session.AllowSpinning, otherwise: false);
        var shapes = new RecipeWriter();
        foreach ((string input, long[] dims) in (recipe.Shapes ?? new Dictionary<string, long[]>()).OrderBy(s => s.Key, StringComparer.Ordinal))
        {
            shapes.Texts(input, dims.Select(d => d.ToString(CultureInfo.InvariantCulture)));
        }

        writer.Map("shapes", shapes);
        writer.Text("costs", recipe.CostStore);
        writer.Number("sweep_seconds", recipe.SweepBudget.Value, Default.SweepBudget.Value);
        writer.Number("compare_seconds", recipe.CompareBudget.Value, Default.CompareBudget.Value);
    }

    private static Dictionary<string, long[]> Shapes(YamlMap map)
    {
        var shapes = new Dictionary<string, long[]>(StringComparer.Ordinal);
        foreach (string input in map.Keys)
        {
            long[] dims = [.. map.Integers(input, 1, int.MaxValue)];
            if (dims.Length > MostDims)
            {
                map.Add(input, $"has {dims.Length} dimensions; {MostDims} at most");
            }

            shapes[input] = dims;
        }

        return shapes;
    }

    private static string Word(GraphOptimizationLevel level) => level switch
    {
        GraphOptimizationLevel.ORT_DISABLE_ALL => "none",
        GraphOptimizationLevel.ORT_ENABLE_BASIC => "basic",
        GraphOptimizationLevel.ORT_ENABLE_EXTENDED => "extended",
        Layout => "layout",
        _ => "all",
    };

    private static GraphOptimizationLevel? Level(string word)
    {
        GraphOptimizationLevel[] levels =
            [GraphOptimizationLevel.ORT_DISABLE_ALL, GraphOptimizationLevel.ORT_ENABLE_BASIC, GraphOptimizationLevel.ORT_ENABLE_EXTENDED, Layout, GraphOptimizationLevel.ORT_ENABLE_ALL];
        int at = Array.FindIndex(levels, l => Word(l) == word);
        return at >= 0 ? levels[at] : throw new InputException($"'{Printable.Name(word)}' is none of {string.Join(", ", levels.Select(Word))}");
    }
}

using System.Globalization;
using System.IO.Enumeration;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Files;
using EdgePrune.Profiler.Devices;
using EdgePrune.Pruner.Coupling;
using EdgePrune.Pruner.Importance;
using EdgePrune.Pruner.Recipes;
using EdgePrune.Pruner.Surgery;
using YamlDotNet.RepresentationModel;

namespace EdgePrune.Pruner.Knowledge;

/// <summary>
/// What a user or an earlier run knows of layers: how sensitive they are, and which are spared. A file says it
/// (<c>priors: 1</c>, see docs/recipes.md), or a plan of an earlier run: a layer that kept more of its units than the mean is taken
/// for more sensitive by that ratio.
/// </summary>
/// <param name="Layers">Sensitivities.</param>
/// <param name="Rules">Protected layers, floors and ceilings.</param>
public sealed record Priors(IReadOnlyList<LayerPrior> Layers, IReadOnlyList<LayerRule> Rules)
{
    private const double Most = 1e6;
    private const long MaxBytes = 1 << 20;

    /// <summary>Reads a file of priors, or the plan of an earlier run.</summary>
    /// <exception cref="InputException">It is neither; each problem with its line.</exception>
    public static Priors Load(string path)
    {
        try
        {
            using StreamReader reader = File.OpenText(path);
            if (reader.Peek() == '{')
            {
                reader.Dispose();
                return OfPlan(PruningPlan.Load(path), path);
            }

            return new FileInfo(path).Length <= MaxBytes
                ? Parse(reader.ReadToEnd(), path)
                : throw new InputException($"{path} is larger than {MaxBytes:N0} bytes; no file of priors is");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{path} cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Reads the text of a file of priors.</summary>
    /// <param name="text">YAML.</param>
    /// <param name="file">How messages name the file.</param>
    /// <exception cref="InputException">One line a problem, each <c>file:line: what</c>.</exception>
    public static Priors Parse(string text, string file)
    {
        var problems = new YamlProblems(file);
        var root = new YamlMap(YamlMap.Root(text, file), "", problems);
        _ = root.Integer("priors", 1, 1);
        var layers = new List<LayerPrior>();
        if (root.OptionalMap("sensitivity") is { } map)
        {
            layers.AddRange(map.Keys.Select(pattern => new LayerPrior(pattern, map.Number(pattern, 1 / Most, Most))));
        }

        List<LayerRule> rules = [.. (root.OptionalTexts("protect") ?? []).Select(LayerRule.Protect)];
        foreach (string rule in root.OptionalTexts("keep") ?? [])
        {
            try
            {
                rules.Add(LayerRuleText.Parse(rule));
            }
            catch (InputException wrong)
            {
                root.Add("keep", $": {wrong.Message}");
            }
        }

        root.Close();
        problems.ThrowIfAny();
        return new Priors(layers, rules);
    }

    /// <summary>What a run has found: the mean score of each group's units over the mean of all.</summary>
    /// <param name="coupling">The units.</param>
    /// <param name="scores">Importance by unit id.</param>
    public static Priors Of(CouplingResult coupling, IReadOnlyList<double> scores)
    {
        ArgumentNullException.ThrowIfNull(coupling);
        ArgumentNullException.ThrowIfNull(scores);
        double mean = coupling.Units.Count > 0 ? coupling.Units.Average(u => scores[u.Id]) : 0;
        return new Priors(
            [.. from g in coupling.Groups
                let names = GroupNames.Of(coupling, g)
                where names.Count > 0
                select new LayerPrior(names[0], Math.Clamp(g.Units.Average(u => scores[u.Id]) / (mean > 0 ? mean : 1), 1 / Most, Most))],
            []);
    }

    /// <summary>Writes a file that <see cref="Load"/> reads.</summary>
    public void Save(string path)
    {
        var sensitivity = new YamlMappingNode();
        foreach (LayerPrior prior in Layers.DistinctBy(p => p.Pattern, StringComparer.Ordinal))
        {
            sensitivity.Add(prior.Pattern, prior.Sensitivity.ToString("R", CultureInfo.InvariantCulture));
        }

        var root = new YamlMappingNode { { "priors", "1" } };
        AddTexts(root, "protect", Rules.Where(r => r.IsProtected));
        AddTexts(root, "keep", Rules.Where(r => !r.IsProtected));
        if (Layers.Count > 0)
        {
            root.Add("sensitivity", sensitivity);
        }

        AtomicFile.WriteText(path, RecipeFile.Text(root));
    }

    /// <summary>Scores with what is known multiplied in; where several patterns match a layer, each of them.</summary>
    /// <exception cref="InputException">A pattern matches no layer with units.</exception>
    public double[] Apply(CouplingResult coupling, IReadOnlyList<double> scores)
    {
        ArgumentNullException.ThrowIfNull(coupling);
        ArgumentNullException.ThrowIfNull(scores);
        double[] known = [.. scores];
        foreach (LayerPrior prior in Layers)
        {
            UnitGroup[] groups = [.. coupling.Groups.Where(g => GroupBounds.Makers(coupling, g).Any(n => FileSystemName.MatchesSimpleExpression(prior.Pattern, n, ignoreCase: false)))];
            if (groups.Length == 0)
            {
                throw new InputException($"the priors name '{Printable.Name(prior.Pattern)}', and no layer with units that can be pruned is called that");
            }

            foreach (Unit unit in groups.SelectMany(g => g.Units))
            {
                known[unit.Id] *= prior.Sensitivity;
            }
        }

        return known;
    }

    private static void AddTexts(YamlMappingNode root, string key, IEnumerable<LayerRule> rules)
    {
        YamlNode[] texts = [.. rules.Select(r => new YamlScalarNode(LayerRuleText.Of(r)))];
        if (texts.Length > 0)
        {
            root.Add(key, new YamlSequenceNode(texts));
        }
    }

    private static Priors OfPlan(PruningPlan plan, string path)
    {
        IReadOnlyList<PlannedGroup> groups = plan.Groups ?? throw new InputException($"{path} is a plan of an older version, which does not say how many units there were; prune again to have one that does");
        Dictionary<int, int> removed = plan.Units.GroupBy(u => u.Group).ToDictionary(g => g.Key, g => g.Count());
        (PlannedGroup Group, double Kept)[] kept = [.. groups.Where(g => g.Layers.Count > 0).Select(g => (g, PlanTransfer.Kept(g, removed)))];
        double mean = kept.Length == 0 ? 1 : kept.Average(k => k.Kept);
        return new Priors([.. kept.Select(k => new LayerPrior(k.Group.Layers[0], k.Kept / mean))], []);
    }
}

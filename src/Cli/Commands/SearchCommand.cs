using System.CommandLine;
using EdgePrune.Cli.Documents;
using EdgePrune.Cli.Options;
using EdgePrune.Cli.Output;
using EdgePrune.Cli.Reports;
using EdgePrune.Cli.Search;
using EdgePrune.Onnx;
using EdgePrune.Pruner.Budget;
using EdgePrune.Pruner.Calibration;
using EdgePrune.Pruner.Coupling;
using EdgePrune.Pruner.Importance;
using EdgePrune.Pruner.Recipes;
using EdgePrune.Pruner.Reconstruction;

namespace EdgePrune.Cli.Commands;

/// <summary>Looks for the models of which none is both cheaper and better than another.</summary>
internal sealed class SearchCommand : ReportingCommand
{
    private const double UsualSeconds = 600;
    private const string AsCut = "none";
    private static readonly string[] UsualCriteria = ["l2", "group-norm", "taylor", "reconstruction"];
    private static readonly string[] UsualScopes = ["global", "isomorphic"];
    private static readonly string[] UsualFits = [AsCut, "least-squares"];

    private readonly Argument<string> model = SharedOptions.Model();
    private readonly Option<string> train = new("--train") { Description = "Labelled training data; a fifth of each class is held out and judges.", HelpName = "path", Required = true };
    private readonly Option<double?> time = DurationOption.Of("--time", "Time for the trials: 30s, 10m, 2h. With more of it the same command goes on. [default: 10m]");
    private readonly Option<string?> output = new("--output", "-o") { Description = "Folder of the models, recipes, front.json and front.html. [default: beside the model]", HelpName = "folder" };
    private readonly Option<CostMetric?> metric = ScoringArguments.Word<CostMetric>("--metric", "The cost that is set against accuracy", "energy");
    private readonly Option<string[]?> criteria = List("--criteria", "Criteria to try", UsualCriteria, [.. ImportanceCriteria.All.Select(c => c.Name)]);
    private readonly Option<string[]?> scopes = List("--scopes", "Scopes to try", UsualScopes, [.. Enum.GetValues<ScoreScope>().Select(Words.Of)]);
    private readonly Option<string[]?> reconstructs = List("--reconstructs", "Ways to fit to try", UsualFits, [AsCut, .. Enum.GetValues<ReconstructionKind>().Select(Words.Of)]);

    private readonly Option<int> samples = SharedOptions.InRange(
        new Option<int>("--samples") { Description = "Training samples to score and fit with.", DefaultValueFactory = _ => CalibrationData.DefaultSamples, HelpName = "n" }, 1, 1 << 20);

    private readonly Option<UnitKind[]?> kinds = SharedOptions.Kinds(UnitWords.OfBudgets);
    private readonly Option<string?> recipe = new("--recipe") { Description = "What all trials have in common (docs/recipes.md); its budget and scores are not used.", HelpName = "file" };
    private readonly Option<int> seed = SharedOptions.Seed();
    private readonly Option<string> device = SharedOptions.Device();
    private readonly Option<int> threads = SharedOptions.Threads();
    private readonly Option<Dictionary<string, long[]>> shapes = SharedOptions.Shapes();
    private readonly Option<double> seconds = SharedOptions.SweepSeconds();
    private readonly Option<string?> table = new("--table") { Description = "File that keeps measured costs. [default: one in the folder]", HelpName = "file" };

    public SearchCommand()
        : base(
            "search",
            "Explore budgets and recipes; write the front of cost against accuracy.",
            "edgeprune search samples/digits/digits.onnx --train samples/digits/train.npz --time 2m -o digits-front")
    {
        Add(model);
        foreach (Option option in new Option[] { train, time, output, metric, criteria, scopes, reconstructs, samples, kinds, recipe, seed, device, threads, shapes, seconds, table })
        {
            Add(option);
        }
    }

    public override Outcome Execute(ParseResult parsed, Reporter reporter, CancellationToken cancellationToken)
    {
        string path = parsed.GetValue(model)!;
        PruneRecipe common = Common(parsed);
        var options = new SearchOptions
        {
            Model = path,
            Train = parsed.GetValue(train)!,
            Folder = parsed.GetValue(output) ?? Path.ChangeExtension(path, ".search"),
            Seconds = parsed.GetValue(time) ?? UsualSeconds,
            Metric = parsed.GetValue(metric) ?? CostMetric.Energy,
            Base = common,
            Criteria = parsed.GetValue(criteria) ?? UsualCriteria,
            Scopes = [.. (parsed.GetValue(scopes) ?? UsualScopes).Select(Words.Parse<ScoreScope>)],
            Reconstructions = [.. (parsed.GetValue(reconstructs) ?? UsualFits).Select(w => w == AsCut ? (ReconstructionKind?)null : Words.Parse<ReconstructionKind>(w))],
        };
        OnnxModel loaded = ModelFile.Load(path, common.Shapes);
        using CancellationTokenRegistration hint = cancellationToken.Register(() => reporter.Note($"stopping; the same command goes on from {options.Folder}"));
        SearchDocument document = new ModelSearch(options, reporter, cancellationToken).Run(loaded);
        return new Outcome(document, console => SearchReport.Show(console, document));
    }

    private PruneRecipe Common(ParseResult parsed)
    {
        PruneRecipe known = parsed.GetValue(recipe) is { } file ? PruneRecipe.Load(file) : new PruneRecipe();
        return known with
        {
            // The front is made of these.
            Budget = null,
            Floor = null,
            HeldOut = null,
            Scoring = new ScoringOptions { Reduction = known.Scoring.Reduction, Normalization = known.Scoring.Normalization },
            Calibration = new CalibrationSource(Path.GetFullPath(parsed.GetValue(train)!), parsed.Or(samples, known.Calibration?.Samples ?? CalibrationData.DefaultSamples)),
            Coupling = known.Coupling with { Kinds = parsed.Or(kinds, known.Coupling.Kinds?.ToArray()) },
            Seed = parsed.Or(seed, known.Seed),
            Device = parsed.Or(device, known.Device),
            Session = known.Session with { Threads = parsed.Or(threads, known.Session.Threads) },
            Shapes = parsed.IsGiven(shapes) ? parsed.GetValue(shapes) : known.Shapes,
            SweepBudget = new Profiler.Units.Seconds(parsed.Or(seconds, known.SweepBudget.Value)),
            CostStore = parsed.GetValue(table) is { } costs ? Path.GetFullPath(costs) : known.CostStore,
        };
    }

    private static Option<string[]?> List(string name, string what, string[] usual, string[] words) => new(name)
    {
        Description = $"{what}, with commas between: {string.Join(", ", words)}. [default: {string.Join(",", usual)}]",
        HelpName = "words",
        Arity = ArgumentArity.ExactlyOne,
        CustomParser = result =>
        {
            string[] given = result.Tokens[0].Value.Split(',', StringSplitOptions.TrimEntries);
            if (given.FirstOrDefault(w => !words.Contains(w, StringComparer.Ordinal)) is { } unknown)
            {
                result.AddError($"{name}: '{unknown}' is none of {string.Join(", ", words)}");
            }

            return [.. given.Distinct(StringComparer.Ordinal)];
        },
    };
}

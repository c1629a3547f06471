using System.CommandLine;
using EdgePrune.Cli.Commands;
using EdgePrune.Pruner.Recipes;
using EdgePrune.TestSupport;

namespace EdgePrune.Cli.Tests;

/// <summary>Flags, the recipe that they amount to, and flags beside a recipe.</summary>
public sealed class RecipeFlagTests
{
    private static readonly string[][] Flags =
    [
        ["--energy-budget", "62.5%"], ["--latency-budget", "3.5ms"], ["--memory-budget", "256KiB"], ["--size-budget", "70%"], ["--macs-budget", "20M"],
        ["--importance", "taylor"], ["--reduction", "max"], ["--normalization", "none"], ["--scope", "isomorphic"], ["--calibration", "train.npz"],
        ["--samples", "77"], ["--protect", "conv1*", "--protect", "fc"], ["--keep", "conv2*=25%..75%", "--keep", "x=7%"], ["--reconstruct", "least-squares"],
        ["--sparsity", "2:4", "--sparsity-method", "wanda", "--sparsity-global"], ["--kinds", "channel,head"], ["--allow-inexact"], ["--constants", "fold-padded"],
        ["--order", "per-joule"], ["--accuracy-floor", "-1%"], ["--held-out", "train.npz"],
        ["--priors", "priors.yaml"], ["--transfer-plan", "plan.json"], ["--costs-from", "costs.json"],
        ["--schedule", "dynamic:100:5"], ["--densify", "gradient:30%"], ["--score-dropout", "20%:16"],
        ["--target", "train.npz", "--target-order", "prune-first", "--head-steps", "7", "--recover-steps", "5", "--learning-rate", "0.02", "--batch", "32", "--augment", "crop:2,flip", "--distill", "--teacher-share", "0.7", "--distill-features", "0.3"],
        ["--store-sparse"], ["--seed", "9"], ["--device", "raspberry-pi-4-ina219"], ["--threads", "3"], ["--shape", "input=1,1,28,28"], ["--seconds", "12.5"], ["--table", "costs.sqlite"],
    ];

    [Fact]
    public void Flags_and_the_recipe_that_they_amount_to_ask_for_the_same()
    {
        using var folder = new TempFolder();
        string file = folder.File("recipe.yaml");
        for (int seed = 0; seed < 100; seed++)
        {
            var random = new Random(seed);
            string[] flags = [.. Flags.Where(_ => random.Next(2) == 0).SelectMany(f => f)];
            string text = Recipe(flags).ToYaml(folder.Path);
            File.WriteAllText(file, text);
            Assert.Equal(text, Recipe("--recipe", file).ToYaml(folder.Path));
            Assert.Equal(text, Recipe([.. flags, "--recipe", file]).ToYaml(folder.Path));
        }
    }

    [Fact]
    public void Each_flag_leaves_a_trace_in_the_recipe()
    {
        string usual = new PruneRecipe().ToYaml(".");
        Assert.All(Flags.Where(f => f[0] != "--samples"), f => Assert.NotEqual(usual, Recipe(f).ToYaml(".")));
    }

    [Fact]
    public void Samples_to_train_on_are_part_of_the_recipe()
    {
        string text = Recipe("--train", "t.npz", "--recover-steps", "300").ToYaml(".");
        Assert.Contains("train:\n  data: t.npz\n  steps: 300\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("transfer", text, StringComparison.Ordinal);
        Assert.Contains("calibration:\n  data: t.npz\n", Recipe("--target", "t.npz").ToYaml("."), StringComparison.Ordinal);
    }

    [Fact]
    public void Flags_go_before_the_recipe_and_leave_the_rest_of_it()
    {
        using var folder = new TempFolder();
        string file = folder.File("recipe.yaml");
        File.WriteAllText(file, """
            recipe: 1
            run: {seed: 3}
            score: {importance: taylor, scope: layer}
            calibration: {data: a.npz, samples: 10}
            layers: {protect: [first], keep: ['x=50%']}
            budget: {energy: 60%, size: 50%}
            """);
        string text = Recipe("--recipe", file, "--importance", "l1", "--calibration", folder.File("b.npz"), "--protect", "last", "--energy-budget", "5mJ").ToYaml(folder.Path);
        foreach (string expected in new[] { "seed: 3", "importance: l1", "scope: layer", "data: b.npz", "samples: 10", "protect: [last]", "x=50%", "energy: 0.005J", "size: 50%" })
        {
            Assert.Contains(expected, text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_broken_recipe_is_told_with_its_lines_before_anything_is_measured()
    {
        using var folder = new TempFolder();
        string file = folder.File("recipe.yaml");
        File.WriteAllText(file, "recipe: 1\nscore:\n  importanc: l1\n");
        CapturedRun run = CapturedRun.Of("prune", Path.Combine(Repository.Root, "samples", "digits", "digits.onnx"), "-o", folder.File("o.onnx"), "--recipe", file, "--json");
        Assert.Equal(ExitCode.Failed, run.Code);
        Assert.Contains($"{file}:3: score.importanc is not a known key", run.Error, StringComparison.Ordinal);
    }

    private static PruneRecipe Recipe(params string[] flags)
    {
        var command = new PruneCommand();
        ParseResult parsed = command.Parse(["model.onnx", .. flags]);
        Assert.Empty(parsed.Errors);
        return command.Recipe(parsed);
    }
}

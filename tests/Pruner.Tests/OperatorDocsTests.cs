using System.Text;
using EdgePrune.Pruner.Coupling;
using EdgePrune.TestSupport;

namespace Pruner.Tests;

/// <summary>
/// docs/operators.md says what every operator means for pruning, in the words of the rules. <c>EDGEPRUNE_UPDATE_GOLDEN=1</c> writes it
/// anew; the diff is then reviewed like code.
/// </summary>
public sealed class OperatorDocsTests
{
    // Operators whose results are numbers computed from shapes: followed, and not related.
    private static readonly string[] Followed = ["Shape", "Size"];

    // ONNX Runtime writes this one of its own into the standard domain.
    private static readonly string[] OfTheRuntime = ["SimplifiedLayerNormalization"];

    [Fact]
    public void The_page_of_operators_says_what_the_rules_say()
    {
        string path = Path.Combine(Repository.Root, "docs", "operators.md");
        string page = Page();
        if (Environment.GetEnvironmentVariable("EDGEPRUNE_UPDATE_GOLDEN") == "1")
        {
            File.WriteAllText(path, page);
        }

        Assert.True(File.Exists(path) && File.ReadAllText(path).ReplaceLineEndings("\n") == page, $"{path} is stale: run this test with EDGEPRUNE_UPDATE_GOLDEN=1");
    }

    [Fact]
    public void Rules_name_only_operators_that_exist()
    {
        // A misspelt name would be a rule that is never asked.
        string[] unknown = [.. OperatorRules.All.Select(r => r.Key).Where(name => !name.Contains('.', StringComparison.Ordinal) && !StandardOperators.Versions.ContainsKey(name)).Except(OfTheRuntime)];
        Assert.Empty(unknown);
    }

    [Fact]
    public void Every_relation_is_a_sentence()
    {
        foreach (IOperatorRule rule in OperatorRules.All.Select(r => r.Value).Distinct())
        {
            Assert.EndsWith(".", rule.Relation, StringComparison.Ordinal);
            Assert.True(rule.Relation.Length > 20, rule.Relation);
        }
    }

    private static string Page()
    {
        var page = new StringBuilder();
        page.Append("""
            # Operators

            What each operator means for pruning: how the indices ("ids") of its outputs follow from those of its inputs. Written by the test
            `OperatorDocsTests` from the rules in `src/Pruner/Coupling/Rules`; see [CONTRIBUTING](../CONTRIBUTING.md) for how to add one. Numbers
            behind a name are the opsets, up to 23, in which the operator came or changed after opset 7; the rules cover every form from opset 7
            on. A form that a rule does not cover is frozen, and `edgeprune inspect` names it.

            ## Operators with a relation

            | operators | relation |
            |---|---|

            """.ReplaceLineEndings("\n"));
        foreach (var rule in OperatorRules.All.GroupBy(r => r.Value).OrderBy(r => r.First().Key, StringComparer.Ordinal))
        {
            page.Append($"| {string.Join(", ", rule.Select(r => Name(r.Key)))} | {rule.Key.Relation.Replace("|", "\\|", StringComparison.Ordinal)} |\n");
        }

        page.Append($"""

            ## Operators that compute shapes

            {string.Join(", ", Followed.Select(Name))}: the lengths that they read are followed through the arithmetic, picks and joins that exporters
            put between them and a Reshape, Resize, Expand, Slice or Split. What cannot be followed freezes the axes whose lengths were read.

            ## Frozen operators

            These are known to ONNX and have no relation: every axis that they touch stays as it is.

            """.ReplaceLineEndings("\n"));
        IEnumerable<string> frozen = StandardOperators.Versions.Keys
            .Except(OperatorRules.All.Select(r => r.Key)).Except(Followed).Order(StringComparer.Ordinal).Select(Name);
        page.Append(string.Join(", ", frozen)).Append(".\n");
        return page.ToString();
    }

    private static string Name(string name)
    {
        int[] changed = StandardOperators.Versions.TryGetValue(name, out int[]? versions) ? [.. versions.Where(v => v > 7)] : [];
        return changed.Length == 0 ? name : $"{name} ({string.Join(", ", changed)})";
    }
}

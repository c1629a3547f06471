using System.IO.Enumeration;
using EdgePrune.Onnx;
using EdgePrune.Training.Steps;

namespace EdgePrune.Training.Loop;

/// <summary>Parameters by name.</summary>
public static class TrainableParameters
{
    /// <summary>The model's parameters whose names match one of the patterns, in the file's order.</summary>
    /// <param name="model">The model.</param>
    /// <param name="patterns">Names, in which * stands for any characters and ? for one.</param>
    /// <exception cref="InputException">A pattern matches none.</exception>
    public static IReadOnlyList<string> Matching(OnnxModel model, IReadOnlyList<string> patterns)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(patterns);
        IReadOnlyList<string> all = ParameterSelection.Find(model.Graph);
        bool Matches(string pattern, string name) => FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false);
        return patterns.FirstOrDefault(p => !all.Any(name => Matches(p, name))) is { } lost
            ? throw new InputException($"{model.Source}: no parameter is named '{Printable.Name(lost)}'; there are {string.Join(", ", all.Take(8).Select(n => Printable.Name(n)))}{(all.Count > 8 ? ", …" : "")}")
            : [.. all.Where(name => patterns.Any(p => Matches(p, name)))];
    }
}

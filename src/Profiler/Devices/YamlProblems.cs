using EdgePrune.Onnx;

namespace EdgePrune.Profiler.Devices;

/// <summary>Collects what is wrong with a file, so that all of it is reported at once, each with its line.</summary>
internal sealed class YamlProblems(string file)
{
    private readonly List<(long Line, string Text)> found = [];

    public void Add(long line, string text) => found.Add((line, text));

    public void ThrowIfAny()
    {
        if (found.Count > 0)
        {
            IEnumerable<string> lines = found.OrderBy(p => p.Line).Select(p => $"{file}:{p.Line}: {p.Text}");
            throw new InputException(string.Join('\n', lines));
        }
    }
}

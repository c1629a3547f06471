using System.Text.Json;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Training.Steps;
using Microsoft.ML.OnnxRuntime;

namespace TrainingStepBench;

/// <summary>Where the time of a step goes, by operator, from the runtime's own profile.</summary>
internal static class OperatorProfile
{
    private const int Steps = 10;

    public static void Print(StepGraph graph, SessionSettings settings, NamedValues batch)
    {
        string folder = Directory.CreateTempSubdirectory("edgeprune-profile").FullName;
        try
        {
            using SessionOptions options = settings.ToOptions();
            // The prefix counts from when profiling is switched on.
            options.ProfileOutputPathPrefix = Path.Combine(folder, "step");
            options.EnableProfiling = true;
            using var session = new InferenceSession(graph.ToBytes(), options);
            using NamedValues variables = SyntheticInputs.Make(
                session.InputMetadata.Where(i => !batch.ContainsKey(i.Key)).Select(i => new ModelInput(i.Key, i.Value.ElementDataType, i.Value.Dimensions)), 1);
            Dictionary<string, OrtValue> inputs = variables.Concat(batch).ToDictionary(v => v.Key, v => v.Value);
            using var run = new RunOptions();
            for (int i = 0; i < Steps; i++)
            {
                session.Run(run, [.. inputs.Keys], [.. inputs.Values], [.. session.OutputMetadata.Keys]).Dispose();
            }

            Print(session.EndProfiling());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Print(string file)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(file));
        var nodes = document.RootElement.EnumerateArray()
            .Where(e => e.GetProperty("cat").GetString() == "Node" && e.GetProperty("name").GetString()!.EndsWith("_kernel_time", StringComparison.Ordinal))
            .Select(e => (Op: e.GetProperty("args").GetProperty("op_name").GetString()!, Time: e.GetProperty("dur").GetDouble() / 1000))
            .GroupBy(e => e.Op)
            .Select(g => (g.Key, Time: g.Sum(e => e.Time) / Steps, Count: g.Count() / Steps))
            .OrderByDescending(g => g.Time)
            .ToList();
        double total = nodes.Sum(n => n.Time);
        foreach ((string op, double time, int count) in nodes.Take(20))
        {
            Console.WriteLine($"  {op,-24} {count,5} nodes {time,8:F2} ms {time / total,6:P1}");
        }

        Console.WriteLine($"  {"all nodes",-24} {nodes.Sum(n => n.Count),5}       {total,8:F2} ms");
    }
}

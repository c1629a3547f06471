using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Cli.Tests;

/// <summary>The arrows of the design: who may depend on whom. The device never needs the pruner or training.</summary>
public sealed class ArchitectureTests
{
    private const string Prefix = "EdgePrune.";

    public static TheoryData<string, string[]> Allowed { get; } = new()
    {
        { "Onnx", [] },
        { "Profiler", ["Onnx"] },
        { "Training", ["Onnx"] },
        { "Pruner", ["Onnx", "Profiler", "Training"] },
        { "Agent", ["Onnx", "Profiler"] },
    };

    [Theory]
    [MemberData(nameof(Allowed))]
    public void Only_the_allowed_arrows_exist(string project, string[] allowed)
    {
        string[] used = [.. Assembly.Load(Prefix + project).GetReferencedAssemblies()
            .Select(a => a.Name!)
            .Where(n => n.StartsWith(Prefix, StringComparison.Ordinal) || n == "edgeprune")
            .Select(n => n[Prefix.Length..])];
        Assert.Empty(used.Except(allowed));
    }

    [Theory]
    [MemberData(nameof(Allowed))]
    [InlineData("Agent.Service", new[] { "Onnx", "Profiler", "Pruner", "Agent" })] // the pruner cuts layers for sweeps of costs
    [InlineData("Controller", new[] { "Onnx", "Agent" })]
    public void Project_files_say_the_same(string project, string[] allowed)
    {
        // An unused reference leaves no trace in the assembly, but would let the next change use it.
        string file = File.ReadAllText(Path.Combine(EdgePrune.TestSupport.Repository.Root, "src", project, $"{Prefix}{project}.csproj"));
        foreach (string other in new[] { "Onnx", "Profiler", "Training", "Pruner", "Agent", "Agent.Service", "Controller", "Cli" }.Except(allowed))
        {
            Assert.DoesNotContain($"{Prefix}{other}.csproj", file, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_pruner_reads_costs_and_measurements_and_no_sensor()
    {
        using var file = new PEReader(File.OpenRead(Assembly.Load("EdgePrune.Pruner").Location));
        MetadataReader metadata = file.GetMetadataReader();
        Assert.DoesNotContain(metadata.TypeReferences, t => metadata.GetString(metadata.GetTypeReference(t).Namespace) == "EdgePrune.Profiler.Sensors");
    }
}

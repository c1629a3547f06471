using System.Runtime.CompilerServices;
using EdgePrune.Cli.Options;

namespace EdgePrune.Cli.Tests;

/// <summary>What commands that run inside the tests find in their environment: nothing of them may land in a home folder.</summary>
internal static class TestEnvironment
{
    [ModuleInitializer]
    internal static void Set()
    {
        Environment.SetEnvironmentVariable("XDG_DATA_HOME", Path.Combine(AppContext.BaseDirectory, "user-data"));
        Environment.SetEnvironmentVariable(StoreLocation.Variable, null);
        Environment.SetEnvironmentVariable(ModelFile.MemoryVariable, "2048"); // what hostile models try to fill
    }
}

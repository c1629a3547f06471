using System.Diagnostics;

namespace EdgePrune.Agent.Tests.Faults.FileOperations;

/// <summary>The library that stands between a process and libc, compiled once for all tests.</summary>
internal static class Shim
{
    private static readonly Lazy<(string? Path, string Problem)> Compiled = new(Compile);

    /// <summary>The compiled library; skips the running test where it cannot be had.</summary>
    public static string Require()
    {
        Assert.SkipUnless(Compiled.Value.Path is not null, Compiled.Value.Problem);
        return Compiled.Value.Path!;
    }

    private static (string? Path, string Problem) Compile()
    {
        if (!OperatingSystem.IsLinux())
        {
            return (null, "LD_PRELOAD as used here is Linux's");
        }

        string source = Path.Combine(AppContext.BaseDirectory, "Faults", "FileOperations", "fileops.c");
        string target = Path.Combine(Directory.CreateTempSubdirectory("edgeprune-fileops-").FullName, "libfileops.so");
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(Path.GetDirectoryName(target)!, recursive: true);
        try
        {
            using var gcc = Process.Start(new ProcessStartInfo("gcc", ["-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", target, source]) { RedirectStandardError = true })!;
            string errors = gcc.StandardError.ReadToEnd();
            gcc.WaitForExit();
            return gcc.ExitCode == 0 ? (target, "") : throw new InvalidOperationException($"gcc: {errors}");
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return (null, "gcc is missing: file operations cannot be recorded");
        }
    }
}

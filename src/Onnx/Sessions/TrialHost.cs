using System.Diagnostics;
using System.Runtime.InteropServices;

namespace EdgePrune.Onnx.Sessions;

/// <summary>The child side of <see cref="ModelTrial"/>: this assembly's own entry point.</summary>
public static partial class TrialHost
{
    private const string Verb = "trial";
    private const int CoreSize = 4; // RLIMIT_CORE
    private const int DataSize = 2; // RLIMIT_DATA
    private const int ProcessorTime = 0; // RLIMIT_CPU

    /// <summary>How to start a child: on the same runtime, with the same libraries as this process.</summary>
    internal static ProcessStartInfo StartInfo(TrialLimits limits)
    {
        string assembly = typeof(TrialHost).Assembly.Location;
        var start = new ProcessStartInfo(Runtime())
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.ArgumentList.Add("exec");
        // The application's own list of libraries holds everything that this assembly needs, at the places where it is installed.
        string? libraries = (AppContext.GetData("APP_CONTEXT_DEPS_FILES") as string)?.Split(';')[0];
        if (File.Exists(libraries))
        {
            start.ArgumentList.Add("--depsfile");
            start.ArgumentList.Add(libraries);
        }

        start.ArgumentList.Add(assembly);
        start.ArgumentList.Add(Verb);
        start.ArgumentList.Add(limits.MemoryBytes.ToString());
        start.ArgumentList.Add(((long)Math.Ceiling(limits.Time.TotalSeconds)).ToString());
        return start;
    }

    /// <summary>Reads models from standard input and answers each on standard output, until the input ends.</summary>
    public static int Main(string[] args)
    {
        ArgumentNullException.ThrowIfNull(args);
        if (args is not [Verb, string memory, string seconds])
        {
            Console.Error.WriteLine("This is a part of edgeprune that it starts by itself; run edgeprune.");
            return 2;
        }

        using Stream input = Console.OpenStandardInput();
        using var buffered = new BufferedStream(input);
        Limit(CoreSize, 0);
        Limit(DataSize, ulong.Parse(memory));
        // A parent that was killed cannot end its child any more; every model gets its share of processor time.
        ulong share = ulong.Parse(seconds) * (ulong)Environment.ProcessorCount;
        for (ulong allowed = share; TrialProtocol.ReadRequest(buffered, out byte[] model) is { } header; allowed += share)
        {
            Limit(ProcessorTime, allowed);
            TrialProtocol.WriteReply(Console.Out, new TrialReply(Refusal(header, model)));
        }

        return 0;
    }

    /// <summary>
    /// Bounds the memory that this process may write to, where the system can (Linux), and has it leave no core file: for child processes
    /// that run models from outside.
    /// </summary>
    public static void LimitMemory(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bytes);
        Limit(CoreSize, 0);
        Limit(DataSize, (ulong)bytes);
    }

    private static string? Refusal(TrialProtocol.Header header, byte[] bytes)
    {
        try
        {
            OnnxModel model = OnnxModel.FromBytes(bytes, header.Source);
            IReadOnlyDictionary<string, ValueShape> shapes = ShapeProbe.Run(model, shapes: header.Shapes);
            using ModelSession session = ModelSession.Create(bytes, header.Source);
            var inputShapes = session.Inputs.Where(i => shapes.ContainsKey(i.Name)).ToDictionary(i => i.Name, i => shapes[i.Name].Dims);
            using NamedValues inputs = SyntheticInputs.Make(session.Inputs, seed: 0, inputShapes);
            using NamedValues outputs = session.Run(inputs);
            return null;
        }
        catch (InputException refused)
        {
            return refused.Message;
        }
        catch (OutOfMemoryException)
        {
            return $"{header.Source}: needs more memory than a model may take on this machine";
        }
    }

    private static string Runtime()
    {
        // The folder of the base library is shared/Microsoft.NETCore.App/<version> below the runtime's own.
        string? root = Path.GetDirectoryName(typeof(object).Assembly.Location);
        for (int up = 0; up < 3 && root is not null; up++)
        {
            root = Path.GetDirectoryName(root);
        }

        string file = OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet";
        return root is not null && File.Exists(Path.Combine(root, file)) ? Path.Combine(root, file) : file;
    }

    private static void Limit(int resource, ulong value)
    {
        // Only the soft limit, and never above the hard one, which raising would take a privilege.
        if (OperatingSystem.IsLinux() && GetLimit(resource, out ResourceLimit limit) == 0)
        {
            limit.Current = Math.Min(value, limit.Maximum);
            _ = SetLimit(resource, in limit);
        }
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct ResourceLimit
    {
        public ulong Current;
        public ulong Maximum;
    }

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int GetLimit(int resource, out ResourceLimit limit);

    [LibraryImport("libc", EntryPoint = "setrlimit")]
    private static partial int SetLimit(int resource, in ResourceLimit limit);
}

using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace EdgePrune.Onnx.Sessions;

/// <summary>
/// ONNX Runtime for the whole process, which tells nobody what it runs: its official builds, from 1.29 on those for Linux and macOS
/// too, send names, digests and timings of models to their maker unless told otherwise, and keep them in a file until they can. On
/// somebody's board that is not ours to allow, and beside a measurement it is somebody else's energy.
/// </summary>
public static partial class OnnxRuntimeEnvironment
{
    private const string OptOut = "ORT_DISABLE_TELEMETRY";

    private static readonly Lazy<OrtEnv> Process = new(Quiet);

    /// <summary>The runtime's own environment.</summary>
    public static OrtEnv Instance => Process.Value;

    // The runtime looks once, when its library starts, and at the variables of the C library, which those of .NET are a copy of.
    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "Whatever is used of this library first, the runtime must not have started before.")]
    internal static void OptOutOfTelemetry()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        try
        {
            _ = SetVariable(OptOut, "1", overwrite: 0); // who has set it has decided
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            // A system whose C library has another name; what can be said after the start is said then.
        }
    }

    // Where the variable is not looked at (Windows), all but the first event is still withheld.
    private static OrtEnv Quiet()
    {
        OrtEnv environment = OrtEnv.Instance();
        environment.DisableTelemetryEvents();
        return environment;
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetVariable(string name, string value, int overwrite);
}

using EdgePrune.Onnx.Sessions;
using Microsoft.ML.OnnxRuntime;

namespace EdgePrune.Profiler;

/// <summary>One line that says what executed a model, and under which settings.</summary>
internal static class RuntimeName
{
    public static string Version => OrtEnv.Instance().GetVersionString();

    public static string Of(SessionSettings settings) =>
        $"ONNX Runtime {Version}, {settings.Provider}, {settings.Threads} thread{(settings.Threads == 1 ? "" : "s")}, {settings.Optimization}";
}

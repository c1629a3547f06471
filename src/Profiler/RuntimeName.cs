using EdgePrune.Onnx.Sessions;

namespace EdgePrune.Profiler;

/// <summary>One line that says what executed a model, and under which settings.</summary>
internal static class RuntimeName
{
    public static string Version => OnnxRuntimeEnvironment.Instance.GetVersionString();

    public static string Of(SessionSettings settings) =>
        $"ONNX Runtime {Version}, {settings.Provider}, {settings.Threads} thread{(settings.Threads == 1 ? "" : "s")}, {settings.Optimization}";
}

namespace EdgePrune.Cli.Output;

/// <summary>Lets a library report in its own terms.</summary>
internal static class ProgressExtensions
{
    /// <summary>A progress that takes the library's reports; on the thread that reports, so that nothing trails behind.</summary>
    public static IProgress<T> From<T>(this IProgress<StepProgress> progress, Func<T, StepProgress> convert) => new Adapter<T>(progress, convert);

    private sealed class Adapter<T>(IProgress<StepProgress> progress, Func<T, StepProgress> convert) : IProgress<T>
    {
        public void Report(T value) => progress.Report(convert(value));
    }
}

using EdgePrune.Cli.Output;
using EdgePrune.Training.Loop;

namespace EdgePrune.Cli.Training;

/// <summary>Shows a training at work: loss, accuracy, throughput and the time that remains; a line for each epoch.</summary>
internal sealed class TrainingView(IBoard board, TimeProvider clock) : IProgress<TrainingProgress>
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);
    private readonly long began = clock.GetTimestamp();
    private long? first;
    private long drawn;

    public void Report(TrainingProgress value)
    {
        first ??= value.Step - 1;
        TimeSpan elapsed = clock.GetElapsedTime(began);
        TimeSpan remaining = elapsed * ((double)(value.Steps - value.Step) / (value.Step - first.Value));
        if (value.Finished is { } epoch)
        {
            board.Keep(Line(epoch, value), $"{Figures.Count(value.SamplesPerSecond)} samples/s, {Clock(remaining)} left");
        }

        if (value.Finished is null && drawn != 0 && clock.GetElapsedTime(drawn) < Interval)
        {
            return;
        }

        drawn = clock.GetTimestamp();
        board.Move(
            (double)value.Step / value.Steps,
            $"epoch {value.Epoch}/{value.Epochs}",
            $"loss {Figures.Digits(value.Loss)}  {Figures.Percent(value.Accuracy)}  {Figures.Count(value.SamplesPerSecond)}/s  {Clock(remaining)} left");
    }

    /// <summary>12:34, or 1:23:45 from an hour on.</summary>
    public static string Clock(TimeSpan time)
    {
        long seconds = (long)Math.Round(time.TotalSeconds);
        return seconds < 3600 ? $"{seconds / 60}:{seconds % 60:00}" : $"{seconds / 3600}:{seconds / 60 % 60:00}:{seconds % 60:00}";
    }

    private static string Line(EpochRecord epoch, TrainingProgress value)
    {
        string judged = epoch.ValidationAccuracy is { } accuracy
            ? $", validation {Figures.Percent(accuracy)} at loss {Figures.Digits(epoch.ValidationLoss!.Value)}{(value.IsBest ? " (best)" : "")}"
            : "";
        return $"epoch {epoch.Epoch}/{value.Epochs}: loss {Figures.Digits(epoch.Loss)}, accuracy {Figures.Percent(epoch.Accuracy)}{judged}";
    }
}

using EdgePrune.Training.Loop;

namespace EdgePrune.Training.Tests.Loop;

public sealed class LearningRateScheduleTests
{
    [Fact]
    public void Cosine_falls_from_the_peak_to_zero_over_its_middle()
    {
        var schedule = new LearningRateSchedule();

        Assert.Equal(0.4, schedule.At(0.4, 0, 100, 10));
        Assert.Equal(0.2, schedule.At(0.4, 50, 100, 10), 1e-12);
        Assert.InRange(schedule.At(0.4, 99, 100, 10), 0, 0.001);
    }

    [Fact]
    public void Warm_up_rises_in_equal_steps_to_the_peak_before_any_kind()
    {
        foreach (ScheduleKind kind in Enum.GetValues<ScheduleKind>())
        {
            var schedule = new LearningRateSchedule { Kind = kind, WarmupEpochs = 2 };

            Assert.Equal([0.05, 0.1, 0.15, 0.2], Enumerable.Range(0, 4).Select(s => Math.Round(schedule.At(1, s, 200, 20), 12)));
            Assert.Equal(1, schedule.At(1, 20, 200, 20), 1e-12);
        }
    }

    [Fact]
    public void Steps_come_every_so_many_epochs()
    {
        var schedule = new LearningRateSchedule { Kind = ScheduleKind.Step, StepEpochs = 3, StepFactor = 0.5 };

        Assert.Equal([8, 8, 8, 4, 4, 4, 2, 2, 2, 1], Enumerable.Range(0, 10).Select(epoch => schedule.At(8, epoch * 7, 70, 10)));
    }
}

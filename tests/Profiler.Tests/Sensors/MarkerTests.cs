using EdgePrune.Profiler.Devices;
using EdgePrune.Profiler.Sensors;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Tests.Sensors;

public sealed class MarkerTests
{
    [Fact]
    public void A_profile_marks_one_window_around_its_timing()
    {
        using var marker = new Recorder();
        Profile.Run(
            TinyGraph.Residual(), Options(marker), new Stages(marker.Events), TestContext.Current.CancellationToken);
        Assert.Equal(["probing shapes", "preparing layers", "begin", "timing layers", "end"], marker.Events.Distinct());
        Assert.Single(marker.Events, "begin");
        Assert.Single(marker.Events, "end");
    }

    [Fact]
    public void A_cancelled_profile_ends_its_window()
    {
        using var marker = new Recorder();
        using var cancel = new CancellationTokenSource();
        marker.OnBegin = cancel.Cancel;
        Assert.Throws<OperationCanceledException>(() => Profile.Run(TinyGraph.Residual(), Options(marker), cancel: cancel.Token));
        Assert.Equal(["begin", "end"], marker.Events);
    }

    [Fact]
    public void Without_an_instrument_nothing_is_marked() => Assert.Same(NoMarker.Instance, new ProfileOptions { Device = Device.Load("host") }.Marker);

    private static ProfileOptions Options(IMeasurementMarker marker) =>
        new() { Device = Device.Load("host"), Budget = new Seconds(0.05), Marker = marker };

    private sealed class Recorder : IMeasurementMarker
    {
        public List<string> Events { get; } = [];

        public Action? OnBegin { get; set; }

        public void Begin()
        {
            Events.Add("begin");
            OnBegin?.Invoke();
        }

        public void End() => Events.Add("end");

        public void Dispose()
        {
        }
    }

    private sealed class Stages(List<string> events) : IProgress<ProfileProgress>
    {
        public void Report(ProfileProgress value) => events.Add(value.Stage);
    }
}

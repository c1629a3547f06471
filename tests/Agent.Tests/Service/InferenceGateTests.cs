using EdgePrune.Agent.Service.Serving;

namespace EdgePrune.Agent.Tests.Service;

/// <summary>How much at once.</summary>
public sealed class InferenceGateTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task So_many_run_so_many_wait_and_the_next_is_turned_away()
    {
        using var gate = new InferenceGate(2, 1, 100, TimeProvider.System);
        InferenceSlot first = await gate.EnterAsync(Long, Cancel);
        InferenceSlot second = await gate.EnterAsync(Long, Cancel);
        Task<InferenceSlot> third = gate.EnterAsync(Long, Cancel).AsTask();
        Assert.Equal((2, 1), (gate.Running, gate.Waiting));
        BusyException busy = await Assert.ThrowsAsync<BusyException>(() => gate.EnterAsync(Long, Cancel).AsTask());
        Assert.Contains("1 requests are waiting", busy.Message, StringComparison.Ordinal);
        gate.Leave(first);
        Assert.Same(first, await third);
        gate.Leave(second);
        gate.Leave(first);
        Assert.Equal((0, 0), (gate.Running, gate.Waiting));
    }

    [Fact]
    public async Task A_turn_that_does_not_come_in_time_is_given_up()
    {
        using var gate = new InferenceGate(1, 5, 100, TimeProvider.System);
        InferenceSlot slot = await gate.EnterAsync(Long, Cancel);
        await Assert.ThrowsAsync<BusyException>(() => gate.EnterAsync(TimeSpan.FromMilliseconds(10), Cancel).AsTask());
        Assert.Equal(0, gate.Waiting);
        gate.Leave(slot);
        gate.Leave(await gate.EnterAsync(TimeSpan.Zero, Cancel));
    }

    [Fact]
    public async Task Memory_for_requests_is_bounded_while_they_come_in_and_given_back()
    {
        using var gate = new InferenceGate(1, 1, 100_000, TimeProvider.System);
        using (var first = new PooledBuffer(60_000, gate))
        {
            Assert.Throws<BusyException>(() => new PooledBuffer(60_000, gate));
            using var second = new PooledBuffer(10_000, gate);
            await second.FillAsync(new MemoryStream(new byte[10_000]), Cancel);
            await Assert.ThrowsAsync<BusyException>(() => second.FillAsync(new MemoryStream(new byte[60_000]), Cancel).AsTask());
        }

        using var third = new PooledBuffer(0, gate);
        await third.FillAsync(new MemoryStream(new byte[60_000]), Cancel);
        Assert.Equal(60_000, third.Written.Length);
    }

    [Fact]
    public void A_slot_that_was_cancelled_ends_whatever_it_is_used_for()
    {
        using var slot = new InferenceSlot(TimeProvider.System);
        slot.Arm(Long);
        Assert.False(slot.Options.Terminate);
        slot.Cancel();
        Assert.True(slot.Options.Terminate);
        slot.Disarm();
        slot.Arm(Long);
        Assert.True(slot.Options.Terminate);
    }

    [Fact]
    public void A_run_that_takes_too_long_is_ended_and_the_next_is_not()
    {
        using var slot = new InferenceSlot(TimeProvider.System);
        for (int i = 0; i < 3; i++)
        {
            slot.Arm(TimeSpan.FromMilliseconds(20));
            Assert.True(SpinWait.SpinUntil(() => slot.Options.Terminate, Long));
            Assert.True(slot.IsExpired);
            Assert.True(slot.Disarm() >= TimeSpan.FromMilliseconds(20));
            slot.Arm(Long);
            Assert.False(slot.IsExpired);
            Assert.False(slot.Options.Terminate);
            slot.Disarm();
        }
    }

    /// <summary>Looks that come at the worst moment: a run just below its limit ends as it is looked at.</summary>
    [Fact]
    public async Task Whoever_is_ended_is_the_run_that_took_too_long()
    {
        var clock = new LookingClock();
        using var slot = new InferenceSlot(clock);
        using var stop = new CancellationTokenSource();
        var looks = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                clock.Look();
            }
        }, Cancel);
        for (int i = 0; i < 200_000; i++)
        {
            slot.Arm(TimeSpan.FromTicks(5));
            clock.Pass(i % 10);
            slot.Disarm();
            // Between two runs nobody may be ended, however late the one who looks is.
            slot.Arm(Long);
            bool expired = slot.IsExpired, ended = slot.Options.Terminate;
            slot.Disarm();
            Assert.False(expired || ended, $"run {i}");
        }

        await stop.CancelAsync();
        await looks;
    }

    /// <summary>A clock that stands, with timers that fire when the test says.</summary>
    private sealed class LookingClock : TimeProvider
    {
        private long now = 1;
        private TimerCallback? timer;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public void Pass(long ticks) => Interlocked.Add(ref now, ticks);

        public void Look() => timer?.Invoke(null);

        public override long GetTimestamp() => Interlocked.Read(ref now);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            timer = callback;
            return new Never();
        }

        private sealed class Never : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}

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
}

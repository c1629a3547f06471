using System.Runtime.CompilerServices;
using EdgePrune.Agent.Service.Memory;

namespace EdgePrune.Agent.Tests.Operations;

/// <summary>When memory is given back, and that it is.</summary>
public sealed class IdleMemoryTests
{
    [Fact]
    public void Memory_is_given_back_once_after_work_and_not_during_it()
    {
        var rule = new IdleRule(worthBytes: 1000, quietBytes: 100);
        Assert.False(rule.Look(5000)); // the start is still going on
        Assert.True(rule.Look(5050));
        Assert.False(rule.Look(5050)); // there is nothing new
        Assert.False(rule.Look(5999)); // work
        Assert.False(rule.Look(6040)); // too little of it
        Assert.False(rule.Look(7000));
        Assert.False(rule.Look(8000)); // it goes on
        Assert.True(rule.Look(8010));
    }

    [Fact]
    public void Large_and_old_garbage_is_collected_too()
    {
        WeakReference large = Waste();
        IdleMemory.Return();
        Assert.False(large.IsAlive);
    }

    [Fact]
    public void What_waits_for_its_finalizer_is_collected_with_all_that_it_holds()
    {
        WeakReference held = FinalizableWaste();
        IdleMemory.Return();
        Assert.False(held.IsAlive);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference FinalizableWaste()
    {
        byte[] held = new byte[1 << 20];
        _ = new Finalizable(held);
        return new WeakReference(held);
    }

    // In a method of its own, so that no register holds it.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference Waste() => new(new byte[64 << 20]);

    private sealed class Finalizable(byte[] held)
    {
        ~Finalizable() => held[0] = 1;
    }
}

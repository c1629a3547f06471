using EdgePrune.Agent.Faults;

namespace EdgePrune.Agent.CrashChild;

/// <summary>Records every fault point hit, and acts at those armed.</summary>
public sealed class FaultInjector : IFaultPoints
{
    private readonly List<string> _hits = [];
    private Armed? _armed;

    public IReadOnlyList<string> Hits => _hits;

    /// <summary>How often the armed action has run.</summary>
    public int Fired { get; private set; }

    /// <summary>Arms one point until the scope is disposed.</summary>
    /// <param name="name">The point.</param>
    /// <param name="occurrence">From which hit of it on, counted from 1 now.</param>
    /// <param name="repeat">Whether at every later hit too.</param>
    /// <param name="action">What happens.</param>
    public IDisposable Arm(string name, int occurrence, bool repeat, Action action)
    {
        _armed = new Armed(name, occurrence, repeat, action);
        return new Scope(this);
    }

    public void Hit(string name)
    {
        _hits.Add(name);
        if (_armed is { } armed && armed.Name == name && armed.IsDue())
        {
            Fired++;
            armed.Action();
        }
    }

    private sealed class Armed(string name, int occurrence, bool repeat, Action action)
    {
        private int _hits;

        public string Name => name;

        public Action Action => action;

        public bool IsDue() => ++_hits == occurrence || (repeat && _hits > occurrence);
    }

    private sealed class Scope(FaultInjector owner) : IDisposable
    {
        public void Dispose() => owner._armed = null;
    }
}

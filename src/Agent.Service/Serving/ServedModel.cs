using EdgePrune.Agent.Store;
using EdgePrune.Onnx.Sessions;

namespace EdgePrune.Agent.Service.Serving;

/// <summary>A loaded model that goes when the last who uses it has left.</summary>
internal sealed class ServedModel(ModelDigest digest, ModelSession session)
{
    private int users = 1; // the one who made it

    public ModelDigest Digest => digest;

    public ModelSession Session => session;

    public ModelStats Stats { get; } = new();

    public bool TryEnter()
    {
        int now = Volatile.Read(ref users);
        while (now > 0)
        {
            int before = Interlocked.CompareExchange(ref users, now + 1, now);
            if (before == now)
            {
                return true;
            }

            now = before;
        }

        return false;
    }

    public void Leave()
    {
        if (Interlocked.Decrement(ref users) == 0)
        {
            session.Dispose();
        }
    }
}

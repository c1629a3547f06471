using EdgePrune.Agent.Store;
using EdgePrune.Onnx.Sessions;

namespace EdgePrune.Agent.Service.Serving;

/// <summary>A loaded model that goes when the last who uses it has left.</summary>
internal sealed class ServedModel(ModelDigest digest, ModelSession session)
{
    private readonly Lock gate = new();
    private int users = 1; // the one who made it

    public ModelDigest Digest => digest;

    public ModelSession Session => session;

    public ModelStats Stats { get; } = new();

    public bool TryEnter()
    {
        lock (gate)
        {
            if (users == 0)
            {
                return false;
            }

            users++;
            return true;
        }
    }

    public void Leave()
    {
        lock (gate)
        {
            if (--users > 0)
            {
                return;
            }
        }

        session.Dispose();
    }
}

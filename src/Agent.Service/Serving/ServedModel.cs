using EdgePrune.Agent.Store;
using EdgePrune.Onnx.Sessions;

namespace EdgePrune.Agent.Service.Serving;

/// <summary>A loaded model that goes when the last request on it has been answered.</summary>
internal sealed class ServedModel(ModelDigest digest, ModelSession session)
{
    private readonly Lock gate = new();
    private int users = 1; // the place in ModelHost

    public ModelDigest Digest => digest;

    public ModelSession Session => session;

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

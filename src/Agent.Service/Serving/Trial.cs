using EdgePrune.Onnx.Sessions;

namespace EdgePrune.Agent.Service.Serving;

/// <summary>
/// A model that serves on probation beside the one that it replaced. Whoever finds it failing says so once; what follows from
/// that is up to the probation.
/// </summary>
internal sealed class Trial(ServedModel model, ServedModel? incumbent)
{
    private readonly Lock gate = new();
    private Action<string>? failed;
    private Func<NamedValues, bool>? shadow;
    private string? failure;

    public ServedModel Model => model;

    /// <summary>The model before; null: there was none.</summary>
    public ServedModel? Incumbent => incumbent;

    /// <summary>Why it failed; null: it has not.</summary>
    public string? Failure
    {
        get
        {
            lock (gate)
            {
                return failure;
            }
        }
    }

    /// <summary>Says who is to hear of a failure, also of one that has come already, and who takes inputs of answered requests.</summary>
    public void Attach(Action<string> onFailure, Func<NamedValues, bool>? takeShadow)
    {
        string? early;
        lock (gate)
        {
            failed = onFailure;
            shadow = takeShadow;
            early = failure;
        }

        if (early is not null)
        {
            onFailure(early);
        }
    }

    public void Fail(string reason)
    {
        Action<string>? tell;
        lock (gate)
        {
            if (failure is not null)
            {
                return;
            }

            failure = reason;
            tell = failed;
        }

        tell?.Invoke(reason);
    }

    /// <summary>Offers the inputs of a request that has been answered; true: they are no longer the caller's.</summary>
    public bool TryShadow(NamedValues inputs) => Volatile.Read(ref shadow)?.Invoke(inputs) ?? false;
}

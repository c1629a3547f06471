namespace EdgePrune.Agent.Service.Serving;

/// <summary>A request's hold on the model that answers it, and on the incumbent while there is a trial.</summary>
internal sealed class ModelLease(ServedModel model, Trial? trial, bool holdsIncumbent) : IDisposable
{
    public ServedModel Model => model;

    /// <summary>Null: the model is not on probation, or what it replaced is gone.</summary>
    public Trial? Trial => trial;

    /// <summary>The model to answer with where the one on probation cannot.</summary>
    public ServedModel? Incumbent => holdsIncumbent ? trial!.Incumbent : null;

    public void Dispose()
    {
        model.Leave();
        if (holdsIncumbent)
        {
            trial!.Incumbent!.Leave();
        }
    }
}

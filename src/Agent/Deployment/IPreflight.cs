namespace EdgePrune.Agent.Deployment;

/// <summary>Loads and runs a stored model where it can do no harm, before it serves.</summary>
public interface IPreflight
{
    /// <param name="path">The object in the store.</param>
    /// <param name="cancellationToken">Ends the attempt; nothing of it is left running.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    PreflightResult Run(string path, CancellationToken cancellationToken);

    /// <summary>The same with canaries, which one that cannot run them leaves to whoever loads the model.</summary>
    PreflightResult Run(string path, PreflightCanaries? canaries, CancellationToken cancellationToken) => Run(path, cancellationToken);
}

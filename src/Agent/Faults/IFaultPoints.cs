namespace EdgePrune.Agent.Faults;

/// <summary>
/// Told at each named step of the deploy path (see <see cref="FaultPoint"/>) that the step has just been done. The
/// product passes <see cref="NoFaultPoints"/>; a test passes one that throws, or kills its own process, at a chosen step.
/// </summary>
public interface IFaultPoints
{
    /// <param name="name">One of the names in <see cref="FaultPoint"/>.</param>
    void Hit(string name);
}

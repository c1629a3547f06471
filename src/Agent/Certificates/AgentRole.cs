namespace EdgePrune.Agent.Certificates;

/// <summary>What a client of the agent may do.</summary>
public enum AgentRole
{
    /// <summary>Look at the device and measure on it.</summary>
    Measure,

    /// <summary>Bring models into service and back.</summary>
    Deploy,

    /// <summary>Run the model.</summary>
    Infer,
}

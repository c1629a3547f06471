namespace EdgePrune.Agent.Certificates;

/// <summary>What a client of an agent or a controller may do, or what a machine is.</summary>
public enum AgentRole
{
    /// <summary>Look at the device and measure on it.</summary>
    Measure,

    /// <summary>Bring models into service and back.</summary>
    Deploy,

    /// <summary>Run the model.</summary>
    Infer,

    /// <summary>Be a device that dials out to a controller; its certificate's name is the device's.</summary>
    Device,

    /// <summary>Be the controller to which devices dial out.</summary>
    Controller,
}

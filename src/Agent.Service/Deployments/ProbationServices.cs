using EdgePrune.Agent.Service.Jobs;
using EdgePrune.Agent.Service.Power;
using EdgePrune.Agent.Service.Serving;
using EdgePrune.Onnx;

namespace EdgePrune.Agent.Service.Deployments;

/// <summary>What the agent has at hand for a probation.</summary>
/// <param name="Host">Tells whether requests come.</param>
/// <param name="Energy">Tells the energy, where something does.</param>
/// <param name="Turns">One measurement at a time.</param>
/// <param name="Model">Reads the new model's graph, for the shapes of noise.</param>
/// <param name="RunLimit">How long one run may take before it counts as hanging.</param>
/// <param name="Time">The clock.</param>
internal sealed record ProbationServices(ModelHost Host, IEnergyWindow Energy, MeasurementTurns Turns, Func<OnnxModel> Model, TimeSpan RunLimit, TimeProvider Time);

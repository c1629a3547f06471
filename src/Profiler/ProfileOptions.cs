using EdgePrune.Onnx.Sessions;
using EdgePrune.Profiler.Devices;
using EdgePrune.Profiler.Sensors;
using EdgePrune.Profiler.Units;
using Microsoft.ML.OnnxRuntime;

namespace EdgePrune.Profiler;

/// <summary>How a profile is taken.</summary>
public sealed record ProfileOptions
{
    /// <summary>The board; its coefficients give the modelled energy.</summary>
    public required Device Device { get; init; }

    /// <summary>Threads, provider and optimisation level.</summary>
    public SessionSettings Session { get; init; } = SessionSettings.Default;

    /// <summary>Time to spend on timing, without preparation. At least nine rounds are made, however long they take.</summary>
    public Seconds Budget { get; init; } = new(6);

    /// <summary>Measures the board's power; null where energy is modelled. The caller disposes of it.</summary>
    public IPowerSource? Source { get; init; }

    /// <summary>Time to spend on measuring energy, where there is a source.</summary>
    public Seconds EnergyBudget { get; init; } = new(60);

    /// <summary>Seed of the order of the layers and of the inputs.</summary>
    public int Seed { get; init; }

    /// <summary>Real inputs; seeded noise where null.</summary>
    public IReadOnlyDictionary<string, OrtValue>? Inputs { get; init; }

    /// <summary>Shapes of inputs with free dimensions, where no inputs are given.</summary>
    public IReadOnlyDictionary<string, long[]>? Shapes { get; init; }

    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Told when timing begins and ends, for an external analyser. The caller disposes of it.</summary>
    public IMeasurementMarker Marker { get; init; } = NoMarker.Instance;
}

/// <summary>How far a profile has come.</summary>
/// <param name="Stage">What is being done, in words.</param>
/// <param name="Done">Share done, 0 to 1.</param>
public readonly record struct ProfileProgress(string Stage, double Done);

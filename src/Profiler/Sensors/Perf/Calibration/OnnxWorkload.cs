using EdgePrune.Onnx.Sessions;
using EdgePrune.Profiler.Timing;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Sensors.Perf.Calibration;

/// <summary>A small model that ONNX Runtime executes in a loop.</summary>
internal sealed class OnnxWorkload : ICalibrationWorkload
{
    private readonly NamedValues inputs;
    private readonly TimedLoop loop;
    private readonly TimeProvider clock;

    public OnnxWorkload(string name, byte[] model, SessionSettings settings, int seed, TimeProvider clock)
    {
        Name = name;
        this.clock = clock;
        ModelSession session = ModelSession.Create(model, name, settings);
        try
        {
            inputs = SyntheticInputs.Make(session.Inputs, seed);
        }
        catch
        {
            session.Dispose();
            throw;
        }

        try
        {
            loop = new TimedLoop(session, inputs, name, clock);
            loop.Once(); // its threads and buffers are there from now on
        }
        catch
        {
            loop?.Dispose();
            inputs.Dispose();
            throw;
        }
    }

    public string Name { get; }

    public void Run(Seconds duration)
    {
        long start = clock.GetTimestamp();
        do
        {
            loop.Once();
        }
        while (clock.GetElapsedTime(start).TotalSeconds < duration.Value);
    }

    public void Dispose()
    {
        loop.Dispose();
        inputs.Dispose();
    }
}

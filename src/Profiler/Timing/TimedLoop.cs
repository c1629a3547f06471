using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Profiler.Statistics;
using Microsoft.ML.OnnxRuntime;

namespace EdgePrune.Profiler.Timing;

/// <summary>A session with its inputs bound, run again and again. Inputs are not copied and outputs stay in the runtime.</summary>
internal sealed class TimedLoop : IDisposable
{
    private const int MinRuns = 2;
    private readonly ModelSession session;
    private readonly OrtIoBinding binding;
    private readonly RunOptions options = new();
    private readonly TimeProvider clock;
    private readonly string source;

    /// <param name="session">Taken over, also where this throws.</param>
    /// <param name="inputs">A value for each input; they must live as long as the loop.</param>
    /// <param name="source">What errors call the model.</param>
    public TimedLoop(ModelSession session, IReadOnlyDictionary<string, OrtValue> inputs, string source, TimeProvider clock)
    {
        this.session = session;
        this.clock = clock;
        this.source = source;
        binding = session.Session.CreateIoBinding();
        try
        {
            foreach (ModelInput input in session.Inputs)
            {
                binding.BindInput(input.Name, inputs[input.Name]);
            }

            foreach (string output in session.OutputNames)
            {
                binding.BindOutputToDevice(output, OrtMemoryInfo.DefaultInstance);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Seconds of one run.</summary>
    public double Once()
    {
        long start = clock.GetTimestamp();
        try
        {
            session.Session.RunWithBinding(options, binding);
        }
        catch (OnnxRuntimeException failed)
        {
            throw new InputException($"{source}: ONNX Runtime cannot run it: {failed.Message}", failed);
        }

        return (double)(clock.GetTimestamp() - start) / clock.TimestampFrequency;
    }

    /// <summary>Seconds of each run, run until <paramref name="slice"/> seconds are over; the first run warms up and is not in it.</summary>
    public double[] Runs(double slice, int atLeast = MinRuns)
    {
        Once();
        var runs = new List<double>();
        double total = 0;
        while (total < slice || runs.Count < atLeast)
        {
            double run = Once();
            runs.Add(run);
            total += run;
        }

        return [.. runs];
    }

    /// <summary>Median of <see cref="Runs"/>.</summary>
    public double Reading(double slice) => Order.Median(Runs(slice));

    public void Dispose()
    {
        // The binding refers to the session and must go first.
        binding.Dispose();
        options.Dispose();
        session.Dispose();
    }
}

using System.Diagnostics;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Training.Gradients;
using static EdgePrune.Onnx.Proto.TensorProto.Types;

namespace ConvGradient;

/// <summary>Graphs to compare: built from named inputs, run in turns, with the median of each.</summary>
internal sealed class GraphTimer(int threads) : IDisposable
{
    private readonly List<Entry> entries = [];

    public void Add(string name, IReadOnlyDictionary<string, long[]> inputs, Func<GraphWriter, string> build, bool nchwc = false)
    {
        var graph = new GraphProto { Name = "bench" };
        foreach ((string input, long[] dims) in inputs)
        {
            graph.Input.Add(Declare(input, dims));
        }

        var writer = new GraphWriter(graph, 17);
        string output = build(writer);
        graph.Output.Add(new ValueInfoProto { Name = output });
        var proto = new ModelProto
        {
            IrVersion = 8,
            OpsetImport = { new OperatorSetIdProto { Domain = "", Version = 17 }, new OperatorSetIdProto { Domain = "com.microsoft", Version = 1 } },
            Graph = graph,
        };
        if (nchwc)
        {
            proto.OpsetImport.Add(new OperatorSetIdProto { Domain = "com.microsoft.nchwc", Version = 1 });
        }

        try
        {
            var session = ModelSession.Create(Google.Protobuf.MessageExtensions.ToByteArray(proto), name, new SessionSettings { Threads = threads, AllowSpinning = true });
            entries.Add(new Entry(name, session, SyntheticInputs.Make(session.Inputs, seed: 1)));
        }
        catch (InputException refused)
        {
            Console.WriteLine($"{name}: {refused.Message}");
        }
    }

    public void Run(int rounds)
    {
        foreach (Entry entry in entries)
        {
            try
            {
                using NamedValues values = entry.Session.Run(entry.Inputs);
                ReadOnlySpan<float> span = values.Values.First().GetTensorDataAsSpan<float>();
                double sum = 0, square = 0;
                foreach (float v in span)
                {
                    sum += v;
                    square += (double)v * v;
                }

                entry.Print = $"{sum:G7} {Math.Sqrt(square):G7}";
            }
            catch (InputException failed)
            {
                entry.Print = failed.Message;
            }
        }

        for (int round = 0; round < rounds; round++)
        {
            foreach (Entry entry in entries)
            {
                long start = Stopwatch.GetTimestamp();
                using NamedValues values = entry.Session.Run(entry.Inputs);
                entry.Times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }
        }

        foreach (Entry entry in entries)
        {
            entry.Times.Sort();
            Console.WriteLine($"  {entry.Name,-44} {entry.Times[0],8:F2} {entry.Times[entry.Times.Count / 2],8:F2} ms   {entry.Print}");
        }
    }

    public void Dispose()
    {
        foreach (Entry entry in entries)
        {
            entry.Inputs.Dispose();
            entry.Session.Dispose();
        }
    }

    private static ValueInfoProto Declare(string name, long[] dims)
    {
        var shape = new TensorShapeProto();
        shape.Dim.Add(dims.Select(d => new TensorShapeProto.Types.Dimension { DimValue = d }));
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)DataType.Float, Shape = shape } } };
    }

    private sealed class Entry(string name, ModelSession session, NamedValues inputs)
    {
        public string Name { get; } = name;

        public ModelSession Session { get; } = session;

        public NamedValues Inputs { get; } = inputs;

        public List<double> Times { get; } = [];

        public string Print { get; set; } = "";
    }
}

using System.Text;
using System.Text.Json;
using Google.Protobuf;

namespace EdgePrune.Onnx.Sessions;

/// <summary>The answer of a trial: null where the model ran, otherwise why it did not.</summary>
internal sealed record TrialReply(string? Refusal);

/// <summary>
/// What the two sides of a trial say to each other: a header line in JSON and the model's bytes one way, a line in JSON the
/// other. A marker begins the answer, since native code may print to the same stream.
/// </summary>
internal static class TrialProtocol
{
    private const string Marker = "edgeprune-trial:";
    private const int MaxHeader = 1 << 20;

    internal sealed record Header(string Source, int Length, IReadOnlyDictionary<string, long[]>? Shapes);

    public static void WriteRequest(Stream stream, string source, ByteString model, IReadOnlyDictionary<string, long[]>? shapes)
    {
        stream.Write(JsonSerializer.SerializeToUtf8Bytes(new Header(source, model.Length, shapes)));
        stream.WriteByte((byte)'\n');
        model.WriteTo(stream);
        stream.Flush();
    }

    /// <summary>Null at the end of the stream.</summary>
    public static Header? ReadRequest(Stream stream, out byte[] model)
    {
        model = [];
        var line = new List<byte>();
        for (int next = stream.ReadByte(); next != '\n'; next = stream.ReadByte())
        {
            if (next < 0 || line.Count == MaxHeader)
            {
                return null;
            }

            line.Add((byte)next);
        }

        Header header = JsonSerializer.Deserialize<Header>(line.ToArray())!;
        model = new byte[header.Length];
        stream.ReadExactly(model);
        return header;
    }

    public static void WriteReply(TextWriter writer, TrialReply reply)
    {
        writer.Write($"\n{Marker}{Convert.ToBase64String(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(reply)))}\n");
        writer.Flush();
    }

    /// <summary>Null where the other side has ended.</summary>
    public static TrialReply? ReadReply(TextReader reader)
    {
        for (string? line = reader.ReadLine(); line is not null; line = reader.ReadLine())
        {
            if (line.StartsWith(Marker, StringComparison.Ordinal))
            {
                return JsonSerializer.Deserialize<TrialReply>(Convert.FromBase64String(line[Marker.Length..]));
            }
        }

        return null;
    }
}

using System.Globalization;
using System.Text.Json;
using EdgePrune.Onnx;

namespace EdgePrune.Profiler.Documents;

/// <summary>Reads what <c>profile --json</c> and <c>profile --output</c> write. Such a file is untrusted: it may come from anywhere.</summary>
public static class ProfileReader
{
    private const long MostBytes = 64L << 20;
    private const int MostLayers = 100_000;
    private static readonly string[] Provenances = ["measured", "counted", "modelled", "simulated"];

    /// <exception cref="InputException">The file is missing, too large, or no profile; the message says what is wrong and where.</exception>
    public static ProfileDocument Read(string path)
    {
        return Parse(Bytes(path), path);
    }

    /// <summary>The same from bytes that did not come from a file of this machine.</summary>
    /// <param name="bytes">The document.</param>
    /// <param name="path">Where it comes from, for messages.</param>
    /// <exception cref="InputException">It is no profile.</exception>
    public static ProfileDocument Parse(ReadOnlySpan<byte> bytes, string path)
    {
        try
        {
            ProfileDocument document = JsonSerializer.Deserialize<ProfileDocument>(bytes, StrictJson.Options) ?? throw new InputException($"{path} is no profile: it is null");
            Check(path, document);
            return document;
        }
        catch (JsonException bad)
        {
            string line = bad.LineNumber is { } number ? string.Create(CultureInfo.InvariantCulture, $":{number + 1}") : "";
            string place = string.IsNullOrEmpty(bad.Path) || bad.Path == "$" ? "" : $" at {Printable.Name(bad.Path)}";
            throw new InputException($"{path}{line} is no profile{place}: {Reason(bad)}; give a file that 'edgeprune profile --output' wrote", bad);
        }
    }

    private static byte[] Bytes(string path)
    {
        try
        {
            if (Directory.Exists(path))
            {
                throw new InputException($"{path} is a folder; give a profile, which 'edgeprune profile --output FILE' writes");
            }

            // Pipes and devices have no length; opening one could wait for ever.
            long length = new FileInfo(path).Length;
            return length is > 0 and <= MostBytes
                ? File.ReadAllBytes(path)
                : throw new InputException($"{path} is {(length == 0 ? "empty or no ordinary file" : $"larger than {MostBytes >> 20} MiB, more than any profile")}; give a file that 'edgeprune profile --output' wrote");
        }
        catch (FileNotFoundException e)
        {
            throw new InputException($"{path} does not exist; 'edgeprune profile MODEL --output {path}' writes it", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{path} cannot be read: {e.Message}", e);
        }
    }

    // The serializer's own sentence names types of this program, which mean nothing to a reader.
    private static string Reason(JsonException bad)
    {
        string message = bad.Message.Split(" Path:")[0];
        const string missing = "including: ";
        int names = message.IndexOf(missing, StringComparison.Ordinal);
        return names >= 0 ? $"{message[(names + missing.Length)..].TrimEnd('.')} is missing"
            : message.StartsWith("The JSON value could not be converted", StringComparison.Ordinal) ? "a value of another kind belongs there"
            : message.StartsWith("Duplicate property", StringComparison.Ordinal) ? "a name stands there twice"
            : message.StartsWith("The constructor parameter", StringComparison.Ordinal) || message.StartsWith("The property or field", StringComparison.Ordinal) ? "null stands where a value belongs"
            : Printable.Text(message, keepLines: false).TrimEnd('.');
    }

    private static void Check(string path, ProfileDocument document)
    {
        void Require(bool sound, string where, string what)
        {
            if (!sound)
            {
                throw new InputException($"{path} is no sound profile: {where} {what}; take the profile again");
            }
        }

        void Sound(Figure? figure, string where) => Require(
            figure is null || (double.IsFinite(figure.Median) && double.IsFinite(figure.Low) && double.IsFinite(figure.High)
                && figure.Low <= figure.Median && figure.Median <= figure.High && figure.Samples is null or > 0),
            where,
            "is no interval around a median");

        void Count(long value, string where) => Require(value >= 0, where, "is negative");

        Require(document.Format == ProfileDocument.CurrentFormat, "format", $"is '{Printable.Name(document.Format)}', not {ProfileDocument.CurrentFormat}");
        Require(Provenances.Contains(document.Provenance, StringComparer.Ordinal), "provenance", $"is '{Printable.Name(document.Provenance)}', none of {string.Join(", ", Provenances)}");
        Require(document.Layers.Count is > 0 and <= MostLayers, "layers", $"has {document.Layers.Count} entries, 1 to {MostLayers} are possible");
        Sound(document.Network.LatencyMs.Interval(), "network.latency_ms");
        Require(document.Network.LatencyMs.Median > 0, "network.latency_ms", "is not above 0");
        Sound(document.Network.EnergyMj, "network.energy_mj");
        Sound(document.Network.DynamicEnergyMj, "network.dynamic_energy_mj");
        Count(document.Network.Macs, "network.macs");
        Count(document.Network.Params, "network.params");
        Count(document.Network.Bytes, "network.bytes");
        Count(document.Network.PeakActivationBytes, "network.peak_activation_bytes");
        Require(document.Warnings.All(w => w is not null), "warnings", "has a null entry");
        Require(document.Measurement?.Trace.All(p => p is { Length: 2 } && p.All(double.IsFinite)) ?? true, "measurement.trace", "has an entry that is no pair of numbers");
        for (int i = 0; i < document.Layers.Count; i++)
        {
            ProfileLayer? layer = document.Layers[i];
            string where = string.Create(CultureInfo.InvariantCulture, $"layers[{i}]");
            Require(layer is not null, where, "is null");
            Require(layer!.Nodes.All(n => n is not null), $"{where}.nodes", "has a null entry");
            Sound(layer.TimeUs, $"{where}.time_us");
            Sound(layer.EnergyUj, $"{where}.energy_uj");
            Sound(layer.DynamicEnergyUj, $"{where}.dynamic_energy_uj");
            Require(double.IsFinite(layer.Share), $"{where}.share", "is no number");
            Count(layer.Macs, $"{where}.macs");
            Count(layer.Params, $"{where}.params");
            Count(layer.BytesMoved, $"{where}.bytes_moved");
            Count(layer.ActivationBytes, $"{where}.activation_bytes");
        }
    }
}

using System.IO.Compression;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Onnx.Tensors;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace EdgePrune.Agent.Tensors;

/// <summary>
/// Tensors as NumPy's .npz: a zip archive of .npy arrays (numpy.savez, numpy.savez_compressed). What is read comes from
/// anybody: nothing in it is believed before its size has been held to a limit, and nothing in it is evaluated.
/// </summary>
public static class Npz
{
    /// <summary>The media type of requests and answers; none is registered with IANA.</summary>
    public const string MediaType = "application/x-npz";

    private const int MaxArrays = 256;
    private const int MaxRank = 16;
    private const string Extension = ".npy";

    /// <summary>Reads all arrays. The caller disposes them.</summary>
    /// <param name="archive">The whole archive; it can seek.</param>
    /// <param name="maxBytes">The most that all elements together may have once unpacked.</param>
    /// <param name="what">Names it in errors.</param>
    /// <exception cref="InputException">It is no such archive, damaged, or too large.</exception>
    public static NamedValues Read(Stream archive, long maxBytes, string what)
    {
        ArgumentNullException.ThrowIfNull(archive);
        var values = new Dictionary<string, OrtValue>(StringComparer.Ordinal);
        bool done = false;
        try
        {
            using var zip = new ZipArchive(archive, ZipArchiveMode.Read, leaveOpen: true);
            if (zip.Entries.Count > MaxArrays)
            {
                throw new InputException($"{what}: an archive of {zip.Entries.Count} entries; at most {MaxArrays} arrays are taken");
            }

            foreach (ZipArchiveEntry entry in zip.Entries)
            {
                string where = $"{what} ({Printable.Name(entry.FullName)})";
                if (!entry.FullName.EndsWith(Extension, StringComparison.Ordinal))
                {
                    throw new InputException($"{where}: is not a .npy array; an .npz holds arrays only");
                }

                using Stream stream = entry.Open();
                OrtValue value = ReadArray(stream, ref maxBytes, where);
                if (!values.TryAdd(entry.FullName[..^Extension.Length], value))
                {
                    value.Dispose();
                    throw new InputException($"{where}: a second array of that name");
                }
            }

            done = true;
            return new NamedValues(values);
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or NotSupportedException or ArgumentException)
        {
            throw new InputException($"{what}: is not a readable .npz archive: {e.Message}", e);
        }
        finally
        {
            if (!done)
            {
                foreach (OrtValue value in values.Values)
                {
                    value.Dispose();
                }
            }
        }
    }

    /// <summary>Writes tensors, not compressed: those who ask for this form want speed.</summary>
    /// <exception cref="InputException">A value is no tensor, or of a type that NumPy lacks.</exception>
    public static void Write(Stream target, IReadOnlyDictionary<string, OrtValue> values)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(values);
        using var zip = new ZipArchive(target, ZipArchiveMode.Create, leaveOpen: true);
        foreach ((string name, OrtValue value) in values)
        {
            if (!value.IsTensor)
            {
                throw new InputException($"'{Printable.Name(name)}' is no tensor, which .npz does not hold");
            }

            OrtTensorTypeAndShapeInfo info = value.GetTensorTypeAndShape();
            ZipArchiveEntry entry = zip.CreateEntry(name + Extension, CompressionLevel.NoCompression);
            using Stream stream = entry.Open();
            NpyHeader.Write(stream, info.ElementDataType, info.Shape);
            stream.Write(value.GetTensorMutableRawData());
        }
    }

    private static OrtValue ReadArray(Stream stream, ref long left, string what)
    {
        NpyHeader header = NpyHeader.Read(stream, what);
        TensorElementType type = header.ElementType(what, out bool bigEndian);
        if (header.Shape.Length > MaxRank)
        {
            throw new InputException($"{what}: {header.Shape.Length} dimensions; at most {MaxRank} are taken");
        }

        long size = NpyElements.Bytes(type, header.Shape, left, what);
        left -= size;
        OrtValue value = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, type, header.Shape);
        try
        {
            Span<byte> bytes = value.GetTensorMutableRawData()[..(int)size];
            int got = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            Span<byte> more = stackalloc byte[1];
            if (got < bytes.Length || stream.Read(more) != 0)
            {
                throw new InputException($"{what}: has {(got < bytes.Length ? "fewer" : "more")} bytes than its header tells of");
            }

            NpyElements.Normalise(bytes, header.Shape, NpyElements.Size(type), bigEndian, header.FortranOrder);
            return value;
        }
        catch
        {
            value.Dispose();
            throw;
        }
    }
}

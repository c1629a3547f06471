using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace EdgePrune.Onnx.Tensors;

/// <summary>
/// The header of a NumPy .npy array, format versions 1 to 3 (numpy.lib.format): a Python dictionary literal with exactly the
/// keys descr, fortran_order and shape. Parsed as that and nothing more; nothing in it is evaluated.
/// </summary>
/// <param name="Descriptor">The element type as NumPy spells it, for example <c>&lt;f4</c>.</param>
/// <param name="FortranOrder">Whether the first axis runs fastest.</param>
/// <param name="Shape">Dimensions; not checked beyond being numbers.</param>
public sealed record NpyHeader(string Descriptor, bool FortranOrder, long[] Shape)
{
    private const int HeaderLimit = 65_536;
    private const int Alignment = 64;

    private static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    /// <summary>Reads from the magic up to the first byte of the elements.</summary>
    /// <param name="stream">At the first byte of the magic.</param>
    /// <param name="what">File, and entry within it, for messages.</param>
    /// <exception cref="InputException">It is no .npy array, or its header is damaged.</exception>
    public static NpyHeader Read(Stream stream, string what)
    {
        ArgumentNullException.ThrowIfNull(stream);
        Span<byte> start = stackalloc byte[8];
        ReadExactly(stream, start, what);
        if (!start[..6].SequenceEqual(Magic))
        {
            throw new InputException($"{what}: is not a NumPy array (.npy files start with \\x93NUMPY)");
        }

        if (start[6] is < 1 or > 3)
        {
            throw new InputException($"{what}: .npy format version {start[6]} is not known; expected 1, 2 or 3");
        }

        Span<byte> field = stackalloc byte[start[6] == 1 ? 2 : 4];
        ReadExactly(stream, field, what);
        long length = start[6] == 1 ? BinaryPrimitives.ReadUInt16LittleEndian(field) : BinaryPrimitives.ReadUInt32LittleEndian(field);
        if (length > HeaderLimit)
        {
            throw new InputException($"{what}: a header of {length:N0} bytes; expected at most {HeaderLimit:N0}");
        }

        byte[] text = new byte[length];
        ReadExactly(stream, text, what);
        return Parse(Encoding.UTF8.GetString(text), what);
    }

    /// <summary>The element type, and whether its bytes come with the highest first.</summary>
    /// <exception cref="InputException">It holds Python objects, or is no type of numbers.</exception>
    public TensorElementType ElementType(string what, out bool bigEndian)
    {
        if (Descriptor.Contains('O', StringComparison.Ordinal))
        {
            throw new InputException($"{what}: holds pickled Python objects (dtype object), which are never loaded because they can run code; save the array with a numeric dtype");
        }

        TensorElementType? type = Descriptor.Length < 3 ? null : Descriptor[1..] switch
        {
            "b1" => TensorElementType.Bool,
            "u1" => TensorElementType.UInt8,
            "i1" => TensorElementType.Int8,
            "u2" => TensorElementType.UInt16,
            "i2" => TensorElementType.Int16,
            "u4" => TensorElementType.UInt32,
            "i4" => TensorElementType.Int32,
            "u8" => TensorElementType.UInt64,
            "i8" => TensorElementType.Int64,
            "f2" => TensorElementType.Float16,
            "f4" => TensorElementType.Float,
            "f8" => TensorElementType.Double,
            _ => null,
        };
        bigEndian = Descriptor.StartsWith('>');
        return type is not null && Descriptor[0] is '<' or '>' or '|' or '='
            ? type.Value
            : throw new InputException($"{what}: element type '{Descriptor}' is not supported; expected bool, integers, or float16, float32, float64");
    }

    /// <summary>Writes the header (format version 1) of a row-major, little-endian array; its elements follow.</summary>
    /// <exception cref="InputException">NumPy has no such element type.</exception>
    public static void Write(Stream stream, TensorElementType type, ReadOnlySpan<long> shape)
    {
        ArgumentNullException.ThrowIfNull(stream);
        string descriptor = type switch
        {
            TensorElementType.Bool => "|b1",
            TensorElementType.UInt8 => "|u1",
            TensorElementType.Int8 => "|i1",
            TensorElementType.UInt16 => "<u2",
            TensorElementType.Int16 => "<i2",
            TensorElementType.UInt32 => "<u4",
            TensorElementType.Int32 => "<i4",
            TensorElementType.UInt64 => "<u8",
            TensorElementType.Int64 => "<i8",
            TensorElementType.Float16 => "<f2",
            TensorElementType.Float => "<f4",
            TensorElementType.Double => "<f8",
            _ => throw new InputException($"NumPy arrays have no element type {type}"),
        };
        var text = new StringBuilder($"{{'descr': '{descriptor}', 'fortran_order': False, 'shape': (");
        foreach (long dimension in shape)
        {
            text.Append(CultureInfo.InvariantCulture, $"{dimension},");
        }

        text.Append("), }");
        const int before = 10; // magic, version, length
        int length = text.Length + 1;
        int padding = (Alignment - ((before + length) % Alignment)) % Alignment;
        text.Append(' ', padding).Append('\n');
        Span<byte> start = stackalloc byte[before];
        Magic.CopyTo(start);
        start[6] = 1;
        BinaryPrimitives.WriteUInt16LittleEndian(start[8..], checked((ushort)text.Length));
        stream.Write(start);
        stream.Write(Encoding.ASCII.GetBytes(text.ToString()));
    }

    /// <summary>Reads the dictionary itself.</summary>
    /// <exception cref="InputException">It is damaged.</exception>
    public static NpyHeader Parse(string text, string what) => new Parser(text, what).Parse();

    private static void ReadExactly(Stream stream, Span<byte> bytes, string what)
    {
        int got;
        try
        {
            got = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            throw new InputException($"{what}: cannot be unpacked or read: {e.Message}", e);
        }

        if (got < bytes.Length)
        {
            throw new InputException($"{what}: ends after {got:N0} bytes of data, its header promises {bytes.Length:N0}; the file is truncated");
        }
    }

    private sealed class Parser(string text, string what)
    {
        private int at;

        public NpyHeader Parse()
        {
            string? descriptor = null;
            bool? fortran = null;
            long[]? shape = null;
            Expect('{');
            while (!TryTake('}'))
            {
                string key = String();
                Expect(':');
                switch (key)
                {
                    case "descr" when descriptor is null:
                        descriptor = Peek() == '[' ? throw Bad("a record of several fields; expected one numeric element type") : String();
                        break;
                    case "fortran_order" when fortran is null:
                        fortran = Bool();
                        break;
                    case "shape" when shape is null:
                        shape = Tuple();
                        break;
                    default:
                        throw Bad($"key '{key}' unknown or repeated");
                }

                if (!TryTake(','))
                {
                    Expect('}');
                    break;
                }
            }

            return descriptor is null || fortran is null || shape is null || text.AsSpan(at).Trim().Length > 0
                ? throw Bad("expected exactly 'descr', 'fortran_order' and 'shape'")
                : new NpyHeader(descriptor, fortran.Value, shape);
        }

        private long[] Tuple()
        {
            List<long> dims = [];
            Expect('(');
            while (!TryTake(')'))
            {
                dims.Add(Integer());
                if (dims.Count > 64)
                {
                    throw Bad("a shape of more than 64 axes");
                }

                if (!TryTake(','))
                {
                    Expect(')');
                    break;
                }
            }

            return [.. dims];
        }

        private long Integer()
        {
            Peek();
            int start = at;
            while (at < text.Length && (char.IsAsciiDigit(text[at]) || text[at] == '-'))
            {
                at++;
            }

            // Python 2 wrote long integers with a trailing L.
            ReadOnlySpan<char> digits = text.AsSpan(start, at - start);
            if (at < text.Length && text[at] == 'L')
            {
                at++;
            }

            return long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value)
                ? value
                : throw Bad($"'{digits}' is not a dimension");
        }

        private string String()
        {
            char quote = Peek();
            if (quote is not ('\'' or '"'))
            {
                throw Bad("expected a quoted name");
            }

            int end = text.IndexOf(quote, at + 1);
            if (end < 0)
            {
                throw Bad("a quote is never closed");
            }

            string value = text[(at + 1)..end];
            at = end + 1;
            return value;
        }

        private bool Bool()
        {
            Peek();
            foreach ((string word, bool value) in new[] { ("True", true), ("False", false) })
            {
                if (string.CompareOrdinal(text, at, word, 0, word.Length) == 0)
                {
                    at += word.Length;
                    return value;
                }
            }

            throw Bad("fortran_order is neither True nor False");
        }

        private char Peek()
        {
            while (at < text.Length && char.IsWhiteSpace(text[at]))
            {
                at++;
            }

            return at < text.Length ? text[at] : throw Bad("it breaks off");
        }

        private bool TryTake(char c)
        {
            if (Peek() != c)
            {
                return false;
            }

            at++;
            return true;
        }

        private void Expect(char c)
        {
            if (!TryTake(c))
            {
                throw Bad($"expected '{c}' at character {at}");
            }
        }

        private InputException Bad(string why) => new($"{what}: the .npy header cannot be read: {why}");
    }
}

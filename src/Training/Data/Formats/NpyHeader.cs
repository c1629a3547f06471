using System.Globalization;
using EdgePrune.Onnx;

namespace EdgePrune.Training.Data.Formats;

/// <summary>
/// The header of a .npy file: a Python dictionary literal with exactly the keys descr, fortran_order and shape.
/// Parsed as that and nothing more; nothing in it is evaluated.
/// </summary>
internal sealed record NpyHeader(string Descriptor, bool FortranOrder, long[] Shape)
{
    public static NpyHeader Parse(string text, string what) => new Parser(text, what).Parse();

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

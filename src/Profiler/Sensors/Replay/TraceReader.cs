using System.Globalization;
using EdgePrune.Onnx;
using EdgePrune.Profiler.Sensors.Sampling;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Sensors.Replay;

/// <summary>
/// Reads a trace: comments, a header <c>time_s,NAME_W,…[,fresh]</c>, rows. The file is not trusted: its size, its lines, its
/// columns and every number are bounded, and each error names the line.
/// </summary>
public sealed class TraceReader
{
    private const long MostBytes = 1L << 30;
    private const int MostRails = 64;
    private const int LongestLine = 4096;
    private const int MostFacts = 64;
    private const double MostWatts = 1e6;
    private const double LongestSeconds = 1e8;

    private readonly string path;
    private readonly Dictionary<string, string> facts = new(StringComparer.Ordinal);
    private readonly List<PowerSample> samples = [];
    private List<string> columns = [];
    private double[] lastTimes = [];
    private bool hasFresh;
    private int line;

    private TraceReader(string path) => this.path = path;

    /// <exception cref="InputException">There is no such file, or it is no trace; the message names file and line.</exception>
    public static PowerTrace Read(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        try
        {
            var info = new FileInfo(path);
            if (info.Exists && info.Length is 0 or > MostBytes)
            {
                // Pipes and devices have no length either; opening one could wait for ever.
                throw new InputException($"{path} has {info.Length:N0} bytes; a power trace has from 1 to {MostBytes:N0}");
            }

            using var reader = new StreamReader(path);
            return new TraceReader(path).Read(reader);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new InputException($"power trace {path} cannot be read: {e.Message}", e);
        }
    }

    private PowerTrace Read(StreamReader reader)
    {
        char[] buffer = new char[LongestLine];
        while (ReadLine(reader, buffer, out int length))
        {
            line++;
            ReadOnlySpan<char> text = buffer.AsSpan(0, length).TrimEnd('\r');
            if (text.StartsWith('#'))
            {
                Comment(text[1..]);
            }
            else if (columns.Count == 0)
            {
                Header(text);
            }
            else if (text.Length > 0)
            {
                Row(text);
            }
        }

        if (columns.Count == 0)
        {
            throw new InputException($"{path}: no header; a power trace begins with '{PowerTrace.TimeColumn},RAIL{PowerTrace.PowerSuffix},…', as 'edgeprune sensors --record' writes it");
        }

        if (samples.Count < 2)
        {
            throw new InputException($"{path}: the trace has {samples.Count} readings; there must be two at least");
        }

        samples.Sort((a, b) => a.Time.CompareTo(b.Time));
        return new PowerTrace([.. columns.Select(c => new PowerRail(c, Role(c)))], samples, facts);
    }

    // The last line counts only where it has its line end: without one it was cut while it was written.
    private bool ReadLine(StreamReader reader, char[] buffer, out int length)
    {
        length = 0;
        for (int c = reader.Read(); c >= 0; c = reader.Read())
        {
            if (c == '\n')
            {
                return true;
            }

            if (length == buffer.Length)
            {
                line++;
                throw Fault($"a line has at most {LongestLine} characters");
            }

            buffer[length++] = (char)c;
        }

        return false;
    }

    private void Comment(ReadOnlySpan<char> text)
    {
        int colon = text.IndexOf(':');
        if (colon > 0 && facts.Count < MostFacts)
        {
            facts.TryAdd(text[..colon].Trim().ToString(), Printable.Text(text[(colon + 1)..].Trim().ToString(), keepLines: false));
        }
    }

    private void Header(ReadOnlySpan<char> text)
    {
        string[] names = [.. text.ToString().Split(',').Select(n => n.Trim())];
        hasFresh = names[^1] == PowerTrace.FreshColumn;
        columns = [.. names.Skip(1).SkipLast(hasFresh ? 1 : 0)];
        if (names[0] != PowerTrace.TimeColumn || columns.Count is 0 or > MostRails)
        {
            line = Math.Max(line, 1);
            throw Fault($"the header must be '{PowerTrace.TimeColumn}', 1 to {MostRails} columns 'RAIL{PowerTrace.PowerSuffix}' and '{PowerTrace.FreshColumn}', not '{Printable.Name(text.ToString())}'");
        }

        if (columns.FirstOrDefault(c => !c.EndsWith(PowerTrace.PowerSuffix, StringComparison.Ordinal) || c.Length == PowerTrace.PowerSuffix.Length) is { } wrong)
        {
            throw Fault($"column '{Printable.Name(wrong)}' must end in '{PowerTrace.PowerSuffix}', for watts");
        }

        columns = [.. columns.Select(c => Printable.Name(c[..^PowerTrace.PowerSuffix.Length]))];
        if (columns.Distinct(StringComparer.Ordinal).Count() != columns.Count)
        {
            throw Fault("two columns have the same name");
        }

        lastTimes = [.. columns.Select(_ => double.NegativeInfinity)];
    }

    private void Row(ReadOnlySpan<char> text)
    {
        int wanted = columns.Count + 1 + (hasFresh ? 1 : 0);
        Span<Range> cells = stackalloc Range[MostRails + 3];
        if (text.Split(cells, ',') != wanted)
        {
            throw Fault($"{wanted} cells were expected");
        }

        double time = Number(text[cells[0]], "time", LongestSeconds);
        bool fresh = !hasFresh || text[cells[wanted - 1]] switch
        {
            "1" => true,
            "0" => false,
            _ => throw Fault("the last cell must be 1 (a new reading) or 0 (the one before, repeated)"),
        };
        for (int rail = 0; rail < columns.Count; rail++)
        {
            ReadOnlySpan<char> cell = text[cells[rail + 1]];
            if (cell.Length == 0)
            {
                continue; // this rail was not read at this time
            }

            if (time < lastTimes[rail])
            {
                throw Fault(string.Create(CultureInfo.InvariantCulture, $"time {time} s of {columns[rail]} lies before {lastTimes[rail]} s, the time of the reading above"));
            }

            if (samples.Count == SampleSink.Limit)
            {
                throw Fault($"a trace has at most {SampleSink.Limit} readings");
            }

            lastTimes[rail] = time;
            samples.Add(new PowerSample(new Seconds(time), rail, new Watts(Number(cell, columns[rail], MostWatts)), fresh));
        }
    }

    private double Number(ReadOnlySpan<char> cell, string what, double most) =>
        double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && Math.Abs(value) <= most // false for NaN
            ? value
            : throw Fault($"{what} must be a number of at most {most.ToString(CultureInfo.InvariantCulture)}, not '{Printable.Name(cell.ToString())}'");

    private RailRole Role(string name)
    {
        foreach (string rail in facts.GetValueOrDefault("rails", "").Split(", "))
        {
            int equals = rail.LastIndexOf('=');
            if (equals > 0 && rail[..equals] == name)
            {
                return rail[(equals + 1)..] switch { "total" => RailRole.Total, "detail" => RailRole.Detail, _ => RailRole.Part };
            }
        }

        return RailRole.Part;
    }

    private InputException Fault(string what) => new($"{path}:{Math.Max(line, 1)}: {what}");
}

using System.Globalization;
using System.Text;
using EdgePrune.Onnx;

namespace EdgePrune.Profiler.Sensors.Replay;

/// <summary>
/// Writes a trace as it comes: comments, a header, a row for each time. Only whole rows reach the file, so that what is there when
/// the disk is full or the power fails is a valid trace; the second line tells how it ended and is written in place, which needs no
/// room on the disk.
/// </summary>
public sealed class TraceWriter : IDisposable
{
    private const int EndLength = 120;
    private const int FlushBytes = 1 << 14;
    private readonly string path;
    private readonly FileStream file;
    private readonly StringBuilder pending = new();
    private readonly double[] cells;
    private readonly int endOffset;
    private double rowTime = double.NaN;
    private bool rowFresh;
    private long good;
    private bool ended;

    /// <param name="rateHertz">New readings a second, or 0 where that is not known.</param>
    /// <exception cref="InputException">The file cannot be written.</exception>
    public TraceWriter(string path, IPowerSource source, string device, double rateHertz)
    {
        ArgumentNullException.ThrowIfNull(source);
        this.path = path;
        cells = [.. source.Rails.Select(_ => double.NaN)];
        string[] names = [.. source.Rails.Select(r => Plain(r.Name))];
        pending.Append(PowerTrace.Title).Append('\n');
        endOffset = pending.Length;
        pending.Append(EndLine("open: the recording goes on, or its process was ended")).Append('\n');
        pending.Append(CultureInfo.InvariantCulture, $"# source: {Comment(source.Name)}\n# provenance: {source.Provenance.Word}\n# device: {Comment(device)}\n");
        pending.Append(CultureInfo.InvariantCulture, $"# rate_hz: {rateHertz:G6}\n");
        pending.Append("# rails: ").AppendJoin(", ", source.Rails.Select((r, i) => $"{names[i]}={RoleName(r.Role)}")).Append('\n');
        pending.Append(PowerTrace.TimeColumn);
        foreach (string name in names)
        {
            pending.Append(',').Append(name).Append(PowerTrace.PowerSuffix);
        }

        pending.Append(',').Append(PowerTrace.FreshColumn).Append('\n');
        try
        {
            file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"cannot write {path}: {e.Message}", e);
        }

        try
        {
            Flush();
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Rows that are in the file.</summary>
    public long Rows { get; private set; }

    /// <summary>Adds a reading; readings of one time share a row.</summary>
    /// <exception cref="InputException">The disk is full; the file holds all rows before and says so.</exception>
    public void Add(in PowerSample sample)
    {
        if (sample.Time.Value != rowTime || sample.IsFresh != rowFresh || !double.IsNaN(cells[sample.Rail]))
        {
            EndRow();
            (rowTime, rowFresh) = (sample.Time.Value, sample.IsFresh);
        }

        cells[sample.Rail] = sample.Power.Value;
        if (pending.Length >= FlushBytes)
        {
            Flush();
        }
    }

    /// <summary>Brings what was added to the file.</summary>
    /// <exception cref="InputException">The disk is full; the file holds all rows before and says so.</exception>
    public void Flush()
    {
        byte[] bytes = Encoding.UTF8.GetBytes(pending.ToString());
        pending.Clear();
        try
        {
            file.Write(bytes);
            good += bytes.Length;
            Rows += Array.FindAll(bytes, b => b == (byte)'\n').Length;
        }
        catch (Exception failed) when (failed is IOException or ArgumentException or UnauthorizedAccessException)
        {
            // The framework tells EFBIG as an argument out of range.
            string why = failed is ArgumentException ? "the file may not grow any further (a limit on the size of files)" : failed.Message;
            Cut($"stopped: {why}");
            throw new InputException($"cannot write {path}: {why}. It holds what was recorded before; free some space, or record elsewhere", failed);
        }
    }

    /// <summary>Ends the trace.</summary>
    /// <param name="how">For readers, for example <c>complete</c>.</param>
    /// <exception cref="InputException">The disk is full.</exception>
    public void Complete(string how)
    {
        EndRow();
        Flush();
        Cut(how);
    }

    public void Dispose()
    {
        if (!ended)
        {
            Cut("stopped before its end");
        }

        file.Dispose();
    }

    internal static string RoleName(RailRole role) => role.ToString().ToLowerInvariant();

    private void EndRow()
    {
        if (double.IsNaN(rowTime))
        {
            return;
        }

        pending.Append(CultureInfo.InvariantCulture, $"{rowTime:F6}");
        for (int i = 0; i < cells.Length; i++)
        {
            pending.Append(',');
            if (!double.IsNaN(cells[i]))
            {
                pending.Append(CultureInfo.InvariantCulture, $"{cells[i]:G9}");
            }

            cells[i] = double.NaN;
        }

        pending.Append(rowFresh ? ",1\n" : ",0\n");
        rowTime = double.NaN;
    }

    // A write that failed may have left a part of a row; the end line has its room already.
    private void Cut(string how)
    {
        ended = true;
        try
        {
            file.SetLength(good);
            if (good > endOffset)
            {
                file.Position = endOffset;
                file.Write(Encoding.UTF8.GetBytes(EndLine(how)));
            }
        }
        catch (Exception e) when (e is IOException or NotSupportedException or UnauthorizedAccessException or ArgumentException)
        {
            // A device or a pipe has no length; the error that led here is the one to tell.
        }
    }

    private static string EndLine(string how)
    {
        string text = "# end: " + new string([.. Comment(how).Select(c => char.IsAscii(c) ? c : '?')]);
        return text.Length > EndLength ? text[..EndLength] : text.PadRight(EndLength);
    }

    private static string Comment(string text) => Printable.Text(text, keepLines: false);

    // A rail's name must survive as a column's name.
    private static string Plain(string name) => new([.. Printable.Name(name).Select(c => c is ',' or '=' or '"' or '#' ? '_' : c)]);
}

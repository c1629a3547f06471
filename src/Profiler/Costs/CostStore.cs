using System.Buffers.Binary;
using System.Globalization;
using EdgePrune.Onnx;
using EdgePrune.Profiler.Statistics;
using Microsoft.Data.Sqlite;

namespace EdgePrune.Profiler.Costs;

/// <summary>
/// Measured points in one SQLite file per device, so that sweeps resume and models share them. Each point is committed when it
/// is measured.
/// </summary>
internal sealed class CostStore : IDisposable
{
    private const int ApplicationId = 0x45504354;
    private const int SchemaVersion = 2;

    // Result codes of SQLite: only these mean that the file is damaged. A locked or unreadable one must not be moved away.
    private const int Corrupt = 11;
    private const int NotADatabase = 26;
    private const int BusySeconds = 5;
    private readonly SqliteConnection connection;

    private CostStore(SqliteConnection connection) => this.connection = connection;

    /// <summary>Where a damaged or outdated table was moved when this one was opened, null where there was none.</summary>
    public string? SetAside { get; private init; }

    /// <summary>
    /// Opens or creates a file; null keeps the points in memory. A cost table that is damaged, or of another version, is renamed and
    /// a new one begun: costs can be measured again. A file that is no cost table is left alone.
    /// </summary>
    /// <exception cref="InputException">The file is no cost table, or it cannot be used for another reason.</exception>
    public static CostStore Open(string? path)
    {
        try
        {
            return Attempt(path, null);
        }
        catch (DamagedException damaged)
        {
            if (path is null || !IsCostTable(path))
            {
                throw new InputException(damaged.Message, damaged);
            }

            return Attempt(path, MoveAside(path, damaged));
        }
    }

    /// <summary>The points of some signatures, widths as text, in a fixed order.</summary>
    public IReadOnlyList<(string Signature, int[] Widths)> Points(long context)
    {
        using SqliteCommand command = Command("SELECT signature, widths FROM point WHERE context = $c ORDER BY signature, widths", ("$c", context));
        using SqliteDataReader row = command.ExecuteReader();
        var points = new List<(string, int[])>();
        while (row.Read())
        {
            string widths = row.GetString(1);
            // Only numbers can have been written; a hand-edited row is passed over.
            if (widths.Split(',', StringSplitOptions.RemoveEmptyEntries) is var parts && parts.All(p => int.TryParse(p, NumberStyles.None, CultureInfo.InvariantCulture, out _)))
            {
                points.Add((row.GetString(0), [.. parts.Select(p => int.Parse(p, CultureInfo.InvariantCulture))]));
            }
        }

        return points;
    }

    /// <summary>Forgets all points of a signature; of all where null.</summary>
    public void Drop(long context, string? signature) => Execute(
        "DELETE FROM point WHERE context = $c AND ($s IS NULL OR signature = $s)", ("$c", context), ("$s", (object?)signature ?? DBNull.Value));

    public bool TryFindPath(long context, string signature, IReadOnlyList<int> widths, out BlockPath found)
    {
        using SqliteCommand command = Command(
            "SELECT path, stair FROM path WHERE context = $c AND signature = $s AND widths = $w",
            ("$c", context), ("$s", signature), ("$w", Text(widths)));
        using SqliteDataReader row = command.ExecuteReader();
        bool any = row.Read();
        found = any ? new BlockPath(row.GetString(0), row.GetString(1)) : default;
        return any;
    }

    public void AddPath(long context, string signature, IReadOnlyList<int> widths, BlockPath path) => Execute(
        "INSERT OR REPLACE INTO path VALUES ($c, $s, $w, $path, $stair)",
        ("$c", context), ("$s", signature), ("$w", Text(widths)), ("$path", path.Path), ("$stair", path.Stair));

    /// <summary>Records what a network was predicted to take and what it took, in seconds: the correction is learned from it.</summary>
    public void AddNetwork(long context, string model, double predicted, double measured) => Execute(
        "INSERT OR REPLACE INTO network VALUES ($c, $m, $p, $t)", ("$c", context), ("$m", model), ("$p", predicted), ("$t", measured));

    private static CostStore Attempt(string? path, string? aside)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path ?? ":memory:",
            Pooling = false,
            DefaultTimeout = BusySeconds, // while another program writes
        }.ToString());
        try
        {
            connection.Open();
            var store = new CostStore(connection) { SetAside = aside };
            store.Prepare(path);
            return store;
        }
        catch (SqliteException broken)
        {
            connection.Dispose();
            string message = $"{path} is not a usable cost table ({broken.Message}); delete it to measure the costs anew, or name another file";
            throw broken.SqliteErrorCode is Corrupt or NotADatabase ? new DamagedException(message, broken) : new InputException(message, broken);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    // The header tells without SQLite: its name at the start, the application's id at byte 68 (sqlite.org/fileformat2.html, 1.3).
    private static bool IsCostTable(string path)
    {
        try
        {
            Span<byte> header = stackalloc byte[72];
            using FileStream file = File.OpenRead(path);
            return file.ReadAtLeast(header, header.Length, throwOnEndOfStream: false) == header.Length
                && header.StartsWith("SQLite format 3\0"u8)
                && BinaryPrimitives.ReadInt32BigEndian(header[68..]) == ApplicationId;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static string MoveAside(string path, Exception why)
    {
        string aside = Enumerable.Range(1, 1000).Select(n => $"{path}.damaged-{n}").FirstOrDefault(p => !File.Exists(p)) ?? $"{path}.damaged";
        try
        {
            File.Move(path, aside, overwrite: true);
            foreach (string suffix in (string[])["-wal", "-shm"])
            {
                if (File.Exists(path + suffix))
                {
                    File.Move(path + suffix, aside + suffix, overwrite: true);
                }
            }

            return aside;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{why.Message}; it could not be set aside: {e.Message}", e);
        }
    }

    /// <summary>The row of a context, made where it is new; with the reference time that its points are scaled to, null where not set.</summary>
    public (long Id, double? Reference) Context(string name)
    {
        Execute("INSERT OR IGNORE INTO context (name) VALUES ($name)", ("$name", name));
        using SqliteCommand command = Command("SELECT id, reference FROM context WHERE name = $name", ("$name", name));
        using SqliteDataReader row = command.ExecuteReader();
        row.Read();
        return (row.GetInt64(0), row.IsDBNull(1) ? null : row.GetDouble(1));
    }

    public void SetReference(long context, double seconds) =>
        Execute("UPDATE context SET reference = $seconds WHERE id = $id", ("$seconds", seconds), ("$id", context));

    public bool TryFind(long context, string signature, IReadOnlyList<int> widths, out BlockMeasurement? found)
    {
        using SqliteCommand command = Command(
            "SELECT median, low, high, n, coverage, macs, moved, weights, activations, outputs, layout_in, layout_out FROM point WHERE context = $c AND signature = $s AND widths = $w",
            ("$c", context), ("$s", signature), ("$w", Text(widths)));
        using SqliteDataReader row = command.ExecuteReader();
        found = null;
        if (!row.Read())
        {
            return false;
        }

        var time = new Interval(row.GetDouble(0), row.GetDouble(1), row.GetDouble(2), row.GetInt32(3), row.GetDouble(4));
        // A hand-edited or half-repaired file must not feed nonsense into a plan; such a point is measured again.
        if (!double.IsFinite(time.Median) || time.Median < 0)
        {
            return false;
        }

        found = new BlockMeasurement(time, row.GetInt64(5), row.GetInt64(6), row.GetInt64(7), row.GetInt64(8))
        {
            OutputBytes = row.GetInt64(9),
            Layout = new BlockLayout(row.GetInt32(10), row.GetInt32(11)),
        };
        return true;
    }

    public void Add(long context, string signature, IReadOnlyList<int> widths, BlockMeasurement m) => Execute(
        "INSERT OR REPLACE INTO point VALUES ($c, $s, $w, $median, $low, $high, $n, $coverage, $macs, $moved, $weights, $activations, $outputs, $in, $out)",
        ("$c", context), ("$s", signature), ("$w", Text(widths)),
        ("$median", m.Time.Median), ("$low", m.Time.Low), ("$high", m.Time.High), ("$n", m.Time.Count), ("$coverage", m.Time.Coverage),
        ("$macs", m.Macs), ("$moved", m.BytesMoved), ("$weights", m.WeightBytes), ("$activations", m.ActivationBytes),
        ("$outputs", m.OutputBytes), ("$in", m.Layout.Inputs), ("$out", m.Layout.Outputs));

    /// <summary>Records the staircase and the error that a finished sweep found.</summary>
    public void AddSurface(long context, string signature, CostSurface surface) => Execute(
        "INSERT OR REPLACE INTO surface VALUES ($c, $s, $full, $steps, $median, $worst)",
        ("$c", context), ("$s", signature), ("$full", Text(surface.FullWidths)),
        ("$steps", string.Join(';', surface.Steps.Select(s => Text([s.Full, s.Alignment, s.Step, s.UnalignedStep])))),
        ("$median", (object?)surface.Error?.Median ?? DBNull.Value), ("$worst", (object?)surface.Error?.Worst ?? DBNull.Value));

    public void Dispose() => connection.Dispose();

    private static string Text(IEnumerable<int> widths) => string.Join(',', widths);

    private void Prepare(string? path)
    {
        long tables = Scalar("SELECT count(*) FROM sqlite_master");
        long application = Scalar("PRAGMA application_id");
        long version = Scalar("PRAGMA user_version");
        if (tables > 0 && (application != ApplicationId || version != SchemaVersion))
        {
            throw application == ApplicationId
                ? new DamagedException($"{path} is a cost table of another version ({version}; this program has {SchemaVersion}); delete it to measure the costs anew")
                : new InputException($"{path} is a database, but no cost table; name another file");
        }

        if (tables > 0)
        {
            // Reads every page once: damage shows now, with a clear message, and not in the middle of a sweep.
            using SqliteCommand check = Command("PRAGMA quick_check(1)");
            if (check.ExecuteScalar() as string != "ok")
            {
                throw new DamagedException($"{path} is damaged; delete it to measure the costs anew");
            }
        }

        Execute("PRAGMA journal_mode = WAL");
        // A power cut may cost the last points, never the table; a flush for each of hundreds of points would cost an SD card seconds.
        Execute("PRAGMA synchronous = NORMAL");
        Execute(
            """
            BEGIN;
            CREATE TABLE IF NOT EXISTS context (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, reference REAL);
            CREATE TABLE IF NOT EXISTS point (
              context INTEGER NOT NULL REFERENCES context (id), signature TEXT NOT NULL, widths TEXT NOT NULL,
              median REAL NOT NULL, low REAL NOT NULL, high REAL NOT NULL, n INTEGER NOT NULL, coverage REAL NOT NULL,
              macs INTEGER NOT NULL, moved INTEGER NOT NULL, weights INTEGER NOT NULL, activations INTEGER NOT NULL,
              outputs INTEGER NOT NULL, layout_in INTEGER NOT NULL, layout_out INTEGER NOT NULL,
              PRIMARY KEY (context, signature, widths)) WITHOUT ROWID;
            CREATE TABLE IF NOT EXISTS surface (
              context INTEGER NOT NULL REFERENCES context (id), signature TEXT NOT NULL, full TEXT NOT NULL, steps TEXT NOT NULL,
              median_error REAL, worst_error REAL, PRIMARY KEY (context, signature)) WITHOUT ROWID;
            CREATE TABLE IF NOT EXISTS path (
              context INTEGER NOT NULL REFERENCES context (id), signature TEXT NOT NULL, widths TEXT NOT NULL,
              path TEXT NOT NULL, stair TEXT NOT NULL, PRIMARY KEY (context, signature, widths)) WITHOUT ROWID;
            CREATE TABLE IF NOT EXISTS network (
              context INTEGER NOT NULL REFERENCES context (id), model TEXT NOT NULL, predicted REAL NOT NULL, measured REAL NOT NULL,
              PRIMARY KEY (context, model)) WITHOUT ROWID;
            """
            + string.Create(CultureInfo.InvariantCulture, $"PRAGMA application_id = {ApplicationId}; PRAGMA user_version = {SchemaVersion}; COMMIT;"));
    }

    private long Scalar(string sql)
    {
        using SqliteCommand command = Command(sql);
        return Convert.ToInt64(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }

    private void Execute(string sql, params (string Name, object Value)[] parameters)
    {
        using SqliteCommand command = Command(sql, parameters);
        command.ExecuteNonQuery();
    }

    private SqliteCommand Command(string sql, params (string Name, object Value)[] parameters)
    {
        SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // every statement is a constant of this file; values are parameters
        command.CommandText = sql;
#pragma warning restore CA2100
        foreach ((string name, object value) in parameters)
        {
            command.Parameters.AddWithValue(name, value);
        }

        return command;
    }

    // A table that only this program can have written, and that it cannot use.
    private sealed class DamagedException(string message, Exception? inner = null) : Exception(message, inner);
}

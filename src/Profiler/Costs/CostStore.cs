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
    private const int SchemaVersion = 1;
    private readonly SqliteConnection connection;

    private CostStore(SqliteConnection connection) => this.connection = connection;

    /// <summary>Opens or creates a file; null keeps the points in memory.</summary>
    /// <exception cref="InputException">The file is damaged or is no cost table.</exception>
    public static CostStore Open(string? path)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path ?? ":memory:",
            Pooling = false,
        }.ToString());
        try
        {
            connection.Open();
            var store = new CostStore(connection);
            store.Prepare(path);
            return store;
        }
        catch (SqliteException broken)
        {
            connection.Dispose();
            throw new InputException(
                $"{path} is not a usable cost table ({broken.Message}); delete it to measure the costs anew, or name another file", broken);
        }
        catch
        {
            connection.Dispose();
            throw;
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
            "SELECT median, low, high, n, coverage, macs, moved, weights, activations FROM point WHERE context = $c AND signature = $s AND widths = $w",
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

        found = new BlockMeasurement(time, row.GetInt64(5), row.GetInt64(6), row.GetInt64(7), row.GetInt64(8));
        return true;
    }

    public void Add(long context, string signature, IReadOnlyList<int> widths, BlockMeasurement m) => Execute(
        "INSERT OR REPLACE INTO point VALUES ($c, $s, $w, $median, $low, $high, $n, $coverage, $macs, $moved, $weights, $activations)",
        ("$c", context), ("$s", signature), ("$w", Text(widths)),
        ("$median", m.Time.Median), ("$low", m.Time.Low), ("$high", m.Time.High), ("$n", m.Time.Count), ("$coverage", m.Time.Coverage),
        ("$macs", m.Macs), ("$moved", m.BytesMoved), ("$weights", m.WeightBytes), ("$activations", m.ActivationBytes));

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
            throw new InputException(application == ApplicationId
                ? $"{path} is a cost table of another version ({version}; this program has {SchemaVersion}); delete it to measure the costs anew"
                : $"{path} is a database, but no cost table; name another file");
        }

        if (tables > 0)
        {
            // Reads every page once: damage shows now, with a clear message, and not in the middle of a sweep.
            using SqliteCommand check = Command("PRAGMA quick_check(1)");
            if (check.ExecuteScalar() as string != "ok")
            {
                throw new InputException($"{path} is damaged; delete it to measure the costs anew");
            }
        }

        Execute("PRAGMA journal_mode = WAL");
        Execute("PRAGMA busy_timeout = 5000");
        Execute(
            """
            BEGIN;
            CREATE TABLE IF NOT EXISTS context (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, reference REAL);
            CREATE TABLE IF NOT EXISTS point (
              context INTEGER NOT NULL REFERENCES context (id), signature TEXT NOT NULL, widths TEXT NOT NULL,
              median REAL NOT NULL, low REAL NOT NULL, high REAL NOT NULL, n INTEGER NOT NULL, coverage REAL NOT NULL,
              macs INTEGER NOT NULL, moved INTEGER NOT NULL, weights INTEGER NOT NULL, activations INTEGER NOT NULL,
              PRIMARY KEY (context, signature, widths)) WITHOUT ROWID;
            CREATE TABLE IF NOT EXISTS surface (
              context INTEGER NOT NULL REFERENCES context (id), signature TEXT NOT NULL, full TEXT NOT NULL, steps TEXT NOT NULL,
              median_error REAL, worst_error REAL, PRIMARY KEY (context, signature)) WITHOUT ROWID;
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
}

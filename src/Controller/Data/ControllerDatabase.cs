using System.Globalization;
using EdgePrune.Agent.Fleet;
using EdgePrune.Onnx;
using Microsoft.Data.Sqlite;

namespace EdgePrune.Controller.Data;

/// <summary>
/// Devices, what they are to run, their leases and what they told, in one SQLite file. Every change is durable before it
/// is answered. Safe for several threads.
/// </summary>
internal sealed class ControllerDatabase : IDisposable
{
    private const int ApplicationId = 0x4550434f; // "EPCO"
    private const int SchemaVersion = 1;

    private readonly Lock gate = new();
    private readonly SqliteConnection connection;

    private ControllerDatabase(SqliteConnection connection) => this.connection = connection;

    /// <exception cref="InputException">The file is not such a database, or cannot be used.</exception>
    public static ControllerDatabase Open(string path)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        try
        {
            connection.Open();
            var database = new ControllerDatabase(connection);
            database.Prepare(path);
            return database;
        }
        catch (SqliteException e)
        {
            connection.Dispose();
            throw new InputException($"the controller's database {path} cannot be used: {e.Message}", e);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Gives a device's lease to whoever asks last; all tokens before count for nothing from now on.</summary>
    public long TakeLease(string name, LeaseRequest request, DateTimeOffset now, TimeSpan life) => Locked(() => (long)Scalar(
        """
        INSERT INTO device(name, class, model, version, current, token, lease_until, seen) VALUES ($name, $class, $model, $version, $current, 1, $until, $now)
        ON CONFLICT(name) DO UPDATE SET class = $class, model = $model, version = $version, current = $current, token = token + 1, lease_until = $until, seen = $now
        RETURNING token
        """,
        ("$name", name), ("$class", request.DeviceClass), ("$model", request.ModelName), ("$version", request.Version), ("$current", request.Current),
        ("$until", Seconds(now + life)), ("$now", Seconds(now)))!);

    /// <summary>A sign of life.</summary>
    /// <returns>Whether the token is the newest.</returns>
    public bool Renew(string name, long token, DateTimeOffset now, TimeSpan life) => Locked(() => Execute(
        "UPDATE device SET lease_until = $until, seen = $now WHERE name = $name AND token = $token",
        ("$name", name), ("$token", token), ("$until", Seconds(now + life)), ("$now", Seconds(now))) == 1);

    /// <summary>Asks a device to run another bundle.</summary>
    /// <param name="name">The device.</param>
    /// <param name="bundle">SHA-256 of the bundle.</param>
    /// <param name="note">Why, or null.</param>
    /// <param name="after">The revision that the one who asks has seen; null: whatever it is.</param>
    /// <param name="now">The time.</param>
    /// <returns>The new revision; null where it was not <paramref name="after"/> any more.</returns>
    /// <exception cref="InputException">There is no such device.</exception>
    public long? Want(string name, string bundle, string? note, long? after, DateTimeOffset now) => Locked<long?>(() =>
    {
        using SqliteTransaction transaction = connection.BeginTransaction();
        if (Scalar("SELECT 1 FROM device WHERE name = $name", ("$name", name)) is null)
        {
            throw new InputException($"there is no device '{Printable.Name(name)}'; it is known once it has dialled in");
        }

        long revision = (long)Scalar("SELECT COALESCE(MAX(revision), 0) FROM desired WHERE device = $name", ("$name", name))!;
        if (after is { } seen && seen != revision)
        {
            return null;
        }

        Execute(
            "INSERT INTO desired(device, revision, bundle, note, time) VALUES ($name, $revision, $bundle, $note, $now)",
            ("$name", name), ("$revision", revision + 1), ("$bundle", bundle), ("$note", note), ("$now", Seconds(now)));
        transaction.Commit();
        return revision + 1;
    });

    /// <summary>Keeps what a device says became of a revision.</summary>
    /// <returns>Whether the token is the newest; nothing is kept otherwise.</returns>
    /// <exception cref="InputException">Nobody has asked for that revision.</exception>
    public bool Report(string name, long token, ResultReport report, DateTimeOffset now) => Locked(() =>
    {
        using SqliteTransaction transaction = connection.BeginTransaction();
        if (Scalar("SELECT 1 FROM device WHERE name = $name AND token = $token", ("$name", name), ("$token", token)) is null)
        {
            return false;
        }

        if (Scalar("SELECT 1 FROM desired WHERE device = $name AND revision = $revision", ("$name", name), ("$revision", report.Revision)) is null)
        {
            throw new InputException($"nobody has asked '{name}' for revision {report.Revision}");
        }

        Execute(
            """
            INSERT INTO result(device, revision, state, deployment, reason, token, time) VALUES ($name, $revision, $state, $deployment, $reason, $token, $now)
            ON CONFLICT(device, revision) DO UPDATE SET state = $state, deployment = $deployment, reason = $reason, token = $token, time = $now
            """,
            ("$name", name), ("$revision", report.Revision), ("$state", report.State), ("$deployment", report.Deployment), ("$reason", report.Reason), ("$token", token), ("$now", Seconds(now)));
        transaction.Commit();
        return true;
    });

    /// <summary>One device; null: it has never dialled in.</summary>
    public DeviceState? Find(string name) => Locked(() => Devices("WHERE v.name = $name", ("$name", name)).FirstOrDefault());

    /// <summary>All devices, by name.</summary>
    public IReadOnlyList<DeviceState> All() => Locked(() => Devices("ORDER BY v.name"));

    public void Dispose() => Locked(() =>
    {
        connection.Dispose();
        return true;
    });

    private void Prepare(string path)
    {
        long id = (long)Scalar("PRAGMA application_id")!;
        long version = (long)Scalar("PRAGMA user_version")!;
        bool empty = Scalar("SELECT 1 FROM sqlite_schema LIMIT 1") is null;
        if (!empty && (id, version) != (ApplicationId, SchemaVersion))
        {
            throw new InputException($"{path} is not a controller's database of version {SchemaVersion}; give another folder");
        }

        Execute("PRAGMA journal_mode = WAL");
        Execute("PRAGMA synchronous = FULL");
        if (!empty)
        {
            return;
        }

        using SqliteTransaction transaction = connection.BeginTransaction();
        Execute(
            $"""
            CREATE TABLE device(name TEXT PRIMARY KEY, class TEXT NOT NULL, model TEXT NOT NULL, version TEXT NOT NULL, current TEXT,
              token INTEGER NOT NULL, lease_until INTEGER NOT NULL, seen INTEGER NOT NULL) STRICT;
            CREATE TABLE desired(device TEXT NOT NULL REFERENCES device(name), revision INTEGER NOT NULL, bundle TEXT NOT NULL, note TEXT, time INTEGER NOT NULL,
              PRIMARY KEY(device, revision)) STRICT;
            CREATE TABLE result(device TEXT NOT NULL, revision INTEGER NOT NULL, state TEXT NOT NULL, deployment TEXT, reason TEXT, token INTEGER NOT NULL, time INTEGER NOT NULL,
              PRIMARY KEY(device, revision), FOREIGN KEY(device, revision) REFERENCES desired(device, revision)) STRICT;
            PRAGMA application_id = {ApplicationId.ToString(CultureInfo.InvariantCulture)};
            PRAGMA user_version = {SchemaVersion.ToString(CultureInfo.InvariantCulture)};
            """);
        transaction.Commit();
    }

    private List<DeviceState> Devices(string where, params (string Name, object? Value)[] parameters)
    {
        var devices = new List<DeviceState>();
        using SqliteCommand command = Command(
            $"""
            SELECT v.name, v.class, v.model, v.version, v.current, v.token, v.lease_until, v.seen,
              d.revision, d.bundle, d.note, d.time, r.revision, r.state, r.deployment, r.reason, r.token, r.time
            FROM device v
            LEFT JOIN desired d ON d.device = v.name AND d.revision = (SELECT MAX(revision) FROM desired WHERE device = v.name)
            LEFT JOIN result r ON r.device = v.name AND r.revision = (SELECT MAX(revision) FROM result WHERE device = v.name)
            {where}
            """,
            parameters);
        using SqliteDataReader row = command.ExecuteReader();
        string? Text(int i) => row.IsDBNull(i) ? null : row.GetString(i);
        DateTimeOffset Time(int i) => DateTimeOffset.FromUnixTimeSeconds(row.GetInt64(i));
        while (row.Read())
        {
            devices.Add(new DeviceState(
                row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3), Text(4), row.GetInt64(5), Time(6), Time(7),
                row.IsDBNull(8) ? null : new DesiredState(row.GetInt64(8), row.GetString(9), Text(10), Time(11)),
                row.IsDBNull(12) ? null : new DeviceResult(row.GetInt64(12), row.GetString(13), Text(14), Text(15), row.GetInt64(16), Time(17))));
        }

        return devices;
    }

    private static long Seconds(DateTimeOffset time) => time.ToUnixTimeSeconds();

    private T Locked<T>(Func<T> action)
    {
        lock (gate)
        {
            return action();
        }
    }

    private int Execute(string text, params (string Name, object? Value)[] parameters)
    {
        using SqliteCommand command = Command(text, parameters);
        return command.ExecuteNonQuery();
    }

    private object? Scalar(string text, params (string Name, object? Value)[] parameters)
    {
        using SqliteCommand command = Command(text, parameters);
        return command.ExecuteScalar();
    }

    // The texts are constants of this file; what comes from outside goes in as parameters.
    private SqliteCommand Command(string text, params (string Name, object? Value)[] parameters)
    {
        SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100
        command.CommandText = text;
#pragma warning restore CA2100
        foreach ((string name, object? value) in parameters)
        {
            command.Parameters.AddWithValue(name, value ?? DBNull.Value);
        }

        return command;
    }
}

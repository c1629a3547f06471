using EdgePrune.Onnx;
using EdgePrune.Profiler.Costs;
using EdgePrune.Profiler.Statistics;
using EdgePrune.TestSupport;
using Microsoft.Data.Sqlite;

namespace EdgePrune.Profiler.Tests.Costs;

public sealed class CostStoreTests
{
    private static readonly BlockMeasurement Point = new(new Interval(1.5e-5, 1.4e-5, 1.7e-5, 6, 0.96875), 1, 2, 3, 4) { OutputBytes = 5, Layout = new BlockLayout(1, 2) };

    [Fact]
    public void Points_survive_and_contexts_are_apart()
    {
        using var folder = new TempFolder();
        string path = folder.File("costs.db");
        using (CostStore store = CostStore.Open(path))
        {
            (long id, double? reference) = store.Context("threads=1");
            Assert.Null(reference);
            store.SetReference(id, 4.5e-5);
            store.Add(id, "sig", [16, 32], Point);
        }

        using CostStore again = CostStore.Open(path);
        (long same, double? kept) = again.Context("threads=1");
        Assert.Equal(4.5e-5, kept);
        Assert.True(again.TryFind(same, "sig", [16, 32], out BlockMeasurement? found));
        Assert.Equal(Point, found);
        Assert.False(again.TryFind(same, "sig", [32, 16], out _));
        Assert.False(again.TryFind(again.Context("threads=2").Id, "sig", [16, 32], out _));
    }

    [Fact]
    public void Another_database_is_not_touched()
    {
        using var folder = new TempFolder();
        string path = folder.File("other.db");
        using (var other = new SqliteConnection($"Data Source={path};Pooling=False"))
        {
            other.Open();
            using SqliteCommand command = other.CreateCommand();
            command.CommandText = "CREATE TABLE precious (x)";
            command.ExecuteNonQuery();
        }

        byte[] before = File.ReadAllBytes(path);
        Assert.Contains("no cost table", Assert.Throws<InputException>(() => CostStore.Open(path)).Message, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(path));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(50)]
    public void A_file_that_does_not_say_it_is_a_cost_table_is_an_error_and_stays(int at)
    {
        using var folder = new TempFolder();
        string path = folder.File("costs.db");
        Damage(path, at);
        Assert.Contains(path, Assert.Throws<InputException>(() => CostStore.Open(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_table_is_set_aside_and_begun_anew()
    {
        using var folder = new TempFolder();
        string path = folder.File("costs.db");
        Damage(path, 5000);
        byte[] damaged = File.ReadAllBytes(path);
        using (CostStore store = CostStore.Open(path))
        {
            Assert.Equal(damaged, File.ReadAllBytes(store.SetAside!));
            store.Add(store.Context("c").Id, "sig", [1], Point);
        }

        using CostStore again = CostStore.Open(path);
        Assert.Null(again.SetAside);
        Assert.Single(again.Points(again.Context("c").Id));
    }

    [Fact]
    public void A_table_of_an_older_version_is_set_aside()
    {
        using var folder = new TempFolder();
        string path = folder.File("costs.db");
        CostStore.Open(path).Dispose();
        using (var old = new SqliteConnection($"Data Source={path};Pooling=False"))
        {
            old.Open();
            using SqliteCommand command = old.CreateCommand();
            command.CommandText = "PRAGMA user_version = 1";
            command.ExecuteNonQuery();
        }

        using CostStore store = CostStore.Open(path);
        Assert.True(File.Exists(store.SetAside));
    }

    [Fact]
    public void A_locked_table_is_not_moved()
    {
        using var folder = new TempFolder();
        string path = folder.File("costs.db");
        CostStore.Open(path).Dispose();
        using var other = new SqliteConnection($"Data Source={path};Pooling=False");
        other.Open();
        using SqliteCommand command = other.CreateCommand();
        command.CommandText = "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE";
        command.ExecuteNonQuery();
        Assert.Throws<InputException>(() => CostStore.Open(path));
        Assert.Single(Directory.GetFiles(folder.Path, "*damaged*").Append(path));
    }

    private static void Damage(string path, int at)
    {
        using (CostStore store = CostStore.Open(path))
        {
            long id = store.Context("c").Id;
            for (int i = 1; i < 500; i++)
            {
                store.Add(id, "sig", [i], Point);
            }
        }

        byte[] bytes = File.ReadAllBytes(path);
        bytes.AsSpan(at, Math.Min(4000, bytes.Length - at)).Fill(0xA5);
        File.WriteAllBytes(path, bytes);
    }

    [Fact]
    public void A_text_file_and_a_folder_are_no_cost_tables()
    {
        using var folder = new TempFolder();
        string path = folder.File("notes.txt");
        File.WriteAllText(path, string.Concat(Enumerable.Repeat("not a database\n", 100)));
        Assert.Throws<InputException>(() => CostStore.Open(path));
        Assert.Throws<InputException>(() => CostStore.Open(folder.Path));
    }
}

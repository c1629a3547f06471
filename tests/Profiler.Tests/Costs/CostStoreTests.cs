using EdgePrune.Onnx;
using EdgePrune.Profiler.Costs;
using EdgePrune.Profiler.Statistics;
using EdgePrune.TestSupport;
using Microsoft.Data.Sqlite;

namespace EdgePrune.Profiler.Tests.Costs;

public sealed class CostStoreTests
{
    private static readonly BlockMeasurement Point = new(new Interval(1.5e-5, 1.4e-5, 1.7e-5, 6, 0.96875), 1, 2, 3, 4);

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
    [InlineData(5000)]
    public void A_damaged_file_is_an_error_that_says_what_to_do(int at)
    {
        using var folder = new TempFolder();
        string path = folder.File("costs.db");
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
        Assert.Contains(path, Assert.Throws<InputException>(() => CostStore.Open(path)).Message, StringComparison.Ordinal);
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

using System.Text;
using System.Text.Json;
using EdgePrune.Agent.Deployment;
using EdgePrune.Agent.Fleet;
using EdgePrune.Agent.Store;
using EdgePrune.Onnx;

namespace EdgePrune.Agent.Tests;

public sealed class JournalTests
{
    /// <summary>Cut at every byte, as a power cut may leave it: opens, drops the torn line only, serves old or new.</summary>
    [Fact]
    public void A_journal_cut_at_any_byte_opens()
    {
        using var f = new StoreFixture();
        f.Deploy("a");
        f.Deploy("b");
        f.Store.Dispose();
        string path = Path.Combine(f.Folders.Store, "journal.jsonl");
        byte[] whole = File.ReadAllBytes(path);
        int firstOfB = NthNewline(whole, 7) + 1;
        for (int length = firstOfB; length < whole.Length; length += 7)
        {
            byte[] cut = whole[..length];
            File.WriteAllBytes(path, cut);
            f.Open();
            int lines = cut.Count(b => b == '\n');
            Assert.Equal(lines, f.Store.History.Count(e => e.Reason != ModelStore.InterruptedReason));
            // The links had gone on to b; with b's last line gone, a is what the journal knows to be good.
            Invariant.AssertServes(f.Folders.Store, f.DigestOf("a"));
            f.Store.Dispose();
        }

        f.Open();
        f.Deploy("c");
        Invariant.AssertServes(f.Folders.Store, f.DigestOf("c"));
    }

    [Fact]
    public void A_last_line_of_unwritten_blocks_is_dropped()
    {
        using var f = new StoreFixture();
        f.Deploy("a");
        f.Store.Dispose();
        using (FileStream journal = File.OpenWrite(Path.Combine(f.Folders.Store, "journal.jsonl")))
        {
            journal.Seek(0, SeekOrigin.End);
            journal.Write([.. new byte[100], (byte)'\n']);
        }

        Assert.Equal(7, new StoreReader(f.Folders.Store).ReadHistory().Count);
        f.Open();
        Assert.Equal(7, f.Store.History.Count);
        f.Deploy("b");
        Assert.Equal(14, new StoreReader(f.Folders.Store).ReadHistory().Count);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"seq":3,"time":"2026-01-01T00:00:00Z","deployment":"x","state":"flown","digest":"sha256:aa"}""")]
    [InlineData("""[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]""")]
    public void Damage_inside_is_reported_with_its_line_and_moving_the_journal_away_keeps_the_model(string line)
    {
        using var f = new StoreFixture();
        f.Deploy("a");
        f.Deploy("b");
        f.Store.Dispose();
        string path = Path.Combine(f.Folders.Store, "journal.jsonl");
        string[] lines = File.ReadAllLines(path);
        lines[2] = line;
        File.WriteAllText(path, string.Join('\n', lines) + "\n");

        InputException e = Assert.Throws<InputException>(() => ModelStore.Open(f.Folders.Store));
        Assert.Contains("line 3", e.Message, StringComparison.Ordinal);
        Assert.Throws<InputException>(() => new StoreReader(f.Folders.Store).ReadHistory());
        Invariant.AssertServes(f.Folders.Store, f.DigestOf("b"));

        File.Delete(path);
        f.Open();
        Invariant.AssertServes(f.Folders.Store, f.DigestOf("b"));
        f.Deployer.RollBackToPrevious("after the damage");
        Invariant.AssertServes(f.Folders.Store, f.DigestOf("a"));
    }

    [Fact]
    public void A_line_is_plain_json_with_the_names_of_the_design()
    {
        using var f = new StoreFixture();
        f.Deploy("a");
        f.Begin("b");
        f.Reopen();
        string[] lines = File.ReadAllLines(Path.Combine(f.Folders.Store, "journal.jsonl"), Encoding.UTF8);
        Assert.Contains("\"state\":\"received\"", lines[0], StringComparison.Ordinal);
        Assert.Contains("\"state\":\"rolled-back\"", lines[^1], StringComparison.Ordinal);
        Assert.Contains($"\"digest\":\"{f.DigestOf("b")}\"", lines[^1], StringComparison.Ordinal);
        Assert.Contains($"\"replaces\":\"{f.DigestOf("a")}\"", lines[^1], StringComparison.Ordinal);
        Assert.Contains("\"reason\":\"interrupted\"", lines[^1], StringComparison.Ordinal);
    }

    /// <summary>A device that tries for weeks: the history stays short, and holds what later decisions and the controller rest on.</summary>
    [Fact]
    public void Old_lines_are_set_aside_and_what_is_needed_stays()
    {
        using var f = new StoreFixture(new ModelStoreOptions { JournalLines = 20 });
        f.Deployer.Deploy(f.Folders.Model("a"), new DeployRequest { Note = RevisionNote.Of(9) }, TestContext.Current.CancellationToken);
        f.Deployer.Deploy(f.Folders.Model("b"), new DeployRequest { Note = RevisionNote.Of(3) }, TestContext.Current.CancellationToken);
        JournalEntry[] needed = [.. f.Store.History];
        var seen = new SortedDictionary<long, JournalEntry>(needed.ToDictionary(e => e.Sequence));
        string old = Path.Combine(f.Folders.Store, "journal.old.jsonl");
        for (int i = 0; i < 30; i++)
        {
            f.Deployer.RollBack(f.Begin("c"), $"attempt {i}");
            foreach (JournalEntry entry in f.Store.History)
            {
                seen[entry.Sequence] = entry;
            }

            Assert.InRange(f.Store.History.Count, 14, 54);
            Assert.Equal(f.Store.History, f.Store.Reader.ReadHistory());
        }

        Assert.Equal(Enumerable.Range(1, 14 + (30 * 7)).Select(n => (long)n), seen.Keys);
        Assert.Equal(needed, f.Store.History.Take(needed.Length));
        long firstKept = f.Store.History[needed.Length].Sequence;
        long[] setAside = [.. File.ReadAllLines(old).Select(l => JsonDocument.Parse(l).RootElement.GetProperty("seq").GetInt64())];
        Assert.Equal(firstKept - 1, setAside[^1]);

        f.Reopen();
        f.Deployer.RollBackToPrevious("asked");
        Assert.Equal(needed[0].Deployment, f.Store.History[0].Deployment);
        Assert.Equal(needed[^1].Deployment, f.Store.History[^1].Deployment); // the rolled back one's own
        Assert.Equal(14 + (30 * 7) + 1, f.Store.History[^1].Sequence);
        Invariant.AssertServes(f.Folders.Store, f.DigestOf("a"));
    }

    private static int NthNewline(byte[] bytes, int n)
    {
        int at = -1;
        for (int i = 0; i < n; i++)
        {
            at = Array.IndexOf(bytes, (byte)'\n', at + 1);
        }

        return at;
    }
}

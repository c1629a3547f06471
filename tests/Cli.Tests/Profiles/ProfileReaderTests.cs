using System.Text.Json.Nodes;
using EdgePrune.Cli.Output;
using EdgePrune.Onnx;
using EdgePrune.TestSupport;

namespace EdgePrune.Cli.Tests.Profiles;

/// <summary>Files that are no profiles, as a table: how a good one is changed, and words of the message.</summary>
public sealed class ProfileReaderTests
{
    private static readonly string Good = Json.Write(ProfileSamples.Measured);

    private static readonly (string Name, string Words, Func<string, string> Change)[] Cases =
    [
        ("empty", "empty", _ => ""),
        ("text", ":1 is no profile", _ => "hello"),
        ("null", "null", _ => "null"),
        ("a list", "another kind", _ => "[]"),
        ("cut off", "is no profile", text => text[..(text.Length / 2)]),
        ("two documents", "is no profile", text => text + text),
        ("of another format", "format is 'edgeprune-profile/9'", Set("edgeprune-profile/9", "format")),
        ("without a format", "'format' is missing", Without("format")),
        ("without a device", "'device' is missing", Without("device")),
        ("without a network", "'network' is missing", Without("network")),
        ("without layers", "'layers' is missing", Without("layers")),
        ("an error document", "is missing", _ => "{\"error\":{\"message\":\"m\",\"kind\":\"input\"}}"),
        ("device null", "null", Set(null, "device")),
        ("no layer", "layers has 0 entries", Set(new JsonArray(), "layers")),
        ("a layer null", "layers[0] is null", text => Edit(text, root => root["layers"]![0] = null)),
        ("a node null", "layers[1].nodes has a null entry", text => Edit(text, root => root["layers"]![1]!["nodes"]![0] = null)),
        ("a warning null", "warnings has a null entry", Set(new JsonArray((JsonNode?)null), "warnings")),
        ("a time that is a text", "layers[0].time_us.median", text => Edit(text, root => root["layers"]![0]!["time_us"]!["median"] = "fast")),
        ("a time without an end", "'high' is missing", text => Edit(text, root => root["layers"]![0]!["time_us"]!.AsObject().Remove("high"))),
        ("an interval beside its median", "layers[2].time_us", text => Edit(text, root => root["layers"]![2]!["time_us"]!["low"] = 1e9)),
        ("an energy without end", "layers[0].energy_uj", text => Edit(text, root => root["layers"]![0]!["energy_uj"]!["high"] = JsonNode.Parse("1e999"))),
        ("samples below one", "layers[0].time_us", text => Edit(text, root => root["layers"]![0]!["time_us"]!["samples"] = 0)),
        ("a latency of 0", "latency_ms is not above 0", text => Edit(text, root => root["network"]!["latency_ms"] = JsonNode.Parse("{\"median\":0,\"low\":0,\"high\":0,\"p95\":0,\"p99\":0,\"runs\":1}"))),
        ("negative work", "layers[0].macs is negative", text => Edit(text, root => root["layers"]![0]!["macs"] = -1)),
        ("work beyond a number", "layers[0].macs", text => Edit(text, root => root["layers"]![0]!["macs"] = JsonNode.Parse("123456789012345678901234567890"))),
        ("an unknown provenance", "provenance is 'guessed'", Set("guessed", "provenance")),
        ("a trace of threes", "measurement.trace", text => Edit(text, root => root["measurement"]!["trace"]![0] = new JsonArray(1, 2, 3))),
        ("a name twice", "twice", text => text.Replace("\"device\":", "\"device\": \"x\", \"device\":", StringComparison.Ordinal)),
        ("too deep", "is no profile", text => text[..^1] + ", \"more\": " + new string('[', 50) + new string(']', 50) + "}"),
        ("an escape in a name", "provenance is '?[2J'", Set("\e[2J", "provenance")),
    ];

    public static TheoryData<string> Names => [.. Cases.Select(c => new TheoryDataRow<string>(c.Name))];

    [Theory]
    [MemberData(nameof(Names))]
    public void What_is_no_profile_is_refused_with_its_place(string name)
    {
        (_, string words, Func<string, string> change) = Cases.Single(c => c.Name == name);
        using var folder = new TempFolder();
        string path = folder.File("a.json");
        File.WriteAllText(path, change(Good));

        var refused = Assert.Throws<InputException>(() => ProfileReader.Read(path));

        Assert.StartsWith(path, refused.Message, StringComparison.Ordinal);
        Assert.Contains(words, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("EdgePrune.", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\e', refused.Message);
        Assert.DoesNotContain('\n', refused.Message);
    }

    [Fact]
    public void What_was_written_is_read_again()
    {
        foreach (ProfileDocument document in new[] { ProfileSamples.Measured, ProfileSamples.Modelled, ProfileSamples.Invalid })
        {
            using var folder = new TempFolder();
            string path = folder.File("a.json");
            File.WriteAllText(path, Json.Write(document));

            Assert.Equal(Json.Write(document), Json.Write(ProfileReader.Read(path)));
        }
    }

    [Fact]
    public void Folders_missing_files_and_devices_are_refused()
    {
        using var folder = new TempFolder();

        Assert.Contains("is a folder", Assert.Throws<InputException>(() => ProfileReader.Read(folder.Path)).Message, StringComparison.Ordinal);
        Assert.Contains("does not exist", Assert.Throws<InputException>(() => ProfileReader.Read(folder.File("none.json"))).Message, StringComparison.Ordinal);
        Assert.Contains("no ordinary file", Assert.Throws<InputException>(() => ProfileReader.Read("/dev/zero")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_larger_than_any_profile_is_not_read()
    {
        using var folder = new TempFolder();
        string path = folder.File("large.json");
        using (FileStream file = File.Create(path))
        {
            file.SetLength((64L << 20) + 1); // a hole, no data on the disk
        }

        Assert.Contains("larger than 64 MiB", Assert.Throws<InputException>(() => ProfileReader.Read(path)).Message, StringComparison.Ordinal);
    }

    private static string Edit(string text, Action<JsonNode> change)
    {
        JsonNode root = JsonNode.Parse(text)!;
        change(root);
        return root.ToJsonString();
    }

    private static Func<string, string> Set(JsonNode? value, string name) => text => Edit(text, root => root[name] = value?.DeepClone());

    private static Func<string, string> Without(string name) => text => Edit(text, root => root.AsObject().Remove(name));
}

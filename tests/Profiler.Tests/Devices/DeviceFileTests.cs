using EdgePrune.Onnx;
using EdgePrune.Profiler.Devices;
using EdgePrune.Profiler.Sensors;
using EdgePrune.TestSupport;

namespace EdgePrune.Profiler.Tests.Devices;

public sealed class DeviceFileTests
{
    private static readonly string Host = File.ReadAllText(Path.Combine(Repository.Root, "devices", "host.yaml"));

    [Fact]
    public void The_host_is_known_by_name_by_path_and_built_in()
    {
        Device byName = Device.Load("host");
        Device byPath = Device.Load(Path.Combine(Repository.Root, "devices", "host.yaml"));
        Assert.Equal(byName.Coefficients, byPath.Coefficients);
        Assert.Equal("host", byName.Name);
        Assert.Equal([4, 8, 16, 32], byName.Alignment);
        Assert.Equal(RailRole.Total, byName.Sources.Single().Rails.Single().Role);
        Assert.Contains("devices/host.yaml", typeof(Device).Assembly.GetManifestResourceNames());
    }

    [Theory]
    [InlineData("idle_w: 2.0", "idle_w: -1", "coefficients.idle_w must be a number from 0 to 1000, not '-1'")]
    [InlineData("idle_w: 2.0", "idle_w: NaN", "coefficients.idle_w must be a number")]
    [InlineData("idle_w: 2.0", "idle_w: \"2\"", "coefficients.idle_w must be a number")]
    [InlineData("idle_w: 2.0", "idle_watts: 2", "coefficients.idle_watts is not a known key")]
    [InlineData("schema: 1", "schema: 2", "schema must be a number from 1 to 1")]
    [InlineData("kind: modelled", "kind: magic", "'magic' is no kind of power source")]
    [InlineData("alignment: [4, 8, 16, 32]", "alignment: [4, x]", "alignment holds whole numbers")]
    [InlineData("alignment: [4, 8, 16, 32]", "alignment: 4", "alignment must be a list")]
    [InlineData("total: true", "total: perhaps", "sources[0].rails[0].total must be true or false")]
    [InlineData("name: host", "name: other", "name must be 'host'")]
    [InlineData("energy_percent: 70", "energy_percent: 170", "budgets.energy_percent must be a number from 1 to 100")]
    public void A_fault_is_named_with_its_line(string right, string wrong, string message)
    {
        Assert.Contains(right, Host, StringComparison.Ordinal);
        string text = Host.Replace(right, wrong, StringComparison.Ordinal);
        int line = text[..text.IndexOf(wrong, StringComparison.Ordinal)].Count(c => c == '\n') + 1;
        var error = Assert.Throws<InputException>(() => DeviceParser.Parse(text, "host.yaml", "host"));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Contains($"host.yaml:{line}:", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void All_problems_are_reported_at_once()
    {
        string text = Host.Replace("idle_w", "idle", StringComparison.Ordinal).Replace("pj_per_mac: 4.6", "pj_per_mac: x", StringComparison.Ordinal);
        var error = Assert.Throws<InputException>(() => DeviceParser.Parse(text, "host.yaml"));
        Assert.Equal(3, error.Message.Split('\n').Length);
    }

    [Fact]
    public void A_missing_section_is_one_problem()
    {
        string text = Host[..Host.IndexOf("budgets:", StringComparison.Ordinal)];
        var error = Assert.Throws<InputException>(() => DeviceParser.Parse(text, "host.yaml"));
        Assert.Equal("host.yaml:4: budgets is missing", error.Message);
    }

    [Fact]
    public void Two_total_rails_would_count_power_twice()
    {
        string text = Host.Replace("      - name: board\n        total: true", "      - name: a\n        total: true\n      - name: b\n        total: true", StringComparison.Ordinal);
        var error = Assert.Throws<InputException>(() => DeviceParser.Parse(text, "host.yaml"));
        Assert.Contains("count power twice", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("- a\n- b\n")]
    [InlineData("a: [1\nb: 2")]
    [InlineData("a: 1\na: 2\n")]
    [InlineData("just text")]
    [InlineData("&a [*a]")]
    public void Other_text_is_an_error_and_no_crash(string text) =>
        Assert.Throws<InputException>(() => DeviceParser.Parse(text, "x.yaml"));

    [Fact]
    public void An_unknown_device_lists_the_known_ones()
    {
        Assert.Contains("host", Assert.Throws<InputException>(() => Device.Load("toaster")).Message, StringComparison.Ordinal);
        Assert.Contains("does not exist", Assert.Throws<InputException>(() => Device.Load("./nowhere/x.yaml")).Message, StringComparison.Ordinal);
    }
}

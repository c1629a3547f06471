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

    public static TheoryData<string> Shipped =>
        [.. Directory.EnumerateFiles(Path.Combine(Repository.Root, "devices"), "*.yaml").Select(f => Path.GetFileNameWithoutExtension(f)).Order()];

    [Theory]
    [MemberData(nameof(Shipped))]
    public void Every_shipped_device_is_read_and_built_in(string name)
    {
        Device device = Device.Load(name);
        Assert.Equal(name, device.Name);
        Assert.Contains($"devices/{name}.yaml", typeof(Device).Assembly.GetManifestResourceNames());
        // What is summed is one total or disjoint parts; a source with details alone would measure nothing.
        Assert.All(device.Sources, s => Assert.NotEmpty(PowerRail.Summed([.. s.Rails.Select(r => new PowerRail(r.Name, r.Role))])));
    }

    [Fact]
    public void The_boards_of_the_design_are_shipped() =>
        Assert.Empty(new[]
        {
            "host", "raspberry-pi-4-ina219", "raspberry-pi-5", "raspberry-pi-zero-2w-ina219", "jetson-nano", "jetson-xavier-nx", "jetson-agx-xavier",
            "jetson-orin-nano", "jetson-orin-nx", "jetson-agx-orin", "x86-rapl", "windows-pc",
        }.Except(DeviceFiles.Names()));

    [Fact]
    public void A_marker_and_an_excerpt_are_optional()
    {
        Assert.Null(DeviceParser.Parse(Host, "host.yaml").MarkerPin);
        Device marked = DeviceParser.Parse(Host + "marker:\n  pin: 17\n", "host.yaml");
        Assert.Equal(17, marked.MarkerPin);
        string replay = Host.Replace("  - kind: modelled\n", "  - kind: replay\n    path: trace.csv\n    from_s: 1.5\n    to_s: 9\n", StringComparison.Ordinal);
        Assert.Equal((1.5, 9.0), (DeviceParser.Parse(replay, "host.yaml").Sources[0].FromSeconds, DeviceParser.Parse(replay, "host.yaml").Sources[0].ToSeconds));
    }

    [Theory]
    [InlineData("budgets:", "marker:\n  pin: 9999\nbudgets:", "marker.pin must be a whole number from 0 to 1023")]
    [InlineData("budgets:", "marker:\n  pine: 9\nbudgets:", "marker.pin is missing")]
    [InlineData("  - kind: modelled", "  - kind: replay\n    from_s: 3\n    to_s: 3", "from_s is the smaller")]
    [InlineData("  - kind: modelled", "  - kind: replay\n    to_s: 3", "go together")]
    public void Faults_of_optional_keys_are_named(string right, string wrong, string message)
    {
        string text = Host.Replace(right, wrong, StringComparison.Ordinal);
        Assert.Contains(message, Assert.Throws<InputException>(() => DeviceParser.Parse(text, "host.yaml")).Message, StringComparison.Ordinal);
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

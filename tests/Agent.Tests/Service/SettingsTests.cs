using EdgePrune.Agent.Service.Configuration;
using EdgePrune.Onnx;
using EdgePrune.TestSupport;
using Microsoft.Extensions.Configuration;

namespace EdgePrune.Agent.Tests.Service;

/// <summary>Configurations, right and wrong.</summary>
public sealed class SettingsTests
{
    [Fact]
    public void All_problems_are_told_at_once()
    {
        InputException e = Assert.Throws<InputException>(() => Read(
            ("listen", "ftp://x"), ("root", "/no/such/file"), ("limits:bundleBytes", "many"), ("probationSeconds", "0"),
            ("deviceClass", "Pi 4"), ("modelname2", "x"), ("tls:certificate", "/no/such/pem")));
        Assert.StartsWith("the configuration has 10 problems", e.Message, StringComparison.Ordinal);
        foreach (string part in (string[])["listen: 'ftp://x'", "root: there is no file", "limits.bundleBytes: 'many'", "probationSeconds: '0'", "deviceClass: 'Pi 4'", "modelname2 is no setting", "tls.certificate: there is no file", "tls.key is missing", "tls.clientAuthority is missing", "data is missing"])
        {
            Assert.Contains(part, e.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("http://0.0.0.0:80")]
    [InlineData("https://0.0.0.0:443")]
    [InlineData("http://192.168.1.7:80")]
    [InlineData("http://[::]:80")]
    public void A_network_address_without_authentication_is_refused(string listen)
    {
        using var temp = new TempFolder();
        InputException e = Assert.Throws<InputException>(() => Read(Minimal(temp, ("listen", listen))));
        Assert.Contains("nothing here listens on a network without authentication", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://0.0.0.0:80", "not a loopback address")]
    [InlineData("http://127.0.0.1:80", "begins with https://")]
    public void Plain_http_beside_tls_settings_is_refused(string listen, string because)
    {
        using var temp = new TempFolder();
        string file = temp.File("root.json");
        (string, string)[] settings = Minimal(temp, ("listen", listen), ("tls:certificate", file), ("tls:key", file), ("tls:clientAuthority", file));
        Assert.Contains(because, Assert.Throws<InputException>(() => Read(settings)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_environment_overrides_the_file()
    {
        using var temp = new TempFolder();
        File.WriteAllText(temp.File("root.json"), "{}");
        File.WriteAllText(temp.File("agent.json"), $$"""{"data": "{{temp.Path}}", "root": "{{temp.File("root.json")}}", "deviceClass": "host", "threads": 2, "limits": {"bundleBytes": 5} }""");
        Environment.SetEnvironmentVariable("EDGEPRUNE_AGENT_LIMITS__BUNDLEBYTES", "7");
        try
        {
            AgentSettings settings = AgentSettings.Load(temp.File("agent.json"));
            Assert.Equal((7, 2, "127.0.0.1:8480"), (settings.MaxBundleBytes, settings.Threads, settings.Listen.ToString()));
        }
        finally
        {
            Environment.SetEnvironmentVariable("EDGEPRUNE_AGENT_LIMITS__BUNDLEBYTES", null);
        }
    }

    [Theory]
    [InlineData("not json")]
    [InlineData(null)]
    public void A_file_that_cannot_be_read_is_named(string? text)
    {
        using var temp = new TempFolder();
        if (text is not null)
        {
            File.WriteAllText(temp.File("agent.json"), text);
        }

        Assert.Contains(temp.File("agent.json"), Assert.Throws<InputException>(() => AgentSettings.Load(temp.File("agent.json"))).Message, StringComparison.Ordinal);
    }

    private static (string, string)[] Minimal(TempFolder temp, params (string, string)[] more)
    {
        File.WriteAllText(temp.File("root.json"), "{}");
        return [("data", temp.Path), ("root", temp.File("root.json")), ("deviceClass", "host"), .. more];
    }

    private static AgentSettings Read(params (string Key, string Value)[] settings) =>
        AgentSettings.Read(new ConfigurationBuilder().AddInMemoryCollection(settings.ToDictionary(s => s.Key, s => (string?)s.Value)).Build());
}

using System.Net;
using EdgePrune.Agent.Certificates;
using EdgePrune.Agent.Deployment;
using EdgePrune.Agent.Service;
using EdgePrune.Agent.Service.Configuration;
using EdgePrune.Agent.Tests.Service;
using EdgePrune.Cli.Tests.Browser;
using EdgePrune.TestSupport;
using Microsoft.AspNetCore.Builder;

namespace EdgePrune.Agent.Tests.Operations;

/// <summary>The agent's page: over HTTP, and in a real browser.</summary>
public sealed class PageTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1280, "light")]
    [InlineData(1280, "dark")]
    [InlineData(390, "light")]
    [InlineData(390, "dark")]
    public async Task Shows_all_that_a_device_has_to_tell(int width, string scheme)
    {
        await using WebApplication app = await PageStage.StartAsync();
        await using Chromium browser = await Chromium.Start(app.Urls.Single());
        await browser.Look(width, scheme);
        await browser.Open(app.Urls.Single());
        await browser.Until("document.querySelectorAll('section').length >= 5 && document.querySelectorAll('.power .plot svg').length === 1");
        if (Environment.GetEnvironmentVariable("EDGEPRUNE_PICTURES") is { Length: > 0 } folder)
        {
            await File.WriteAllBytesAsync(Path.Combine(folder, $"agent-{width}-{scheme}.png"), await browser.Picture(whole: true), Cancel);
        }

        Assert.Empty(browser.Complaints);
        string text = (await browser.Evaluate("document.body.innerText")).GetValue<string>();
        foreach (string part in (string[])["camera-3", "degraded", "no timestamp has come", "4.20 ms", "12.3 mJ", "93.1 %", "20 of 20 canary inputs", "p99 latency 1.8 times", "latency 0.480 × the one before", "39 of 40 answers agreed", "conv1", "stage1/block0/conv2"])
        {
            Assert.Contains(part, text, StringComparison.OrdinalIgnoreCase);
        }

        // What a model or a certificate calls itself shows as what it is, and does nothing.
        Assert.Contains("</script><img src=x", text, StringComparison.Ordinal);
        Assert.DoesNotContain('\u202E', text);
        Assert.Equal("camera-3: EdgePrune agent", (await browser.Evaluate("document.title")).GetValue<string>());
        Assert.Equal(0, (await browser.Evaluate("document.querySelectorAll('main img, main script, iframe').length")).GetValue<int>());
        Assert.DoesNotMatch("NaN|undefined|Infinity|\\[object", text);
        Assert.True((await browser.Evaluate("document.documentElement.scrollWidth <= innerWidth")).GetValue<bool>(), $"wider than {width}");
        Assert.Equal(scheme == "dark" ? "rgb(15, 18, 22)" : "rgb(246, 247, 249)", (await browser.Evaluate("getComputedStyle(document.body).backgroundColor")).GetValue<string>());
        await AccessibleAsync(browser);
    }

    [Fact]
    public async Task A_device_that_measures_nothing_says_so_and_the_rest_is_there()
    {
        using var temp = new TempFolder();
        await using WebApplication app = AgentHost.Build(AgentSettings.Load(AgentFolder.Configure(temp.Path)), new NoPreflight());
        await app.StartAsync(Cancel);
        string address = app.Urls.Single();
        await using Chromium browser = await Chromium.Start(address);
        await browser.Look(390, "light");
        await browser.Open(address);
        await browser.Until("document.querySelectorAll('section').length >= 4");
        string text = (await browser.Evaluate("document.body.innerText")).GetValue<string>();
        Assert.Contains("all is well", text, StringComparison.Ordinal);
        Assert.Contains("nothing has been deployed yet", text, StringComparison.Ordinal);
        Assert.DoesNotMatch("NaN|undefined|Infinity|\\[object", text);
        await AccessibleAsync(browser);
    }

    [Fact]
    public async Task Live_power_is_listened_to_only_while_it_is_wanted()
    {
        await using WebApplication app = await PageStage.StartAsync();
        await using Chromium browser = await Chromium.Start(app.Urls.Single());
        await browser.Look(1280, "light");
        await browser.Open(app.Urls.Single());
        await browser.Until("document.querySelectorAll('.power .plot svg').length === 1");
        await browser.Evaluate("[...document.querySelectorAll('button')].find(b => b.textContent === 'Pause').focus()");
        await browser.Press("Enter", 13);
        await browser.Until("[...document.querySelectorAll('button')].some(b => b.textContent === 'Go on' && b.getAttribute('aria-pressed') === 'true')");
        await browser.Press("Enter", 13);
        await browser.Until("[...document.querySelectorAll('button')].some(b => b.textContent === 'Pause')");
        Assert.Empty(browser.Complaints);
    }

    [Fact]
    public async Task Is_kept_by_browsers_allows_only_itself_and_needs_a_certificate()
    {
        await using ServiceFixture f = await ServiceFixture.StartAsync();
        HttpClient client = f.Client(AgentRole.Infer);
        foreach (string path in (string[])["/", "/ui/agent.css", "/ui/agent.js"])
        {
            using HttpResponseMessage page = await client.GetAsync(path, Cancel);
            Assert.Equal(HttpStatusCode.OK, page.StatusCode);
            Assert.Contains("default-src 'none'", page.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
            Assert.DoesNotContain("unsafe", page.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
            Assert.Equal("nosniff", page.Headers.GetValues("X-Content-Type-Options").Single());
            using var again = new HttpRequestMessage(HttpMethod.Get, path);
            again.Headers.IfNoneMatch.Add(page.Headers.ETag!);
            Assert.Equal(HttpStatusCode.NotModified, (await client.SendAsync(again, Cancel)).StatusCode);
        }

        await Assert.ThrowsAsync<HttpRequestException>(() => f.ClientWith(null).GetAsync("/", Cancel));
    }

    [Theory]
    [InlineData("POST", "/v1/rollback", "Sec-Fetch-Site", "cross-site", true)]
    [InlineData("GET", "/health", "Sec-Fetch-Site", "cross-site", true)]
    [InlineData("POST", "/v1/rollback", "Origin", "https://evil.example", true)]
    [InlineData("GET", "/health", "Host", "rebound.example", true)]
    [InlineData("GET", "/health", "Host", "localhost", false)]
    [InlineData("GET", "/health", "Sec-Fetch-Site", "same-origin", false)]
    public async Task What_another_site_makes_a_browser_ask_is_refused(string method, string path, string header, string value, bool refused)
    {
        using var temp = new TempFolder();
        await using WebApplication app = AgentHost.Build(AgentSettings.Load(AgentFolder.Configure(temp.Path)), new NoPreflight());
        await app.StartAsync(Cancel);
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Headers.TryAddWithoutValidation(header, value);
        using HttpResponseMessage response = await client.SendAsync(request, Cancel);
        Assert.Equal(refused, response.StatusCode == HttpStatusCode.Forbidden);
    }

    // Names for what can be used, an order of headings, and text that stands out from what is behind it (WCAG 2.2, 1.4.3: 4.5 to 1).
    private static async Task AccessibleAsync(Chromium browser)
    {
        Assert.Equal("", (await browser.Evaluate("""
            (() => {
              const named = e => (e.getAttribute('aria-label') || e.textContent || e.closest('label')?.textContent || '').trim();
              const faults = [...document.querySelectorAll('button, input, a, summary')].filter(e => !named(e)).map(e => 'no name: ' + e.outerHTML);
              if (document.querySelectorAll('h1').length !== 1) faults.push('not one h1');
              if (document.documentElement.lang !== 'en') faults.push('no language');
              const channel = v => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; };
              const light = c => { const [r, g, b] = c.match(/[\d.]+/g).map(Number); return 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b); };
              const ground = e => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor; if (!/rgba\(.*, 0\)/.test(c)) return c; } return 'rgb(255, 255, 255)'; };
              for (const e of document.querySelectorAll('main *')) {
                if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()) || e.closest('svg') || !e.getClientRects().length) continue;
                const [a, b] = [light(getComputedStyle(e).color), light(ground(e))].sort((x, y) => y - x);
                if ((a + 0.05) / (b + 0.05) < 4.5) faults.push('contrast ' + ((a + 0.05) / (b + 0.05)).toFixed(2) + ': ' + e.textContent.slice(0, 40));
              }
              return [...new Set(faults)].join('\n');
            })()
            """)).GetValue<string>());
    }

    private sealed class NoPreflight : IPreflight
    {
        public PreflightResult Run(string path, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}

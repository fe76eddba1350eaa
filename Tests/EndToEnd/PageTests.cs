using System.Text.Json.Nodes;
using MemoryMesh.Tests.Shared;
using Microsoft.Playwright;

namespace MemoryMesh.Tests.EndToEnd;

/// <summary>The pages as a browser shows them.</summary>
public class PageTests
{
    private const string Chromium = "/usr/bin/chromium";

    private TestHost _host = null!;
    private IPlaywright _playwright = null!;
    private IBrowser _browser = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        Servers.Require("chromium", File.Exists(Chromium));
        _host = await TestHost.StartAsync(HostKind.Embedded);
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Chromium,
            Args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"],
        });
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
        if (_host is not null)
        {
            await _host.DisposeAsync();
        }
    }

    [Test]
    public async Task The_API_page_lists_the_routes_without_an_error_and_without_asking_another_host()
    {
        using var client = new HttpClient { BaseAddress = _host.Address };
        var described = JsonNode.Parse(await client.GetStringAsync(new Uri("/openapi/v1.json", UriKind.Relative)))!["paths"]!.AsObject()
            .SelectMany(path => path.Value!.AsObject().Select(verb => (Path: path.Key, Tag: verb.Value!["tags"]![0]!.GetValue<string>())))
            .ToLookup(operation => operation.Tag, operation => operation.Path);
        var (page, problems) = await OpenAsync("/docs");
        await Assertions.Expect(page.Locator("h3.opblock-tag")).ToHaveCountAsync(described.Count, new LocatorAssertionsToHaveCountOptions { Timeout = 120_000 });
        await KeepPictureAsync(page, "docs");
        foreach (var group in described)
        {
            var heading = page.Locator($"h3.opblock-tag[data-tag='{group.Key}']");
            await heading.ClickAsync();
            await Assertions.Expect(page.Locator(".opblock")).ToHaveCountAsync(group.Count(), new LocatorAssertionsToHaveCountOptions { Timeout = 120_000 });
            foreach (var path in group.Distinct())
            {
                await Assertions.Expect(page.Locator($".opblock [data-path='{path}']").First).ToBeVisibleAsync();
            }

            await heading.ClickAsync();
            await Assertions.Expect(page.Locator(".opblock")).ToHaveCountAsync(0, new LocatorAssertionsToHaveCountOptions { Timeout = 120_000 });
        }

        Assert.That(described["Messages"], Does.Contain("/v1/messages"));
        Assert.That(problems, Is.Empty);
    }

    [Test]
    public async Task The_console_page_says_what_runs_and_leads_to_the_API_page()
    {
        var (page, problems) = await OpenAsync("/console");
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new PageGetByRoleOptions { Name = "MemoryMesh" }).First).ToBeVisibleAsync();
        await KeepPictureAsync(page, "console");
        await page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "/docs" }).First.ClickAsync();
        await page.WaitForURLAsync("**/docs**");
        Assert.That(problems, Is.Empty);
    }

    [Test]
    public async Task A_page_is_told_of_a_message_over_a_socket_and_a_stream_of_events_that_it_opened_with_tickets()
    {
        using var person = await Person.RegisterAsync(_host);

        // What the API itself answers forbids scripts to connect anywhere; a page of the same origin need not.
        var page = await _browser.NewPageAsync(new BrowserNewPageOptions { BypassCSP = true });
        await page.GotoAsync(new Uri(_host.Address, "/alive").ToString());
        var told = page.EvaluateAsync<string[]>(
            """
            async ([token, tenant]) => {
              const headers = { "Authorization": `Bearer ${token}`, "Content-Type": "application/json" };
              const ticket = async () => (await (await fetch("/v1/auth/ws-ticket", { method: "POST", headers, body: JSON.stringify({ tenant_id: tenant }) })).json()).ticket;
              const socket = new WebSocket(`ws://${location.host}/ws/messages/${tenant}?types=message.stored&ticket=${await ticket()}`);
              const hello = new Promise((done, fail) => { socket.onmessage = done; socket.onclose = close => fail(new Error(`closed ${close.code}`)); });
              const events = new EventSource(`/v1/events?types=message.stored&tenant_id=${tenant}&ticket=${await ticket()}`);
              const opened = new Promise((done, fail) => { events.addEventListener("hello", done); events.onerror = () => fail(new Error("no events")); });
              await Promise.all([hello, opened]);
              const bySocket = new Promise(done => { socket.onmessage = ({ data }) => done(JSON.parse(data).message_id); });
              const byEvents = new Promise(done => events.addEventListener("message.stored", ({ data }) => done(JSON.parse(data).message_id)));
              const stored = await (await fetch("/v1/messages", {
                method: "POST", headers, body: JSON.stringify({ tenant_id: tenant, conversation_id: "chat", role: "user", content: "hello" }) })).json();
              const ids = [stored.id, await bySocket, await byEvents];
              socket.onclose = null;
              socket.close();
              events.close();
              return ids;
            }
            """,
            new[] { person.Tokens.GetProperty("access_token").GetString(), person.TenantId });
        var ids = await told.WaitAsync(Eventually.Patience);
        Assert.That(ids, Has.Length.EqualTo(3).And.All.EqualTo(ids[0]));
    }

    private async Task<(IPage Page, List<string> Problems)> OpenAsync(string path)
    {
        var page = await _browser.NewPageAsync();
        var problems = new List<string>();
        page.Console += (_, message) =>
        {
            if (message.Type == "error")
            {
                problems.Add(message.Text);
            }
        };
        page.PageError += (_, error) => problems.Add(error);
        page.Request += (_, request) =>
        {
            if (!request.Url.StartsWith(_host.Address.ToString(), StringComparison.Ordinal) && !request.Url.StartsWith("data:", StringComparison.Ordinal))
            {
                problems.Add($"asked {request.Url}");
            }
        };
        await page.GotoAsync(new Uri(_host.Address, path).ToString());
        return (page, problems);
    }

    private static async Task KeepPictureAsync(IPage page, string name)
    {
        var path = Path.Combine(TestContext.CurrentContext.WorkDirectory, $"{name}.png");
        await page.ScreenshotAsync(new PageScreenshotOptions { Path = path });
        TestContext.AddTestAttachment(path);
    }
}

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
        var (page, problems) = await OpenAsync("/docs");
        await Assertions.Expect(page.GetByText("/v1/messages", new PageGetByTextOptions { Exact = true }).First).ToBeVisibleAsync(new LocatorAssertionsToBeVisibleOptions { Timeout = 20_000 });
        await Assertions.Expect(page.GetByText("/v1/memory/search", new PageGetByTextOptions { Exact = true }).First).ToBeVisibleAsync();
        await KeepPictureAsync(page, "docs");
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

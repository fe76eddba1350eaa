using System.Net;
using System.Text.Json;
using MemoryMesh.ServiceDefaults.Hosting;
using MemoryMesh.Tests.Shared;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MemoryMesh.Tests.Integration.Gateway;

public class ApiVersionTests(HostKind kind) : FunctionalTests(kind)
{
    [Test]
    public async Task A_former_name_answers_like_its_successor_and_says_what_becomes_of_it()
    {
        using var person = await Person.RegisterAsync(Host);
        using var former = await person.Client.GetAsync(new Uri("/v1/auth/profile", UriKind.Relative));
        using var present = await person.Client.GetAsync(new Uri("/v1/auth/me", UriKind.Relative));
        Assert.Multiple(async () =>
        {
            Assert.That(await former.Content.ReadAsStringAsync(), Is.EqualTo(await present.Content.ReadAsStringAsync()));
            Assert.That(former.Headers.GetValues("Deprecation"), Is.EqualTo((string[])["@1793491200"]));
            Assert.That(former.Headers.GetValues("Sunset"), Is.EqualTo((string[])["Mon, 01 Nov 2027 00:00:00 GMT"]));
            Assert.That(
                string.Join(", ", former.Headers.GetValues("Link")),
                Is.EqualTo("</docs/index.html>; rel=\"deprecation\"; type=\"text/html\", </v1/auth/me>; rel=\"successor-version\""));
            Assert.That(present.Headers.Contains("Deprecation"), Is.False);
        });

        using var stranger = Host.CreateClient();
        using var refused = await stranger.GetAsync(new Uri("/v1/auth/profile", UriKind.Relative));
        Assert.That(refused.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That(refused.Headers.Contains("Deprecation"), "errors say so too");
    }

    [Test]
    public async Task The_description_marks_it()
    {
        using var client = Host.CreateClient();
        var paths = JsonDocument.Parse(await client.GetStringAsync(new Uri("/openapi/v1.json", UriKind.Relative))).RootElement.GetProperty("paths");
        var former = paths.GetProperty("/v1/auth/profile").GetProperty("get");
        Assert.Multiple(() =>
        {
            Assert.That(former.GetProperty("deprecated").GetBoolean());
            Assert.That(former.GetProperty("description").GetString(), Is.EqualTo("Deprecated since 2026-11-01. Use `/v1/auth/me`. It stops answering on 2027-11-01."));
            Assert.That(
                former.GetProperty("responses").GetProperty("200").GetProperty("headers").EnumerateObject().Select(header => header.Name),
                Is.SupersetOf((string[])["Deprecation", "Sunset", "Link"]));
            Assert.That(paths.GetProperty("/v1/auth/me").GetProperty("get").TryGetProperty("deprecated", out _), Is.False);
        });
    }
}

/// <summary>Two versions in a host that serves nothing else.</summary>
public class TwoVersionsTests
{
    [Test]
    public async Task Routes_are_mapped_under_each_version_that_has_them_and_the_old_one_says_so()
    {
        var folder = Directory.CreateTempSubdirectory("memorymesh-test-");
        try
        {
            var builder = MemoryMeshHost.CreateBuilder(["--urls", "http://127.0.0.1:0", "--data", folder.FullName, "--services:auth:http:0=http://127.0.0.1:1"], "test");
            builder.Logging.ClearProviders();
            ServiceDefaults.Internal.AuthCalls.AddAuthHttpClient(builder.Services);
            await using var app = builder.Build();
            app.UseMemoryMeshDefaults();
            ApiVersion[] versions = [new(1, new Deprecation(DateTimeOffset.UnixEpoch, null, null, "/v2")), new(2)];
            app.MapVersions("/both", (group, version) => Map(group, version, "Test_Both"), versions: versions);
            app.MapVersions("/former", (group, version) => Map(group, version, "Test_Former"), until: 1, versions: versions);
            app.MapVersions("/next", (group, version) => Map(group, version, "Test_Next"), from: 2, versions: versions);
            await app.StartAsync();
            using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
            foreach (var (path, status) in ((string, int)[])
                [("/v1/both", 200), ("/v2/both", 200), ("/v1/former", 200), ("/v2/former", 404), ("/v1/next", 404), ("/v2/next", 200), ("/v3/both", 404)])
            {
                using var response = await client.GetAsync(new Uri(path, UriKind.Relative));
                Assert.That((int)response.StatusCode, Is.EqualTo(status), path);
                Assert.That(response.Headers.Contains("Deprecation"), Is.EqualTo(status == 200 && path.StartsWith("/v1", StringComparison.Ordinal)), path);
                Assert.That(status != 200 || await response.Content.ReadAsStringAsync() == path[2..3], path);
            }

            Assert.That(await client.GetStringAsync(new Uri("/openapi/v1.json", UriKind.Relative)), Does.Contain("\"Test_Both\"").And.Contain("\"Test_BothB\""));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void Map(Microsoft.AspNetCore.Routing.RouteGroupBuilder group, ApiVersion version, string name)
        => group.MapGet("", () => Results.Text($"{version.Number}")).WithName(version.NameOf(name)).WithSummary("A test").AllowAnonymous();
}

using System.Text.Json;
using MemoryMesh.AppHost;
using MemoryMesh.Tests.Shared;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;

namespace MemoryMesh.Tests.Integration.Gateway;

public class ApiDescriptionTests(HostKind kind) : FunctionalTests(kind)
{
    private static readonly string[] Verbs = ["get", "put", "post", "delete", "patch"];

    /// <summary>Pages for people, probes for machines, and the description itself.</summary>
    private static readonly string[] NotDescribed = ["/", "/console", "/docs", "/health", "/alive", "/metrics", "/openapi/v1.json"];

    private string _json = null!;
    private JsonElement _document;

    [OneTimeSetUp]
    public async Task ReadAsync()
    {
        using var client = Host.CreateClient();
        _json = await client.GetStringAsync("/openapi/v1.json");
        _document = JsonDocument.Parse(_json).RootElement;
    }

    [Test]
    public void It_is_valid_OpenAPI()
    {
        var result = OpenApiDocument.Parse(_json, "json");
        Assert.Multiple(() =>
        {
            Assert.That(result.Diagnostic!.Errors.Select(error => error.ToString()), Is.Empty);
            Assert.That(result.Diagnostic.SpecificationVersion, Is.EqualTo(OpenApiSpecVersion.OpenApi3_1));
            Assert.That(result.Document!.Info.Title, Is.EqualTo("MemoryMesh"));
            Assert.That(result.Document.Components!.SecuritySchemes!.Keys, Is.EquivalentTo((string[])["bearer", "api_key", "operator"]));
        });
    }

    [Test]
    public async Task It_lists_every_public_route_and_no_other()
    {
        var folder = Directory.CreateTempSubdirectory("memorymesh-test-");
        try
        {
            await using var app = EmbeddedHost.Build(["--data", folder.FullName, "--urls", "http://127.0.0.1:0"]);
            var mapped = app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
                .Concat(((IEndpointRouteBuilder)app).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>())
                .Select(endpoint => (Path: Normalize(endpoint.RoutePattern.RawText!), Verbs: endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? []))
                .Where(route => !NotDescribed.Contains(route.Path) && !route.Path.StartsWith("/docs/", StringComparison.Ordinal))
                .SelectMany(route => route.Verbs.Select(verb => $"{verb} {route.Path}"))
                .Distinct().ToList();
            var described = Operations().Select(operation => $"{operation.Verb.ToUpperInvariant()} {operation.Path}").ToList();
            Assert.That(mapped, Has.Count.GreaterThan(30));
            Assert.That(described, Is.EquivalentTo(mapped));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Test]
    public void Every_operation_has_a_name_a_summary_an_answer_and_its_errors()
        => Assert.Multiple(() =>
        {
            foreach (var (path, verb, operation) in Operations())
            {
                var name = $"{verb} {path}";
                Assert.That(operation.TryGetProperty("operationId", out var id) ? id.GetString() : null, Does.Match("^[A-Z][A-Za-z]+_[A-Za-z]+$"), name);
                Assert.That(operation.TryGetProperty("summary", out var summary) ? summary.GetString() : null, Is.Not.Empty.And.Not.Null, name);
                var answers = operation.GetProperty("responses").EnumerateObject().ToList();
                Assert.That(answers.Select(answer => answer.Name), Has.Some.StartsWith("2").Or.Some.EqualTo("101"), name);
                Assert.That(answers.Select(answer => answer.Name), Does.Contain("429"), name);
                foreach (var error in answers.Where(answer => answer.Name[0] is '4'))
                {
                    Assert.That(error.Value.ToString(), Does.Contain("application/problem+json").And.Contain("#/components/schemas/problem_details"), $"{name} {error.Name}");
                }
            }

            Assert.That(Operations().Select(operation => operation.Operation.GetProperty("operationId").GetString()), Is.Unique);
        });

    [Test]
    public void Operations_say_whether_they_need_credentials()
    {
        var open = Operations().Where(operation => !operation.Operation.TryGetProperty("security", out _)).Select(operation => operation.Path).Distinct();
        Assert.That(open, Is.EquivalentTo((string[])
            ["/.well-known/jwks.json", "/.well-known/memorymesh-receipts.json", "/v1/auth/register", "/v1/auth/login", "/v1/auth/refresh", "/v1/admin/health", "/v1/admin/readiness", "/v1/exports/{id}/download"]));
    }

    [Test]
    public void Schemas_and_their_members_are_in_snake_case()
    {
        var schemas = _document.GetProperty("components").GetProperty("schemas").EnumerateObject().ToList();
        Assert.Multiple(() =>
        {
            Assert.That(schemas.Select(schema => schema.Name), Is.All.Match("^[a-z0-9_]+$"));
            Assert.That(
                schemas.Where(schema => schema.Value.TryGetProperty("properties", out _)).SelectMany(schema => schema.Value.GetProperty("properties").EnumerateObject().Select(member => member.Name)),
                Is.All.Match("^[a-z0-9_]+$"));
        });
    }

    private static string Normalize(string pattern) => "/" + pattern.Trim('/').Replace(":guid}", "}", StringComparison.Ordinal);

    private IEnumerable<(string Path, string Verb, JsonElement Operation)> Operations()
        => from path in _document.GetProperty("paths").EnumerateObject()
           from verb in path.Value.EnumerateObject()
           where Verbs.Contains(verb.Name)
           select (path.Name, verb.Name, verb.Value);
}

using System.Net;
using System.Text;
using System.Text.Json;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.Integration.Facades;

/// <summary>The bodies that the API's description shows.</summary>
public class ExampleTests(HostKind kind) : FunctionalTests(kind)
{
    [Test]
    public async Task A_body_that_is_shown_is_one_that_is_taken()
    {
        using var person = await Person.RegisterAsync(Host);
        var description = await person.GetAsync("/openapi/v1.json");
        var examples = description.GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject().Select(verb => (Path: path.Name, Verb: verb.Name, Operation: verb.Value)))
            .Select(item => (item.Path, item.Verb, Json: item.Operation.TryGetProperty("requestBody", out var body)
                && body.GetProperty("content").TryGetProperty("application/json", out var json)
                && json.TryGetProperty("example", out _)
                    ? json
                    : default))
            .Where(item => item.Json.ValueKind == JsonValueKind.Object)
            .ToList();
        Assert.That(examples, Has.Count.GreaterThanOrEqualTo(12));
        foreach (var (path, verb, json) in examples)
        {
            using var request = new HttpRequestMessage(new HttpMethod(verb.ToUpperInvariant()), new Uri(path, UriKind.Relative))
            {
                Content = new StringContent(json.GetProperty("example").GetRawText(), Encoding.UTF8, "application/json"),
            };
            if (path.StartsWith("/v1/admin/", StringComparison.Ordinal))
            {
                request.Headers.Authorization = new("Bearer", TestHost.MonitoringToken);
            }

            using var answer = await person.Client.SendAsync(request);

            // What an example names by an id is not there.
            Assert.That(
                answer.StatusCode,
                Is.AnyOf(HttpStatusCode.OK, HttpStatusCode.Created, HttpStatusCode.Accepted, HttpStatusCode.NotFound),
                $"{verb} {path}: {await answer.Content.ReadAsStringAsync()}");
        }
    }
}

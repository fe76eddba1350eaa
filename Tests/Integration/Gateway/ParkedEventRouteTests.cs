using System.Net;
using System.Text.Json;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.Integration.Gateway;

public class ParkedEventRouteTests(HostKind kind) : FunctionalTests(kind)
{
    private const string Route = "/v1/admin/parked-events";

    [Test]
    public async Task The_operator_lists_them_and_has_them_driven_again()
    {
        using var client = OperatorClient();
        var list = await client.SendJsonAsync(HttpMethod.Get, $"{Route}?subscription=search-index&limit=10", null, HttpStatusCode.OK);
        Assert.That(list.GetProperty("items").ValueKind, Is.EqualTo(JsonValueKind.Array));
        Assert.That(list.GetProperty("next").ValueKind, Is.EqualTo(JsonValueKind.Null));
        var retried = await client.SendJsonAsync(HttpMethod.Post, $"{Route}/retry", new { event_ids = new[] { Guid.NewGuid() } }, HttpStatusCode.Accepted);
        Assert.That(retried.GetProperty("retried").GetInt32(), Is.Zero);
    }

    [Test]
    public async Task Nobody_else_does()
    {
        using var person = await Person.RegisterAsync(Host);
        using var nobody = Host.CreateClient();
        await nobody.SendJsonAsync(HttpMethod.Get, Route, null, HttpStatusCode.Unauthorized);
        await nobody.SendJsonAsync(HttpMethod.Post, $"{Route}/retry", new { subscription = "relay" }, HttpStatusCode.Unauthorized);
        await person.SendAsync(HttpMethod.Get, Route, null, HttpStatusCode.Forbidden);
        await person.SendAsync(HttpMethod.Post, $"{Route}/retry", new { subscription = "relay" }, HttpStatusCode.Forbidden);
    }

    [TestCase("GET", "?limit=0", null, "limit")]
    [TestCase("GET", "?limit=201", null, "limit")]
    [TestCase("GET", "?subscription=nobody", null, "subscription")]
    [TestCase("GET", "?cursor=1.2.3", null, "cursor")]
    [TestCase("POST", "/retry", "{}", "event_ids")]
    [TestCase("POST", "/retry", """{"event_ids":[]}""", "event_ids")]
    [TestCase("POST", "/retry", """{"subscription":"nobody"}""", "subscription")]
    public async Task A_value_that_is_not_allowed_is_named(string verb, string rest, string? body, string field)
    {
        using var client = OperatorClient();
        var problem = await client.SendJsonAsync(new HttpMethod(verb), Route + rest, body, HttpStatusCode.BadRequest);
        Assert.That(problem.GetProperty("errors").EnumerateObject().Select(error => error.Name), Is.EqualTo((string[])[field]));
    }

    private HttpClient OperatorClient()
    {
        var client = Host.CreateClient();
        client.DefaultRequestHeaders.Authorization = new("Bearer", TestHost.MonitoringToken);
        return client;
    }
}

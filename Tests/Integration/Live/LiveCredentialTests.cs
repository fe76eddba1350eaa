using System.Diagnostics;
using System.Net;
using System.Text;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.Integration.Live;

public class LiveCredentialTests(HostKind kind) : FunctionalTests(kind)
{
    private static readonly TimeSpan Promise = TimeSpan.FromSeconds(60);

    [Test]
    public async Task A_ticket_opens_one_connection_to_one_tenant()
    {
        using var person = await Person.RegisterAsync(Host);
        using var other = await Person.RegisterAsync(Host);
        await other.PostAsync($"/v1/organizations/{other.TenantId}/members", new { user_id = person.AccountId, role = "admin" });
        var ticket = await person.TicketAsync();
        using (var socket = await LiveSocket.ConnectAsync(Host, $"/ws/messages/{person.TenantId}?ticket={ticket}"))
        {
            await socket.ReadAsync("hello");
            var id = await person.SayAsync("chat", "hello");
            Assert.That((await socket.ReadAsync("message.stored")).Text("message_id"), Is.EqualTo(id));
        }

        AssertRefused($"/ws/messages/{person.TenantId}?ticket={ticket}", 401);
        AssertRefused($"/ws/messages/{other.TenantId}?ticket={await person.TicketAsync()}", 404);
        AssertRefused($"/ws/messages/{person.TenantId}?ticket=mmt_unknown", 401);
        AssertRefused($"/ws/messages/{person.TenantId}?ticket={person.Token()}", 401);
        AssertRefused($"/ws/messages/{person.TenantId}?access_token={person.Token()}", 401);
        AssertRefused($"/ws/messages/{person.TenantId}?ticket={await person.TicketAsync()}&ticket={await person.TicketAsync()}", 401);
        Assert.That(
            async () => await LiveSocket.ConnectAsync(Host, $"/ws/messages/{person.TenantId}?ticket={await person.TicketAsync()}", person.Token()),
            Throws.InstanceOf<RefusedException>().With.Property("Status").EqualTo(401));
    }

    [Test]
    public async Task A_ticket_opens_server_sent_events_and_nothing_else()
    {
        using var person = await Person.RegisterAsync(Host);
        using var client = Host.CreateClient();
        using (var events = await client.GetAsync(
            new Uri($"/v1/events?ticket={await person.TicketAsync()}", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead))
        {
            Assert.That(events.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        }

        using var refused = await client.GetAsync(new Uri($"/v1/auth/me?ticket={await person.TicketAsync()}", UriKind.Relative));
        Assert.That(refused.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized));
    }

    [Test]
    public async Task Tickets_need_the_right_to_read_and_are_limited()
    {
        using var person = await Person.RegisterAsync(Host);
        using var other = await Person.RegisterAsync(Host);
        await person.PostAsync("/v1/auth/ws-ticket", new { tenant_id = other.TenantId }, HttpStatusCode.NotFound);
        await person.PostAsync("/v1/auth/ws-ticket", "{\"tenant\":1}", HttpStatusCode.BadRequest);
        using var client = Host.CreateClient();
        await client.SendJsonAsync(HttpMethod.Post, "/v1/auth/ws-ticket", new { }, HttpStatusCode.Unauthorized);
        var key = await person.PostAsync("/v1/auth/api-keys", new { name = "writer", scopes = (string[])["write"] });
        client.DefaultRequestHeaders.Add("x-api-key", key.Text("key"));
        await client.SendJsonAsync(HttpMethod.Post, "/v1/auth/ws-ticket", new { }, HttpStatusCode.Forbidden);

        for (var i = 0; i < 50; i++)
        {
            await person.TicketAsync();
        }

        await person.PostAsync("/v1/auth/ws-ticket", new { }, HttpStatusCode.TooManyRequests);
        await other.TicketAsync();
    }

    [Test]
    public async Task A_page_of_a_foreign_origin_is_refused_and_one_of_the_server_is_not()
    {
        using var person = await Person.RegisterAsync(Host);
        foreach (var origin in (string[])["https://evil.example.com", "null", "http://127.0.0.1:1", $"http://{Host.Address.Authority}.evil.example"])
        {
            Assert.That(
                () => LiveSocket.ConnectAsync(
                    Host, $"/ws/messages/{person.TenantId}", person.Token(), options => options.SetRequestHeader("Origin", origin)),
                Throws.InstanceOf<RefusedException>().With.Property("Status").EqualTo(403),
                origin);
        }

        using var socket = await LiveSocket.ConnectAsync(
            Host, $"/ws/messages/{person.TenantId}", person.Token(), options => options.SetRequestHeader("Origin", $"http://{Host.Address.Authority}"));
        await socket.ReadAsync("hello");
    }

    [Test]
    public async Task A_connection_closes_within_a_minute_of_the_end_of_its_rights()
    {
        using var owner = await Person.RegisterAsync(Host);
        using var member = await Person.RegisterAsync(Host);
        using var visitor = await Person.RegisterAsync(Host);
        await owner.PostAsync($"/v1/organizations/{owner.TenantId}/members", new { user_id = member.AccountId, role = "member" });
        var key = await owner.PostAsync("/v1/auth/api-keys", new { name = "live" });
        using var ofKey = await LiveSocket.ConnectAsync(
            Host, $"/ws/messages/{owner.TenantId}", configure: options => options.SetRequestHeader("x-api-key", key.Text("key")));
        using var ofMember = await LiveSocket.OpenAsync(Host, member, tenant: owner.TenantId);
        using var ofSession = await LiveSocket.ConnectAsync(Host, $"/ws/messages/{visitor.TenantId}?ticket={await visitor.TicketAsync()}");
        using var kept = await LiveSocket.OpenAsync(Host, owner);

        var started = Stopwatch.GetTimestamp();
        await owner.SendAsync(HttpMethod.Delete, $"/v1/auth/api-keys/{key.Text("id")}", status: HttpStatusCode.NoContent);
        await owner.SendAsync(HttpMethod.Delete, $"/v1/organizations/{owner.TenantId}/members/{member.AccountId}", status: HttpStatusCode.NoContent);
        using var loggedOut = await visitor.Client.PostAsync(
            new Uri("/v1/auth/logout", UriKind.Relative), new StringContent("{}", Encoding.UTF8, "application/json"));
        Assert.That(loggedOut.IsSuccessStatusCode);
        var closed = await Task.WhenAll(((LiveSocket[])[ofKey, ofMember, ofSession]).Select(socket => socket.ReadToCloseAsync(Promise)));
        var took = Stopwatch.GetElapsedTime(started);
        await TestContext.Out.WriteLineAsync($"closed after {took.TotalSeconds:0.0} s");
        Assert.That(closed.Select(close => close.Code), Is.EqualTo((int[])[4401, 4403, 4401]));
        Assert.That(took, Is.LessThan(Promise));

        await owner.SayAsync("chat", "hello");
        await kept.ReadAsync("message.stored");
    }

    private void AssertRefused(string path, int status)
        => Assert.That(() => LiveSocket.ConnectAsync(Host, path), Throws.InstanceOf<RefusedException>().With.Property("Status").EqualTo(status), path);
}

using System.Net;
using System.Text;
using MemoryMesh.Gateway.Forwarding;
using Microsoft.AspNetCore.Http;

namespace MemoryMesh.Tests.Unit.Gateway;

public class ForwardedHeadersTests
{
    [TestCase("/v1/messages?x=%2e%2e&y=a%20b", "/v1/messages?x=%2e%2e&y=a%20b")]
    [TestCase("/v1/memories/a%2Fb%25", "/v1/memories/a%2Fb%25")]
    [TestCase("http://memory.example/v1/messages?x=1", "/v1/messages?x=1")]
    [TestCase("http://memory.example", "/decoded?q=1")]
    public void The_target_goes_on_as_it_came(string raw, string forwarded)
    {
        var request = new DefaultHttpContext().Request;
        request.Path = "/decoded";
        request.QueryString = new QueryString("?q=1");
        Assert.That(ForwardedHeaders.TargetOf(request, raw), Is.EqualTo(forwarded));
    }

    [Test]
    public void Fields_of_the_connection_stay_behind_and_others_go_on()
    {
        using var request = Forward(headers =>
        {
            headers.Connection = "close, X-Secret";
            headers["X-Secret"] = "1";
            headers["Keep-Alive"] = "timeout=5";
            headers.TE = "trailers";
            headers.Upgrade = "h2c";
            headers.TransferEncoding = "chunked";
            headers.Expect = "100-continue";
            headers.Authorization = "Bearer token";
            headers["Idempotency-Key"] = "k";
            headers.ContentType = "application/json";
            headers.ContentLength = 2;
            headers["X-Name"] = "Grüße";
        });
        Assert.Multiple(() =>
        {
            Assert.That(
                request.Headers.Select(header => header.Key),
                Is.EquivalentTo((string[])["Authorization", "Idempotency-Key", "X-Name", "Host", "x-memorymesh-service", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-For"]));
            Assert.That(request.Headers.GetValues("Authorization"), Is.EqualTo((string[])["Bearer token"]));
            Assert.That(request.Content!.Headers.ContentType!.MediaType, Is.EqualTo("application/json"));
            Assert.That(request.Content.Headers.ContentLength, Is.EqualTo(2));
        });
    }

    [Test]
    public void What_a_client_says_about_proxies_and_services_is_replaced()
    {
        using var request = Forward(headers =>
        {
            headers["X-Forwarded-For"] = "203.0.113.9";
            headers["X-Forwarded-Host"] = "evil.example";
            headers["X-Forwarded-Proto"] = "https";
            headers["Forwarded"] = "for=203.0.113.9";
            headers["X-Real-IP"] = "203.0.113.9";
            headers["x-memorymesh-service"] = "forged";
            headers["traceparent"] = "00-00000000000000000000000000000001-0000000000000001-01";
        });
        Assert.Multiple(() =>
        {
            Assert.That(request.Headers.GetValues("X-Forwarded-For"), Is.EqualTo((string[])["192.0.2.7"]));
            Assert.That(request.Headers.GetValues("X-Forwarded-Host"), Is.EqualTo((string[])["memory.example:8000"]));
            Assert.That(request.Headers.GetValues("X-Forwarded-Proto"), Is.EqualTo((string[])["http"]));
            Assert.That(request.Headers.GetValues("x-memorymesh-service"), Is.EqualTo((string[])["proof"]));
            Assert.That(request.Headers.Host, Is.EqualTo("memory.example:8000"), "links in answers lead to the address that the client used");
            Assert.That(request.Headers.Contains("Forwarded") || request.Headers.Contains("X-Real-IP") || request.Headers.Contains("traceparent"), Is.False);
        });
    }

    [Test]
    public void An_answer_keeps_its_fields_but_those_of_the_connection()
    {
        using var response = new HttpResponseMessage(HttpStatusCode.Created) { Content = new StringContent("{}", Encoding.UTF8, "application/json") };
        response.Headers.TryAddWithoutValidation("ETag", "\"v1\"");
        response.Headers.TryAddWithoutValidation("Link", (string[])["<a>", "<b>"]);
        response.Headers.TryAddWithoutValidation("Connection", "X-Gone");
        response.Headers.TryAddWithoutValidation("X-Gone", "1");
        response.Headers.TryAddWithoutValidation("Server", "s");
        response.Headers.TryAddWithoutValidation("x-trace-id", "t");
        response.Headers.TransferEncodingChunked = true;
        var headers = new HeaderDictionary();
        ForwardedHeaders.CopyToClient(response, headers);
        Assert.That(headers.Keys, Is.EquivalentTo((string[])["ETag", "Link", "Content-Type"]));
        Assert.That(headers["Link"].ToArray(), Is.EqualTo((string[])["<a>", "<b>"]));
    }

    [Test]
    public void No_internal_path_belongs_to_a_service()
        => Assert.That(ServiceRoutes.All.Select(route => route.Prefix), Has.None.StartWith("/internal").And.All.StartWith("/"));

    private static HttpRequestMessage Forward(Action<IHeaderDictionary> set)
    {
        var context = new DefaultHttpContext();
        context.Request.Scheme = "http";
        context.Request.Host = new HostString("memory.example", 8000);
        context.Connection.RemoteIpAddress = IPAddress.Parse("::ffff:192.0.2.7");
        set(context.Request.Headers);
        var request = new HttpRequestMessage(HttpMethod.Post, "http://127.0.0.1:1/v1/messages") { Content = new ByteArrayContent([]) };
        ForwardedHeaders.CopyToService(context, request, "proof");
        return request;
    }
}

using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using MemoryMesh.Gateway.Facades;
using MemoryMesh.Gateway.Forwarding;
using MemoryMesh.ServiceDefaults.Internal;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.Tests.Shared;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace MemoryMesh.Tests.Integration.Facades;

/// <summary>Native routes of a service that is not there, is silent or breaks off: told as for requests that are forwarded.</summary>
public class RemoteNativeRoutesTests
{
    [Test]
    public async Task A_service_that_is_down_is_unavailable()
    {
        using var answer = await SendAsync($"http://127.0.0.1:{TestHost.FreePort()}");
        Assert.That((answer.StatusCode, answer.Headers.RetryAfter?.Delta), Is.EqualTo((HttpStatusCode.ServiceUnavailable, TimeSpan.FromSeconds(2))));
        Assert.That(await answer.Content.ReadAsStringAsync(), Does.Contain("urn:memorymesh:problem:unavailable"));
    }

    [TestCase("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{", true, HttpStatusCode.BadGateway)]
    [TestCase("HTTP/1.1 2", true, HttpStatusCode.BadGateway)]
    [TestCase("", false, HttpStatusCode.GatewayTimeout)]
    [TestCase("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{", false, HttpStatusCode.GatewayTimeout)]
    public async Task A_service_that_breaks_off_or_is_silent_is_told_before_anything_is_answered(string begins, bool ends, HttpStatusCode status)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var done = new CancellationTokenSource();
        var service = ServeAsync(listener, begins, ends, done.Token);
        using var answer = await SendAsync($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");
        Assert.That(answer.StatusCode, Is.EqualTo(status));
        await done.CancelAsync();
        await service;
    }

    [Test]
    public async Task A_path_that_no_service_has_is_not_found()
    {
        using var answer = await SendAsync("http://127.0.0.1:1", "/v1/nothing");
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
    }

    [TestCase("HTTP/1.1 2", "/v1/memory/search")]
    [TestCase("", "/v1/memory/search")]
    [TestCase(null, "/v1/memory/search")]
    [TestCase(null, "/v1/searches")]
    [TestCase("HTTP/1.1 2", "/v1/context")]
    [TestCase(null, "/v1/context")]
    public async Task What_a_replica_does_not_answer_the_service_does(string? begins, string path)
    {
        using var searcher = new TcpListener(IPAddress.Loopback, 0);
        using var search = new TcpListener(IPAddress.Loopback, 0);
        searcher.Start();
        search.Start();
        var (away, there) = (Address(searcher), Address(search));
        if (begins is null)
        {
            searcher.Stop();
        }

        var serving = begins is null ? Task.CompletedTask : ServeAsync(searcher, begins, true, default);
        var answering = ServeAsync(search, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", true, default);
        using var answer = await SendAsync(there, path, searcher: away, method: HttpMethod.Post);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        await Task.WhenAll(serving, answering);

        static string Address(TcpListener listener) => $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";
    }

    [Test]
    public async Task A_search_that_neither_answers_is_unavailable()
    {
        using var answer = await SendAsync($"http://127.0.0.1:{TestHost.FreePort()}", "/v1/memory/search", searcher: $"http://127.0.0.1:{TestHost.FreePort()}");
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
    }

    [Test]
    public void A_request_that_ended_is_cancelled()
        => Assert.That(() => SendAsync($"http://127.0.0.1:{TestHost.FreePort()}", aborted: true), Throws.InstanceOf<OperationCanceledException>());

    private static async Task ServeAsync(TcpListener listener, string begins, bool ends, CancellationToken done)
    {
        using var connection = await listener.AcceptTcpClientAsync(CancellationToken.None);
        await connection.GetStream().ReadExactlyAsync(new byte[16], CancellationToken.None);
        await connection.GetStream().WriteAsync(System.Text.Encoding.ASCII.GetBytes(begins), CancellationToken.None);
        if (!ends)
        {
            await Task.Delay(Timeout.Infinite, done).ContinueWith(_ => { }, TaskScheduler.Default);
        }
    }

    private static async Task<HttpResponseMessage> SendAsync(string address, string path = "/v1/memories/1", bool aborted = false, string? searcher = null, HttpMethod? method = null)
    {
        await using var provider = new ServiceCollection()
            .AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(
                [new("services:memory:http:0", address), new("services:search:http:0", address), new("services:searchers:http:0", searcher), new("services:readers:http:0", searcher)]).Build())
            .BuildServiceProvider();
        var credentials = new ServiceCredentials(new KeyRing(RandomNumberGenerator.GetBytes(32), RandomNumberGenerator.GetBytes(32)), TimeProvider.System);
        using var forwarder = new Forwarder(credentials, NullLogger<Forwarder>.Instance, TimeSpan.FromMilliseconds(500));
        using var request = new HttpRequestMessage(method ?? HttpMethod.Get, new Uri("http://memorymesh" + path));
        request.Content = method is null ? null : new StringContent("{}");
        var settings = provider.GetRequiredService<IConfiguration>();
        var replicas = new ReplicaRoutes(new SearcherAddresses(settings, TimeProvider.System), new ReaderAddresses(settings, TimeProvider.System));
        var outer = new DefaultHttpContext { Request = { Host = new HostString("localhost") } };
        return await new RemoteNativeRoutes(forwarder, replicas, provider).SendAsync(outer, request, new CancellationToken(aborted));
    }
}

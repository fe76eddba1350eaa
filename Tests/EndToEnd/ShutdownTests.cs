using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.EndToEnd;

public class ShutdownTests
{
    private const int Writers = 8;

    [Test]
    public async Task Stopping_under_load_finishes_requests_in_flight_and_loses_nothing()
    {
        await using var host = await TestHost.StartAsync(HostKind.Embedded);
        using var person = await Person.RegisterAsync(host);
        var acknowledged = new ConcurrentBag<string>();
        using var loaded = new SemaphoreSlim(0);
        var writers = Enumerable.Range(0, Writers).Select(writer => Task.Run(async () =>
        {
            for (var i = 0; await SendAsync(person, $"c{writer}", $"line {i}") is { } response; i++)
            {
                // An answer that has begun must end: nothing is caught here.
                using (response)
                {
                    Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.Created));
                    acknowledged.Add((await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString()!);
                }

                loaded.Release();
            }
        })).ToArray();
        for (var i = 0; i < 200; i++)
        {
            await loaded.WaitAsync(Eventually.Patience);
        }

        var began = Stopwatch.GetTimestamp();
        Assert.That(await host.StopAsync(), Is.Zero, host.Output);
        Assert.That(Stopwatch.GetElapsedTime(began), Is.LessThan(TimeSpan.FromSeconds(15)));
        await Task.WhenAll(writers);

        await host.StartAgainAsync();
        foreach (var id in acknowledged)
        {
            await person.GetAsync($"/v1/messages/{id}");
        }

        var stored = 0;
        for (var writer = 0; writer < Writers; writer++)
        {
            stored += (await person.GetAsync($"/v1/conversations/c{writer}")).GetProperty("message_count").GetInt32();
        }

        Assert.That(stored, Is.EqualTo(acknowledged.Count), "What was carried out was answered.");
    }

    /// <summary>Begins a request; null when the server does not take it any more.</summary>
    private static async Task<HttpResponseMessage?> SendAsync(Person person, string conversation, string content)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/v1/messages", UriKind.Relative))
        {
            Content = JsonContent.Create(new { conversation_id = conversation, role = "user", content }),
        };
        try
        {
            return await person.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }
}

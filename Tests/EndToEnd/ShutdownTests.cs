using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.EndToEnd;

public class ShutdownTests
{
    [Test]
    public async Task Stopping_under_load_finishes_requests_in_flight_and_loses_nothing()
    {
        await using var host = await TestHost.StartAsync(HostKind.Embedded);
        using var person = await Person.RegisterAsync(host);
        var acknowledged = new ConcurrentBag<string>();
        var broken = new ConcurrentBag<string>();
        using var loaded = new SemaphoreSlim(0);
        var writers = Enumerable.Range(0, 8).Select(writer => Task.Run(async () =>
        {
            for (var i = 0; ; i++)
            {
                try
                {
                    var message = await person.PostAsync("/v1/messages", new { conversation_id = $"c{writer}", role = "user", content = $"line {i}" });
                    acknowledged.Add(message.GetProperty("id").GetString()!);
                    loaded.Release();
                }
                catch (HttpRequestException exception)
                {
                    // Refused before it was sent is fine; a connection that ends inside an answer is not.
                    if (exception.HttpRequestError == HttpRequestError.ResponseEnded && exception.InnerException is HttpIOException { HttpRequestError: HttpRequestError.ResponseEnded } && exception.Message.Contains("premature body", StringComparison.OrdinalIgnoreCase))
                    {
                        broken.Add(exception.Message);
                    }

                    return;
                }
            }
        })).ToArray();
        for (var i = 0; i < 200; i++)
        {
            await loaded.WaitAsync(TimeSpan.FromSeconds(30));
        }

        var began = Stopwatch.GetTimestamp();
        Assert.That(await host.StopAsync(), Is.Zero, host.Output);
        Assert.That(Stopwatch.GetElapsedTime(began), Is.LessThan(TimeSpan.FromSeconds(15)));
        await Task.WhenAll(writers);
        Assert.That(broken, Is.Empty);

        await host.StartAgainAsync();
        foreach (var id in acknowledged)
        {
            await person.GetAsync($"/v1/messages/{id}");
        }
    }
}

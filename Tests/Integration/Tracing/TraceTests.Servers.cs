using System.Net;
using System.Net.Http.Json;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.Integration.Tracing;

/// <summary>The servers whose clients tell of themselves: Redis by a span of our own, Qdrant by its calls, over REST or gRPC.</summary>
public partial class TraceTests
{
    [Test]
    public async Task A_search_is_one_trace_to_the_servers_that_it_asks()
    {
        using var person = await Person.RegisterAsync(_host);
        await person.PostAsync("/v1/messages?wait=embedded", new { conversation_id = "canary-asked", role = "user", content = "Canaryson plays the violin." });
        using var answer = await person.Client.GetAsync(new Uri("/v1/memory/search?query=canary%20music", UriKind.Relative));
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        var spans = await TreeAsync(answer, kind == HostKind.Processes ? ["ask redis"] : [], AsksQdrant);
        Assert.Multiple(() =>
        {
            Assert.That(Ancestors(spans, spans.First(AsksQdrant).Name), Has.Some.StartsWith("GET /v1/memory/search"));
            if (kind == HostKind.Processes)
            {
                // Limits are counted there, and Auth's answers kept.
                Assert.That(spans.Where(span => span.Name == "ask redis").Select(span => span.Service), Does.Contain("memorymesh-gateway"));
                Assert.That(spans.First(AsksQdrant).Service, Is.EqualTo("memorymesh-search"));
            }

            Assert.That(_collector.Texts, Has.None.Contains("canary-asked").And.None.Contains("canary music").And.None.Contains("canary%20music"));
        });

        bool AsksQdrant(CollectedSpan span)
            => span.Attributes.TryGetValue("url.full", out var url)
                && (url.StartsWith($"{_qdrant.Place.Http}collections/", StringComparison.Ordinal) || url.StartsWith($"{_qdrant.Place.Grpc}qdrant.Points/", StringComparison.Ordinal));
    }
}

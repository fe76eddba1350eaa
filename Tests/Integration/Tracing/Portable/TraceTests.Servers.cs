using System.Net;
using System.Net.Http.Json;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.Integration.Tracing;

/// <summary>The servers whose clients tell of themselves in the portable stack: Redis by a span of our own, Qdrant by its REST calls. With Stack=aspire it is spoken to by gRPC, which the stand-in does not know.</summary>
public partial class TraceTests
{
    private QdrantStandIn _qdrant = null!;

    partial void AddServers(Dictionary<string, string> environment)
    {
        _qdrant = QdrantStandIn.StartAsync().GetAwaiter().GetResult();
        environment["ConnectionStrings__qdrant"] = _qdrant.Address.ToString();
        environment["Qdrant__QuestionTimeout"] = "00:00:30";
    }

    partial void RemoveServers() => _qdrant.DisposeAsync().AsTask().GetAwaiter().GetResult();

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

        bool AsksQdrant(CollectedSpan span) => span.Attributes.TryGetValue("url.full", out var url) && url.StartsWith($"{_qdrant.Address}collections/", StringComparison.Ordinal);
    }
}

using System.Net;
using System.Net.Http.Json;
using MemoryMesh.Tests.Integration.Storage;
using MemoryMesh.Tests.Integration.Tracing;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.Integration.Documents;

/// <summary>The spans of MongoDB's commands, which Aspire's client makes.</summary>
public class MongoTraceTests
{
    [Test]
    public async Task Commands_are_spans_under_the_write_that_they_belong_to_without_texts_of_people()
    {
        var address = MongoServer.NewDatabase();
        await using var collector = await TraceCollector.StartAsync();
        await using (var host = await TestHost.StartAsync(
            HostKind.Embedded,
            environment: new Dictionary<string, string>
            {
                ["ConnectionStrings__chat"] = address,
                ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Address,
                ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
                ["OTEL_BSP_SCHEDULE_DELAY"] = "100",
            }))
        {
            using var person = await Person.RegisterAsync(host);
            using var answer = await person.Client.PostAsJsonAsync("/v1/messages", new { conversation_id = "canary-commands", role = "user", content = "I live in Canaryville." });
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Created));
            var trace = answer.Headers.GetValues("x-trace-id").Single();
            await Eventually.TrueAsync(
                () => Task.FromResult(IsCommitted([.. collector.Spans.Where(span => span.TraceId == trace)])),
                Eventually.Patience,
                () => $"The trace has: {string.Join(", ", collector.Spans.Where(span => span.TraceId == trace).Select(span => span.Name))}");
        }

        Assert.That(collector.Texts, Has.None.Contains("canary-commands").And.None.Contains("Canaryville"));
        await MongoServer.DropAsync(address);
    }

    private static bool IsCommitted(List<CollectedSpan> spans)
        => spans.Find(span => span.Name == "write chat") is { } write
            && spans.Exists(span => span.ParentId == write.SpanId && span.Attributes.TryGetValue("db.operation.name", out var operation) && operation is "update" or "findAndModify");
}

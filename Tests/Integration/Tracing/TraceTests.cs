using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using MemoryMesh.Contracts.Events;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.Integration.Tracing;

/// <summary>What a request causes, as a collector of traces sees it.</summary>
[TestFixture(HostKind.Embedded)]
[TestFixture(HostKind.Processes)]
public partial class TraceTests(HostKind kind)
{
    /// <summary>What a message goes through.</summary>
    private static readonly string[] InMessages = ["consume search-index", "consume memory-extraction", "consume memory-status"];

    private TraceCollector _collector = null!;
    private QdrantStandIn _qdrant = null!;
    private RedisServer? _redis;
    private TestHost _host = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _collector = await TraceCollector.StartAsync();
        _qdrant = await QdrantStandIn.StartAsync();
        var environment = new Dictionary<string, string>(_qdrant.ConnectionStrings)
        {
            ["Qdrant__QuestionTimeout"] = "00:00:30",
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = _collector.Address,
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
            ["OTEL_BSP_SCHEDULE_DELAY"] = "100",
            ["Monitoring__LogFormat"] = "json",
            ["Logging__LogLevel__Default"] = "Debug",
            ["Retention__TenantErasureDelaySeconds"] = "1",
            ["Retention__ErasureRetrySeconds"] = "4",
        };
        if (kind == HostKind.Processes)
        {
            _redis = await RedisServer.StartAsync();
            environment["ConnectionStrings__redis"] = _redis.ConnectionString;
            if (PostgresServer.IsInstalled)
            {
                // Both engines are in the traces then.
                var database = await (await PostgresServer.SharedAsync()).CreateDatabaseAsync();
                (environment["ConnectionStrings__auth"], environment["ConnectionStrings__retention"]) = (database, database);
            }
        }

        _host = await TestHost.StartAsync(kind, environment: environment);
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        if (_host is not null)
        {
            await _host.DisposeAsync();
        }

        if (_redis is not null)
        {
            await _redis.DisposeAsync();
        }

        await _qdrant.DisposeAsync();
        await _collector.DisposeAsync();
    }

    [Test]
    public async Task A_message_is_one_trace_from_the_request_to_every_consumer_and_store()
    {
        using var person = await Person.RegisterAsync(_host);
        using var answer = await person.Client.PostAsJsonAsync(
            "/v1/messages?wait=memories", new { conversation_id = "canary-conversation", role = "user", content = "My name is Canaryson. I love Python." });
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Created).Or.EqualTo(HttpStatusCode.Accepted));
        var spans = await TreeAsync(answer, [.. InMessages, "write chat", "write search", "write memory"]);
        var root = spans.Single(span => span.ParentId.Length == 0);
        Assert.Multiple(() =>
        {
            Assert.That(root.Name, Does.StartWith("POST /v1/messages"));
            Assert.That(spans.ConvertAll(span => Root(spans, span)), Has.All.EqualTo(root), "one tree");
            Assert.That(Ancestors(spans, "write memory"), Does.Contain("consume memory-extraction").And.Contain("write chat"));
            Assert.That(Ancestors(spans, "consume memory-status"), Does.Contain("consume search-index"));
            Assert.That(
                spans.Select(span => span.Service).Distinct(),
                kind == HostKind.Embedded
                    ? Is.EqualTo((string[])["memorymesh-embedded"])
                    : Is.SupersetOf((string[])["memorymesh-gateway", "memorymesh-chat", "memorymesh-search", "memorymesh-memory"]));
            if (kind == HostKind.Processes)
            {
                Assert.That(Ancestors(spans, "consume memory-extraction"), Does.Contain("publish MessageStored"));
            }

            Assert.That(_collector.Texts, Has.None.Contains("canary-conversation").And.None.Contains("Canaryson"), "spans hold no text of people");
        });
    }

    [Test]
    public async Task An_erasure_and_the_end_of_a_tenant_are_traces_to_every_other_consumer_and_store()
    {
        using var person = await Person.RegisterAsync(_host);
        using var erasing = await person.Client.PostAsJsonAsync("/v1/privacy/erasures?wait=true", new { user_id = "canary-erased" });
        Assert.That(erasing.IsSuccessStatusCode, Is.True, await erasing.Content.ReadAsStringAsync());
        var organization = await person.PostAsync("/v1/organizations", new { name = "Canary end" });
        using var ending = await person.Client.DeleteAsync(new Uri($"/v1/organizations/{organization.GetProperty("id").GetString()}", UriKind.Relative));
        Assert.That(ending.IsSuccessStatusCode, Is.True, await ending.Content.ReadAsStringAsync());

        var erasure = await TreeAsync(
            erasing,
            [
                "consume chat-erasure", "consume memory-erasure", "consume search-erasure", "consume retention-erasure", "consume retention-erasure-progress", "consume auth-audit",
                "write auth", "write chat", "write memory", "write search", "write retention",
            ]);
        var end = await TreeAsync(ending, ["write auth", "consume retention-deleted-tenants", "write retention"]);
        Assert.Multiple(() =>
        {
            Assert.That(Ancestors(erasure, "consume search-erasure"), Does.Contain("consume retention-erasure-progress"), "each service is asked when the one before it has answered");
            Assert.That(Ancestors(end, "consume retention-deleted-tenants"), Does.Contain("write auth"));
            Assert.That(
                Subscriptions.All.Select(item => $"consume {item.Name}"),
                Is.SubsetOf(_collector.Spans.Select(span => span.Name).Concat(InMessages)),
                "This test and the one on messages are of every queue there is.");
            Assert.That(_collector.Texts, Has.None.Contains("canary-erased").And.None.Contains("Canary end"));
        });
    }

    [Test]
    public async Task Lines_of_the_log_are_json_with_the_trace_and_without_texts_of_people()
    {
        using var person = await Person.RegisterAsync(_host);
        using var answer = await person.Client.PostAsJsonAsync("/v1/messages?wait=memories", new { conversation_id = "canary-lines", role = "user", content = "I live in Canaryville." });
        var prefix = kind == HostKind.Embedded ? "" : "] ";
        var lines = _host.Output.Split('\n').Where(line => line.Contains($"{prefix}{{\"time\"", StringComparison.Ordinal)).ToList();
        Assert.That(lines, Is.Not.Empty);
        foreach (var line in lines)
        {
            var json = JsonDocument.Parse(line[line.IndexOf('{', StringComparison.Ordinal)..]).RootElement;
            Assert.That(json.GetProperty("level").GetString(), Is.AnyOf("debug", "info", "warning", "error"));
            Assert.That(json.GetProperty("message").GetString(), Is.Not.Empty);
        }

        Assert.That(_host.Output, Does.Not.Contain("canary-lines").And.Not.Contain("Canaryville"));
    }

    /// <summary>The spans of the trace that an answer names, as soon as it is one tree that has spans of these names, and one that is as it should be.</summary>
    private async Task<List<CollectedSpan>> TreeAsync(HttpResponseMessage answer, string[] names, Predicate<CollectedSpan>? one = null)
    {
        var traceId = answer.Headers.GetValues("x-trace-id").Single();
        List<CollectedSpan> spans = [];
        await Eventually.TrueAsync(
            () =>
            {
                spans = [.. _collector.Spans.Where(span => span.TraceId == traceId)];
                return Task.FromResult(
                    names.All(name => spans.Exists(span => span.Name == name)) && (one is null || spans.Exists(one)) && spans.Exists(span => span.ParentId.Length == 0) && spans.TrueForAll(span => Root(spans, span) is not null));
            },
            Eventually.Patience,
            () => $"The trace has: {string.Join(", ", spans.Select(span => $"{span.Name}{(Root(spans, span) is null ? " (lost)" : "")}"))}");
        return spans;
    }

    /// <summary>The span at the top above a span, or null when one between them is missing.</summary>
    private static CollectedSpan? Root(List<CollectedSpan> spans, CollectedSpan span)
    {
        while (span.ParentId.Length > 0)
        {
            if (spans.Find(other => other.SpanId == span.ParentId) is not { } parent)
            {
                return null;
            }

            span = parent;
        }

        return span;
    }

    /// <summary>Names of the spans above those of a name.</summary>
    private static HashSet<string> Ancestors(List<CollectedSpan> spans, string name)
    {
        var names = new HashSet<string>();
        foreach (var start in spans.Where(span => span.Name == name))
        {
            var span = start;
            while (spans.Find(other => other.SpanId == span.ParentId) is { } parent)
            {
                names.Add(parent.Name);
                span = parent;
            }
        }

        return names;
    }
}

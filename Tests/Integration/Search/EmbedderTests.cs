using System.Net;
using System.Net.Http.Headers;
using MemoryMesh.Search.Embedding;
using MemoryMesh.Search.Embedding.Replicas;
using MemoryMesh.Search.Index;
using MemoryMesh.Search.Index.Vectors;
using MemoryMesh.Search.Storage;
using MemoryMesh.Tests.Shared;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging.Abstractions;

namespace MemoryMesh.Tests.Integration.Search;

/// <summary>Embedders over real HTTP: what they compute, and what becomes of texts when they do not.</summary>
public class EmbedderTests : SearchFixture
{
    private const string Canary = "canary";

    private EmbedderHost _embedder = null!;
    private Lines _log = null!;

    private string Identity => ((ITokenEmbedder)Embedder).Identity!;

    [OneTimeSetUp]
    public async Task StartEmbedderAsync() => _embedder = await EmbedderHost.StartAsync();

    [OneTimeTearDown]
    public async Task StopEmbedderAsync() => await _embedder.DisposeAsync();

    [SetUp]
    public void KeepLog() => _log = new Lines();

    [TearDown]
    public void LeaveLog() => _log.Dispose();

    [Test]
    public async Task An_embedder_computes_the_same_bytes()
    {
        TextInContext[] texts =
        [
            new("I adopted a three-legged greyhound called Comet."),
            new("She is afraid of thunder.", "I adopted a three-legged greyhound called Comet."),
            new(""),
            new("."),
            new("東京に引っ越しました 🗼", "Where do you live?"),
            .. Enumerable.Range(0, 40).Select(at => new TextInContext($"Note {at}: the harbour of Aarhus froze in {1900 + at}.", at % 2 == 0 ? $"What was in {1900 + at}?" : null)),
            new(string.Concat(Enumerable.Repeat("The lighthouse keeper wrote down the height of every wave. ", 150)), "A long story follows."),
        ];
        var rotation = new SignRotation(Embedder.Dimensions);
        var mine = await ItemEncoder.EncodeAsync(Embedder, rotation, texts, default);
        await using var services = EmbedderHost.Pool(_log, null, _embedder.Address);
        var pool = services.GetRequiredService<EmbedderPool>();
        Assert.That(pool.TryEnter(out var place));
        var theirs = await place.Address.EncodeAsync(place.Epoch, Identity, Embedder.Dimensions, EmbedderPool.Split(texts), default);
        Assert.That(theirs.Select(Bytes), Is.EqualTo(mine.Select(Bytes)));
        Assert.That(pool.Addresses.Single().UnderWay, Is.Zero);
    }

    [Test]
    public async Task The_queue_is_worked_off_by_embedders_and_here()
    {
        await StoreAsync(220);
        await using var services = EmbedderHost.Pool(_log, null, _embedder.Address);
        var here = await RunAsync(services, stopWhen: null);
        Assert.That(here, Is.LessThan(220), "embedders computed some");
        await NothingIsLeftAsync(220);
        Assert.That((await FindAsync("What kind of dog did she adopt?")).First(), Does.Contain("greyhound"));
        Assert.That(_log.Written.Concat(_embedder.Log.Written), Has.None.Contains(Canary));
    }

    [Test]
    public async Task An_embedder_that_ends_in_the_middle_loses_nothing_and_parks_nothing()
    {
        await StoreAsync(260);
        var mortal = await EmbedderHost.StartAsync();
        await using (mortal)
        {
            await using var services = EmbedderHost.Pool(_log, null, mortal.Address);
            await RunAsync(services, mortal.KillAsync);
            await NothingIsLeftAsync(260);
        }
    }

    [TestCase("other_model")]
    [TestCase("malformed")]
    [TestCase("network")]
    [TestCase("http_500")]
    [TestCase("http_404")]
    [TestCase("too_large")]
    [TestCase("timeout")]
    [TestCase("full")]
    public async Task What_an_embedder_does_not_compute_is_computed_here_and_not_parked(string reason)
    {
        await using var server = await EmbedderHost.StartAnsweringAsync(http => AnswerAsync(http, reason));
        await using var services = EmbedderHost.Pool(_log, new() { ["Timeout"] = "00:00:00.500" }, server.Address);
        var pool = services.GetRequiredService<EmbedderPool>();
        await StoreAsync(5);
        var shared = await Queue.TakeAsync(default);
        Assert.That(pool.TryEnter(out var place));
        var failed = Assert.ThrowsAsync<EmbedderFailedException>(async () => await EmbedderPool.EncodeAsync(place, shared!, default))!;
        Assert.That(failed.Reason, Is.EqualTo(reason));
        Assert.That(await Queue.WorkAsync(default), Is.Zero, "nobody else works on it meanwhile");
        Queue.GiveBack(shared!, isForHere: true);
        Assert.That(await Queue.TakeAsync(default), Is.Null, "it is not sent again");
        await EmbedAsync();
        await NothingIsLeftAsync(5);
        Assert.That(pool.Addresses.Single().Free, Is.EqualTo(reason is "full" or "other_model" ? 0 : 1), "a full one and one with another model are left alone for a while");
        Assert.That(_log.Written, Has.None.Contains(Canary));
    }

    [Test]
    public async Task Failures_open_the_circuit_the_server_is_degraded_meanwhile_and_serves_again_afterwards()
    {
        var isBroken = true;
        await using var server = await EmbedderHost.StartAnsweringAsync(http => isBroken ? AnswerAsync(http, "http_500") : ForwardAsync(http));
        await using var services = EmbedderHost.Pool(_log, new() { ["BreakAfter"] = "2", ["BreakDuration"] = "00:00:00.500" }, server.Address);
        var address = services.GetRequiredService<EmbedderPool>().Addresses.Single();
        var health = services.GetRequiredService<HealthCheckService>();
        for (var call = 0; call < 2; call++)
        {
            Assert.That(await TryAsync(address), Is.EqualTo("http_500"));
        }

        Assert.That(address.Trouble, Is.EqualTo("circuit_open"));
        Assert.That((await health.CheckHealthAsync()).Status, Is.EqualTo(HealthStatus.Degraded));
        isBroken = false;
        await Eventually.TrueAsync(async () => await TryAsync(address) is null, Eventually.Patience, () => "The circuit did not close.");
        Assert.That(address.Trouble, Is.Null);
        Assert.That((await health.CheckHealthAsync()).Status, Is.EqualTo(HealthStatus.Healthy));
        Assert.That(_log.Written, Has.Some.Contains("fail too often").And.Some.Contains("compute again"));
    }

    [Test]
    public async Task Only_who_has_the_secret_is_let_in_and_others_see_nothing()
    {
        using var client = new HttpClient { BaseAddress = _embedder.Address };
        var unknown = await client.PostAsync(new Uri("/internal/embedders/nothing", UriKind.Relative), Body());
        using var stranger = EmbedderHost.Call(Body(), Identity, key: new string('x', 40));
        using var nobody = new HttpRequestMessage(HttpMethod.Post, EncodingFrames.Path) { Content = Body() };
        foreach (var call in (HttpRequestMessage[])[stranger, nobody])
        {
            using var answer = await client.SendAsync(call);
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
            Assert.That(await answer.Content.ReadAsStringAsync(), Is.EqualTo(await unknown.Content.ReadAsStringAsync()));
        }
    }

    [Test]
    public async Task Calls_that_cannot_be_read_or_are_for_another_model_are_refused()
    {
        using var client = new HttpClient { BaseAddress = _embedder.Address };
        Assert.That(await StatusAsync(Body(), "another-model"), Is.EqualTo(HttpStatusCode.Conflict));
        Assert.That(await StatusAsync(new ByteArrayContent([1, 2, 3]), Identity), Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(await StatusAsync(new ByteArrayContent(new byte[EncodingFrames.MostCallBytes + 1]), Identity), Is.EqualTo(HttpStatusCode.RequestEntityTooLarge));
        Assert.That(await StatusAsync(Body(), Identity), Is.EqualTo(HttpStatusCode.OK));

        async Task<HttpStatusCode> StatusAsync(HttpContent body, string identity)
        {
            using var call = EmbedderHost.Call(body, identity);
            using var answer = await client.SendAsync(call);
            return answer.StatusCode;
        }
    }

    [Test]
    public async Task A_full_embedder_answers_503_with_the_time_to_come_back()
    {
        await using var small = await EmbedderHost.StartAsync("--Search:Embedders:Capacity=1");
        using var client = new HttpClient { BaseAddress = small.Address };
        using var stalled = new StalledContent(EncodingFrames.WriteCall([new("a")]));
        using var first = EmbedderHost.Call(stalled, Identity);
        var answering = client.SendAsync(first);
        await Eventually.TrueAsync(() => Task.FromResult(small.UnderWay == 1), Eventually.Patience, () => "The first call was not taken.");
        using var second = EmbedderHost.Call(Body(), Identity);
        using var refused = await client.SendAsync(second);
        Assert.That(refused.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
        Assert.That(refused.Headers.RetryAfter?.Delta, Is.EqualTo(TimeSpan.FromSeconds(1)));
        stalled.GoOn();
        using var taken = await answering;
        Assert.That(taken.StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task An_embedder_keeps_nothing_has_no_keys_and_answers_probes()
    {
        var folder = Path.Combine(Path.GetTempPath(), $"memorymesh-embedder-{Guid.NewGuid():N}");
        await using var embedder = await EmbedderHost.StartAsync($"--data={folder}");
        using var client = new HttpClient { BaseAddress = embedder.Address };
        await Eventually.TrueAsync(
            async () => (await client.GetAsync(new Uri("/health", UriKind.Relative))).StatusCode == HttpStatusCode.OK, Eventually.Patience, () => "not healthy");
        Assert.That((await client.GetAsync(new Uri("/alive", UriKind.Relative))).StatusCode, Is.EqualTo(HttpStatusCode.OK));
        using var call = EmbedderHost.Call(Body(), Identity);
        using var answer = await client.SendAsync(call);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(await client.GetStringAsync(new Uri("/metrics", UriKind.Relative)), Does.Contain("memorymesh_embedding_computed"));
        Assert.That((await client.GetAsync(new Uri("/v1/memory/search?query=a", UriKind.Relative))).StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
        using var foreign = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        foreign.Headers.Add("X-Forwarded-For", "203.0.113.9");
        foreign.Headers.Authorization = new AuthenticationHeaderValue("Bearer", "nobody");
        Assert.That((await client.SendAsync(foreign)).StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That(Directory.Exists(folder), Is.False);
    }

    private static ByteArrayContent Body() => new(EncodingFrames.WriteCall([new("a")]));

    private static string Bytes(EncodedText text)
        => $"{BitConverter.SingleToInt32Bits(text.Pooled.Scale)} {string.Join(',', text.Pooled.Values)} {Convert.ToHexString(text.Pooled.Rests)} {Convert.ToHexString(text.Signs)}";

    private async Task<string?> TryAsync(EmbedderAddress address)
    {
        if (!address.TryEnter(out var epoch))
        {
            return "resting";
        }

        try
        {
            await address.EncodeAsync(epoch, Identity, Embedder.Dimensions, [[new("a")]], default);
            return null;
        }
        catch (EmbedderFailedException failed)
        {
            return failed.Reason;
        }
    }

    private async Task StoreAsync(int count)
    {
        await IndexAsync($"She adopted a greyhound {Canary}.");
        for (var at = 1; at < count; at++)
        {
            await IndexAsync($"Item {at} of the {Canary} list: {at * 37} jars of plum jam from shelf {at % 9}.", conversation: at % 3 == 0 ? Guid.CreateVersion7() : null);
        }
    }

    /// <summary>Works the queue off, here and by embedders, as the hosted services do.</summary>
    /// <returns>Texts that were computed here.</returns>
    private async Task<int> RunAsync(ServiceProvider services, Func<Task>? stopWhen)
    {
        var before = Embedder.Texts.Count;
        var pool = services.GetRequiredService<EmbedderPool>();
        using var bell = new EmbeddingBell();
        using var dispatcher = new EmbedderDispatcher(pool, Queue, bell, NullLogger<EmbedderDispatcher>.Instance);
        await dispatcher.StartAsync(default);
        if (stopWhen is not null)
        {
            await Eventually.TrueAsync(
                () => Task.FromResult(pool.Addresses.Any(address => address.Limit > 1)), Eventually.Patience, () => "No embedder computed anything.");
            await stopWhen();
        }

        await Eventually.TrueAsync(
            async () =>
            {
                while (await Queue.WorkAsync(default) > 0)
                {
                }

                return !Queue.IsAtWork && await Queue.NextDueAsync(default) is null;
            },
            Eventually.Patience,
            () => "The queue was not worked off.");
        await dispatcher.StopAsync(default);
        return Embedder.Texts.Count - before;
    }

    private async Task NothingIsLeftAsync(int items)
    {
        var model = (await Models.GetAsync(default)).Serving.Stored;
        var counts = await VectorStore.CountAsync(Tenant, ItemKind.Message, model, default);
        Assert.That((counts.Items, counts.Embedded, counts.Waiting, counts.Parked), Is.EqualTo((items, items, 0, 0)));
        Assert.That(await VectorStore.ListFailedAsync(Tenant, model, 10, default), Is.Empty);
    }

    /// <summary>An answer that is of no use.</summary>
    private async Task AnswerAsync(HttpContext http, string reason)
    {
        http.Response.Headers[EncodingFrames.IdentityHeader] = reason == "other_model" ? "another-model" : Identity;
        switch (reason)
        {
            case "network":
                http.Abort();
                return;
            case "http_500" or "http_404":
                http.Response.StatusCode = int.Parse(reason[5..]);
                await http.Response.WriteAsync("an error");
                return;
            case "full":
                http.Response.StatusCode = 503;
                http.Response.Headers.RetryAfter = "1";
                return;
            case "timeout":
                await Task.Delay(Timeout.Infinite, http.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
                return;
            case "too_large":
                http.Response.ContentLength = EncodingFrames.MostAnswerBytes + 1;
                await http.Response.Body.WriteAsync(new byte[1024]);
                await http.Response.Body.FlushAsync();
                goto case "timeout";
            default:
                await http.Response.Body.WriteAsync("no vectors"u8.ToArray());
                return;
        }
    }

    private async Task ForwardAsync(HttpContext http)
    {
        using var client = new HttpClient { BaseAddress = _embedder.Address };
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body);
        using var call = EmbedderHost.Call(new ByteArrayContent(body.ToArray()), Identity);
        using var answer = await client.SendAsync(call);
        http.Response.StatusCode = (int)answer.StatusCode;
        http.Response.Headers[EncodingFrames.IdentityHeader] = Identity;
        await http.Response.Body.WriteAsync(await answer.Content.ReadAsByteArrayAsync());
    }

    /// <summary>A body whose last byte comes when the test says so.</summary>
    private sealed class StalledContent(byte[] bytes) : HttpContent
    {
        private readonly TaskCompletionSource _goesOn = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void GoOn() => _goesOn.SetResult();

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(bytes.AsMemory(0, bytes.Length - 1));
            await stream.FlushAsync();
            await _goesOn.Task;
            await stream.WriteAsync(bytes.AsMemory(bytes.Length - 1));
        }

        protected override bool TryComputeLength(out long length)
        {
            length = bytes.Length;
            return true;
        }
    }
}

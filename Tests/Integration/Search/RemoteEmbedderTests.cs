using System.Text.Json.Nodes;
using MemoryMesh.Search.Embedding;
using MemoryMesh.Search.Embedding.Remote;
using MemoryMesh.Tests.Shared;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace MemoryMesh.Tests.Integration.Search;

/// <summary>An embedder on a server, over real HTTP.</summary>
public class RemoteEmbedderTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(90);

    private EmbeddingServer _server = null!;
    private Lines _log = null!;

    [SetUp]
    public async Task StartAsync() => (_server, _log) = (await EmbeddingServer.StartAsync(), new Lines());

    [TearDown]
    public async Task StopAsync() => await _server.DisposeAsync();

    [Test]
    public async Task Vectors_come_in_the_order_of_the_texts_with_length_one_and_in_batches()
    {
        using var embedder = Embedder(options => options.BatchSize = 2);
        var vectors = await embedder.EmbedAsync(["a dog", "a garden", "dog and garden", "nothing", "winter"], default);
        Assert.That(vectors.Select(vector => Length(vector.Span)), Is.All.EqualTo(1).Within(1e-5));
        Assert.That(vectors.Select(vector => vector.Length), Is.All.EqualTo(_server.Dimensions));
        Assert.That(Nearest(vectors[0]), Is.EqualTo("dog"));
        Assert.That(Nearest(vectors[1]), Is.EqualTo("garden"));
        Assert.That(Nearest(vectors[4]), Is.EqualTo("winter"));
        Assert.That(_server.Requests.Select(request => (request.Body["input"] as JsonArray)?.Count ?? 1), Is.EqualTo((int[])[2, 2, 1]));
        Assert.That(_server.Requests.Select(request => (string?)request.Body["model"]), Is.All.EqualTo("test-model"));
        Assert.That(_server.Requests.Select(request => request.Authorization), Is.All.EqualTo("Bearer key-of-the-server"));
        Assert.That(_server.Requests.Select(request => request.Body["dimensions"]), Is.All.Null, "many servers refuse the field");
    }

    [Test]
    public async Task Numbers_as_a_list_are_read_like_those_in_base64()
    {
        _server.Misbehave = EmbeddingServer.Answering(
            """{"object":"list","model":"m","data":[{"object":"embedding","index":0,"embedding":[20,0,0,0,0,0,0,2]}],"usage":{"prompt_tokens":1,"total_tokens":1}}""");
        using var embedder = Embedder();
        Assert.That(Nearest((await embedder.EmbedAsync(["a dog"], default))[0]), Is.EqualTo("dog"));
    }

    [TestCase(500)]
    [TestCase(503)]
    [TestCase(429)]
    public async Task In_the_background_a_server_that_fails_for_a_while_is_asked_again(int status)
    {
        _server.Misbehave = EmbeddingServer.Failing(status, retryAfter: "0", first: 2);
        using var embedder = Embedder(options => options.BreakAfter = 100);
        Assert.That(Nearest((await embedder.EmbedInBackgroundAsync(["a dog"], default))[0]), Is.EqualTo("dog"));
        Assert.That(_server.Requests, Has.Count.EqualTo(3));
    }

    [Test]
    public async Task A_question_is_asked_once()
    {
        _server.Misbehave = EmbeddingServer.Failing(500);
        using var embedder = Embedder();
        Assert.That(await ReasonAsync(embedder.EmbedAsync(["a dog"], default)), Is.EqualTo("http_500"));
        Assert.That(_server.Requests, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_long_wait_that_the_server_asks_for_is_left_to_the_queue()
    {
        _server.Misbehave = EmbeddingServer.Failing(429, retryAfter: "600");
        using var embedder = Embedder();
        var exception = Assert.ThrowsAsync<EmbedderUnavailableException>(async () => await embedder.EmbedInBackgroundAsync(["a dog"], default))!;
        Assert.That((exception.Reason, exception.RetryAfter), Is.EqualTo(("http_429", (TimeSpan?)TimeSpan.FromMinutes(10))));
        Assert.That(_server.Requests, Has.Count.EqualTo(1));
        await Task.CompletedTask;
    }

    [TestCase(401)]
    [TestCase(404)]
    [TestCase(302)]
    public async Task What_lasts_until_a_setting_is_changed_is_not_asked_again(int status)
    {
        _server.Misbehave = EmbeddingServer.Failing(status);
        using var embedder = Embedder();
        Assert.That(await ReasonAsync(embedder.EmbedInBackgroundAsync(["a dog"], default)), Is.EqualTo($"http_{status}"));
        Assert.That(_server.Requests, Has.Count.EqualTo(1));
    }

    [Test]
    public void A_text_that_is_refused_is_told_apart_from_a_server_that_fails()
    {
        _server.Misbehave = EmbeddingServer.Failing(400);
        using var embedder = Embedder();
        var exception = Assert.ThrowsAsync<EmbeddingRefusedException>(async () => await embedder.EmbedInBackgroundAsync(["a dog"], default))!;
        Assert.That(exception.Reason, Is.EqualTo("http_400"));
        Assert.That(exception.ToString(), Does.Not.Contain("canary"), "the server's words may repeat the text");
    }

    [Test]
    public async Task A_slow_server_is_given_up_in_time()
    {
        _server.Misbehave = async (_, http) =>
        {
            await Task.Delay(Timeout.Infinite, http.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
            return true;
        };
        using var embedder = Embedder(options => (options.QuestionTimeout, options.Timeout, options.Retries) = (TimeSpan.FromMilliseconds(300), TimeSpan.FromMilliseconds(300), 1));
        Assert.That(await ReasonAsync(embedder.EmbedAsync(["a dog"], default)), Is.EqualTo("timeout"));
        Assert.That(await ReasonAsync(embedder.EmbedInBackgroundAsync(["a dog"], default)), Is.EqualTo("timeout"));
    }

    [Test]
    public async Task A_server_that_is_not_there_is_unavailable()
    {
        var address = new Uri($"http://127.0.0.1:{TestHost.FreePort()}/v1");
        using var embedder = Embedder(options => (options.BaseUrl, options.Retries) = (address.ToString(), 1));
        Assert.That(await ReasonAsync(embedder.EmbedInBackgroundAsync(["a dog"], default)), Is.EqualTo("network"));
    }

    [TestCase("not json at all", "malformed")]
    [TestCase("""{"object":"list"}""", "malformed")]
    [TestCase("""{"object":"list","model":"m","data":[],"usage":{"prompt_tokens":1,"total_tokens":1}}""", "malformed")]
    [TestCase("""{"object":"list","model":"m","data":[{"object":"embedding","index":7,"embedding":[1,2,3,4,5,6,7,8]}],"usage":{"prompt_tokens":1,"total_tokens":1}}""", "malformed")]
    [TestCase("""{"object":"list","model":"m","data":[{"object":"embedding","index":0,"embedding":[0,0,0,0,0,0,0,0]}],"usage":{"prompt_tokens":1,"total_tokens":1}}""", "malformed")]
    [TestCase("""{"object":"list","model":"m","data":[{"object":"embedding","index":0,"embedding":"%%%"}],"usage":{"prompt_tokens":1,"total_tokens":1}}""", "malformed")]
    [TestCase("""{"object":"list","model":"m","data":[{"object":"embedding","index":0,"embedding":[1,2,3]}],"usage":{"prompt_tokens":1,"total_tokens":1}}""", "wrong_dimensions")]
    public async Task An_answer_that_makes_no_sense_gives_no_vector(string body, string reason)
    {
        _server.Misbehave = EmbeddingServer.Answering(body);
        using var embedder = Embedder(options => options.Retries = 1);
        Assert.That(await ReasonAsync(embedder.EmbedAsync(["a dog"], default)), Is.EqualTo(reason));
    }

    [Test]
    public async Task The_circuit_opens_after_failures_and_closes_when_the_server_answers_again()
    {
        _server.Misbehave = EmbeddingServer.Failing(500);
        using var embedder = Embedder(options => (options.BreakAfter, options.BreakDuration) = (2, TimeSpan.FromSeconds(1)));
        for (var call = 0; call < 2; call++)
        {
            Assert.That(await ReasonAsync(embedder.EmbedAsync(["a dog"], default)), Is.EqualTo("http_500"));
        }

        var sent = _server.Requests.Count;
        Assert.That(embedder.IsCircuitOpen, Is.True);
        Assert.That(await ReasonAsync(embedder.EmbedAsync(["a dog"], default)), Is.EqualTo("circuit_open").Or.EqualTo("http_500"));
        Assert.That(_server.Requests.Count, Is.LessThanOrEqualTo(sent + 1), "on a slow machine the circuit may be tried again by now");
        _server.Misbehave = (_, _) => Task.FromResult(false);
        await Eventually.TrueAsync(
            async () =>
            {
                try
                {
                    return (await embedder.EmbedAsync(["a dog"], default)).Count == 1;
                }
                catch (EmbedderUnavailableException)
                {
                    return false;
                }
            },
            Deadline,
            () => "The circuit did not close.");
        Assert.That(embedder.IsCircuitOpen, Is.False);
        Assert.That(_log.Written, Has.Some.Contains("fails too often").And.Some.Contains("answers again"));
        Assert.That(_log.Written, Has.None.Contains("canary").And.None.Contains("key-of-the-server").And.None.Contains("dog"));
    }

    [Test]
    public async Task What_is_too_long_for_the_model_is_cut()
    {
        using var embedder = Embedder(options => options.MaxTokens = 100);
        await embedder.EmbedAsync([new string('a', 10_000), string.Concat(Enumerable.Repeat("漢", 1_000)), string.Concat(Enumerable.Repeat("🦊", 1_000)), "short"], default);
        var sent = ((JsonArray)_server.Requests.Single().Body["input"]!).Select(text => (string)text!).ToList();
        Assert.That(sent.Select(text => text.Length), Is.EqualTo((int[])[400, 100, 800, 5]));
    }

    private RemoteTextEmbedder Embedder(Action<EmbeddingOptions>? change = null)
    {
        var options = new EmbeddingOptions
        {
            Provider = "custom",
            BaseUrl = _server.Address.ToString(),
            Model = "test-model",
            Dimensions = _server.Dimensions,
            ApiKey = "key-of-the-server",
            QuestionTimeout = TimeSpan.FromSeconds(30),
            Timeout = TimeSpan.FromSeconds(30),
        };
        change?.Invoke(options);
        var failures = new List<string>();
        var endpoint = RemoteEndpoint.Resolve(options, failures);
        Assert.That(failures, Is.Empty);
        return new RemoteTextEmbedder(endpoint!, options.ModelVersion, options, TimeProvider.System, _log);
    }

    private static async Task<string?> ReasonAsync(ValueTask<IReadOnlyList<ReadOnlyMemory<float>>> embedding)
    {
        try
        {
            await embedding;
            return null;
        }
        catch (EmbedderUnavailableException exception)
        {
            return exception.Reason;
        }
    }

    private string Nearest(ReadOnlyMemory<float> vector) => _server.Words[vector.Span.IndexOf(vector.ToArray().Max())];

    private static double Length(ReadOnlySpan<float> vector)
    {
        var squares = 0.0;
        foreach (var value in vector)
        {
            squares += value * value;
        }

        return Math.Sqrt(squares);
    }

    private sealed class Lines : ILogger<RemoteTextEmbedder>
    {
        public List<string> Written { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
            => Written.Add(formatter(state, exception));
    }
}

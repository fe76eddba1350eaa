using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MemoryMesh.Tests.Integration.Search;

/// <summary>A server of embeddings in OpenAI's shape that does what the test says.</summary>
internal sealed class EmbeddingServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private int _calls;

    private EmbeddingServer(WebApplication app) => _app = app;

    /// <summary>Words that have a dimension of their own; one more tells texts without any of them.</summary>
    public IReadOnlyList<string> Words { get; init; } = ["dog", "puppy", "invoice", "violin", "garden", "winter", "bridge"];

    /// <summary>Length of the vectors.</summary>
    public int Dimensions => Words.Count + 1;

    /// <summary>Address that <c>/embeddings</c> is added to.</summary>
    public Uri Address => new(new Uri(_app.Urls.Single()), "/v1/");

    /// <summary>Requests so far.</summary>
    public ConcurrentQueue<(string? Authorization, JsonNode Body)> Requests { get; } = new();

    /// <summary>Answers a request in another way than well; it is told the request's number, from 1.</summary>
    public Func<int, HttpContext, Task<bool>> Misbehave { get; set; } = (_, _) => Task.FromResult(false);

    /// <summary>Answers with a status, and a body that repeats the texts, as some servers do.</summary>
    public static Func<int, HttpContext, Task<bool>> Failing(int status, string? retryAfter = null, int first = int.MaxValue) => async (call, http) =>
    {
        if (call > first)
        {
            return false;
        }

        http.Response.StatusCode = status;
        if (retryAfter is not null)
        {
            http.Response.Headers.RetryAfter = retryAfter;
        }

        await http.Response.WriteAsync("""{"error":{"message":"canary-of-the-server"}}""");
        return true;
    };

    /// <summary>Answers 200 with some text.</summary>
    public static Func<int, HttpContext, Task<bool>> Answering(string body) => async (_, http) =>
    {
        http.Response.ContentType = "application/json";
        await http.Response.WriteAsync(body);
        return true;
    };

    public static async Task<EmbeddingServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var server = new EmbeddingServer(app);
        app.Run(server.HandleAsync);
        await app.StartAsync();
        return server;
    }

    /// <summary>A text as the server sees it.</summary>
    public float[] Embed(string text)
    {
        // Synonyms share a dimension: what makes a text found that shares no word.
        text = text.Replace("hound", "dog", StringComparison.OrdinalIgnoreCase).Replace("bill", "invoice", StringComparison.OrdinalIgnoreCase);
        return [.. Words.Select(word => text.Contains(word, StringComparison.OrdinalIgnoreCase) ? 2f : 0), 0.2f];
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
    }

    private async Task HandleAsync(HttpContext http)
    {
        var body = (await JsonNode.ParseAsync(http.Request.Body))!;
        Requests.Enqueue((http.Request.Headers.Authorization, body));
        if (await Misbehave(Interlocked.Increment(ref _calls), http))
        {
            return;
        }

        var asBase64 = (string?)body["encoding_format"] == "base64";
        var texts = body["input"] is JsonArray many ? many.Select(text => (string)text!).ToList() : [(string)body["input"]!];
        await http.Response.WriteAsJsonAsync(new
        {
            @object = "list",
            model = (string?)body["model"],
            data = texts.Select((text, index) => new
            {
                @object = "embedding",
                index,
                embedding = asBase64
                    ? JsonSerializer.SerializeToElement(Convert.ToBase64String(System.Runtime.InteropServices.MemoryMarshal.AsBytes(Embed(text).AsSpan())))
                    : JsonSerializer.SerializeToElement(Embed(text)),
            }).Reverse(),
            usage = new { prompt_tokens = 1, total_tokens = 1 },
        });
    }
}

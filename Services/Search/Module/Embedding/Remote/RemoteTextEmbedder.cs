using System.ClientModel;
using System.ClientModel.Primitives;
using System.Globalization;
using System.Text.Json;
using MemoryMesh.ServiceDefaults.Text;
using Microsoft.Extensions.Logging;
using OpenAI;
using OpenAI.Embeddings;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Polly.Timeout;

namespace MemoryMesh.Search.Embedding.Remote;

/// <summary>Has vectors computed by a server that answers OpenAI's <c>POST /embeddings</c>.</summary>
/// <remarks>
/// A question gets one attempt and a short time: full text answers without its vector. In the background requests are tried again with growing waits, or
/// when the server says so. Both share a circuit breaker: while it is open nothing is sent. What the server answers in an error is neither logged nor
/// kept, as it may repeat the texts; a code says what it was.
/// </remarks>
internal sealed partial class RemoteTextEmbedder : ITextEmbedder, IDisposable
{
    // A token is estimated as four characters, and those beyond 16 bits are two each.
    private const int MostCharacters = 8;

    private static readonly TimeSpan SamplingTime = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(5);

    private readonly RemoteEndpoint _endpoint;
    private readonly ILogger _logger;
    private readonly TimeProvider _clock;
    private readonly HttpClient _http;
    private readonly EmbeddingClient _client;
    private readonly EmbeddingGenerationOptions _request;
    private readonly CircuitBreakerStateProvider _circuit = new();
    private readonly ResiliencePipeline _forQuestions;
    private readonly ResiliencePipeline _inBackground;

    public RemoteTextEmbedder(RemoteEndpoint endpoint, string version, EmbeddingOptions options, TimeProvider clock, ILogger<RemoteTextEmbedder> logger)
    {
        (_endpoint, Version, _clock, _logger, BatchSize) = (endpoint, version, clock, logger, options.BatchSize);

        // A redirect would send texts and key to another server than the one that is configured.
        _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = ConnectionLifetime })
        {
            Timeout = System.Threading.Timeout.InfiniteTimeSpan,
        };
        var retries = new ClientRetryPolicy(0);
        _client = new EmbeddingClient(endpoint.Model, new ApiKeyCredential(endpoint.ApiKey ?? "none"), new OpenAIClientOptions
        {
            Endpoint = endpoint.Address,
            Transport = new HttpClientPipelineTransport(_http),
            RetryPolicy = retries,
            NetworkTimeout = System.Threading.Timeout.InfiniteTimeSpan,
            UserAgentApplicationId = "MemoryMesh",
        });
        _request = new EmbeddingGenerationOptions { Dimensions = endpoint.AskedDimensions };

        var isUnavailable = new PredicateBuilder().Handle<EmbedderUnavailableException>().Handle<TimeoutRejectedException>();
        var breaker = new ResiliencePipelineBuilder { TimeProvider = clock }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions
            {
                ShouldHandle = isUnavailable,
                FailureRatio = 0.5,
                MinimumThroughput = options.BreakAfter,
                SamplingDuration = SamplingTime,
                BreakDuration = options.BreakDuration,
                StateProvider = _circuit,
                OnOpened = _ => Tell(LogOpened),
                OnClosed = _ => Tell(LogClosed),
            })
            .Build();
        _forQuestions = new ResiliencePipelineBuilder { TimeProvider = clock }.AddPipeline(breaker).AddTimeout(options.QuestionTimeout).Build();
        _inBackground = new ResiliencePipelineBuilder { TimeProvider = clock }
            .AddRetry(new RetryStrategyOptions
            {
                ShouldHandle = new PredicateBuilder()
                    .Handle<EmbedderUnavailableException>(exception => !exception.IsLasting && !(exception.RetryAfter > LongestWait)).Handle<TimeoutRejectedException>(),
                MaxRetryAttempts = options.Retries,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = FirstWait,
                MaxDelay = LongestWait,
                DelayGenerator = attempt => new ValueTask<TimeSpan?>((attempt.Outcome.Exception as EmbedderUnavailableException)?.RetryAfter),
            })
            .AddPipeline(breaker)
            .AddTimeout(options.Timeout)
            .Build();
    }

    public string Model => _endpoint.Model;

    public int Dimensions => _endpoint.Dimensions;

    public string Source => _endpoint.Source;

    public string Version { get; }

    public double? LeastCosine => _endpoint.LeastCosine;

    public int BatchSize { get; }

    /// <summary>Whether nothing is sent at the moment because too much failed.</summary>
    public bool IsCircuitOpen => _circuit.CircuitState is CircuitState.Open or CircuitState.Isolated;

    public ValueTask<IReadOnlyList<ReadOnlyMemory<float>>> EmbedAsync(IReadOnlyList<string> texts, CancellationToken cancellationToken)
        => EmbedAsync(_forQuestions, texts, cancellationToken);

    public ValueTask<IReadOnlyList<ReadOnlyMemory<float>>> EmbedInBackgroundAsync(IReadOnlyList<string> texts, CancellationToken cancellationToken)
        => EmbedAsync(_inBackground, texts, cancellationToken);

    public void Dispose() => _http.Dispose();

    private async ValueTask<IReadOnlyList<ReadOnlyMemory<float>>> EmbedAsync(
        ResiliencePipeline pipeline, IReadOnlyList<string> texts, CancellationToken cancellationToken)
    {
        var vectors = new List<ReadOnlyMemory<float>>(texts.Count);
        foreach (var batch in texts.Select(Cut).Chunk(BatchSize))
        {
            try
            {
                vectors.AddRange(await pipeline.ExecuteAsync(static async (call, token) => await call.Self.SendAsync(call.Batch, token), (Self: this, Batch: batch), cancellationToken));
            }
            catch (BrokenCircuitException exception)
            {
                throw Failed(new EmbedderUnavailableException("circuit_open", exception.RetryAfter));
            }
            catch (TimeoutRejectedException)
            {
                throw Failed(new EmbedderUnavailableException("timeout"));
            }
            catch (EmbedderUnavailableException exception)
            {
                throw Failed(exception);
            }
        }

        return vectors;
    }

    private static EmbedderUnavailableException Failed(EmbedderUnavailableException exception)
    {
        SearchTelemetry.EmbedderFailures.Add(1, new KeyValuePair<string, object?>("reason", exception.Reason));
        return exception;
    }

    private async Task<ReadOnlyMemory<float>[]> SendAsync(string[] texts, CancellationToken cancellationToken)
    {
        try
        {
            var answer = (await _client.GenerateEmbeddingsAsync(texts, _request, cancellationToken)).Value;
            var vectors = new ReadOnlyMemory<float>[texts.Length];
            foreach (var embedding in answer)
            {
                if ((uint)embedding.Index >= (uint)vectors.Length || !vectors[embedding.Index].IsEmpty)
                {
                    throw new EmbedderUnavailableException("malformed");
                }

                vectors[embedding.Index] = ToUnitLength(embedding.ToFloats());
            }

            return Array.TrueForAll(vectors, vector => !vector.IsEmpty) ? vectors : throw new EmbedderUnavailableException("malformed");
        }
        catch (ClientResultException exception)
        {
            throw Translate(exception);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or AggregateException)
        {
            throw new EmbedderUnavailableException("network");
        }
        catch (Exception exception) when (exception is JsonException or FormatException or InvalidOperationException or KeyNotFoundException or ArgumentException)
        {
            throw new EmbedderUnavailableException("malformed");
        }
    }

    private float[] ToUnitLength(ReadOnlyMemory<float> vector)
    {
        if (vector.Length != Dimensions)
        {
            throw new EmbedderUnavailableException("wrong_dimensions", isLasting: true);
        }

        var values = vector.ToArray();
        var squares = 0.0;
        foreach (var value in values)
        {
            squares += (double)value * value;
        }

        if (!double.IsFinite(squares) || squares <= 0)
        {
            throw new EmbedderUnavailableException("malformed");
        }

        var length = (float)Math.Sqrt(squares);
        for (var index = 0; index < values.Length; index++)
        {
            values[index] /= length;
        }

        return values;
    }

    private Exception Translate(ClientResultException exception)
    {
        if (exception.Status == 0)
        {
            return new EmbedderUnavailableException("network");
        }

        var reason = string.Create(CultureInfo.InvariantCulture, $"http_{exception.Status}");
        return exception.Status switch
        {
            // What is wrong lies in a text of the call: too long, or of a form the server does not take.
            400 or 413 or 422 => new EmbeddingRefusedException(reason),
            408 or 429 or >= 500 => new EmbedderUnavailableException(reason, RetryAfter(exception.GetRawResponse())),
            _ => new EmbedderUnavailableException(reason, isLasting: true),
        };
    }

    private TimeSpan? RetryAfter(PipelineResponse? response)
    {
        if (response is null || !response.Headers.TryGetValue("Retry-After", out var value) || value is null)
        {
            return null;
        }

        if (int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
        {
            return TimeSpan.FromSeconds(seconds);
        }

        return DateTimeOffset.TryParse(value, CultureInfo.InvariantCulture, out var at) && at > _clock.GetUtcNow() ? at - _clock.GetUtcNow() : null;
    }

    /// <summary>The beginning of a text that is too long for the model.</summary>
    private string Cut(string text)
    {
        if (text.Length <= _endpoint.MaxTokens || TokenEstimate.Count(text) <= _endpoint.MaxTokens)
        {
            return text;
        }

        var (low, high) = (_endpoint.MaxTokens, Math.Min(text.Length, MostCharacters * _endpoint.MaxTokens));
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            (low, high) = TokenEstimate.Count(text[..middle]) <= _endpoint.MaxTokens ? (middle, high) : (low, middle - 1);
        }

        return text[..(char.IsHighSurrogate(text[low - 1]) ? low - 1 : low)];
    }

    private static ValueTask Tell(Action log)
    {
        log();
        return default;
    }

    private void LogOpened() => LogOpened(_logger, _endpoint.Model);

    private void LogClosed() => LogClosed(_logger, _endpoint.Model);

    [LoggerMessage(EventId = 4030, Level = LogLevel.Warning, Message = "The server of the embedding model {Model} fails too often: nothing is sent to it for a while")]
    private static partial void LogOpened(ILogger logger, string model);

    [LoggerMessage(EventId = 4031, Level = LogLevel.Information, Message = "The server of the embedding model {Model} answers again")]
    private static partial void LogClosed(ILogger logger, string model);
}

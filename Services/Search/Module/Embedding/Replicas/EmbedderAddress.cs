using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using MemoryMesh.ServiceDefaults.Internal;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace MemoryMesh.Search.Embedding.Replicas;

/// <summary>Why an embedder computed nothing.</summary>
/// <param name="reason">A short code without personal text: <c>full</c>, <c>network</c>, <c>timeout</c>, <c>malformed</c>, <c>other_model</c>, <c>too_large</c>, <c>circuit_open</c>, <c>http_500</c>.</param>
/// <param name="retryAfter">When trying again makes sense, as far as it is known.</param>
internal sealed class EmbedderFailedException(string reason, TimeSpan? retryAfter = null) : Exception($"The embedder computed nothing ({reason}).")
{
    /// <summary>It is full.</summary>
    public const string Full = "full";

    /// <summary>It has another program, model or settings.</summary>
    public const string OtherModel = "other_model";

    /// <summary>The code.</summary>
    public string Reason => reason;

    /// <summary>When trying again makes sense, or null.</summary>
    public TimeSpan? RetryAfter => retryAfter;
}

/// <summary>One address of embedders: how many calls are made to it, and whether any.</summary>
/// <remarks>
/// Behind an address there may be one embedder or many. A full one halves the calls that are made at a time; one that fails counts for the circuit breaker, and while that is open nothing is
/// sent; one with another model is left alone for as long. The first call after any of that goes alone.
/// </remarks>
internal sealed partial class EmbedderAddress
{
    private const int MostErrorBytes = 4_096;

    private static readonly TimeSpan SamplingTime = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan UsualPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new();
    private readonly Uri _address;
    private readonly IHttpClientFactory _clients;
    private readonly ServiceCredentials _credentials;
    private readonly EmbeddersOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly AdaptiveLimit _limit;
    private readonly ResiliencePipeline _pipeline;
    private int _underWay;
    private DateTimeOffset _restsUntil;
    private string? _trouble;

    public EmbedderAddress(
        Uri address, IHttpClientFactory clients, ServiceCredentials credentials, EmbeddersOptions options, TimeProvider clock, ILogger logger)
    {
        (_address, _clients, _credentials, _options, _clock, _logger) = (address, clients, credentials, options, clock, logger);
        _limit = new AdaptiveLimit(options.MostCalls);
        _pipeline = new ResiliencePipelineBuilder { TimeProvider = clock }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions
            {
                ShouldHandle = new PredicateBuilder()
                    .Handle<EmbedderFailedException>(failed => failed.Reason is not (EmbedderFailedException.Full or EmbedderFailedException.OtherModel)).Handle<TimeoutRejectedException>(),
                FailureRatio = 0.5,
                MinimumThroughput = options.BreakAfter,
                SamplingDuration = SamplingTime,
                BreakDuration = options.BreakDuration,
                OnOpened = opened =>
                {
                    LeaveAlone("circuit_open", opened.BreakDuration);
                    return default;
                },
            })
            .AddTimeout(options.Timeout)
            .Build();
    }

    /// <summary>Calls under way.</summary>
    public int UnderWay
    {
        get
        {
            lock (_lock)
            {
                return _underWay;
            }
        }
    }

    /// <summary>Calls that may be under way at a time.</summary>
    public int Limit
    {
        get
        {
            lock (_lock)
            {
                return _limit.Current;
            }
        }
    }

    /// <summary>Why nothing is computed here at the moment; null when something is, or might be.</summary>
    public string? Trouble
    {
        get
        {
            lock (_lock)
            {
                return _trouble;
            }
        }
    }

    /// <summary>How many more calls may be made now.</summary>
    public int Free
    {
        get
        {
            lock (_lock)
            {
                return _clock.GetUtcNow() < _restsUntil ? 0 : _limit.Current - _underWay;
            }
        }
    }

    /// <summary>Time until it may be tried again; zero when it does not rest.</summary>
    public TimeSpan RestsFor
    {
        get
        {
            lock (_lock)
            {
                var rest = _restsUntil - _clock.GetUtcNow();
                return rest > TimeSpan.Zero ? rest : TimeSpan.Zero;
            }
        }
    }

    /// <summary>Takes the place of a call, if one is free. <see cref="EncodeAsync"/> or <see cref="Leave"/> gives it back.</summary>
    /// <param name="epoch">What the call is made with.</param>
    public bool TryEnter(out int epoch)
    {
        lock (_lock)
        {
            epoch = _limit.Epoch;
            if (_clock.GetUtcNow() < _restsUntil || _underWay >= _limit.Current)
            {
                return false;
            }

            _underWay++;
            return true;
        }
    }

    /// <summary>Gives the place of a call back that was not made.</summary>
    public void Leave()
    {
        lock (_lock)
        {
            _underWay--;
        }
    }

    /// <summary>Has texts computed by one call after the other, and gives their place back.</summary>
    /// <param name="epoch">What <see cref="TryEnter"/> gave.</param>
    /// <param name="identity">What has to compute them.</param>
    /// <param name="dimensions">Length of the vectors.</param>
    /// <param name="calls">Each with 1 to <see cref="EncodingFrames.MostTexts"/> texts.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="EmbedderFailedException">Nothing was computed.</exception>
    public async Task<IReadOnlyList<EncodedText>> EncodeAsync(
        int epoch, string identity, int dimensions, IReadOnlyList<IReadOnlyList<TextInContext>> calls, CancellationToken cancellationToken)
    {
        try
        {
            var encoded = new List<EncodedText>();
            foreach (var texts in calls)
            {
                encoded.AddRange(await _pipeline.ExecuteAsync(
                    static async (call, token) => await call.Self.SendAsync(call.Identity, call.Dimensions, call.Texts, token),
                    (Self: this, Identity: identity, Dimensions: dimensions, Texts: texts),
                    cancellationToken));
            }

            Taken();
            return encoded;
        }
        catch (EmbedderFailedException failed)
        {
            throw Failed(failed, epoch);
        }
        catch (TimeoutRejectedException)
        {
            throw Failed(new EmbedderFailedException("timeout"), epoch);
        }
        catch (BrokenCircuitException broken)
        {
            throw Failed(new EmbedderFailedException("circuit_open", broken.RetryAfter), epoch);
        }
        catch
        {
            Leave();
            throw;
        }
    }

    private async Task<IReadOnlyList<EncodedText>> SendAsync(string identity, int dimensions, IReadOnlyList<TextInContext> texts, CancellationToken cancellationToken)
    {
        try
        {
            using var client = _clients.CreateClient(SearchModule.Embedders);
            using var message = new HttpRequestMessage(HttpMethod.Post, new Uri(_address, EncodingFrames.Path)) { Content = new ByteArrayContent(EncodingFrames.WriteCall(texts)) };
            message.Content.Headers.ContentType = new MediaTypeHeaderValue(EncodingFrames.MediaType);
            message.Headers.Add(ServiceCredentials.Header, _credentials.Create(EncodingFrames.Path));
            message.Headers.Add(EncodingFrames.IdentityHeader, identity);
            using var response = await client.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            if (response.StatusCode != HttpStatusCode.OK)
            {
                // The connection serves on when the little that an error says is read.
                await ReadAsync(response.Content, MostErrorBytes, cancellationToken);
                throw response.StatusCode switch
                {
                    HttpStatusCode.ServiceUnavailable => new EmbedderFailedException(EmbedderFailedException.Full, response.Headers.RetryAfter?.Delta),
                    HttpStatusCode.Conflict => new EmbedderFailedException(EmbedderFailedException.OtherModel),
                    var status => new EmbedderFailedException(string.Create(CultureInfo.InvariantCulture, $"http_{(int)status}")),
                };
            }

            if (!response.Headers.TryGetValues(EncodingFrames.IdentityHeader, out var computed) || !computed.SequenceEqual([identity]))
            {
                throw new EmbedderFailedException(EmbedderFailedException.OtherModel);
            }

            return EncodingFrames.ReadAnswer((await ReadAsync(response.Content, EncodingFrames.MostAnswerBytes, cancellationToken)).Span, texts.Count, dimensions)
                ?? throw new EmbedderFailedException("malformed");
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // A connection that is not made in time ends in a cancellation of its own.
            throw new EmbedderFailedException("network");
        }
    }

    private static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpContent content, int most, CancellationToken cancellationToken)
    {
        await using var stream = await content.ReadAsStreamAsync(cancellationToken);
        return await EncodingFrames.ReadBytesAsync(stream, content.Headers.ContentLength, most, cancellationToken) ?? throw new EmbedderFailedException("too_large");
    }

    private void Taken()
    {
        string? before;
        lock (_lock)
        {
            _limit.Taken(_underWay--);
            (before, _trouble) = (_trouble, null);
        }

        if (before is not null)
        {
            LogServes(_logger, _address.Authority);
        }
    }

    private EmbedderFailedException Failed(EmbedderFailedException failed, int epoch)
    {
        SearchTelemetry.EmbedderCallFailures.Add(1, new KeyValuePair<string, object?>("reason", failed.Reason));
        lock (_lock)
        {
            _underWay--;
            if (failed.Reason == EmbedderFailedException.Full)
            {
                _limit.Refused(epoch);
                if (_underWay == 0)
                {
                    // Others fill it. Several that wait do not come back at the same moment.
                    var asked = failed.RetryAfter ?? UsualPause;
                    _restsUntil = _clock.GetUtcNow() + ((asked < LongestPause ? asked : LongestPause) * (1 + (Random.Shared.NextDouble() / 2)));
                }

                return failed;
            }
        }

        if (failed.Reason == EmbedderFailedException.OtherModel)
        {
            LeaveAlone(failed.Reason, _options.BreakDuration);
        }

        return failed;
    }

    private void LeaveAlone(string trouble, TimeSpan time)
    {
        string? before;
        lock (_lock)
        {
            _limit.Restart();
            _restsUntil = _clock.GetUtcNow() + time;
            (before, _trouble) = (_trouble, trouble);
        }

        if (before != trouble)
        {
            if (trouble == EmbedderFailedException.OtherModel)
            {
                LogOtherModel(_logger, _address.Authority);
            }
            else
            {
                LogFails(_logger, _address.Authority);
            }
        }
    }

    [LoggerMessage(EventId = 4040, Level = LogLevel.Warning, Message = "The embedders at {Address} fail too often: nothing is sent to them for a while, and this process computes alone")]
    private static partial void LogFails(ILogger logger, string address);

    [LoggerMessage(EventId = 4041, Level = LogLevel.Warning, Message = "The embedders at {Address} have another program, model or limits of tokens than this process: what they compute is not taken")]
    private static partial void LogOtherModel(ILogger logger, string address);

    [LoggerMessage(EventId = 4042, Level = LogLevel.Information, Message = "The embedders at {Address} compute again")]
    private static partial void LogServes(ILogger logger, string address);
}

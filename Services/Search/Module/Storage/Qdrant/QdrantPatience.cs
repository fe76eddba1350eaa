using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Polly.Timeout;

namespace MemoryMesh.Search.Storage.Qdrant;

/// <summary>How long and how often Qdrant is asked, whichever transport asks.</summary>
/// <remarks>
/// Everything that is sent may be sent twice: points are named, so writing or deleting them again changes nothing. Questions get a second attempt when the connection broke, writes
/// more, with growing waits. Both share a circuit breaker: while it is open nothing is sent.
/// </remarks>
internal sealed class QdrantPatience
{
    private readonly ResiliencePipeline _questions;
    private readonly ResiliencePipeline _writes;

    public QdrantPatience(QdrantOptions options, TimeProvider clock)
    {
        var passes = new PredicateBuilder().Handle<QdrantUnavailableException>(exception => !exception.IsLasting).Handle<TimeoutRejectedException>();
        var breaker = new ResiliencePipelineBuilder { TimeProvider = clock }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions
            {
                ShouldHandle = passes,
                FailureRatio = 0.5,
                MinimumThroughput = 4,
                SamplingDuration = TimeSpan.FromSeconds(10),
                BreakDuration = TimeSpan.FromSeconds(5),
            })
            .Build();
        _questions = new ResiliencePipelineBuilder { TimeProvider = clock }
            .AddTimeout(options.QuestionTimeout)
            .AddRetry(new RetryStrategyOptions
            {
                ShouldHandle = new PredicateBuilder().Handle<QdrantUnavailableException>(exception => exception.Reason == QdrantUnavailableException.Network),
                MaxRetryAttempts = 1,
                Delay = TimeSpan.Zero,
            })
            .AddPipeline(breaker)
            .Build();
        _writes = new ResiliencePipelineBuilder { TimeProvider = clock }
            .AddRetry(new RetryStrategyOptions
            {
                ShouldHandle = passes,
                MaxRetryAttempts = 2,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = TimeSpan.FromMilliseconds(200),
            })
            .AddPipeline(breaker)
            .AddTimeout(options.WriteTimeout)
            .Build();
    }

    /// <summary>Asks something that a search waits for.</summary>
    /// <exception cref="QdrantUnavailableException">It was not answered.</exception>
    public Task<T> AskAsync<T>(Func<CancellationToken, Task<T>> ask, CancellationToken cancellationToken) => RunAsync(_questions, ask, cancellationToken);

    /// <summary>Changes something, or reads what nobody waits for.</summary>
    /// <exception cref="QdrantUnavailableException">It was not answered.</exception>
    public Task<T> WriteAsync<T>(Func<CancellationToken, Task<T>> write, CancellationToken cancellationToken) => RunAsync(_writes, write, cancellationToken);

    private static async Task<T> RunAsync<T>(ResiliencePipeline pipeline, Func<CancellationToken, Task<T>> ask, CancellationToken cancellationToken)
    {
        try
        {
            return await pipeline.ExecuteAsync(async token => await ask(token), cancellationToken);
        }
        catch (BrokenCircuitException)
        {
            throw Failed(new QdrantUnavailableException("circuit_open"));
        }
        catch (TimeoutRejectedException)
        {
            throw Failed(new QdrantUnavailableException("timeout"));
        }
        catch (QdrantUnavailableException exception)
        {
            throw Failed(exception);
        }
    }

    private static QdrantUnavailableException Failed(QdrantUnavailableException exception)
    {
        SearchTelemetry.QdrantFailures.Add(1, new KeyValuePair<string, object?>("reason", exception.Reason));
        return exception;
    }
}

using MemoryMesh.Search.Embedding;
using MemoryMesh.ServiceDefaults.Http;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MemoryMesh.Search.Searchers;

/// <summary>Reads the model when a searcher starts, so that its first search does not wait for that.</summary>
internal sealed partial class SearcherReadiness(LocalTextEmbedder embedder, ILogger<SearcherReadiness> logger) : BackgroundService, IHealthCheck
{
    /// <summary>Name of the health check.</summary>
    public const string CheckName = "model";

    /// <summary>Without its model a searcher answers all the same: Search computes the vectors then.</summary>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        => Task.FromResult(embedder.IsLoaded ? HealthCheckResult.Healthy() : HealthCheckResult.Degraded("The embedding model has not been read."));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        try
        {
            await embedder.EmbedInBackgroundAsync(["ready"], stoppingToken);
            LogReady(logger, embedder.Identity, embedder.Threads);
        }
        catch (DependencyUnavailableException)
        {
            // Told where it was met.
        }
    }

    [LoggerMessage(EventId = 4053, Level = LogLevel.Information, Message = "Searches with {Identity} on {Threads} threads in the index of Search, and keeps nothing")]
    private static partial void LogReady(ILogger logger, string identity, int threads);
}

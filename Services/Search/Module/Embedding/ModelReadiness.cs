using MemoryMesh.ServiceDefaults.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MemoryMesh.Search.Embedding;

/// <summary>Reads the model when a process that keeps nothing starts, so that its first call does not wait for that.</summary>
internal sealed partial class ModelReadiness(LocalTextEmbedder embedder, ILogger<ModelReadiness> logger) : BackgroundService, IHealthCheck
{
    private const string CheckName = "model";

    /// <summary>Registers it.</summary>
    /// <param name="services">Where to.</param>
    /// <param name="without">What the process is without its model.</param>
    public static void Add(IServiceCollection services, HealthStatus without)
    {
        services.AddSingleton<ModelReadiness>();
        services.AddHostedService(provider => provider.GetRequiredService<ModelReadiness>());
        services.AddHealthChecks().AddCheck<ModelReadiness>(CheckName, without);
    }

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        => Task.FromResult(embedder.IsLoaded ? HealthCheckResult.Healthy() : new HealthCheckResult(context.Registration.FailureStatus, "The embedding model has not been read."));

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
            // Told where it was met, and by the health check until a call finds the files put right.
        }
    }

    [LoggerMessage(EventId = 4045, Level = LogLevel.Information, Message = "Computes with {Identity} on {Threads} threads, and keeps nothing")]
    private static partial void LogReady(ILogger logger, string identity, int threads);
}

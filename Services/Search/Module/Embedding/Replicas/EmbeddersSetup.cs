using MemoryMesh.ServiceDefaults.Internal;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Search.Embedding.Replicas;

/// <summary>Registers both ends of the calls to embedders.</summary>
internal static class EmbeddersSetup
{
    /// <summary>So that embedders that came later behind one name get their share.</summary>
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(2);

    /// <summary>Search: sends batches to the embedders that the settings name, if any.</summary>
    public static void AddEmbedderCalls(this IServiceCollection services)
    {
        services.AddEmbedderOptions();
        services.AddHttpClient(SearchModule.Embedders, client => client.Timeout = Timeout.InfiniteTimeSpan)
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
            {
                AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = ConnectTimeout, PooledConnectionLifetime = ConnectionLifetime,
            });
        services.AddSingleton<EmbedderPool>();
        services.AddHostedService<EmbedderDispatcher>();
        services.AddSingleton<IConfigureOptions<HealthCheckServiceOptions>, EmbedderHealthChecks>();
    }

    /// <summary>An embedder: computes for Search.</summary>
    public static void AddEmbedder(this IServiceCollection services)
    {
        services.AddEmbedderOptions();
        services.AddSingleton(provider => ServiceCredentials.FromSecret(
            provider.GetRequiredService<IOptions<EmbeddersOptions>>().Value.Key!, EmbedderPool.Purpose, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<EmbedderDoor>();
        ModelReadiness.Add(services, HealthStatus.Unhealthy);
    }

    private static void AddEmbedderOptions(this IServiceCollection services)
    {
        services.AddOptionsWithValidateOnStart<EmbeddersOptions, EmbeddersOptionsValidator>().BindConfiguration(EmbeddersOptions.Section);
        services.AddSingleton<IValidateOptions<EmbeddersOptions>, EmbeddersOptionsBoundsValidator>();
    }
}

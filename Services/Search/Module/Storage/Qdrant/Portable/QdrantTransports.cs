using MemoryMesh.Search.Storage.Qdrant.Rest;
using MemoryMesh.ServiceDefaults.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Search.Storage.Qdrant;

/// <summary>Which of its interfaces Qdrant is asked over: in this build its REST API.</summary>
internal static class QdrantTransports
{
    /// <summary>Registers the transport. Where the settings name no Qdrant it must not be asked for.</summary>
    public static IServiceCollection AddQdrantTransport(this IServiceCollection services)
        => services.AddSingleton<IQdrantTransport>(provider => new QdrantRestTransport(
            QdrantAddress.Find(provider.GetRequiredService<IConfiguration>())!, provider.GetRequiredService<IOptions<QdrantOptions>>(), provider.GetRequiredService<TimeProvider>()));
}

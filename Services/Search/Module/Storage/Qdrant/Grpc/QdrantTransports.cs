using MemoryMesh.ServiceDefaults.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Qdrant.Client;

namespace MemoryMesh.Search.Storage.Qdrant;

/// <summary>Which of its interfaces Qdrant is asked over: in this build gRPC.</summary>
internal static class QdrantTransports
{
    /// <summary>Registers the transport, with the client that the host has registered, if it has, or one of its own. Where the settings name no Qdrant it must not be asked for.</summary>
    public static IServiceCollection AddQdrantTransport(this IServiceCollection services)
    {
        services.TryAddSingleton(provider =>
        {
            var address = QdrantAddress.Find(provider.GetRequiredService<IConfiguration>())!;
            return new QdrantClient(address.Grpc, address.Key);
        });
        return services.AddSingleton<IQdrantTransport, QdrantGrpcTransport>();
    }
}

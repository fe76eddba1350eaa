using MemoryMesh.ServiceDefaults.Configuration;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Search.Storage.Qdrant;

/// <summary>Which of its interfaces Qdrant is asked over: in this build gRPC.</summary>
internal static class QdrantTransports
{
    public static IQdrantTransport Create(QdrantAddress address, IOptions<QdrantOptions> options, TimeProvider clock) => new QdrantGrpcTransport(address, options, clock);
}

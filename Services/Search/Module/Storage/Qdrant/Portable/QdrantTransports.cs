using MemoryMesh.Search.Storage.Qdrant.Rest;
using MemoryMesh.ServiceDefaults.Configuration;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Search.Storage.Qdrant;

/// <summary>Which of its interfaces Qdrant is asked over: in this build its REST API.</summary>
internal static class QdrantTransports
{
    public static IQdrantTransport Create(QdrantAddress address, IOptions<QdrantOptions> options, TimeProvider clock) => new QdrantRestTransport(address, options, clock);
}

using Microsoft.Extensions.Hosting;

namespace MemoryMesh.ServiceDefaults.Documents;

/// <summary>What vectors are kept with: Qdrant's REST API, or Qdrant.Client itself, where a build has it.</summary>
internal static class QdrantClients
{
    /// <summary>There is nothing to register: the transport has its own.</summary>
    public static void AddQdrantClients(this IHostApplicationBuilder builder)
    {
    }
}

using Microsoft.Extensions.Hosting;

namespace MemoryMesh.ServiceDefaults.Documents;

/// <summary>What documents are kept with: MongoDB.Driver itself, where a build has it.</summary>
internal static class MongoClients
{
    /// <summary>There is nothing to register: stores make their own.</summary>
    public static void AddMongoClients(this IHostApplicationBuilder builder, IEnumerable<string> services)
    {
    }
}

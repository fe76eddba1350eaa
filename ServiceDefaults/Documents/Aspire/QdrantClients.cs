using MemoryMesh.ServiceDefaults.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MemoryMesh.ServiceDefaults.Documents;

/// <summary>What vectors are kept with: the client of Aspire.Qdrant.Client.</summary>
internal static class QdrantClients
{
    /// <summary>Category of the client's own log.</summary>
    private const string Log = "Qdrant.Client";

    /// <summary>Registers the client where the settings name a Qdrant.</summary>
    public static void AddQdrantClients(this IHostApplicationBuilder builder)
    {
        if (QdrantAddress.Look(builder.Configuration) is not { } address)
        {
            return;
        }

        builder.AddQdrantClient(QdrantAddress.Name, settings =>
        {
            (settings.Endpoint, settings.Key) = (address.Grpc, address.Key);

            // Ours says degraded where its own would say unhealthy, as words answer without Qdrant; and a wrong key is not seen by its own, which asks what needs none.
            settings.DisableHealthChecks = true;
        });

        // It writes every failed call, with its stack. That Qdrant is away is told once, and counted.
        builder.Logging.AddFilter(Log, LogLevel.None);
    }
}

using MemoryMesh.ServiceDefaults.Internal;
using Microsoft.AspNetCore.Http;

namespace MemoryMesh.Gateway.Forwarding;

/// <summary>Which requests others than the services answer as well.</summary>
internal sealed class ReplicaRoutes(SearcherAddresses searchers, ReaderAddresses readers)
{
    /// <summary>Those who answer a request as the service that has its path, or null.</summary>
    public ReplicaAddresses? Find(string method, PathString path)
        => ServiceRoutes.IsSearch(method, path) ? searchers : ServiceRoutes.IsContext(method, path) ? readers : null;
}

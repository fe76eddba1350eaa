using Microsoft.AspNetCore.Routing;

namespace MemoryMesh.Gateway.Facades.MemVault;

/// <summary>The API of MemVault: memories of users, teams and organizations.</summary>
internal static class MemVaultEndpoints
{
    /// <summary>Name of the earlier service.</summary>
    public const string Name = "MemVault";

    public static void MapMemVault(this IEndpointRouteBuilder routes)
    {
        routes.MapFacade("/api/memories", Name, ("text", "content"), ("tenant_id", "org_id")).MapMemories();
        routes.MapFacade("/api/user/organizations", Name).MapOrganizations();
    }
}

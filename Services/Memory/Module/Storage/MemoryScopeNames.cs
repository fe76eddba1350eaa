using MemoryMesh.Contracts.Memory;

namespace MemoryMesh.Memory.Storage;

/// <summary>Names of scopes in the API.</summary>
internal static class MemoryScopeNames
{
    /// <summary>One of <see cref="MemoryScopes"/>.</summary>
    public static string Name(this MemoryScope scope) => scope switch
    {
        MemoryScope.User => MemoryScopes.User,
        MemoryScope.Team => MemoryScopes.Team,
        _ => MemoryScopes.Organization,
    };
}

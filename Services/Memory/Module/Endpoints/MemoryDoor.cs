using MemoryMesh.Memory.Storage;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Security;
using Microsoft.AspNetCore.Http.HttpResults;

namespace MemoryMesh.Memory.Endpoints;

/// <summary>A memory with the caller's rights in its tenant, or the answer to give instead.</summary>
internal readonly record struct MemoryEntry(TenantAccess? Access, MemoryRecord? Memory, ProblemHttpResult? Problem);

/// <summary>Lets callers to single memories: what is not there, another tenant's or not theirs to read gives one answer, 404.</summary>
internal sealed class MemoryDoor(TenantGuard guard, IMemoryStore store, MemoryRights rights)
{
    /// <summary>Finds a memory that the caller may read.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="id">The id in the address.</param>
    /// <param name="tenantIdOrSlug">The tenant, if the request names one; else the memory's own.</param>
    /// <param name="permission">What for.</param>
    /// <param name="cancellationToken">Cancels the search.</param>
    public async Task<MemoryEntry> EnterAsync(Caller caller, string id, string? tenantIdOrSlug, Permission permission, CancellationToken cancellationToken)
    {
        if (!Guid.TryParse(id, out var memoryId) || await store.FindTenantAsync(memoryId, cancellationToken) is not { } tenantId)
        {
            return new(null, null, Problems.NotFound.ToResult());
        }

        var (access, problem) = await guard.EnterAsync(caller, tenantIdOrSlug ?? tenantId.ToString("D"), permission, cancellationToken);
        if (access is null)
        {
            return new(null, null, problem);
        }

        var memory = access.TenantId == tenantId ? await store.FindAsync(tenantId, memoryId, cancellationToken) : null;
        return memory is not null && rights.MayRead(access, memory) ? new(access, memory, null) : new(null, null, Problems.NotFound.ToResult());
    }
}

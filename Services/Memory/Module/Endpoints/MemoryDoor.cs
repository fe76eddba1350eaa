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
    public async Task<MemoryEntry> EnterAsync(Caller caller, Guid id, string? tenantIdOrSlug, Permission permission, CancellationToken cancellationToken)
    {
        // With the tenant known beforehand, whether the caller may do this there does not depend on the memory.
        if (tenantIdOrSlug is not null || !caller.Principal.AllTenants)
        {
            var (access, problem) = await guard.EnterAsync(caller, tenantIdOrSlug, permission, cancellationToken);
            return access is null ? new(null, null, problem) : await FindAsync(access, id, cancellationToken);
        }

        if (await store.FindTenantAsync(id, cancellationToken) is not { } tenantId)
        {
            return new(null, null, Problems.NotFound.ToResult());
        }

        // A refusal to write may only be told of a memory that can be seen: so reading is asked for first.
        var tenant = tenantId.ToString("D");
        var (reader, unseen) = await guard.EnterAsync(caller, tenant, Permission.Read, cancellationToken);
        if (reader is null)
        {
            return new(null, null, unseen);
        }

        var found = await FindAsync(reader, id, cancellationToken);
        if (found.Memory is null || permission == Permission.Read)
        {
            return found;
        }

        var (writer, refused) = await guard.EnterAsync(caller, tenant, permission, cancellationToken);
        return writer is null ? new(null, null, refused) : found with { Access = writer };
    }

    /// <summary>Finds what is left of a deleted memory that the caller could read.</summary>
    /// <returns>Null when there is nothing: it was not deleted, or is not the caller's to know of.</returns>
    public async Task<DeletedMemory?> FindDeletedAsync(Caller caller, Guid id, string? tenantIdOrSlug, CancellationToken cancellationToken)
        => await store.FindDeletedAsync(id, cancellationToken) is { } deleted
            && (await guard.EnterAsync(caller, tenantIdOrSlug ?? deleted.TenantId.ToString("D"), Permission.Read, cancellationToken)).Access is { } access
            && access.TenantId == deleted.TenantId
            && rights.MayRead(access, deleted.Scope, deleted.OwnerKey)
                ? deleted
                : null;

    private async Task<MemoryEntry> FindAsync(TenantAccess access, Guid id, CancellationToken cancellationToken)
        => await store.FindAsync(access.TenantId, id, cancellationToken) is { } memory && rights.MayRead(access, memory)
            ? new(access, memory, null)
            : new(null, null, Problems.NotFound.ToResult());
}

using MemoryMesh.Contracts.Auth;

namespace MemoryMesh.Auth.Storage;

/// <summary>Keeps the members of tenants. Every tenant has at least one owner; each change checks that in its own transaction.</summary>
internal interface IMemberStore
{
    /// <summary>Members by account id after <paramref name="after"/>.</summary>
    Task<IReadOnlyList<MemberRecord>> ListAsync(Guid tenantId, Guid? after, int limit, CancellationToken cancellationToken);

    /// <summary>A member, or null.</summary>
    Task<MemberRecord?> FindAsync(Guid tenantId, Guid accountId, CancellationToken cancellationToken);

    /// <summary>Adds a member. For admins and owners; owners are added by owners.</summary>
    Task<Change> AddAsync(Guid tenantId, Guid actorId, MemberRecord member, CancellationToken cancellationToken);

    /// <summary>Changes a member's role. For admins and owners; owners are made and changed by owners.</summary>
    Task<Change> SetRoleAsync(Guid tenantId, Guid actorId, Guid accountId, TenantRole role, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Removes a member, with its places in teams and its API keys for the tenant. For admins and owners, and for oneself.</summary>
    Task<Change> RemoveAsync(Guid tenantId, Guid actorId, Guid accountId, DateTimeOffset now, CancellationToken cancellationToken);
}

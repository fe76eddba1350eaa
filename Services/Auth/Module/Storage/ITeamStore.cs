using MemoryMesh.Contracts.Auth;

namespace MemoryMesh.Auth.Storage;

/// <summary>Keeps the teams of tenants and their members, who are members of the tenant. A team needs no owner: the tenant's admins reach each team.</summary>
internal interface ITeamStore
{
    /// <summary>Teams by id after <paramref name="after"/>.</summary>
    Task<IReadOnlyList<TeamRecord>> ListAsync(Guid tenantId, Guid? after, int limit, CancellationToken cancellationToken);

    /// <summary>A team, or null.</summary>
    Task<TeamRecord?> FindAsync(Guid tenantId, Guid teamId, CancellationToken cancellationToken);

    /// <summary>Adds a team, with its creator as owner. For the tenant's admins and owners.</summary>
    Task<Change> AddAsync(Guid tenantId, Guid actorId, TeamRecord team, CancellationToken cancellationToken);

    /// <summary>Renames a team. For admins and owners of the tenant or the team.</summary>
    Task<Change> RenameAsync(Guid tenantId, Guid actorId, Guid teamId, string name, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Deletes a team. For admins and owners of the tenant or the team.</summary>
    Task<Change> DeleteAsync(Guid tenantId, Guid actorId, Guid teamId, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Members of a team by account id after <paramref name="after"/>.</summary>
    Task<IReadOnlyList<MemberRecord>> ListMembersAsync(Guid tenantId, Guid teamId, Guid? after, int limit, CancellationToken cancellationToken);

    /// <summary>A member of a team, or null.</summary>
    Task<MemberRecord?> FindMemberAsync(Guid tenantId, Guid teamId, Guid accountId, CancellationToken cancellationToken);

    /// <summary>Adds a member. For admins and owners of the tenant or the team; owners are added by owners.</summary>
    Task<Change> AddMemberAsync(Guid tenantId, Guid actorId, Guid teamId, MemberRecord member, CancellationToken cancellationToken);

    /// <summary>Changes a member's role. For admins and owners of the tenant or the team; owners are made and changed by owners.</summary>
    Task<Change> SetMemberRoleAsync(
        Guid tenantId, Guid actorId, Guid teamId, Guid accountId, TenantRole role, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Removes a member. For admins and owners of the tenant or the team, and for oneself.</summary>
    Task<Change> RemoveMemberAsync(Guid tenantId, Guid actorId, Guid teamId, Guid accountId, DateTimeOffset now, CancellationToken cancellationToken);
}

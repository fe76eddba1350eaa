using MemoryMesh.Contracts.Auth;

namespace MemoryMesh.Auth.Storage;

/// <summary>Keeps tenants and answers who has which rights in them.</summary>
internal interface ITenantStore
{
    /// <summary>Whether a tenant has the id or slug, and the account's rights in it.</summary>
    Task<MembershipAnswer> FindMembershipAsync(Guid accountId, string tenantIdOrSlug, CancellationToken cancellationToken);

    /// <summary>The account's rights in the tenant that has a team, or null.</summary>
    Task<TenantMembership?> FindTeamMembershipAsync(Guid accountId, Guid teamId, CancellationToken cancellationToken);

    /// <summary>The tenant, or null when there is none or it was deleted.</summary>
    Task<TenantRecord?> FindAsync(Guid tenantId, CancellationToken cancellationToken);

    /// <summary>The account's tenants with its role in each, by id after <paramref name="after"/>.</summary>
    Task<IReadOnlyList<TenantOfAccount>> ListAsync(Guid accountId, Guid? after, int limit, CancellationToken cancellationToken);

    /// <summary>Ids of all tenants after <paramref name="after"/>, in their order.</summary>
    Task<IReadOnlyList<Guid>> ListIdsAsync(Guid? after, int limit, CancellationToken cancellationToken);

    /// <summary>Adds a tenant that the account owns.</summary>
    /// <returns><see cref="Change.Done"/>; or <see cref="Change.SlugTaken"/> or <see cref="Change.LimitReached"/>, and nothing was added.</returns>
    Task<Change> AddAsync(TenantRecord tenant, Guid ownerId, int maxOwned, string action, CancellationToken cancellationToken);

    /// <summary>Renames a tenant, and gives it a slug if it has none. For admins and owners.</summary>
    Task<Change> UpdateAsync(Guid tenantId, Guid actorId, string name, string? slug, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Deletes a tenant with its members, teams and API keys. For owners; a person's own tenant stays.</summary>
    Task<Change> DeleteAsync(Guid tenantId, Guid actorId, DateTimeOffset now, CancellationToken cancellationToken);
}

/// <summary>Answer to a question for an account's rights.</summary>
/// <param name="SlugIsFree">Whether the text is a slug that no tenant has or ever had.</param>
/// <param name="Membership">The rights, or null.</param>
internal readonly record struct MembershipAnswer(bool SlugIsFree, TenantMembership? Membership);

/// <summary>A tenant, and an account's role in it.</summary>
internal sealed record TenantOfAccount(TenantRecord Tenant, TenantRole Role);

/// <summary>What became of a change to tenants, teams or members. The actor's rights are checked in the transaction of the change.</summary>
internal enum Change
{
    /// <summary>Made.</summary>
    Done,

    /// <summary>What is to be changed is not there, or the actor is no member.</summary>
    NotFound,

    /// <summary>The actor's role does not allow it.</summary>
    Forbidden,

    /// <summary>The tenant would have no owner.</summary>
    LastOwner,

    /// <summary>It is a person's own tenant.</summary>
    OwnTenant,

    /// <summary>The account is a member.</summary>
    AlreadyMember,

    /// <summary>Another tenant has, or had, the slug.</summary>
    SlugTaken,

    /// <summary>The tenant has another slug.</summary>
    SlugFixed,

    /// <summary>There are as many as there may be.</summary>
    LimitReached,
}

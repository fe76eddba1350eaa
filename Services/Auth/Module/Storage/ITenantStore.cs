using MemoryMesh.Contracts.Auth;

namespace MemoryMesh.Auth.Storage;

/// <summary>Keeps tenants and answers who has which rights in them.</summary>
internal interface ITenantStore
{
    /// <summary>Whether a tenant has the id or slug, and the account's rights in it.</summary>
    Task<MembershipAnswer> FindMembershipAsync(Guid accountId, string tenantIdOrSlug, CancellationToken cancellationToken);

    /// <summary>Adds a tenant that the account owns.</summary>
    /// <returns>The outcome; with <see cref="AddTenantOutcome.SlugTaken"/> and <see cref="AddTenantOutcome.LimitReached"/> nothing was added.</returns>
    Task<AddTenantOutcome> AddAsync(TenantRecord tenant, Guid ownerId, int maxOwned, string action, CancellationToken cancellationToken);

    /// <summary>Ids of all tenants after <paramref name="after"/>, in their order.</summary>
    Task<IReadOnlyList<Guid>> ListIdsAsync(Guid? after, int limit, CancellationToken cancellationToken);
}

/// <summary>Answer to a question for an account's rights.</summary>
/// <param name="SlugIsFree">Whether no tenant has, or ever had, the id or slug that was asked for.</param>
/// <param name="Membership">The rights, or null.</param>
internal readonly record struct MembershipAnswer(bool SlugIsFree, TenantMembership? Membership);

/// <summary>Outcomes of adding a tenant.</summary>
internal enum AddTenantOutcome
{
    Added,
    SlugTaken,
    LimitReached,
}

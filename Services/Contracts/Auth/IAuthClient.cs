namespace MemoryMesh.Contracts.Auth;

/// <summary>What other services ask of Auth. Answers may be cached for at most 15 s, so that changes apply within 60 s; while Auth cannot be asked, for two minutes.</summary>
public interface IAuthClient
{
    /// <summary>Public keys that access tokens are signed with, as a JSON Web Key Set (RFC 7517).</summary>
    Task<string> GetSigningKeysAsync(CancellationToken cancellationToken);

    /// <summary>The principal of a login session, or null when the session ended or the account is gone.</summary>
    Task<PrincipalInfo?> FindSessionAsync(Guid accountId, Guid sessionId, CancellationToken cancellationToken);

    /// <summary>The principal of an API key, or null when the key is unknown, expired or revoked.</summary>
    /// <param name="keyHash">SHA-256 of the whole key, lower-case hex.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    Task<PrincipalInfo?> FindApiKeyAsync(string keyHash, CancellationToken cancellationToken);

    /// <summary>The principal of an API key that was verified before, or null when it expired or was revoked since.</summary>
    Task<PrincipalInfo?> FindApiKeyByIdAsync(Guid apiKeyId, CancellationToken cancellationToken);

    /// <summary>Takes a ticket of <c>POST /v1/auth/ws-ticket</c>: whom it stands for, or null when it is unknown, expired or was taken before.</summary>
    /// <param name="ticketHash">SHA-256 of the ticket, lower-case hex.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    Task<TicketHolder?> RedeemTicketAsync(string ticketHash, CancellationToken cancellationToken);

    /// <summary>The principal of requests without credentials: the owner of the local tenant. Null when the server is not open.</summary>
    Task<PrincipalInfo?> FindLocalOwnerAsync(CancellationToken cancellationToken);

    /// <summary>Rights of an account in a tenant, or null when the tenant is unknown or the account is no member.</summary>
    Task<TenantMembership?> FindMembershipAsync(MembershipQuery query, CancellationToken cancellationToken);

    /// <summary>Ids of all tenants, by id after <paramref name="after"/>, at most <paramref name="limit"/>: for scheduled work over tenants.</summary>
    Task<IReadOnlyList<Guid>> ListTenantsAsync(Guid? after, int limit, CancellationToken cancellationToken);
}

/// <summary>Who calls.</summary>
public sealed record PrincipalInfo
{
    /// <summary>Account that logged in, or that created the API key.</summary>
    public required Guid AccountId { get; init; }

    /// <summary>Tenant used when a request names none: the key's tenant, else the account's own.</summary>
    public required Guid DefaultTenantId { get; init; }

    /// <summary>Whether the principal may act in other tenants of the account than the default one; false for API keys.</summary>
    public required bool AllTenants { get; init; }

    /// <summary>The API key, or null for a login session.</summary>
    public Guid? ApiKeyId { get; init; }

    /// <summary>Scopes of the principal, of <see cref="KeyScopes.All"/>.</summary>
    public required IReadOnlyList<string> Scopes { get; init; }

    /// <summary>When the API key expires, if it does.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }
}

/// <summary>Whom a ticket stands for.</summary>
public sealed record TicketHolder
{
    /// <summary>The principal that asked for the ticket.</summary>
    public required PrincipalInfo Principal { get; init; }

    /// <summary>Its login session, or null for an API key.</summary>
    public Guid? SessionId { get; init; }

    /// <summary>The only tenant that the ticket opens.</summary>
    public required Guid TenantId { get; init; }
}

/// <summary>Scopes an API key may have.</summary>
public static class KeyScopes
{
    /// <summary>Read messages, memories and context; search.</summary>
    public const string Read = "read";

    /// <summary>Store, change and delete messages and memories.</summary>
    public const string Write = "write";

    /// <summary>Administer the tenant: members, keys, retention.</summary>
    public const string Admin = "admin";

    /// <summary>Every scope; a login session has them all.</summary>
    public static readonly IReadOnlyList<string> All = [Read, Write, Admin];
}

/// <summary>Asks for an account's rights in a tenant.</summary>
public sealed record MembershipQuery
{
    /// <summary>The account.</summary>
    public required Guid AccountId { get; init; }

    /// <summary>The tenant's id or slug.</summary>
    public required string TenantIdOrSlug { get; init; }

    /// <summary>Whether a slug that nobody owns may become the account's (<c>Tenants:ClaimOnFirstUse</c> decides too).</summary>
    public bool MayClaim { get; init; }

    /// <summary>Set to ask for the tenant that has this team, whatever <see cref="TenantIdOrSlug"/> says.</summary>
    public Guid? TeamId { get; init; }
}

/// <summary>An account's rights in a tenant.</summary>
public sealed record TenantMembership
{
    /// <summary>The tenant.</summary>
    public required Guid TenantId { get; init; }

    /// <summary>The account's role in it.</summary>
    public required TenantRole Role { get; init; }

    /// <summary>The account's teams in the tenant, with its role in each.</summary>
    public required IReadOnlyDictionary<Guid, TenantRole> Teams { get; init; }

    /// <summary>Every team of the tenant; null unless the role is admin or owner, who reach all of them.</summary>
    public IReadOnlyList<Guid>? AllTeams { get; init; }
}

/// <summary>Role in a tenant or a team; a higher value may do all that a lower one may.</summary>
public enum TenantRole
{
    /// <summary>Reads.</summary>
    Viewer = 1,

    /// <summary>Reads and writes.</summary>
    Member = 2,

    /// <summary>Manages members and acts for every subject.</summary>
    Admin = 3,

    /// <summary>Manages admins and the tenant itself.</summary>
    Owner = 4,
}

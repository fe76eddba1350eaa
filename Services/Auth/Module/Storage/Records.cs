using MemoryMesh.Contracts.Auth;

namespace MemoryMesh.Auth.Storage;

/// <summary>A person who logs in.</summary>
internal sealed record AccountRecord(Guid Id, string Email, string Username, Guid OwnTenantId, DateTimeOffset CreatedAt);

/// <summary>A tenant that is not deleted.</summary>
internal sealed record TenantRecord(Guid Id, string Name, string? Slug, DateTimeOffset CreatedAt);

/// <summary>A member of a tenant or of a team.</summary>
internal sealed record MemberRecord(Guid AccountId, TenantRole Role, DateTimeOffset CreatedAt);

/// <summary>A team.</summary>
internal sealed record TeamRecord(Guid Id, string Name, DateTimeOffset CreatedAt);

/// <summary>A login session.</summary>
internal sealed record SessionRecord(Guid Id, Guid AccountId, DateTimeOffset CreatedAt, DateTimeOffset LastUsedAt, DateTimeOffset ExpiresAt, string? UserAgent);

/// <summary>An API key; its text is known to nobody but its holder.</summary>
internal sealed record ApiKeyRecord(
    Guid Id,
    Guid AccountId,
    Guid TenantId,
    string Prefix,
    string Name,
    IReadOnlyList<string> Scopes,
    DateTimeOffset CreatedAt,
    DateTimeOffset? ExpiresAt,
    DateTimeOffset? LastUsedAt);

/// <summary>A signing key with its private key wrapped.</summary>
internal sealed record SigningKeyRecord(string Id, byte[] PrivateKey, DateTimeOffset CreatedAt);

/// <summary>Something that happened, for the audit log.</summary>
internal sealed record AuditEvent(DateTimeOffset OccurredAt, Guid? ActorId, Guid? TenantId, string Action, Guid? TargetId, string Outcome = AuditEvent.Done)
{
    public const string Done = "done";
    public const string Refused = "refused";
}

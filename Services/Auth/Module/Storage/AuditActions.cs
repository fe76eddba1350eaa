namespace MemoryMesh.Auth.Storage;

/// <summary>Names of audited actions.</summary>
internal static class AuditActions
{
    public const string AccountRegistered = "account.registered";
    public const string LoggedIn = "session.started";
    public const string LoginFailed = "login";
    public const string LoggedOut = "session.ended";
    public const string RefreshTokenReused = "refresh_token.reused";
    public const string ApiKeyCreated = "api_key.created";
    public const string ApiKeyRevoked = "api_key.revoked";
    public const string TenantCreated = "tenant.created";
    public const string TenantClaimed = "tenant.claimed";
    public const string TenantChanged = "tenant.changed";
    public const string TenantDeleted = "tenant.deleted";
    public const string MemberAdded = "member.added";
    public const string MemberRoleChanged = "member.role_changed";
    public const string MemberRemoved = "member.removed";
    public const string TeamCreated = "team.created";
    public const string TeamChanged = "team.changed";
    public const string TeamDeleted = "team.deleted";
    public const string TeamMemberAdded = "team_member.added";
    public const string TeamMemberRoleChanged = "team_member.role_changed";
    public const string TeamMemberRemoved = "team_member.removed";
}

using MemoryMesh.ServiceDefaults.Storage;

namespace MemoryMesh.Auth.Storage;

/// <summary>The tables of Auth and what happens to their rows when a person asks for a copy or for erasure.</summary>
internal static class AuthTables
{
    /// <summary>Every table.</summary>
    public static readonly IReadOnlyList<TableRule> All =
    [
        new(AuthModule.Name, "accounts", true, "E-mail address, user name, own tenant, time of registration.", "The row and the account's data key are deleted."),
        new(AuthModule.Name, "tenants", true, "Id, name and slug of the tenants the account owns.", "The own tenant's name and slug are removed with its data key; an empty row keeps the id from being given again."),
        new(AuthModule.Name, "memberships", true, "Tenant, role and since when.", "Rows of the account are deleted."),
        new(AuthModule.Name, "teams", true, "Id and name of the account's teams.", "Teams of the own tenant are deleted with it."),
        new(AuthModule.Name, "team_members", true, "Team, role and since when.", "Rows of the account are deleted."),
        new(AuthModule.Name, "sessions", true, "Times and user agent of sessions that have not ended.", "Rows of the account are deleted."),
        new(AuthModule.Name, "refresh_tokens", true, null, "Hashes only; rows of the account's sessions are deleted with them."),
        new(AuthModule.Name, "api_keys", true, "Name, prefix, scopes and times.", "Rows of the account are deleted."),
        new(AuthModule.Name, "signing_keys", false, null, null),
        new(AuthModule.Name, "audit_events", true, "Time, action, target and outcome of what the account did.", "Ids only, no text; rows leave when they are too old. The account they name cannot be told any more."),
    ];
}

using MemoryMesh.Auth.Tenants;
using MemoryMesh.Contracts.Auth;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace MemoryMesh.Auth.Storage.Sql;

internal sealed class SqlTeamStore([FromKeyedServices(AuthModule.Name)] ModuleStore database) : ITeamStore
{
    /// <summary>The ids of all teams go with the rights of each admin.</summary>
    private const int MaxTeams = 1_000;

    public async Task<IReadOnlyList<TeamRecord>> ListAsync(Guid tenantId, Guid? after, int limit, CancellationToken cancellationToken)
    {
        var rows = await database.Data.ReadAsync(
            session => session.Query(
                "SELECT id, name, created_at FROM teams WHERE tenant_id = $1 AND id > $2 ORDER BY id LIMIT $3",
                row => (Id: row.Id(0), Name: row.Bytes(1), CreatedAt: row.Time(2)),
                tenantId,
                after ?? Guid.Empty,
                limit),
            cancellationToken);
        return rows.Count > 0 && await database.Keys.FindAsync(tenantId, tenantId, cancellationToken) is { } key
            ? [.. rows.Select(row => new TeamRecord(row.Id, key.OpenText(row.Name, NameOf(row.Id)), row.CreatedAt))]
            : [];
    }

    public async Task<TeamRecord?> FindAsync(Guid tenantId, Guid teamId, CancellationToken cancellationToken)
    {
        var row = await database.Data.ReadAsync(
            session => session.QueryFirst(
                "SELECT name, created_at FROM teams WHERE tenant_id = $1 AND id = $2",
                row => (Name: row.Bytes(0), CreatedAt: row.Time(1)),
                tenantId,
                teamId),
            cancellationToken);
        return row.Name is not null && await database.Keys.FindAsync(tenantId, tenantId, cancellationToken) is { } key
            ? new TeamRecord(teamId, key.OpenText(row.Name, NameOf(teamId)), row.CreatedAt)
            : null;
    }

    public async Task<Change> AddAsync(Guid tenantId, Guid actorId, TeamRecord team, CancellationToken cancellationToken)
    {
        if (await database.Keys.FindAsync(tenantId, tenantId, cancellationToken) is not { } key)
        {
            return Change.NotFound;
        }

        var name = key.SealText(team.Name, NameOf(team.Id));
        return await database.Data.WriteAsync(
            session =>
            {
                if (SqlTenantStore.RoleOf(session, tenantId, actorId) is not { } actor)
                {
                    return Change.NotFound;
                }

                if (actor < TenantRole.Admin)
                {
                    return Change.Forbidden;
                }

                if (session.Scalar("SELECT COUNT(*) FROM teams WHERE tenant_id = $1", tenantId) >= MaxTeams)
                {
                    return Change.LimitReached;
                }

                session.Execute(
                    "INSERT INTO teams (id, tenant_id, name, created_at) VALUES ($1, $2, $3, $4)", team.Id, tenantId, name, team.CreatedAt);
                InsertMember(session, tenantId, team.Id, new MemberRecord(actorId, TenantRole.Owner, team.CreatedAt));
                SqlAuditLog.Add(session, new AuditEvent(team.CreatedAt, actorId, tenantId, AuditActions.TeamCreated, team.Id));
                return Change.Done;
            },
            cancellationToken);
    }

    public async Task<Change> RenameAsync(
        Guid tenantId, Guid actorId, Guid teamId, string name, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (await database.Keys.FindAsync(tenantId, tenantId, cancellationToken) is not { } key)
        {
            return Change.NotFound;
        }

        var sealedName = key.SealText(name, NameOf(teamId));
        return await ChangeTeamAsync(
            tenantId,
            actorId,
            teamId,
            session =>
            {
                session.Execute("UPDATE teams SET name = $3 WHERE tenant_id = $1 AND id = $2", tenantId, teamId, sealedName);
                SqlAuditLog.Add(session, new AuditEvent(now, actorId, tenantId, AuditActions.TeamChanged, teamId));
            },
            cancellationToken);
    }

    public async Task<Change> DeleteAsync(Guid tenantId, Guid actorId, Guid teamId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var outcome = await ChangeTeamAsync(
            tenantId,
            actorId,
            teamId,
            session =>
            {
                session.Execute("DELETE FROM team_members WHERE team_id = $1", teamId);
                session.Execute("DELETE FROM teams WHERE tenant_id = $1 AND id = $2", tenantId, teamId);
                SqlAuditLog.Add(session, new AuditEvent(now, actorId, tenantId, AuditActions.TeamDeleted, teamId));
            },
            cancellationToken);
        database.Data.RequestScrub();
        return outcome;
    }

    public async Task<IReadOnlyList<MemberRecord>> ListMembersAsync(
        Guid tenantId, Guid teamId, Guid? after, int limit, CancellationToken cancellationToken)
        => await database.Data.ReadAsync(
            session => session.Query(
                """
                SELECT account_id, role, created_at FROM team_members
                WHERE tenant_id = $1 AND team_id = $2 AND account_id > $3 ORDER BY account_id LIMIT $4
                """,
                SqlMemberStore.ReadMember,
                tenantId,
                teamId,
                after ?? Guid.Empty,
                limit),
            cancellationToken);

    public Task<MemberRecord?> FindMemberAsync(Guid tenantId, Guid teamId, Guid accountId, CancellationToken cancellationToken)
        => database.Data.ReadAsync(
            session => session.QueryFirst(
                "SELECT account_id, role, created_at FROM team_members WHERE tenant_id = $1 AND team_id = $2 AND account_id = $3",
                SqlMemberStore.ReadMember,
                tenantId,
                teamId,
                accountId),
            cancellationToken);

    public Task<Change> AddMemberAsync(Guid tenantId, Guid actorId, Guid teamId, MemberRecord member, CancellationToken cancellationToken)
        => database.Data.WriteAsync(
            session =>
            {
                if (!Exists(session, tenantId, teamId) || SqlTenantStore.RoleOf(session, tenantId, actorId) is null)
                {
                    return Change.NotFound;
                }

                if (!MemberRules.MayChange(ActorRole(session, tenantId, teamId, actorId), null, member.Role))
                {
                    return Change.Forbidden;
                }

                if (SqlTenantStore.RoleOf(session, tenantId, member.AccountId) is null)
                {
                    return Change.NotFound;
                }

                if (RoleOf(session, tenantId, teamId, member.AccountId) is not null)
                {
                    return Change.AlreadyMember;
                }

                InsertMember(session, tenantId, teamId, member);
                SqlAuditLog.Add(session, new AuditEvent(member.CreatedAt, actorId, tenantId, AuditActions.TeamMemberAdded, member.AccountId));
                return Change.Done;
            },
            cancellationToken);

    public Task<Change> SetMemberRoleAsync(
        Guid tenantId, Guid actorId, Guid teamId, Guid accountId, TenantRole role, DateTimeOffset now, CancellationToken cancellationToken)
        => database.Data.WriteAsync(
            session =>
            {
                if (SqlTenantStore.RoleOf(session, tenantId, actorId) is null || RoleOf(session, tenantId, teamId, accountId) is not { } before)
                {
                    return Change.NotFound;
                }

                if (!MemberRules.MayChange(ActorRole(session, tenantId, teamId, actorId), before, role))
                {
                    return Change.Forbidden;
                }

                session.Execute("UPDATE team_members SET role = $3 WHERE team_id = $1 AND account_id = $2", teamId, accountId, role);
                SqlAuditLog.Add(session, new AuditEvent(now, actorId, tenantId, AuditActions.TeamMemberRoleChanged, accountId));
                return Change.Done;
            },
            cancellationToken);

    public Task<Change> RemoveMemberAsync(
        Guid tenantId, Guid actorId, Guid teamId, Guid accountId, DateTimeOffset now, CancellationToken cancellationToken)
        => database.Data.WriteAsync(
            session =>
            {
                if (SqlTenantStore.RoleOf(session, tenantId, actorId) is null || RoleOf(session, tenantId, teamId, accountId) is not { } before)
                {
                    return Change.NotFound;
                }

                if (actorId != accountId && !MemberRules.MayChange(ActorRole(session, tenantId, teamId, actorId), before, null))
                {
                    return Change.Forbidden;
                }

                session.Execute("DELETE FROM team_members WHERE team_id = $1 AND account_id = $2", teamId, accountId);
                SqlAuditLog.Add(session, new AuditEvent(now, actorId, tenantId, AuditActions.TeamMemberRemoved, accountId));
                return Change.Done;
            },
            cancellationToken);

    private Task<Change> ChangeTeamAsync(
        Guid tenantId, Guid actorId, Guid teamId, Action<StoreSession> change, CancellationToken cancellationToken)
        => database.Data.WriteAsync(
            session =>
            {
                if (!Exists(session, tenantId, teamId) || SqlTenantStore.RoleOf(session, tenantId, actorId) is null)
                {
                    return Change.NotFound;
                }

                if (ActorRole(session, tenantId, teamId, actorId) is not >= TenantRole.Admin)
                {
                    return Change.Forbidden;
                }

                change(session);
                return Change.Done;
            },
            cancellationToken);

    private static bool Exists(StoreSession session, Guid tenantId, Guid teamId)
        => session.Scalar("SELECT COUNT(*) FROM teams WHERE tenant_id = $1 AND id = $2", tenantId, teamId) != 0;

    private static TenantRole? ActorRole(StoreSession session, Guid tenantId, Guid teamId, Guid actorId)
        => MemberRules.RoleInTeam(SqlTenantStore.RoleOf(session, tenantId, actorId), RoleOf(session, tenantId, teamId, actorId));

    private static TenantRole? RoleOf(StoreSession session, Guid tenantId, Guid teamId, Guid accountId)
        => session.Scalar(
            "SELECT role FROM team_members WHERE tenant_id = $1 AND team_id = $2 AND account_id = $3", tenantId, teamId, accountId) is > 0 and var role
            ? (TenantRole)role
            : null;

    private static void InsertMember(StoreSession session, Guid tenantId, Guid teamId, MemberRecord member)
        => session.Execute(
            "INSERT INTO team_members (team_id, account_id, tenant_id, role, created_at) VALUES ($1, $2, $3, $4, $5)",
            teamId,
            member.AccountId,
            tenantId,
            member.Role,
            member.CreatedAt);

    private static RowIdentity NameOf(Guid teamId) => new("teams", "name", teamId);
}

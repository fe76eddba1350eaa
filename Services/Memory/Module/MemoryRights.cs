using MemoryMesh.Contracts.Auth;
using MemoryMesh.Contracts.Memory;
using MemoryMesh.Memory.Storage;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Security;
using Microsoft.AspNetCore.Http.HttpResults;

namespace MemoryMesh.Memory;

/// <summary>What somebody wants to do with memories.</summary>
internal enum MemoryAction
{
    Read,
    Write,

    /// <summary>Delete what others added too.</summary>
    DeleteAny,
}

/// <summary>The owner a request means: exactly one of the two is set.</summary>
internal readonly record struct OwnerChoice(MemoryOwner? Owner, ProblemHttpResult? Problem);

/// <summary>Who may do what: a subject's memories are its own and those of whoever acts for it; a team's follow the role in the team; the organization's the role in the tenant.</summary>
internal sealed class MemoryRights(KeyedNames names)
{
    /// <summary>Most bytes of a subject's, an agent's or a run's id.</summary>
    public const int MaxIdBytes = 200;

    /// <summary>The scope that names every owner of the tenant. It is asked for where it is allowed; <see cref="Choose"/> does not know it.</summary>
    public const string TenantScope = "tenant";

    /// <summary>Finds the owner that <c>scope</c>, <c>user_id</c> and <c>team_id</c> name, and checks the right.</summary>
    public OwnerChoice Choose(TenantAccess access, string? scope, string? userId, string? teamId, MemoryAction action)
    {
        if (userId is not null && TextRules.Check(userId, MaxIdBytes) is { } message)
        {
            return new(null, Problems.InvalidField("user_id", message));
        }

        switch (scope)
        {
            case null or MemoryScopes.User:
                if (teamId is not null)
                {
                    return new(null, Problems.InvalidField("team_id", "Only with scope team."));
                }

                return access.SubjectFor(userId) is { } subject
                    ? new(new MemoryOwner(MemoryScope.User, names.SubjectKey(access.TenantId, subject), subject), null)
                    : new(null, Problems.NotFound.ToResult());
            case MemoryScopes.Team:
                if (userId is not null)
                {
                    return new(null, Problems.InvalidField("user_id", "Only with scope user."));
                }

                if (teamId is null)
                {
                    return new(null, Problems.InvalidField("team_id", "Needed with scope team."));
                }

                return Guid.TryParse(teamId, out var team) && access.RoleInTeam(team) is not null
                    ? Check(new MemoryOwner(MemoryScope.Team, team, null), access, action)
                    : new(null, Problems.NotFound.ToResult());
            case MemoryScopes.Organization:
                if (userId is not null || teamId is not null)
                {
                    return new(null, Problems.InvalidField(userId is null ? "team_id" : "user_id", "Not with scope organization."));
                }

                return Check(new MemoryOwner(MemoryScope.Organization, access.TenantId, null), access, action);
            default:
                return new(null, Problems.InvalidField("scope", "Must be user, team or organization."));
        }
    }

    /// <summary>Whether a memory may be read; what may not is answered as if it were not there.</summary>
    public bool MayRead(TenantAccess access, MemoryRecord memory) => MayRead(access, memory.Scope, memory.OwnerKey);

    /// <summary>Whether an owner's memories may be read.</summary>
    public bool MayRead(TenantAccess access, MemoryScope scope, Guid ownerKey) => scope switch
    {
        MemoryScope.User => access.ActsForEverySubject || ownerKey == names.SubjectKey(access.TenantId, access.OwnUserId),
        MemoryScope.Team => access.RoleInTeam(ownerKey) is not null,
        _ => true,
    };

    /// <summary>Whether a memory that may be read may be changed.</summary>
    public static bool MayWrite(TenantAccess access, MemoryRecord memory)
        => Has(access, memory.Scope, memory.OwnerKey, TenantRole.Member);

    /// <summary>Whether what an owner has, and may be read, may be changed.</summary>
    public static bool MayWrite(TenantAccess access, MemoryOwner owner) => Has(access, owner.Scope, owner.Key, TenantRole.Member);

    /// <summary>Whether an owner is administered: a subject by those who act for every subject, a team and the organization by their admins.</summary>
    public static bool MayAdminister(TenantAccess access, MemoryOwner owner)
        => owner.Scope == MemoryScope.User ? access.ActsForEverySubject : Has(access, owner.Scope, owner.Key, TenantRole.Admin);

    /// <summary>Whether a memory that may be read may be deleted: one of a team or the organization by an admin, or by who added it.</summary>
    public static bool MayDelete(TenantAccess access, MemoryRecord memory)
        => MayWrite(access, memory) && (memory.CreatedBy == access.AccountId || Has(access, memory.Scope, memory.OwnerKey, TenantRole.Admin));

    /// <summary>Whether a held memory that may be read may be decided on: a subject's own by whoever acts for it, others by an admin.</summary>
    public static bool MayReview(TenantAccess access, MemoryRecord memory) => Has(access, memory.Scope, memory.OwnerKey, TenantRole.Admin);

    private static OwnerChoice Check(MemoryOwner owner, TenantAccess access, MemoryAction action)
    {
        var least = action switch
        {
            MemoryAction.Read => TenantRole.Viewer,
            MemoryAction.Write => TenantRole.Member,
            _ => TenantRole.Admin,
        };
        return Has(access, owner.Scope, owner.Key, least) ? new(owner, null) : new(null, Problems.Forbidden.ToResult());
    }

    private static bool Has(TenantAccess access, MemoryScope scope, Guid ownerKey, TenantRole least) => scope switch
    {
        MemoryScope.User => true,
        MemoryScope.Team => access.RoleInTeam(ownerKey) >= least,
        _ => access.Role >= least,
    };
}

using MemoryMesh.Auth.Storage;
using MemoryMesh.Contracts.Auth;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Security;
using Microsoft.AspNetCore.Http.HttpResults;

namespace MemoryMesh.Auth.Endpoints;

/// <summary>Lets callers into the organization that a path names.</summary>
internal sealed class OrganizationDoor(TenantGuard guard)
{
    private const int MaxNameBytes = 200;

    /// <summary>To read: any member.</summary>
    public Task<TenantEntry> ReadAsync(Caller caller, string organization, CancellationToken cancellationToken)
        => EnterAsync(caller, organization, Permission.Read, cancellationToken);

    /// <summary>To read what only admins and owners see.</summary>
    public Task<TenantEntry> AdministerAsync(Caller caller, string organization, CancellationToken cancellationToken)
        => EnterAsync(caller, organization, Permission.Administer, cancellationToken);

    /// <summary>To change something: the scope is checked here, the role in the transaction of the change, where it cannot be out of date.</summary>
    public async Task<TenantEntry> ChangeAsync(Caller caller, string organization, CancellationToken cancellationToken)
    {
        var scopes = caller.Principal.Scopes;
        var entry = await EnterAsync(caller, organization, scopes.Contains(KeyScopes.Read) ? Permission.Read : Permission.Administer, cancellationToken);
        return entry.Access is not null && !scopes.Contains(KeyScopes.Admin) ? new(null, Problems.Forbidden.ToResult()) : entry;
    }

    /// <summary>The answer to a change that was not made; null when it was.</summary>
    public static ProblemHttpResult? ProblemOf(Change change)
        => change switch
        {
            Change.Done => null,
            Change.Forbidden => Problems.Forbidden.ToResult(),
            Change.LastOwner => AuthProblems.LastOwner.ToResult(),
            Change.OwnTenant => AuthProblems.OwnTenant.ToResult(),
            Change.AlreadyMember => AuthProblems.AlreadyMember.ToResult(),
            Change.SlugTaken => AuthProblems.SlugTaken.ToResult(),
            Change.SlugFixed => AuthProblems.SlugFixed.ToResult(),
            Change.LimitReached => AuthProblems.LimitReached.ToResult(),
            _ => Problems.NotFound.ToResult(),
        };

    // A name that no organization can have is an address where nothing is, not a field with a bad value.
    private async Task<TenantEntry> EnterAsync(Caller caller, string organization, Permission permission, CancellationToken cancellationToken)
        => TextRules.Check(organization, MaxNameBytes) is null
            ? await guard.EnterAsync(caller, organization, permission, cancellationToken)
            : new(null, Problems.NotFound.ToResult());
}

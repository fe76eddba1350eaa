using System.ComponentModel.DataAnnotations;
using MemoryMesh.Auth.Accounts;
using MemoryMesh.Auth.Storage;
using MemoryMesh.Contracts.Auth;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Security;

namespace MemoryMesh.Auth.Endpoints;

/// <summary>Goes between member rows and what is shown of people.</summary>
internal sealed class MemberNames(IAccountStore accounts)
{
    /// <summary>A member as it is shown: the user name to every member, the e-mail address to admins and owners, and to oneself.</summary>
    public async Task<MemberResponse> ShowAsync(MemberRecord member, TenantAccess viewer, CancellationToken cancellationToken)
    {
        var account = await accounts.FindAsync(member.AccountId, cancellationToken);
        var showEmail = viewer.Role >= TenantRole.Admin || viewer.AccountId == member.AccountId;
        return new MemberResponse(member.AccountId, account?.Username, showEmail ? account?.Email : null, member.Role, member.CreatedAt);
    }

    /// <summary>A page of members as they are shown.</summary>
    public async Task<Page<MemberResponse>> ShowAsync(
        IReadOnlyList<MemberRecord> members, int take, TenantAccess viewer, CancellationToken cancellationToken)
    {
        var shown = new List<MemberResponse>(Math.Min(take, members.Count));
        foreach (var member in members.Take(take))
        {
            shown.Add(await ShowAsync(member, viewer, cancellationToken));
        }

        return new Page<MemberResponse>(shown, members.Count > take ? members[take - 1].AccountId.ToString("N") : null);
    }

    /// <summary>The account a request means, or null when there is none.</summary>
    public async Task<Guid?> FindAsync(AddMemberRequest request, CancellationToken cancellationToken)
        => request.UserId ?? await accounts.FindIdAsync(request.Email, request.Username, cancellationToken);
}

/// <summary>Body of a <c>POST</c> to members: exactly one of <c>user_id</c>, <c>username</c> and <c>email</c> names the account.</summary>
internal sealed record AddMemberRequest
{
    /// <summary>Id of the account.</summary>
    public Guid? UserId { get; init; }

    /// <summary>User name of the account.</summary>
    [PlainText(AccountNames.MaxUsernameBytes)]
    public string? Username { get; init; }

    /// <summary>E-mail address of the account.</summary>
    [PlainText(AccountNames.MaxEmailBytes)]
    public string? Email { get; init; }

    /// <summary>Role to give: <c>owner</c>, <c>admin</c>, <c>member</c> or <c>viewer</c>.</summary>
    [Required]
    [AllowedValues("owner", "admin", "member", "viewer", ErrorMessage = Roles.Rule)]
    public string? Role { get; init; }

    /// <summary>Whether exactly one name is given.</summary>
    public bool NamesOneAccount() => new object?[] { UserId, Username, Email }.Count(name => name is not null) == 1;
}

/// <summary>Body of a <c>PUT</c> to a member.</summary>
internal sealed record SetRoleRequest
{
    /// <summary>The new role: <c>owner</c>, <c>admin</c>, <c>member</c> or <c>viewer</c>.</summary>
    [Required]
    [AllowedValues("owner", "admin", "member", "viewer", ErrorMessage = Roles.Rule)]
    public string? Role { get; init; }
}

/// <summary>Names of roles. Read as texts: the JSON converter of enums would take several names at once for the sum of their values.</summary>
internal static class Roles
{
    public const string Rule = "Must be one of: owner, admin, member, viewer.";

    /// <summary>The role with a name of which it is known that it is one.</summary>
    public static TenantRole Parse(string name) => Enum.Parse<TenantRole>(name, ignoreCase: true);
}

/// <summary>A member of a tenant or team.</summary>
/// <param name="UserId">Id of the account.</param>
/// <param name="Username">Its user name.</param>
/// <param name="Email">Its e-mail address; shown to admins and owners, and to oneself.</param>
/// <param name="Role">Its role.</param>
/// <param name="CreatedAt">Since when it is a member.</param>
internal sealed record MemberResponse(Guid UserId, string? Username, string? Email, TenantRole Role, DateTimeOffset CreatedAt);

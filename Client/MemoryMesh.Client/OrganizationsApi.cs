namespace MemoryMesh.Client;

/// <summary>Organizations, which are tenants, their teams, and the members of both: <c>/v1/organizations</c>. An organization is named by id or slug.</summary>
public sealed class OrganizationsApi
{
    private readonly Connection _connection;

    internal OrganizationsApi(Connection connection) => _connection = connection;

    /// <summary>The organizations of the account, in the order of their creation.</summary>
    public IAsyncEnumerable<OrganizationInfo> ListAsync(CancellationToken cancellationToken = default)
        => EnumerateAsync(() => new Address("v1/organizations"), ClientJson.Default.CursorPageOrganizationInfo, cancellationToken);

    /// <summary>Reads an organization.</summary>
    public Task<OrganizationInfo> GetAsync(string organization, CancellationToken cancellationToken = default)
        => _connection.GetAsync(Of(organization), ClientJson.Default.OrganizationInfo, cancellationToken);

    /// <summary>Creates an organization; the account becomes its owner.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="slug">1 to 64 of a-z, 0-9, <c>-</c> and <c>_</c>; may be given later.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    public Task<OrganizationInfo> CreateAsync(string name, string? slug = null, CancellationToken cancellationToken = default)
        => ChangeAsync(HttpMethod.Post, new Address("v1/organizations"), name, slug, cancellationToken);

    /// <summary>Renames an organization, or gives it a slug when it has none.</summary>
    public Task<OrganizationInfo> UpdateAsync(string organization, string name, string? slug = null, CancellationToken cancellationToken = default)
        => ChangeAsync(HttpMethod.Put, Of(organization), name, slug, cancellationToken);

    /// <summary>Deletes an organization with its teams, members and API keys.</summary>
    public Task DeleteAsync(string organization, CancellationToken cancellationToken = default)
        => _connection.DeleteAsync(Of(organization), null, cancellationToken);

    /// <summary>The members of an organization, in the order of their ids.</summary>
    public IAsyncEnumerable<MemberInfo> ListMembersAsync(string organization, CancellationToken cancellationToken = default)
        => EnumerateAsync(() => Of(organization).Part("members"), ClientJson.Default.CursorPageMemberInfo, cancellationToken);

    /// <summary>Adds a member to an organization.</summary>
    public Task<MemberInfo> AddMemberAsync(string organization, NewMember member, CancellationToken cancellationToken = default)
        => _connection.SendAsync(
            HttpMethod.Post, Of(organization).Part("members"), member, ClientJson.Default.NewMember, ClientJson.Default.MemberInfo, cancellationToken);

    /// <summary>Reads a member of an organization.</summary>
    public Task<MemberInfo> GetMemberAsync(string organization, string userId, CancellationToken cancellationToken = default)
        => _connection.GetAsync(Of(organization).Part("members").Id(userId), ClientJson.Default.MemberInfo, cancellationToken);

    /// <summary>Changes the role of a member: <c>owner</c>, <c>admin</c>, <c>member</c> or <c>viewer</c>.</summary>
    public Task<MemberInfo> SetMemberRoleAsync(string organization, string userId, string role, CancellationToken cancellationToken = default)
        => SetRoleAsync(Of(organization).Part("members").Id(userId), role, cancellationToken);

    /// <summary>Removes a member, or leaves the organization.</summary>
    public Task RemoveMemberAsync(string organization, string userId, CancellationToken cancellationToken = default)
        => _connection.DeleteAsync(Of(organization).Part("members").Id(userId), null, cancellationToken);

    /// <summary>The teams of an organization, in the order of their creation.</summary>
    public IAsyncEnumerable<TeamInfo> ListTeamsAsync(string organization, CancellationToken cancellationToken = default)
        => EnumerateAsync(() => Of(organization).Part("teams"), ClientJson.Default.CursorPageTeamInfo, cancellationToken);

    /// <summary>Reads a team.</summary>
    public Task<TeamInfo> GetTeamAsync(string organization, string team, CancellationToken cancellationToken = default)
        => _connection.GetAsync(Of(organization, team), ClientJson.Default.TeamInfo, cancellationToken);

    /// <summary>Creates a team; the account becomes its owner.</summary>
    public Task<TeamInfo> CreateTeamAsync(string organization, string name, CancellationToken cancellationToken = default)
        => NameTeamAsync(HttpMethod.Post, Of(organization).Part("teams"), name, cancellationToken);

    /// <summary>Renames a team.</summary>
    public Task<TeamInfo> RenameTeamAsync(string organization, string team, string name, CancellationToken cancellationToken = default)
        => NameTeamAsync(HttpMethod.Put, Of(organization, team), name, cancellationToken);

    /// <summary>Deletes a team.</summary>
    public Task DeleteTeamAsync(string organization, string team, CancellationToken cancellationToken = default)
        => _connection.DeleteAsync(Of(organization, team), null, cancellationToken);

    /// <summary>The members of a team, in the order of their ids.</summary>
    public IAsyncEnumerable<MemberInfo> ListTeamMembersAsync(string organization, string team, CancellationToken cancellationToken = default)
        => EnumerateAsync(() => Of(organization, team).Part("members"), ClientJson.Default.CursorPageMemberInfo, cancellationToken);

    /// <summary>Adds a member of the organization to a team.</summary>
    public Task<MemberInfo> AddTeamMemberAsync(string organization, string team, NewMember member, CancellationToken cancellationToken = default)
        => _connection.SendAsync(
            HttpMethod.Post, Of(organization, team).Part("members"), member, ClientJson.Default.NewMember, ClientJson.Default.MemberInfo, cancellationToken);

    /// <summary>Reads a member of a team.</summary>
    public Task<MemberInfo> GetTeamMemberAsync(string organization, string team, string userId, CancellationToken cancellationToken = default)
        => _connection.GetAsync(Of(organization, team).Part("members").Id(userId), ClientJson.Default.MemberInfo, cancellationToken);

    /// <summary>Changes the role of a team member: <c>owner</c>, <c>admin</c>, <c>member</c> or <c>viewer</c>.</summary>
    public Task<MemberInfo> SetTeamMemberRoleAsync(string organization, string team, string userId, string role, CancellationToken cancellationToken = default)
        => SetRoleAsync(Of(organization, team).Part("members").Id(userId), role, cancellationToken);

    /// <summary>Removes a member from a team, or leaves it.</summary>
    public Task RemoveTeamMemberAsync(string organization, string team, string userId, CancellationToken cancellationToken = default)
        => _connection.DeleteAsync(Of(organization, team).Part("members").Id(userId), null, cancellationToken);

    private static Address Of(string organization) => new Address("v1/organizations").Id(organization);

    private static Address Of(string organization, string team) => Of(organization).Part("teams").Id(team);

    private Task<OrganizationInfo> ChangeAsync(HttpMethod method, Address address, string name, string? slug, CancellationToken cancellationToken)
        => _connection.SendAsync(
            method, address, new OrganizationChanges(name, slug), ClientJson.Default.OrganizationChanges, ClientJson.Default.OrganizationInfo, cancellationToken);

    private Task<TeamInfo> NameTeamAsync(HttpMethod method, Address address, string name, CancellationToken cancellationToken)
        => _connection.SendAsync(method, address, new TeamName(name), ClientJson.Default.TeamName, ClientJson.Default.TeamInfo, cancellationToken);

    private Task<MemberInfo> SetRoleAsync(Address address, string role, CancellationToken cancellationToken)
        => _connection.SendAsync(HttpMethod.Put, address, new MemberRole(role), ClientJson.Default.MemberRole, ClientJson.Default.MemberInfo, cancellationToken);

    private IAsyncEnumerable<T> EnumerateAsync<T>(
        Func<Address> list, System.Text.Json.Serialization.Metadata.JsonTypeInfo<CursorPage<T>> page, CancellationToken cancellationToken)
        => Pages.EnumerateAsync<T>(
            null,
            async (cursor, cancel) =>
            {
                var (items, next) = await _connection.GetAsync(list().Query("limit", Pages.Largest).Query("cursor", cursor), page, cancel).ConfigureAwait(false);
                return (items, next);
            },
            cancellationToken);
}

/// <summary>An organization.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">Its name.</param>
/// <param name="Slug">Its slug, if it has one.</param>
/// <param name="Role">Role of the calling account: <c>owner</c>, <c>admin</c>, <c>member</c> or <c>viewer</c>.</param>
/// <param name="CreatedAt">When it was created.</param>
public sealed record OrganizationInfo(string Id, string Name, string? Slug, string Role, DateTimeOffset CreatedAt);

/// <summary>A team.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">Its name.</param>
/// <param name="CreatedAt">When it was created.</param>
public sealed record TeamInfo(string Id, string Name, DateTimeOffset CreatedAt);

/// <summary>A member of an organization or a team.</summary>
/// <param name="UserId">Id of the account.</param>
/// <param name="Username">Its user name.</param>
/// <param name="Email">Its e-mail address; shown to admins and owners, and to oneself.</param>
/// <param name="Role">Its role.</param>
/// <param name="CreatedAt">Since when it is a member.</param>
public sealed record MemberInfo(string UserId, string? Username, string? Email, string Role, DateTimeOffset CreatedAt);

/// <summary>A member to add. Exactly one of <see cref="UserId"/>, <see cref="Username"/> and <see cref="Email"/> names the account.</summary>
public sealed record NewMember
{
    /// <summary>Id of the account.</summary>
    public string? UserId { get; init; }

    /// <summary>User name of the account.</summary>
    public string? Username { get; init; }

    /// <summary>E-mail address of the account.</summary>
    public string? Email { get; init; }

    /// <summary>Role to give: <c>owner</c>, <c>admin</c>, <c>member</c> or <c>viewer</c>.</summary>
    public required string Role { get; init; }
}

internal sealed record OrganizationChanges(string Name, string? Slug);

internal sealed record TeamName(string Name);

internal sealed record MemberRole(string Role);

using System.Text.Json;
using MemoryMesh.Client;
using MemoryMesh.ServiceDefaults.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace MemoryMesh.Gateway.Facades.MemVault;

/// <summary>Memories of the caller, of teams and of organizations.</summary>
/// <remarks>A memory here is an added text with the facts that processing draws from it, which are listed in it and not beside it.</remarks>
internal static class MemoryEndpoints
{
    /// <summary>No list of memories has more pages.</summary>
    private const int LastPage = 1_000_000;

    private const string Processing =
        "It is pending until it was read, processing until search can find it, then completed, or failed with the reason in `error`. "
        + "`memories` has the facts that were drawn from it.";

    public static void MapMemories(this RouteGroupBuilder group)
    {
        MapOwn(group.MapGroup("/users/me"));
        MapTeams(group.MapGroup("/teams/{team_id}"));
        MapOrganizations(group.MapGroup("/orgs/{org_id}"));
    }

    private static void MapOwn(RouteGroupBuilder group)
    {
        group.MapGet("/", ([AsParameters] ListParameters list, string? status, FacadeRequest request, CancellationToken cancellationToken)
                => ListAsync(request, Vault.OfCaller(request), list, status, cancellationToken))
            .WithName("MemVault_ListOwnMemories").WithSummary("List the caller's own memories");
        group.MapPost("/", (VaultMemoryRequest memory, FacadeRequest request, CancellationToken cancellationToken)
                => AddAsync(request, Vault.OfCaller(request), memory, cancellationToken))
            .WithName("MemVault_AddOwnMemory").WithSummary("Add a memory of the caller").WithDescription(Processing).ProducesProblem(422);
        group.MapGet("/{id}", (string id, FacadeRequest request, CancellationToken cancellationToken)
                => GetAsync(request, Vault.OfCaller(request), id, cancellationToken))
            .WithName("MemVault_GetOwnMemory").WithSummary("Read a memory of the caller");
        group.MapPatch("/{id}", (string id, VaultMemoryChanges changes, FacadeRequest request, CancellationToken cancellationToken)
                => ChangeAsync(request, Vault.OfCaller(request), id, changes, cancellationToken))
            .WithName("MemVault_UpdateOwnMemory").WithSummary("Change a memory of the caller").WithDescription(Processing).ProducesProblem(409);
        group.MapDelete("/{id}", (string id, FacadeRequest request, CancellationToken cancellationToken)
                => DeleteAsync(request, Vault.OfCaller(request), id, cancellationToken))
            .WithName("MemVault_DeleteOwnMemory").WithSummary("Delete a memory of the caller with its facts").ProducesProblem(409);
    }

    private static void MapTeams(RouteGroupBuilder group)
    {
        group.MapGet("/", ([FromRoute(Name = "team_id")] string team, [AsParameters] ListParameters list, string? status, FacadeRequest request, CancellationToken cancellationToken)
                => ListAsync(request, Vault.OfTeam(team), list, status, cancellationToken))
            .WithName("MemVault_ListTeamMemories").WithSummary("List the memories of a team").WithDescription("For its members.");
        group.MapPost("/", ([FromRoute(Name = "team_id")] string team, VaultMemoryRequest memory, FacadeRequest request, CancellationToken cancellationToken)
                => AddAsync(request, Vault.OfTeam(team), memory, cancellationToken))
            .WithName("MemVault_AddTeamMemory").WithSummary("Add a memory of a team").WithDescription("For the role member or higher. " + Processing);
        group.MapGet("/{id}", ([FromRoute(Name = "team_id")] string team, string id, FacadeRequest request, CancellationToken cancellationToken)
                => GetAsync(request, Vault.OfTeam(team), id, cancellationToken))
            .WithName("MemVault_GetTeamMemory").WithSummary("Read a memory of a team");
        group.MapPatch("/{id}", ([FromRoute(Name = "team_id")] string team, string id, VaultMemoryChanges changes, FacadeRequest request, CancellationToken cancellationToken)
                => ChangeAsync(request, Vault.OfTeam(team), id, changes, cancellationToken))
            .WithName("MemVault_UpdateTeamMemory").WithSummary("Change a memory of a team").WithDescription("For the role member or higher. " + Processing)
            .ProducesProblem(409);
        group.MapDelete("/{id}", ([FromRoute(Name = "team_id")] string team, string id, FacadeRequest request, CancellationToken cancellationToken)
                => DeleteAsync(request, Vault.OfTeam(team), id, cancellationToken))
            .WithName("MemVault_DeleteTeamMemory").WithSummary("Delete a memory of a team with its facts")
            .WithDescription("For whoever added it, and for admins.").ProducesProblem(409);
    }

    private static void MapOrganizations(RouteGroupBuilder group)
    {
        group.MapGet("/", ([FromRoute(Name = "org_id")] string org, [AsParameters] ListParameters list, string? status, FacadeRequest request, CancellationToken cancellationToken)
                => ListAsync(request, Vault.OfOrganization(org), list, status, cancellationToken))
            .WithName("MemVault_ListOrganizationMemories").WithSummary("List the memories of an organization").WithDescription("For its members.");
        group.MapPost("/", async ([FromRoute(Name = "org_id")] string org, VaultMemoryRequest memory, FacadeRequest request, CancellationToken cancellationToken) =>
            {
                // Storing may make a tenant of a name that nobody has. Here an organization that is not there stays so.
                var organization = await request.Native.Organizations.GetAsync(org, cancellationToken);
                return await AddAsync(request, Vault.OfOrganization(organization.Id), memory, cancellationToken);
            })
            .WithName("MemVault_AddOrganizationMemory").WithSummary("Add a memory of an organization").WithDescription("For the role member or higher. " + Processing);
        group.MapGet("/{id}", ([FromRoute(Name = "org_id")] string org, string id, FacadeRequest request, CancellationToken cancellationToken)
                => GetAsync(request, Vault.OfOrganization(org), id, cancellationToken))
            .WithName("MemVault_GetOrganizationMemory").WithSummary("Read a memory of an organization");
        group.MapPatch("/{id}", ([FromRoute(Name = "org_id")] string org, string id, VaultMemoryChanges changes, FacadeRequest request, CancellationToken cancellationToken)
                => ChangeAsync(request, Vault.OfOrganization(org), id, changes, cancellationToken))
            .WithName("MemVault_UpdateOrganizationMemory").WithSummary("Change a memory of an organization")
            .WithDescription("For the role member or higher. " + Processing).ProducesProblem(409);
        group.MapDelete("/{id}", ([FromRoute(Name = "org_id")] string org, string id, FacadeRequest request, CancellationToken cancellationToken)
                => DeleteAsync(request, Vault.OfOrganization(org), id, cancellationToken))
            .WithName("MemVault_DeleteOrganizationMemory").WithSummary("Delete a memory of an organization with its facts")
            .WithDescription("For whoever added it, and for admins.").ProducesProblem(409);
    }

    private static async Task<Results<Ok<ListPage<VaultMemory>>, ProblemHttpResult>> ListAsync(
        FacadeRequest request, Vault vault, ListParameters list, string? status, CancellationToken cancellationToken)
    {
        if (!list.TryReadSize(out var size))
        {
            return ListParameters.WrongSize();
        }

        var memories = request.Native.Memories;
        var query = new MemoryQuery
        {
            Owner = vault.Owner,
            Status = ListParameters.Given(status),
            Search = ListParameters.Given(list.Search),
            Ordering = ListParameters.Given(list.Ordering),
            IncludeFacts = false,
        };

        // Which page is the last one is only known when they are counted.
        var count = list.Page == ListParameters.Last ? (await memories.ListPageAsync(query with { PageSize = 1 }, cancellationToken)).Count : int.MaxValue;
        if (!list.TryFindPage(count, size, out var number) || number > LastPage)
        {
            return Problems.NotFound.ToResult();
        }

        var page = await memories.ListPageAsync(query with { Page = number, PageSize = size }, cancellationToken);
        return list.Page == ListParameters.Last || list.TryFindPage(page.Count, size, out _)
            ? TypedResults.Ok(ListParameters.Show(request, page.Count, number, size, [.. page.Memories.Select(VaultMemory.From)]))
            : Problems.NotFound.ToResult();
    }

    private static async Task<Created<VaultMemory>> AddAsync(
        FacadeRequest request, Vault vault, VaultMemoryRequest memory, CancellationToken cancellationToken)
    {
        var owner = vault.Owner;
        var added = await request.Native.Memories.AddAsync(
            new NewMemory
            {
                TenantId = owner.TenantId,
                Scope = owner.Scope,
                TeamId = owner.TeamId,
                Text = memory.Content!,
                Metadata = memory.Metadata is { ValueKind: not JsonValueKind.Null } metadata ? metadata : null,
                Extract = true,
            },
            request.IdempotencyKey,
            cancellationToken);
        return TypedResults.Created(request.LinkBelowSelf(added.Id), VaultMemory.From(added));
    }

    private static async Task<Results<Ok<VaultMemory>, ProblemHttpResult>> GetAsync(
        FacadeRequest request, Vault vault, string id, CancellationToken cancellationToken)
        => await vault.FindAsync(request, id, cancellationToken) is { } memory ? TypedResults.Ok(VaultMemory.From(memory)) : Problems.NotFound.ToResult();

    private static async Task<Results<Ok<VaultMemory>, ProblemHttpResult>> ChangeAsync(
        FacadeRequest request, Vault vault, string id, VaultMemoryChanges changes, CancellationToken cancellationToken)
    {
        if (await vault.FindAsync(request, id, cancellationToken) is not { } memory)
        {
            return Problems.NotFound.ToResult();
        }

        var changed = await request.Native.Memories.UpdateAsync(
            memory.Id,
            new MemoryChanges { Text = changes.Content, Metadata = changes.Metadata.ValueKind == JsonValueKind.Undefined ? null : changes.Metadata },
            version: null,
            memory.TenantId,
            cancellationToken);
        return TypedResults.Ok(VaultMemory.From(changed));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(
        FacadeRequest request, Vault vault, string id, CancellationToken cancellationToken)
    {
        if (await vault.FindAsync(request, id, cancellationToken) is not { } memory)
        {
            return Problems.NotFound.ToResult();
        }

        await request.Native.Memories.DeleteAsync(memory.Id, version: null, memory.TenantId, cancellationToken);
        return TypedResults.NoContent();
    }
}

/// <summary>The memories of one owner.</summary>
/// <param name="Owner">The owner.</param>
internal sealed record Vault(MemoryOwner Owner)
{
    private const string User = "user";
    private const string Team = "team";
    private const string Organization = "organization";

    /// <summary>The caller's own, in the tenant of requests that name none.</summary>
    public static Vault OfCaller(FacadeRequest request)
        => new(new MemoryOwner { Scope = User, TenantId = request.Caller.Principal.DefaultTenantId.ToString("D"), UserId = request.OwnUserId });

    /// <summary>A team's, in the team's tenant.</summary>
    public static Vault OfTeam(string team) => new(new MemoryOwner { Scope = Team, TeamId = team });

    /// <summary>An organization's, named by id or slug.</summary>
    public static Vault OfOrganization(string organization) => new(new MemoryOwner { Scope = Organization, TenantId = organization });

    /// <summary>A memory of this owner, or null when it is another's.</summary>
    public async Task<MemoryInfo?> FindAsync(FacadeRequest request, string id, CancellationToken cancellationToken)
    {
        var memory = await request.Native.Memories.GetAsync(id, Owner.TenantId, cancellationToken);
        return memory.Scope == Owner.Scope && memory.UserId == Owner.UserId && string.Equals(memory.TeamId, Owner.TeamId, StringComparison.OrdinalIgnoreCase)
            ? memory
            : null;
    }
}

/// <summary>A memory to add.</summary>
internal sealed record VaultMemoryRequest
{
    /// <summary>The text, up to 8,192 bytes. It is kept as it is.</summary>
    public string? Content { get; init; }

    /// <summary>A JSON object of up to 8 KiB.</summary>
    public JsonElement? Metadata { get; init; }
}

/// <summary>What to change of a memory; what is left out stays.</summary>
internal sealed record VaultMemoryChanges
{
    /// <summary>The new text, up to 8,192 bytes. Facts are drawn from it anew.</summary>
    public string? Content { get; init; }

    /// <summary>Replaces the metadata; null removes it.</summary>
    public JsonElement Metadata { get; init; }
}

/// <summary>A memory.</summary>
internal sealed record VaultMemory
{
    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>The text, as it was added.</summary>
    public required string Content { get; init; }

    /// <summary>A JSON object, or null.</summary>
    public required JsonElement? Metadata { get; init; }

    /// <summary>pending, processing, completed or failed.</summary>
    public required string Status { get; init; }

    /// <summary>Why processing failed, as a code; null when it did not.</summary>
    public required string? Error { get; init; }

    /// <summary>user, team or organization.</summary>
    public required string Scope { get; init; }

    /// <summary>Id of the user, team or organization.</summary>
    public required string Owner { get; init; }

    /// <summary>Account that added it; null for a fact that was drawn from something.</summary>
    public required string? CreatedBy { get; init; }

    /// <summary>When it was added.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it last changed.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>The facts that processing drew from it, in the order of its words.</summary>
    public required IReadOnlyList<VaultFact> Memories { get; init; }

    public static VaultMemory From(MemoryInfo memory) => new()
    {
        Id = memory.Id,
        Content = memory.Text,
        Metadata = memory.Metadata,
        Status = memory.Status,
        Error = memory.Error,
        Scope = memory.Scope,
        Owner = memory.UserId ?? memory.TeamId ?? memory.TenantId!,
        CreatedBy = memory.CreatedBy,
        CreatedAt = memory.CreatedAt,
        UpdatedAt = memory.UpdatedAt,
        Memories = [.. memory.Facts.Select(fact => new VaultFact(fact.Id, fact.Text, fact.Category, fact.Confidence, fact.CreatedAt))],
    };
}

/// <summary>A fact that processing drew. It is a memory itself, and can be read and deleted by its id.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Content">The fact.</param>
/// <param name="Category">Its category, for example name or preference.</param>
/// <param name="Confidence">How sure it is, 0 to 1.</param>
/// <param name="CreatedAt">When it was first drawn.</param>
internal sealed record VaultFact(string Id, string Content, string Category, double Confidence, DateTimeOffset CreatedAt);

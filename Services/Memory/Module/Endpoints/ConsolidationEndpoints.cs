using MemoryMesh.Memory.Consolidation;
using MemoryMesh.Memory.Storage;
using MemoryMesh.ServiceDefaults.Hosting;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace MemoryMesh.Memory.Endpoints;

/// <summary>Routes to consolidate the memories of a tenant, and to see what that did. Reports list memories of every owner: they are for admins and owners.</summary>
internal static class ConsolidationEndpoints
{
    private const string GetRoute = "Memory_GetConsolidation";
    private const int DefaultLimit = 50;
    private const int MaxLimit = 200;

    public static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/memories/consolidations").WithTags("Memory").ValidateRequests()
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status401Unauthorized)
            .ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status404NotFound);
        group.MapPost("/", StartAsync).WithName("Memory_Consolidate").WithSummary("Consolidate the memories of a tenant")
            .WithDescription(
                "Merges restatements, ends what is over, lets what was observed often rank higher, and lets inferred memories through that enough messages said. It runs by itself once a day; "
                + "this begins a run now. With `dry_run` nothing is changed, and the report tells what would be. For admins and owners with the scope `admin`. An Idempotency-Key makes it safe to repeat.")
            .WithExample("""{"dry_run": true}""")
            .ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status422UnprocessableEntity);
        group.MapGet("/", ListAsync).WithName("Memory_ListConsolidations").WithSummary("List consolidations of a tenant, newest first")
            .WithDescription("For admins and owners with the scope `admin`. Runs are kept for 90 days unless configured otherwise.");
        group.MapGet("/{id:guid}", GetAsync).WithName(GetRoute).WithSummary("Read how far a consolidation is");
        group.MapGet("/{id:guid}/changes", ListChangesAsync).WithName("Memory_ListConsolidationChanges").WithSummary("List what a consolidation did, or would do")
            .WithDescription("One entry for each change of a memory, in order. Those of subjects that were erased are gone.");
    }

    private static async Task<Results<AcceptedAtRoute<ConsolidationResponse>, ProblemHttpResult>> StartAsync(
        ConsolidationRequest request,
        Caller caller,
        TenantGuard guard,
        IConsolidationStore store,
        ConsolidationWorker worker,
        TimeProvider clock,
        HttpRequest http,
        CancellationToken cancellationToken)
    {
        var (repeatable, wrongKey) = RepeatableRequest.Read(http, caller, request);
        if (wrongKey is not null)
        {
            return wrongKey;
        }

        var (access, problem) = await guard.EnterAsync(caller, request.TenantId, Permission.Administer, cancellationToken);
        if (access is null)
        {
            return problem!;
        }

        var now = StoredTime.Now(clock);
        var requested = await store.RequestAsync(
            new ConsolidationRun
            {
                Id = Guid.CreateVersion7(now), TenantId = access.TenantId, RequestedBy = access.AccountId, DryRun = request.DryRun, RequestedAt = now,
            },
            repeatable,
            cancellationToken);
        if (requested.Run is not { } run)
        {
            return (requested.KeyReused ? Problems.IdempotencyKeyReused : requested.Replayed ? Problems.NotFound : MemoryProblems.ConsolidationRunning).ToResult();
        }

        if (requested.Replayed)
        {
            RepeatableRequest.MarkReplayed(http.HttpContext.Response);
        }

        worker.Ring();
        return TypedResults.AcceptedAtRoute(ConsolidationResponse.From(run), GetRoute, new { id = run.Id, tenant_id = run.TenantId });
    }

    private static async Task<Results<Ok<ConsolidationListResponse>, ProblemHttpResult>> ListAsync(
        string? tenant_id, string? cursor, int? limit, Caller caller, TenantGuard guard, IConsolidationStore store, CancellationToken cancellationToken)
    {
        if (CheckPage(cursor, limit) is { } invalid)
        {
            return invalid;
        }

        var (access, problem) = await guard.EnterAsync(caller, tenant_id, Permission.Administer, cancellationToken);
        if (access is null)
        {
            return problem!;
        }

        var most = limit ?? DefaultLimit;
        var runs = await store.ListAsync(access.TenantId, ReadCursor(cursor), most, cancellationToken);
        return TypedResults.Ok(new ConsolidationListResponse([.. runs.Select(ConsolidationResponse.From)], NextCursor(most, runs.Count, runs.Count == 0 ? default : runs[^1].Id)));
    }

    private static async Task<Results<Ok<ConsolidationResponse>, ProblemHttpResult>> GetAsync(
        Guid id, string? tenant_id, Caller caller, TenantGuard guard, IConsolidationStore store, CancellationToken cancellationToken)
    {
        var (access, problem) = await guard.EnterAsync(caller, tenant_id, Permission.Administer, cancellationToken);
        return access is null ? problem!
            : await store.FindAsync(access.TenantId, id, cancellationToken) is { } run ? TypedResults.Ok(ConsolidationResponse.From(run))
            : Problems.NotFound.ToResult();
    }

    private static async Task<Results<Ok<ConsolidationChangeListResponse>, ProblemHttpResult>> ListChangesAsync(
        Guid id, string? tenant_id, string? cursor, int? limit, Caller caller, TenantGuard guard, IConsolidationStore store, CancellationToken cancellationToken)
    {
        if (CheckPage(cursor, limit) is { } invalid)
        {
            return invalid;
        }

        var (access, problem) = await guard.EnterAsync(caller, tenant_id, Permission.Administer, cancellationToken);
        if (access is null)
        {
            return problem!;
        }

        if (await store.FindAsync(access.TenantId, id, cancellationToken) is null)
        {
            return Problems.NotFound.ToResult();
        }

        var most = limit ?? DefaultLimit;
        var changes = await store.ListChangesAsync(access.TenantId, id, ReadCursor(cursor), most, cancellationToken);
        return TypedResults.Ok(new ConsolidationChangeListResponse(
            [.. changes.Select(ConsolidationChangeResponse.From)], NextCursor(most, changes.Count, changes.Count == 0 ? default : changes[^1].Id)));
    }

    private static ProblemHttpResult? CheckPage(string? cursor, int? limit)
        => limit is < 1 or > MaxLimit ? Problems.InvalidField("limit", $"Must be 1 to {MaxLimit}.")
            : cursor is not null && ReadCursor(cursor) is null ? Problems.InvalidField("cursor", "Must be the next_cursor of a page before.")
            : null;

    private static Guid? ReadCursor(string? cursor) => Guid.TryParseExact(cursor, "N", out var id) ? id : null;

    private static string? NextCursor(int limit, int count, Guid last) => count == limit ? last.ToString("N") : null;
}

/// <summary>Consolidates the memories of a tenant.</summary>
internal sealed class ConsolidationRequest
{
    /// <summary>Id or slug of the tenant; the caller's own when left out.</summary>
    public string? TenantId { get; set; }

    /// <summary>Whether nothing is changed, and the report tells what would be. Default false.</summary>
    public bool DryRun { get; set; }
}

/// <summary>Consolidations of a tenant.</summary>
/// <param name="Consolidations">The newest first.</param>
/// <param name="NextCursor">Cursor of the next page; null on the last one.</param>
internal sealed record ConsolidationListResponse(IReadOnlyList<ConsolidationResponse> Consolidations, string? NextCursor);

/// <summary>A consolidation of the memories of a tenant.</summary>
/// <param name="Id">The run.</param>
/// <param name="TenantId">The tenant.</param>
/// <param name="Status">queued, running or completed.</param>
/// <param name="DryRun">Whether it only tells what it would do.</param>
/// <param name="Trigger">schedule or request.</param>
/// <param name="RequestedAt">When it was asked for.</param>
/// <param name="StartedAt">When it began; null while it is queued.</param>
/// <param name="FinishedAt">When every owner had been looked at; null until then.</param>
/// <param name="Owners">Subjects, teams and the organization: how many were looked at. One that runs by itself looks at those whose memories changed.</param>
/// <param name="Failed">How many of them could not be worked on.</param>
/// <param name="Merged">Memories that were merged into others, or would be.</param>
/// <param name="Superseded">Memories whose place a newer value of the attribute took.</param>
/// <param name="Expired">Memories whose time was over.</param>
/// <param name="Promoted">Memories that were observed often and rank higher.</param>
/// <param name="Approved">Inferred memories that enough messages said, and that were let through.</param>
internal sealed record ConsolidationResponse(
    Guid Id,
    Guid TenantId,
    string Status,
    bool DryRun,
    string Trigger,
    DateTimeOffset RequestedAt,
    DateTimeOffset? StartedAt,
    DateTimeOffset? FinishedAt,
    int Owners,
    int Failed,
    int Merged,
    int Superseded,
    int Expired,
    int Promoted,
    int Approved)
{
    public static ConsolidationResponse From(ConsolidationRun run) => new(
        run.Id,
        run.TenantId,
        run.State.ToString().ToLowerInvariant(),
        run.DryRun,
        run.RequestedBy is null ? "schedule" : "request",
        run.RequestedAt,
        run.StartedAt,
        run.FinishedAt,
        run.Figures.Owners,
        run.Figures.Failed,
        run.Figures.Merged,
        run.Figures.Superseded,
        run.Figures.Expired,
        run.Figures.Promoted,
        run.Figures.Approved);
}

/// <summary>What a consolidation did, or would do.</summary>
/// <param name="Changes">Each change of a memory, in order.</param>
/// <param name="NextCursor">Cursor of the next page; null on the last one.</param>
internal sealed record ConsolidationChangeListResponse(IReadOnlyList<ConsolidationChangeResponse> Changes, string? NextCursor);

/// <summary>A change of a memory.</summary>
/// <param name="Change">merged, superseded, expired, promoted or approved.</param>
/// <param name="Scope">user, team or organization.</param>
/// <param name="MemoryId">The memory.</param>
/// <param name="Into">The memory that says the same, or that took its place; else null.</param>
internal sealed record ConsolidationChangeResponse(string Change, string Scope, Guid MemoryId, Guid? Into)
{
    public static ConsolidationChangeResponse From(ReportedChange change)
        => new(change.Kind.ToString().ToLowerInvariant(), MemoryRecord.NameOf(change.Scope), change.MemoryId, change.IntoId);
}

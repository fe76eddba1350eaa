using System.Text;
using System.Text.Json;
using MemoryMesh.Memory.Features;
using MemoryMesh.Memory.Processing;
using MemoryMesh.Memory.Storage;
using MemoryMesh.Memory.Text;
using MemoryMesh.ServiceDefaults.Filtering;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace MemoryMesh.Memory.Endpoints;

/// <summary>The routes under <c>/v1/memories</c>.</summary>
internal static class MemoryEndpoints
{
    /// <summary>Others may change the same memory meanwhile; after so many tries that is told as a conflict.</summary>
    private const int Attempts = 8;
    private static readonly TimeSpan MostClockSkew = TimeSpan.FromMinutes(5);

    /// <summary>What is wrong with a list of categories.</summary>
    internal const string CategoryListMessage = "Must be null or a list of the documented categories.";
    private const string GetRoute = "Memory_Get";

    public static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/memories").WithTags("Memory").ValidateRequests()
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status401Unauthorized)
            .ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status404NotFound);
        group.MapPost("/", AddAsync).WithName("Memory_Add").WithSummary("Add a memory").ProducesProblem(StatusCodes.Status422UnprocessableEntity);
        group.MapGet("/", ListAsync).WithName("Memory_List").WithSummary("List memories of one owner")
            .WithDescription("`scope` is user (default), team or organization; or tenant: those of every owner, for admins and owners of the tenant.");
        group.MapDelete("/", DeleteAllAsync).WithName("Memory_DeleteAll").WithSummary("Delete all memories of one owner")
            .WithDescription(
                "`scope=tenant` deletes those of every owner of the tenant with their history: for admins and owners with the scope `admin`; the audit log tells of it. "
                + "What was said before is not learned again; opt-outs stay.");
        group.MapGet("/{id:guid}", GetAsync).WithName(GetRoute).WithSummary("Read a memory");
        group.MapPatch("/{id:guid}", UpdateAsync).WithName("Memory_Update").WithSummary("Change a memory")
            .ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status412PreconditionFailed);
        group.MapDelete("/{id:guid}", DeleteAsync).WithName("Memory_Delete").WithSummary("Delete a memory with its history")
            .ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status412PreconditionFailed);
        group.MapGet("/{id:guid}/history", GetHistoryAsync).WithName("Memory_GetHistory").WithSummary("Read the versions of a memory")
            .WithDescription("Of a deleted memory the deletion alone is left: its texts went with it.");
        group.MapPost("/{id:guid}/retry", RetryAsync).WithName("Memory_Retry").WithSummary("Try the background work on a failed memory again")
            .ProducesProblem(StatusCodes.Status409Conflict);
    }

    private static async Task<Results<CreatedAtRoute<MemoryResponse>, ProblemHttpResult>> AddAsync(
        AddMemoryRequest request,
        Caller caller,
        TenantGuard guard,
        MemoryRights rights,
        AddMemory addMemory,
        IMemoryStore store,
        IMemoryPolicies policies,
        TimeProvider clock,
        HttpRequest http,
        CancellationToken cancellationToken)
    {
        var (key, wrongKey) = IdempotencyHeader.Read(http);
        if (wrongKey is not null)
        {
            return wrongKey;
        }

        if ((CheckCategory(request.Category) ?? CheckTimes(request.ValidFrom, request.ValidTo, clock.GetUtcNow())) is { } invalid)
        {
            return invalid;
        }

        if (request.Instructions is not null && request.Extract != true)
        {
            return Problems.InvalidField("instructions", "Only with extract.");
        }

        var (access, problem) = await guard.EnterAsync(caller, request.TenantId, Permission.Store, cancellationToken, request.TeamId);
        if (access is null)
        {
            return problem!;
        }

        var (owner, refused) = rights.Choose(access, request.Scope, request.UserId, request.TeamId, MemoryAction.Write);
        if (owner is null)
        {
            return refused!;
        }

        if (request.Category is { } chosen)
        {
            var settings = owner.Scope == MemoryScope.User ? await store.FindSettingsAsync(access.TenantId, owner.Key, cancellationToken) : null;
            if (LearningRules.Of(await policies.FindAsync(access.TenantId, cancellationToken), settings).Allowed?.Contains(chosen) == false)
            {
                return MemoryProblems.CategoryNotAllowed.ToResult();
            }
        }

        var (memory, outcome) = await addMemory.HandleAsync(
            new NewMemory
            {
                TenantId = access.TenantId,
                Owner = owner,
                AccountId = access.AccountId,
                Text = request.Text!,
                Category = request.Category,
                Importance = request.Importance,
                MetadataJson = MetadataJson(request.Metadata),
                AgentId = request.AgentId,
                RunId = request.RunId,
                Extract = request.Extract == true,
                Instructions = request.Instructions,
                ValidFrom = request.ValidFrom,
                ValidTo = request.ValidTo,
            },
            key is null ? null : new IdempotentRequest(
                caller.Principal.DefaultTenantId,
                caller.AccountId,
                key,
                [.. "POST /v1/memories\n"u8, .. JsonSerializer.SerializeToUtf8Bytes(request)]),
            cancellationToken);
        if (outcome.KeyReused)
        {
            return Problems.IdempotencyKeyReused.ToResult();
        }

        if (outcome.OptedOut)
        {
            return MemoryProblems.OptedOut.ToResult();
        }

        var response = http.HttpContext.Response;
        if (outcome.Before is not null)
        {
            response.Headers[IdempotencyHeader.Replayed] = "true";
        }

        response.Headers.ETag = EntityTags.Of(memory.Version);
        return TypedResults.CreatedAtRoute(MemoryResponse.From(memory, [], [], []), GetRoute, new { id = memory.Id });
    }

    private static async Task<Results<Ok<MemoryListResponse>, ProblemHttpResult>> ListAsync(
        [AsParameters] ListMemoriesParameters parameters,
        Caller caller,
        TenantGuard guard,
        MemoryRights rights,
        IMemoryStore store,
        TimeProvider clock,
        CancellationToken cancellationToken)
    {
        if (parameters.Check() is { } invalid)
        {
            return invalid;
        }

        var (access, problem) = await guard.EnterAsync(caller, parameters.TenantId, Permission.Read, cancellationToken, parameters.TeamId);
        if (access is null)
        {
            return problem!;
        }

        MemoryOwner? owner = null;
        if (!parameters.OfTenant)
        {
            (owner, var refused) = rights.Choose(access, parameters.Scope, parameters.UserId, parameters.TeamId, MemoryAction.Read);
            if (owner is null)
            {
                return refused!;
            }
        }
        else if (!access.ActsForEverySubject)
        {
            return Problems.Forbidden.ToResult();
        }

        var query = parameters.ToQuery(access.TenantId, owner, clock.GetUtcNow());
        var page = await store.ListAsync(query, cancellationToken);
        return TypedResults.Ok(new MemoryListResponse(
            page.Count, query.Page, query.PageSize, await RespondAsync(store, access.TenantId, page.Memories, cancellationToken)));
    }

    private static async Task<Results<Ok<DeletedResponse>, ProblemHttpResult>> DeleteAllAsync(
        string? tenant_id,
        string? scope,
        string? user_id,
        string? team_id,
        bool? opt_out,
        Caller caller,
        TenantGuard guard,
        MemoryRights rights,
        ForgetMemories forget,
        IMemoryStore store,
        CancellationToken cancellationToken)
    {
        if (scope is null && user_id is null)
        {
            return Problems.InvalidField("user_id", "Say whose memories: user_id, scope=team with team_id, scope=organization or scope=tenant.");
        }

        if (scope == MemoryRights.TenantScope)
        {
            if ((user_id ?? team_id) is not null || opt_out == true)
            {
                return Problems.InvalidField(user_id is not null ? "user_id" : team_id is not null ? "team_id" : "opt_out", "Not with scope tenant.");
            }

            var (administrator, refusal) = await guard.EnterAsync(caller, tenant_id, Permission.Administer, cancellationToken);
            return administrator is null
                ? refusal!
                : TypedResults.Ok(new DeletedResponse(await forget.ResetAsync(administrator.TenantId, administrator.AccountId, cancellationToken), false));
        }

        if (scope == Contracts.Memory.MemoryScopes.User && user_id is null)
        {
            return Problems.InvalidField("user_id", "Needed with scope user.");
        }

        if (opt_out == true && scope is not (null or Contracts.Memory.MemoryScopes.User))
        {
            return Problems.InvalidField("opt_out", "Only with scope user.");
        }

        var (access, problem) = await guard.EnterAsync(caller, tenant_id, Permission.Write, cancellationToken, team_id);
        if (access is null)
        {
            return problem!;
        }

        var (owner, refused) = rights.Choose(access, scope, user_id, team_id, MemoryAction.DeleteAny);
        if (owner is null)
        {
            return refused!;
        }

        var deleted = await forget.HandleAsync(access.TenantId, owner, opt_out == true, cancellationToken);
        var settings = owner.Scope == MemoryScope.User ? await store.FindSettingsAsync(access.TenantId, owner.Key, cancellationToken) : null;
        return TypedResults.Ok(new DeletedResponse(deleted, settings?.OptedOut == true));
    }

    private static async Task<Results<Ok<MemoryResponse>, ProblemHttpResult>> GetAsync(
        Guid id, string? tenant_id, Caller caller, MemoryDoor door, IMemoryStore store, HttpResponse response, CancellationToken cancellationToken)
    {
        var (_, memory, problem) = await door.EnterAsync(caller, id, tenant_id, Permission.Read, cancellationToken);
        if (memory is null)
        {
            return problem!;
        }

        response.Headers.ETag = EntityTags.Of(memory.Version);
        return TypedResults.Ok(await RespondAsync(store, memory, cancellationToken));
    }

    private static async Task<Results<Ok<MemoryResponse>, ProblemHttpResult>> UpdateAsync(
        Guid id,
        string? tenant_id,
        UpdateMemoryRequest request,
        Caller caller,
        MemoryDoor door,
        IMemoryStore store,
        UpdateMemory updateMemory,
        HttpRequest http,
        CancellationToken cancellationToken)
    {
        if (CheckCategory(request.Category) is { } invalid)
        {
            return invalid;
        }

        if (!TryReadTime(request.ValidTo, out var validTo))
        {
            return Problems.InvalidField("valid_to", TimeText.Message);
        }

        var edit = new MemoryEdit
        {
            SetsValidTo = request.ValidTo.ValueKind != JsonValueKind.Undefined,
            ValidTo = validTo,
            Text = request.Text,
            Category = request.Category,
            Importance = request.Importance,
            SetsMetadata = request.Metadata.ValueKind != JsonValueKind.Undefined,
            MetadataJson = MetadataJson(request.Metadata),
        };
        if (edit is { Text: null, Category: null, Importance: null, SetsMetadata: false, SetsValidTo: false })
        {
            return Problems.InvalidField("text", "Give at least one of text, category, importance, metadata and valid_to.");
        }

        // Without If-Match the change goes over whatever version is stored, so a version that changes meanwhile is read again.
        var condition = EntityTags.ReadIfMatch(http);
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var (access, memory, problem) = await door.EnterAsync(caller, id, tenant_id, Permission.Write, cancellationToken);
            if (memory is null)
            {
                return problem!;
            }

            if (!MemoryRights.MayWrite(access!, memory))
            {
                return Problems.Forbidden.ToResult();
            }

            if (!condition.Allows(memory.Version))
            {
                return Problems.PreconditionFailed.ToResult();
            }

            if (!memory.Active)
            {
                return (memory.Held ? MemoryProblems.Held : MemoryProblems.Superseded).ToResult();
            }

            if (edit.ValidTo <= memory.ValidFrom)
            {
                return Problems.InvalidField("valid_to", "Must be later than valid_from.");
            }

            if (await updateMemory.HandleAsync(memory, edit, access!.AccountId, cancellationToken) is { } updated)
            {
                http.HttpContext.Response.Headers.ETag = EntityTags.Of(updated.Version);
                return TypedResults.Ok(await RespondAsync(store, updated, cancellationToken));
            }
        }

        return Problems.Conflict.ToResult();
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(
        Guid id,
        string? tenant_id,
        Caller caller,
        MemoryDoor door,
        IMemoryStore store,
        TimeProvider clock,
        HttpRequest http,
        CancellationToken cancellationToken)
    {
        var condition = EntityTags.ReadIfMatch(http);
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var (access, memory, problem) = await door.EnterAsync(caller, id, tenant_id, Permission.Write, cancellationToken);
            if (memory is null)
            {
                return problem!;
            }

            if (!MemoryRights.MayDelete(access!, memory))
            {
                return Problems.Forbidden.ToResult();
            }

            if (!condition.Allows(memory.Version))
            {
                return Problems.PreconditionFailed.ToResult();
            }

            int? version = condition.AllowsAny ? null : memory.Version;
            if (await store.DeleteAsync(memory.TenantId, memory.Id, version, clock.GetUtcNow(), null, cancellationToken))
            {
                return TypedResults.NoContent();
            }
        }

        return Problems.Conflict.ToResult();
    }

    private static async Task<Results<Ok<HistoryResponse>, ProblemHttpResult>> GetHistoryAsync(
        Guid id, string? tenant_id, Caller caller, MemoryDoor door, IMemoryStore store, CancellationToken cancellationToken)
    {
        var (_, memory, problem) = await door.EnterAsync(caller, id, tenant_id, Permission.Read, cancellationToken);
        if (memory is null)
        {
            return await door.FindDeletedAsync(caller, id, tenant_id, cancellationToken) is { } deleted
                ? TypedResults.Ok(new HistoryResponse(
                    id, [new HistoryEntryResponse(deleted.Version, HistoryEvent.Delete.ToString().ToUpperInvariant(), null, null, deleted.At, null, null, null)]))
                : problem!;
        }

        var history = await store.ListHistoryAsync(memory, cancellationToken);
        return TypedResults.Ok(new HistoryResponse(
            memory.Id,
            [.. history.Select(entry => new HistoryEntryResponse(
                entry.Version, entry.Event.ToString().ToUpperInvariant(), entry.OldText, entry.NewText, entry.At, entry.Actor.ToString(), entry.ValidFrom, entry.ValidTo))]));
    }

    private static async Task<Results<Accepted<MemoryResponse>, ProblemHttpResult>> RetryAsync(
        Guid id,
        string? tenant_id,
        Caller caller,
        MemoryDoor door,
        IMemoryStore store,
        ProcessingBell bell,
        TimeProvider clock,
        CancellationToken cancellationToken)
    {
        var (access, memory, problem) = await door.EnterAsync(caller, id, tenant_id, Permission.Write, cancellationToken);
        if (memory is null)
        {
            return problem!;
        }

        if (!MemoryRights.MayWrite(access!, memory))
        {
            return Problems.Forbidden.ToResult();
        }

        if (!await store.RetryAsync(memory.TenantId, memory.Id, clock.GetUtcNow(), cancellationToken))
        {
            return MemoryProblems.NotFailed.ToResult();
        }

        bell.Ring();
        return TypedResults.Accepted(
            $"/v1/memories/{memory.Id:D}", await RespondAsync(store, memory with { Status = MemoryStatus.Pending, Attempts = 0 }, cancellationToken));
    }

    internal static async Task<MemoryResponse> RespondAsync(IMemoryStore store, MemoryRecord memory, CancellationToken cancellationToken)
        => (await RespondAsync(store, memory.TenantId, [memory], cancellationToken))[0];

    /// <summary>Memories as they are shown, in the same order.</summary>
    internal static async Task<IReadOnlyList<MemoryResponse>> RespondAsync(
        IMemoryStore store, Guid tenantId, IReadOnlyList<MemoryRecord> memories, CancellationToken cancellationToken)
    {
        var shown = new Dictionary<Guid, MemoryResponse>(memories.Count);
        var supersedes = await store.ListSupersededIdsAsync(tenantId, [.. memories.Select(memory => memory.Id)], cancellationToken);
        foreach (var owned in memories.GroupBy(memory => memory.OwnerKey))
        {
            var sources = await store.ListSourcesAsync(tenantId, owned.Key, [.. owned.Select(memory => memory.Id)], cancellationToken);
            var facts = await store.ListFactsAsync(tenantId, owned.Key, [.. owned.Where(memory => memory.Extract).Select(memory => memory.Id)], cancellationToken);
            foreach (var memory in owned)
            {
                shown[memory.Id] = MemoryResponse.From(memory, sources[memory.Id], facts[memory.Id], supersedes[memory.Id]);
            }
        }

        return [.. memories.Select(memory => shown[memory.Id])];
    }

    internal static ProblemHttpResult? CheckCategory(string? category)
        => category is null || Categories.Contains(category)
            ? null
            : Problems.InvalidField("category", $"Must be one of {string.Join(", ", Categories.DefaultImportance.Keys.Order(StringComparer.Ordinal))}.");

    /// <summary>Reads a list of categories; null for all. False when it is none.</summary>
    internal static bool TryReadCategories(JsonElement given, out IReadOnlyList<string>? categories)
    {
        categories = null;
        if (given.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null)
        {
            return true;
        }

        if (given.ValueKind != JsonValueKind.Array || given.GetArrayLength() > Categories.DefaultImportance.Count
            || given.EnumerateArray().Any(item => item.ValueKind != JsonValueKind.String || !Categories.Contains(item.GetString()!)))
        {
            return false;
        }

        categories = [.. given.EnumerateArray().Select(item => item.GetString()!).Distinct()];
        return true;
    }

    private static bool TryReadTime(JsonElement given, out DateTimeOffset? time)
    {
        time = null;
        if (given.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null)
        {
            return true;
        }

        if (given.ValueKind != JsonValueKind.String || !TimeText.TryRead(given.GetString()!, endOfDay: true, out var read))
        {
            return false;
        }

        time = DateTimeOffset.FromUnixTimeMilliseconds(read.ToUnixTimeMilliseconds());
        return true;
    }

    private static ProblemHttpResult? CheckTimes(DateTimeOffset? from, DateTimeOffset? to, DateTimeOffset now)
        => from < DateTimeOffset.UnixEpoch || from > now + MostClockSkew ? Problems.InvalidField("valid_from", "Must be from 1970 to at most five minutes in the future.")
            : to <= (from ?? now) ? Problems.InvalidField("valid_to", "Must be later than valid_from.")
            : null;

    private static string? MetadataJson(JsonElement? given)
        => given is { ValueKind: JsonValueKind.Object } metadata ? Encoding.UTF8.GetString(TextRules.ToCompactJson(metadata)) : null;
}

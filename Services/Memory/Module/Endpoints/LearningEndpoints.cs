using MemoryMesh.Memory.Processing;
using MemoryMesh.Memory.Storage;
using MemoryMesh.Memory.Text;
using MemoryMesh.ServiceDefaults.Filtering;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace MemoryMesh.Memory.Endpoints;

/// <summary>Routes about learning: the ledger of what became of everything that was read, what waits for review, consent, and the tenant's policy.</summary>
internal static class LearningEndpoints
{
    private const int DefaultLimit = 50;
    private const int MaxLimit = 200;

    public static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/memories").WithTags("Memory").ValidateRequests()
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status401Unauthorized)
            .ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status404NotFound);
        group.MapGet("/extractions", ListExtractionsAsync).WithName("Memory_ListExtractions").WithSummary("List what became of everything that was read")
            .WithDescription(
                "Every message of a person and every added memory that was read has an entry for each thing that was found in it, or one that says why there is nothing. "
                + "`scope` is as of a list of memories. Entries hold ids, codes and figures, none of the words, and are kept for 90 days unless configured otherwise.");
        group.MapGet("/reviews", ListReviewsAsync).WithName("Memory_ListReviews").WithSummary("List memories that are held back")
            .WithDescription("What was inferred, reads like an instruction or was called sensitive. None of it is recalled until it is approved with POST /v1/memories/{id}/review.");
        group.MapGet("/consents", ListConsentsAsync).WithName("Memory_ListConsents").WithSummary("List what sensitive a subject asked to be remembered")
            .WithDescription("Health, faith, politics, orientation and the law are learned only when the message says that it is to be remembered; each time is noted here.");
        group.MapGet("/policy", GetPolicyAsync).WithName("Memory_GetPolicy").WithSummary("Read what a tenant allows to be learned");
        group.MapPut("/policy", SavePolicyAsync).WithName("Memory_SavePolicy").WithSummary("Set what a tenant allows to be learned")
            .WithDescription("For admins and owners with the scope `admin`. It is about what is learned from then on; what is known stays.");
    }

    private static async Task<Results<Ok<ExtractionListResponse>, ProblemHttpResult>> ListExtractionsAsync(
        [AsParameters] ListExtractionsParameters parameters,
        Caller caller,
        TenantGuard guard,
        MemoryRights rights,
        KeyedNames names,
        IExtractionLedger ledger,
        CancellationToken cancellationToken)
    {
        if (parameters.Check() is { } invalid)
        {
            return invalid;
        }

        var (access, owner, problem) = await EnterAsync(
            caller, guard, rights, parameters.TenantId, parameters.Scope, parameters.UserId, parameters.TeamId, cancellationToken);
        if (access is null)
        {
            return problem!;
        }

        var query = parameters.ToQuery(access.TenantId, owner?.Key, names);
        var entries = await ledger.ListAsync(query, cancellationToken);
        return TypedResults.Ok(new ExtractionListResponse([.. entries.Select(ToResponse)], NextCursor(query.Limit, entries, entry => entry.Id)));
    }

    private static async Task<Results<Ok<MemoryListResponse>, ProblemHttpResult>> ListReviewsAsync(
        [AsParameters] ListReviewsParameters parameters,
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

        var (access, owner, problem) = await EnterAsync(
            caller, guard, rights, parameters.TenantId, parameters.Scope, parameters.UserId, parameters.TeamId, cancellationToken);
        if (access is null)
        {
            return problem!;
        }

        var query = new MemoryListQuery
        {
            TenantId = access.TenantId,
            Owner = owner,
            View = MemoryView.Held,
            HoldReason = parameters.Reason,
            Now = clock.GetUtcNow(),
            Page = parameters.Page ?? 1,
            PageSize = parameters.PageSize ?? DefaultLimit,
        };
        var page = await store.ListAsync(query, cancellationToken);
        return TypedResults.Ok(new MemoryListResponse(
            page.Count, query.Page, query.PageSize, await MemoryEndpoints.RespondAsync(store, access.TenantId, page.Memories, cancellationToken)));
    }

    private static async Task<Results<Ok<ConsentListResponse>, ProblemHttpResult>> ListConsentsAsync(
        string? tenant_id,
        string? user_id,
        string? cursor,
        int? limit,
        Caller caller,
        TenantGuard guard,
        MemoryRights rights,
        IExtractionLedger ledger,
        CancellationToken cancellationToken)
    {
        if (CheckPage(cursor, limit) is { } invalid)
        {
            return invalid;
        }

        var (access, owner, problem) = await EnterAsync(caller, guard, rights, tenant_id, null, user_id, null, cancellationToken);
        if (access is null)
        {
            return problem!;
        }

        var most = limit ?? DefaultLimit;
        var consents = await ledger.ListConsentsAsync(access.TenantId, owner!.Key, ReadCursor(cursor), most, cancellationToken);
        return TypedResults.Ok(new ConsentListResponse(
            [.. consents.Select(consent => new ConsentResponse(consent.Id, consent.Category, consent.MessageId, consent.MemoryId, consent.At))],
            NextCursor(most, consents, consent => consent.Id)));
    }

    private static async Task<Results<Ok<PolicyResponse>, ProblemHttpResult>> GetPolicyAsync(
        string? tenant_id, Caller caller, TenantGuard guard, IMemoryPolicies policies, HttpResponse response, CancellationToken cancellationToken)
    {
        var (access, problem) = await guard.EnterAsync(caller, tenant_id, Permission.Read, cancellationToken);
        return access is null ? problem! : ToAnswer(access.TenantId, await policies.FindAsync(access.TenantId, cancellationToken), response);
    }

    private static async Task<Results<Ok<PolicyResponse>, ProblemHttpResult>> SavePolicyAsync(
        PolicyRequest request,
        string? tenant_id,
        Caller caller,
        TenantGuard guard,
        IMemoryPolicies policies,
        TimeProvider clock,
        HttpResponse response,
        CancellationToken cancellationToken)
    {
        if (request.AllowedCategories?.All(Categories.Contains) == false)
        {
            return Problems.InvalidField("allowed_categories", MemoryEndpoints.CategoryListMessage);
        }

        var (access, problem) = await guard.EnterAsync(caller, tenant_id, Permission.Administer, cancellationToken);
        return access is null
            ? problem!
            : ToAnswer(
                access.TenantId,
                await policies.SaveAsync(
                    access.TenantId, access.AccountId, request.ReviewInferred!.Value, request.AllowedCategories, StoredTime.Now(clock), cancellationToken),
                response);
    }

    private static Ok<PolicyResponse> ToAnswer(Guid tenantId, MemoryPolicy policy, HttpResponse response)
    {
        response.Headers.ETag = EntityTags.Of(policy.Version);
        return TypedResults.Ok(new PolicyResponse(tenantId, policy.ReviewInferred, policy.AllowedCategories, policy.UpdatedAt));
    }

    /// <summary>Lets a caller to what is about an owner's memories; about those of every owner with the scope tenant.</summary>
    private static async Task<(TenantAccess? Access, MemoryOwner? Owner, ProblemHttpResult? Problem)> EnterAsync(
        Caller caller,
        TenantGuard guard,
        MemoryRights rights,
        string? tenantId,
        string? scope,
        string? userId,
        string? teamId,
        CancellationToken cancellationToken)
    {
        if (scope == MemoryRights.TenantScope && (userId ?? teamId) is not null)
        {
            return (null, null, Problems.InvalidField(userId is null ? "team_id" : "user_id", "Not with scope tenant."));
        }

        var (access, problem) = await guard.EnterAsync(caller, tenantId, Permission.Read, cancellationToken, teamId);
        if (access is null)
        {
            return (null, null, problem);
        }

        if (scope == MemoryRights.TenantScope)
        {
            return access.ActsForEverySubject ? (access, null, null) : (null, null, Problems.Forbidden.ToResult());
        }

        var (owner, refused) = rights.Choose(access, scope, userId, teamId, MemoryAction.Read);
        return owner is null ? (null, null, refused) : (access, owner, null);
    }

    private static ExtractionResponse ToResponse(LedgerEntry entry)
    {
        var duplicate = entry.Reason is OutcomeReasons.Duplicate or OutcomeReasons.NearDuplicate ? entry.MemoryId : null;
        return new ExtractionResponse(
            entry.Id,
            MemoryRecord.NameOf(entry.Scope),
            entry.FromMemory ? null : entry.SourceId,
            entry.FromMemory ? entry.SourceId : null,
            entry.SourceVersion,
            entry.Outcome.ToString().ToLowerInvariant(),
            entry.Reason,
            entry.MemoryId,
            duplicate,
            entry.OtherId,
            entry.Category,
            entry.Extractor,
            entry.InputTokens,
            entry.OutputTokens,
            entry.CostMicros,
            Math.Round(entry.ElapsedMicros / 1_000.0, 3),
            entry.At);
    }

    private static ProblemHttpResult? CheckPage(string? cursor, int? limit)
        => limit is < 1 or > MaxLimit ? Problems.InvalidField("limit", $"Must be 1 to {MaxLimit}.")
            : cursor is not null && ReadCursor(cursor) is null ? Problems.InvalidField("cursor", "Must be the next_cursor of a page before.")
            : null;

    private static Guid? ReadCursor(string? cursor) => Guid.TryParseExact(cursor, "N", out var id) ? id : null;

    private static string? NextCursor<T>(int limit, IReadOnlyList<T> page, Func<T, Guid> idOf) => page.Count == limit ? idOf(page[^1]).ToString("N") : null;

    /// <summary>The query of the ledger.</summary>
    internal sealed class ListExtractionsParameters
    {
        [FromQuery(Name = "tenant_id")]
        public string? TenantId { get; set; }

        /// <summary>user (default), team, organization or tenant.</summary>
        [FromQuery(Name = "scope")]
        public string? Scope { get; set; }

        [FromQuery(Name = "user_id")]
        public string? UserId { get; set; }

        [FromQuery(Name = "team_id")]
        public string? TeamId { get; set; }

        /// <summary>added, merged, superseded, skipped, quarantined or failed.</summary>
        [FromQuery(Name = "outcome")]
        public string? Outcome { get; set; }

        /// <summary>Only of this message.</summary>
        [FromQuery(Name = "message_id")]
        public Guid? MessageId { get; set; }

        /// <summary>Only of messages of this conversation.</summary>
        [FromQuery(Name = "conversation_id")]
        public string? ConversationId { get; set; }

        /// <summary>Only about this memory: what it was read in, what is evidence for it, what took its place.</summary>
        [FromQuery(Name = "memory_id")]
        public Guid? MemoryId { get; set; }

        /// <summary>Only of this time or later, ISO 8601.</summary>
        [FromQuery(Name = "from")]
        public string? From { get; set; }

        /// <summary>Only of this time or earlier, ISO 8601; a date includes its whole day in UTC.</summary>
        [FromQuery(Name = "to")]
        public string? To { get; set; }

        /// <summary>The <c>next_cursor</c> of the page before.</summary>
        [FromQuery(Name = "cursor")]
        public string? Cursor { get; set; }

        /// <summary>1 to 200, default 50.</summary>
        [FromQuery(Name = "limit")]
        public int? Limit { get; set; }

        public ProblemHttpResult? Check()
            => Outcome is not null && ParseOutcome() is null ? Problems.InvalidField("outcome", "Must be added, merged, superseded, skipped, quarantined or failed.")
                : ConversationId is not null && TextRules.Check(ConversationId, MemoryRights.MaxIdBytes) is { } message ? Problems.InvalidField("conversation_id", message)
                : From is not null && !TimeText.TryRead(From, endOfDay: false, out _) ? Problems.InvalidField("from", TimeText.Message)
                : To is not null && !TimeText.TryRead(To, endOfDay: true, out _) ? Problems.InvalidField("to", TimeText.Message)
                : CheckPage(Cursor, Limit);

        public LedgerQuery ToQuery(Guid tenantId, Guid? ownerKey, KeyedNames names) => new()
        {
            TenantId = tenantId,
            OwnerKey = ownerKey,
            Outcome = ParseOutcome(),
            SourceId = MessageId,
            ConversationKey = ConversationId is null ? null : names.ConversationKey(tenantId, ConversationId),
            MemoryId = MemoryId,
            From = From is not null && TimeText.TryRead(From, endOfDay: false, out var from) ? from : null,
            To = To is not null && TimeText.TryRead(To, endOfDay: true, out var to) ? to : null,
            After = ReadCursor(Cursor),
            Limit = Limit ?? DefaultLimit,
        };

        private ExtractionOutcome? ParseOutcome() => Outcome switch
        {
            "added" => ExtractionOutcome.Added,
            "merged" => ExtractionOutcome.Merged,
            "superseded" => ExtractionOutcome.Superseded,
            "skipped" => ExtractionOutcome.Skipped,
            "quarantined" => ExtractionOutcome.Quarantined,
            "failed" => ExtractionOutcome.Failed,
            _ => null,
        };
    }

    /// <summary>The query of the review queue.</summary>
    internal sealed class ListReviewsParameters
    {
        private const int MaxPage = 1_000_000;

        [FromQuery(Name = "tenant_id")]
        public string? TenantId { get; set; }

        /// <summary>user (default), team, organization or tenant.</summary>
        [FromQuery(Name = "scope")]
        public string? Scope { get; set; }

        [FromQuery(Name = "user_id")]
        public string? UserId { get; set; }

        [FromQuery(Name = "team_id")]
        public string? TeamId { get; set; }

        /// <summary>inferred, instructions or sensitive.</summary>
        [FromQuery(Name = "reason")]
        public string? Reason { get; set; }

        /// <summary>From 1.</summary>
        [FromQuery(Name = "page")]
        public int? Page { get; set; }

        /// <summary>1 to 200, default 50.</summary>
        [FromQuery(Name = "page_size")]
        public int? PageSize { get; set; }

        public ProblemHttpResult? Check()
            => Reason is not null && !HoldReasons.All.Contains(Reason) ? Problems.InvalidField("reason", $"Must be {string.Join(", ", HoldReasons.All)}.")
                : Page is < 1 or > MaxPage ? Problems.InvalidField("page", "Must be 1 to 1000000.")
                : PageSize is < 1 or > MaxLimit ? Problems.InvalidField("page_size", $"Must be 1 to {MaxLimit}.")
                : null;
    }
}

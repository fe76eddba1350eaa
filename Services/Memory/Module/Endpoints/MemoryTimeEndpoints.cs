using MemoryMesh.Memory.Features;
using MemoryMesh.Memory.Storage;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace MemoryMesh.Memory.Endpoints;

/// <summary>Routes about one memory and its life: where it comes from, undo, review and feedback.</summary>
internal static class MemoryTimeEndpoints
{
    /// <summary>Others may change the same memory meanwhile; after so many tries that is told as a conflict.</summary>
    private const int Attempts = 8;

    public static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/memories/{id:guid}").WithTags("Memory").ValidateRequests()
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status401Unauthorized)
            .ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status404NotFound);
        group.MapGet("/sources", GetSourcesAsync).WithName("Memory_GetSources").WithSummary("Read what a memory was drawn from")
            .WithDescription("The messages and added memories, each with the words it was drawn from. What is deleted leaves the list with its words.");
        group.MapPost("/undo", UndoAsync).WithName("Memory_Undo").WithSummary("Undo the last change of a memory")
            .WithDescription(
                "A memory that ended holds again, and the newer value that took its place is withdrawn. Of a memory that holds an edit is taken back; or what it superseded "
                + "holds again and it is withdrawn; or what was merged into it last holds beside it again. Undoing an undo brings back what was. The answer is the memory.")
            .ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status412PreconditionFailed).ProducesProblem(StatusCodes.Status422UnprocessableEntity);
        group.MapPost("/review", ReviewAsync).WithName("Memory_Review").WithSummary("Approve, edit or reject a memory that is held back")
            .WithDescription(
                "Approved, with another `text` if one is given, it is compared with the owner's other memories and recalled from then on. Rejected, it is deleted, and what was "
                + "said before does not bring it back. Those of a team or the organization are decided on by an admin.")
            .ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status412PreconditionFailed).ProducesProblem(StatusCodes.Status422UnprocessableEntity);
        group.MapPost("/feedback", FeedbackAsync).WithName("Memory_GiveFeedback").WithSummary("Say that a memory is useful, wrong, outdated or sensitive")
            .WithDescription(
                "useful ranks it higher, once for each account. wrong withdraws it: it was never true, and what was said before does not bring it back. outdated ends it now. "
                + "sensitive holds it back for review. Each but useful can be undone.")
            .ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status412PreconditionFailed).ProducesProblem(StatusCodes.Status422UnprocessableEntity);
    }

    private static async Task<Results<Ok<SourcesResponse>, ProblemHttpResult>> GetSourcesAsync(
        Guid id, string? tenant_id, Caller caller, MemoryDoor door, IMemoryStore store, CancellationToken cancellationToken)
    {
        var (_, memory, problem) = await door.EnterAsync(caller, id, tenant_id, Permission.Read, cancellationToken);
        if (memory is null)
        {
            return problem!;
        }

        var sources = await store.ListSourcesAsync(memory.TenantId, memory.OwnerKey, [memory.Id], cancellationToken);
        return TypedResults.Ok(new SourcesResponse(memory.Id, memory.Evidence, [.. sources[memory.Id].Select(SourceResponse.From)]));
    }

    private static async Task<Results<Ok<MemoryResponse>, ProblemHttpResult>> UndoAsync(
        Guid id, string? tenant_id, Caller caller, MemoryDoor door, IMemoryStore store, ChangeState change, TimeProvider clock, HttpRequest http, CancellationToken cancellationToken)
    {
        var (repeatable, wrongKey) = RepeatableRequest.Read(http, caller, (object?)null, tenant_id);
        return wrongKey ?? await ChangeAsync(
            new Target(id, tenant_id, repeatable, caller, door, store, clock, http),
            MemoryRights.MayWrite,
            (memory, account) => change.UndoAsync(memory, account, repeatable, cancellationToken),
            MemoryProblems.NothingToUndo,
            cancellationToken);
    }

    private static async Task<Results<Ok<MemoryResponse>, NoContent, ProblemHttpResult>> ReviewAsync(
        Guid id,
        string? tenant_id,
        ReviewRequest request,
        Caller caller,
        MemoryDoor door,
        IMemoryStore store,
        ChangeState change,
        TimeProvider clock,
        HttpRequest http,
        CancellationToken cancellationToken)
    {
        var (repeatable, wrongKey) = RepeatableRequest.Read(http, caller, request, tenant_id);
        if (wrongKey is not null)
        {
            return wrongKey;
        }

        var target = new Target(id, tenant_id, repeatable, caller, door, store, clock, http);
        if (request.Decision == "approve")
        {
            return (await ChangeAsync(
                target,
                MemoryRights.MayReview,
                (memory, account) => change.ApproveAsync(memory, request.Text, account, repeatable, cancellationToken),
                MemoryProblems.NotHeld,
                cancellationToken)).Result switch
            {
                Ok<MemoryResponse> ok => ok,
                var other => (ProblemHttpResult)other,
            };
        }

        if (request.Text is not null)
        {
            return Problems.InvalidField("text", "Only with approve.");
        }

        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            switch (await target.FindRepeatedAsync(cancellationToken))
            {
                case true:
                    // The memory is gone: there is nothing else to tell.
                    RepeatableRequest.MarkReplayed(http.HttpContext.Response);
                    return TypedResults.NoContent();
                case false:
                    return Problems.IdempotencyKeyReused.ToResult();
            }

            var (memory, _, problem) = await target.EnterAsync(MemoryRights.MayReview, repeated: false, cancellationToken);
            if (memory is null)
            {
                return problem!;
            }

            if (!memory.Held)
            {
                return MemoryProblems.NotHeld.ToResult();
            }

            if (await store.DeleteAsync(memory.TenantId, memory.Id, memory.Version, clock.GetUtcNow(), repeatable, cancellationToken))
            {
                return TypedResults.NoContent();
            }
        }

        return Problems.Conflict.ToResult();
    }

    private static async Task<Results<Ok<MemoryResponse>, ProblemHttpResult>> FeedbackAsync(
        Guid id,
        string? tenant_id,
        FeedbackRequest request,
        Caller caller,
        MemoryDoor door,
        IMemoryStore store,
        ChangeState change,
        TimeProvider clock,
        HttpRequest http,
        CancellationToken cancellationToken)
    {
        var (repeatable, wrongKey) = RepeatableRequest.Read(http, caller, request, tenant_id);
        var kind = Enum.Parse<FeedbackKind>(request.Kind!, ignoreCase: true);
        return wrongKey ?? await ChangeAsync(
            new Target(id, tenant_id, repeatable, caller, door, store, clock, http),
            MemoryRights.MayWrite,
            (memory, account) => change.TakeFeedbackAsync(memory, kind, account, repeatable, cancellationToken),
            MemoryProblems.Superseded,
            cancellationToken);
    }

    private static async Task<Results<Ok<MemoryResponse>, ProblemHttpResult>> ChangeAsync(
        Target target,
        Func<TenantAccess, MemoryRecord, bool> mayDo,
        Func<MemoryRecord, Guid, Task<StateChange>> changeAsync,
        ProblemKind notApplicable,
        CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var repeated = await target.FindRepeatedAsync(cancellationToken);
            if (repeated == false)
            {
                return Problems.IdempotencyKeyReused.ToResult();
            }

            var (memory, account, problem) = await target.EnterAsync(mayDo, repeated == true, cancellationToken);
            if (memory is null)
            {
                return problem!;
            }

            if (repeated == true)
            {
                RepeatableRequest.MarkReplayed(target.Http.HttpContext.Response);
                target.Http.HttpContext.Response.Headers.ETag = EntityTags.Of(memory.Version);
                return TypedResults.Ok(await MemoryEndpoints.RespondAsync(target.Store, memory, cancellationToken));
            }

            switch (await changeAsync(memory, account))
            {
                case StateChange.NotApplicable:
                    return (memory.Held && notApplicable != MemoryProblems.NotHeld ? MemoryProblems.Held : notApplicable).ToResult();
                case StateChange.Conflict:
                    return MemoryProblems.NewerHolds.ToResult();
                case StateChange.Done when await target.Store.FindAsync(memory.TenantId, memory.Id, cancellationToken) is { } changed:
                    target.Http.HttpContext.Response.Headers.ETag = EntityTags.Of(changed.Version);
                    return TypedResults.Ok(await MemoryEndpoints.RespondAsync(target.Store, changed, cancellationToken));
            }
        }

        return Problems.Conflict.ToResult();
    }

    /// <summary>The memory that a request is about.</summary>
    private sealed record Target(
        Guid Id, string? TenantId, IdempotentRequest? Repeatable, Caller Caller, MemoryDoor Door, IMemoryStore Store, TimeProvider Clock, HttpRequest Http)
    {
        /// <summary>Whether it was done before under the request's Idempotency-Key: null when not, false when the key came with another request.</summary>
        public Task<bool?> FindRepeatedAsync(CancellationToken cancellationToken)
            => Repeatable is null ? Task.FromResult<bool?>(null) : Store.FindRepeatedAsync(Repeatable, Clock.GetUtcNow(), cancellationToken);

        /// <summary>The memory as it is stored, when the caller may do it and If-Match allows it, which a repeated request met before; else the answer to give.</summary>
        public async Task<(MemoryRecord? Memory, Guid AccountId, ProblemHttpResult? Problem)> EnterAsync(
            Func<TenantAccess, MemoryRecord, bool> mayDo, bool repeated, CancellationToken cancellationToken)
        {
            var (access, memory, problem) = await Door.EnterAsync(Caller, Id, TenantId, Permission.Write, cancellationToken);
            return memory is null ? (null, default, problem)
                : !mayDo(access!, memory) ? (null, default, Problems.Forbidden.ToResult())
                : !repeated && !EntityTags.ReadIfMatch(Http).Allows(memory.Version) ? (null, default, Problems.PreconditionFailed.ToResult())
                : (memory, access!.AccountId, null);
        }
    }
}

using System.Text.Json;
using MemoryMesh.Contracts.Auth;
using MemoryMesh.Retention.Features;
using MemoryMesh.Retention.Receipts;
using MemoryMesh.Retention.Storage;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Retention.Endpoints;

/// <summary>Routes for the erasure of subjects.</summary>
internal static class ErasureEndpoints
{
    private const string GetRoute = "Privacy_GetErasure";
    private const int MaxUserIdBytes = 200;

    public static void MapErasures(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/privacy/erasures").WithTags("Privacy").ValidateRequests();
        group.MapPost("", CreateAsync).WithName("Privacy_Erase").WithSummary("Erase a subject")
            .WithDescription(
                "Deletes everything that every service holds about a subject, destroys its data keys and writes a signed receipt. A request for a subject that is being "
                + "erased answers the erasure under way. What is stored for the subject before a service has erased it goes too; what is stored later is a new beginning. "
                + "`wait=true` holds the answer until the erasure is completed: 200, or 202 when it takes longer than some 20 seconds. Owners and admins, and API keys of theirs "
                + "with the scope `admin`, erase every subject; others erase themselves.")
            .ProducesValidationProblem()
            .ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity);
        group.MapGet("", ListAsync).WithName("Privacy_ListErasures").WithSummary("Erasures of a tenant, newest first")
            .WithDescription("Members see those of themselves.")
            .ProducesValidationProblem()
            .ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status404NotFound);
        group.MapGet("/{id}", GetAsync).WithName(GetRoute).WithSummary("An erasure, with its receipt when it is completed")
            .ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status404NotFound);
        group.MapGet("/{id}/receipt", GetReceiptAsync).WithName("Privacy_GetReceipt").WithSummary("The signed receipt of an erasure")
            .WithDescription("`jws` holds the same as a JWS in compact form; the public keys are at /.well-known/memorymesh-receipts.json.")
            .ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(RetentionProblems.ErasureNotCompleted.Status);
        routes.MapGet("/.well-known/memorymesh-receipts.json", GetKeysAsync).AllowAnonymous().WithTags("Privacy").WithName("Privacy_ReceiptKeys")
            .WithSummary("Public keys of receipts").Produces<object>(StatusCodes.Status200OK, "application/json");
    }

    private static async Task<Results<Ok<ErasureResponse>, AcceptedAtRoute<ErasureResponse>, ProblemHttpResult>> CreateAsync(
        HttpContext http,
        Caller caller,
        TenantGuard guard,
        RequestErasure requestErasure,
        IErasureStore store,
        IOptions<RetentionOptions> options,
        CreateErasureRequest request,
        bool? wait,
        CancellationToken cancellationToken)
    {
        var (idempotencyKey, wrongKey) = IdempotencyHeader.Read(http.Request);
        if (wrongKey is not null)
        {
            return wrongKey;
        }

        var (access, problem) = await guard.EnterAsync(caller, request.TenantId, Permission.Write, cancellationToken);
        if (access is null)
        {
            return problem!;
        }

        if (access.SubjectFor(request.UserId) is not { } userId)
        {
            return Problems.NotFound.ToResult();
        }

        // Whoever only writes, an application's key for example, does not take a whole person away.
        if (userId != access.OwnUserId && !caller.Principal.Scopes.Contains(KeyScopes.Admin))
        {
            return Problems.Forbidden.ToResult();
        }

        var idempotent = idempotencyKey is null ? null : new IdempotentRequest(
            caller.Principal.DefaultTenantId,
            caller.AccountId,
            idempotencyKey,
            [.. "POST /v1/privacy/erasures\n"u8, .. JsonSerializer.SerializeToUtf8Bytes(request)]);
        var (erasure, before) = await requestErasure.HandleAsync(access, userId, request.Reason, idempotent, cancellationToken);
        if (before is { SameRequest: false })
        {
            return Problems.IdempotencyKeyReused.ToResult();
        }

        if (before is not null)
        {
            http.Response.Headers[IdempotencyHeader.Replayed] = "true";
            erasure = await store.FindAsync(access.TenantId, null, new Guid(before.Answer, bigEndian: true), cancellationToken);
        }

        if (erasure is null)
        {
            return Problems.NotFound.ToResult();
        }

        if (wait == true)
        {
            erasure = await requestErasure.WaitAsync(erasure, TimeSpan.FromSeconds(options.Value.ErasureWaitSeconds), cancellationToken);
            if (erasure.Status == ErasureStatus.Completed)
            {
                return TypedResults.Ok(ErasureResponse.Of(erasure, withReceipt: true));
            }
        }

        return TypedResults.AcceptedAtRoute(
            ErasureResponse.Of(erasure, withReceipt: true), GetRoute, new { id = erasure.Id, tenant_id = erasure.TenantId });
    }

    private static async Task<Results<Ok<ErasurePage>, ProblemHttpResult>> ListAsync(
        Caller caller,
        TenantGuard guard,
        IErasureStore store,
        KeyedNames names,
        string? tenant_id,
        string? user_id,
        int? limit,
        string? cursor,
        CancellationToken cancellationToken)
    {
        if (user_id is not null && TextRules.Check(user_id, MaxUserIdBytes) is { } message)
        {
            return Problems.InvalidField("user_id", message);
        }

        var (access, problem) = await guard.EnterAsync(caller, tenant_id, Permission.Read, cancellationToken);
        if (access is null)
        {
            return problem!;
        }

        if (user_id is not null && access.SubjectFor(user_id) is null)
        {
            return Problems.NotFound.ToResult();
        }

        if (Paging.Read(limit, cursor, out var size, out var before) is { } invalid)
        {
            return invalid;
        }

        var subject = user_id ?? (access.ActsForEverySubject ? null : access.OwnUserId);
        var found = await store.ListAsync(
            access.TenantId, subject is null ? null : names.SubjectKey(access.TenantId, subject), before, size + 1, cancellationToken);
        return TypedResults.Ok(new ErasurePage(
            [.. found.Take(size).Select(erasure => ErasureResponse.Of(erasure, withReceipt: false))], found.Count > size ? found[size - 1].Id.ToString("N") : null));
    }

    private static async Task<Results<Ok<ErasureResponse>, ProblemHttpResult>> GetAsync(
        Caller caller, TenantGuard guard, IErasureStore store, KeyedNames names, string id, string? tenant_id, CancellationToken cancellationToken)
    {
        var (erasure, problem) = await FindAsync(caller, guard, store, names, id, tenant_id, cancellationToken);
        return erasure is null ? problem! : TypedResults.Ok(ErasureResponse.Of(erasure, withReceipt: true));
    }

    private static async Task<Results<Ok<ErasureReceipt>, ProblemHttpResult>> GetReceiptAsync(
        Caller caller, TenantGuard guard, IErasureStore store, KeyedNames names, string id, string? tenant_id, CancellationToken cancellationToken)
    {
        var (erasure, problem) = await FindAsync(caller, guard, store, names, id, tenant_id, cancellationToken);
        return erasure is null ? problem!
            : erasure.Receipt is { } jws ? TypedResults.Ok(ReceiptSigner.Read(jws))
            : RetentionProblems.ErasureNotCompleted.ToResult();
    }

    private static async Task<ContentHttpResult> GetKeysAsync(ReceiptSigner signer, CancellationToken cancellationToken)
        => TypedResults.Text(await signer.GetPublicKeysAsync(cancellationToken), "application/json");

    /// <summary>An erasure that the caller may see: one of itself, or any of the tenant for admins and owners.</summary>
    private static async Task<(ErasureRecord? Erasure, ProblemHttpResult? Problem)> FindAsync(
        Caller caller, TenantGuard guard, IErasureStore store, KeyedNames names, string id, string? tenantId, CancellationToken cancellationToken)
    {
        var (access, problem) = await guard.EnterAsync(caller, tenantId, Permission.Read, cancellationToken);
        if (access is null)
        {
            return (null, problem);
        }

        Guid? subjectKey = access.ActsForEverySubject ? null : names.SubjectKey(access.TenantId, access.OwnUserId);
        return Guid.TryParseExact(id, "D", out var erasureId) && await store.FindAsync(access.TenantId, subjectKey, erasureId, cancellationToken) is { } erasure
            ? (erasure, null)
            : (null, Problems.NotFound.ToResult());
    }
}

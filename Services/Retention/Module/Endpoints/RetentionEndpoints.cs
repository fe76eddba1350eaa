using MemoryMesh.Retention.Features;
using MemoryMesh.Retention.Scheduling;
using MemoryMesh.Retention.Storage;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;

namespace MemoryMesh.Retention.Endpoints;

/// <summary>Routes of the Retention service.</summary>
internal static class RetentionEndpoints
{
    public static void MapRetention(this IEndpointRouteBuilder routes)
    {
        var policy = routes.MapGroup("/v1/retention/policy").WithTags("Retention").ValidateRequests();
        policy.MapGet("", GetPolicyAsync).WithName("Retention_GetPolicy").WithSummary("The retention policy that holds for a tenant")
            .ProducesProblem(StatusCodes.Status404NotFound);
        policy.MapPut("", PutPolicyAsync).WithName("Retention_PutPolicy").WithSummary("Set the tenant's retention policy")
            .ProducesValidationProblem()
            .ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status412PreconditionFailed);
        policy.MapDelete("", DeletePolicyAsync).WithName("Retention_DeletePolicy").WithSummary("Delete the tenant's retention policy; the server's default holds again")
            .ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status412PreconditionFailed);

        var admin = routes.MapGroup("/v1/admin/retention").WithTags("Retention").ValidateRequests();
        admin.MapPost("/run", StartRunAsync).WithName("Retention_StartRun").WithSummary("Apply the tenant's retention policy now")
            .ProducesValidationProblem()
            .ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(RetentionProblems.RunInProgress.Status)
            .ProducesProblem(RetentionProblems.NoPolicy.Status);
        admin.MapGet("/runs", ListRunsAsync).WithName("Retention_ListRuns").WithSummary("The tenant's retention runs, newest first")
            .ProducesValidationProblem()
            .ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status404NotFound);
        admin.MapGet("/runs/{id}", GetRunAsync).WithName("Retention_GetRun").WithSummary("One retention run of the tenant")
            .ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<Results<Ok<PolicyResponse>, ProblemHttpResult>> GetPolicyAsync(
        HttpResponse response,
        Caller caller,
        TenantGuard guard,
        IRetentionStore store,
        PolicyInForce policies,
        string? tenant_id,
        CancellationToken cancellationToken)
    {
        var (access, problem) = await guard.EnterAsync(caller, tenant_id, Permission.Read, cancellationToken);
        if (access is null)
        {
            return problem!;
        }

        if (await store.FindPolicyAsync(access.TenantId, cancellationToken) is { } own)
        {
            response.Headers.ETag = own.ETag;
            return TypedResults.Ok(PolicyResponse.Of(own));
        }

        return policies.Default is { } byDefault ? TypedResults.Ok(PolicyResponse.Of(access.TenantId, byDefault)) : Problems.NotFound.ToResult();
    }

    private static async Task<Results<Ok<PolicyResponse>, ProblemHttpResult>> PutPolicyAsync(
        HttpContext context,
        Caller caller,
        TenantGuard guard,
        IRetentionStore store,
        TimeProvider clock,
        PutPolicyRequest request,
        CancellationToken cancellationToken)
    {
        var (access, problem) = await guard.EnterAsync(caller, request.TenantId, Permission.Administer, cancellationToken);
        if (access is null)
        {
            return problem!;
        }

        var ifMatch = IfMatch(context.Request);
        var saved = await store.SavePolicyAsync(
            access.TenantId,
            found => !ifMatch(found)
                ? null
                : new TenantPolicy
                {
                    TenantId = access.TenantId,
                    Policy = request.ToPolicy(),
                    Enabled = request.Enabled,
                    Version = (found?.Version ?? 0) + 1,
                    UpdatedAt = clock.GetUtcNow(),
                    UpdatedBy = access.AccountId,
                },
            cancellationToken);
        if (saved is null)
        {
            return Problems.PreconditionFailed.ToResult();
        }

        context.Response.Headers.ETag = saved.ETag;
        return TypedResults.Ok(PolicyResponse.Of(saved));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> DeletePolicyAsync(
        HttpContext context, Caller caller, TenantGuard guard, IRetentionStore store, string? tenant_id, CancellationToken cancellationToken)
    {
        var (access, problem) = await guard.EnterAsync(caller, tenant_id, Permission.Administer, cancellationToken);
        if (access is null)
        {
            return problem!;
        }

        var (found, deleted) = await store.DeletePolicyAsync(access.TenantId, IfMatch(context.Request), cancellationToken);
        return deleted ? TypedResults.NoContent() : (found is null ? Problems.NotFound : Problems.PreconditionFailed).ToResult();
    }

    private static async Task<Results<AcceptedAtRoute<RunResponse>, ProblemHttpResult>> StartRunAsync(
        Caller caller, TenantGuard guard, StartRun startRun, RunQueue queue, StartRunRequest? request, CancellationToken cancellationToken)
    {
        var (access, problem) = await guard.EnterAsync(caller, request?.TenantId, Permission.Administer, cancellationToken);
        if (access is null)
        {
            return problem!;
        }

        var (run, busy) = await startRun.HandleAsync(access.TenantId, RunTrigger.Manual, access.AccountId, cancellationToken);
        if (run is null)
        {
            return (busy ? RetentionProblems.RunInProgress : RetentionProblems.NoPolicy).ToResult();
        }

        queue.Add(run.TenantId, run.Id);
        return TypedResults.AcceptedAtRoute(RunResponse.Of(run), "Retention_GetRun", new { id = run.Id, tenant_id = run.TenantId });
    }

    private static async Task<Results<Ok<RunPage>, ProblemHttpResult>> ListRunsAsync(
        Caller caller, TenantGuard guard, IRetentionStore store, string? tenant_id, int? limit, string? cursor, CancellationToken cancellationToken)
    {
        var (access, problem) = await guard.EnterAsync(caller, tenant_id, Permission.Administer, cancellationToken);
        if (access is null)
        {
            return problem!;
        }

        if (Paging.Read(limit, cursor, out var size, out var before) is { } invalid)
        {
            return invalid;
        }

        var runs = await store.ListRunsAsync(access.TenantId, before, size + 1, cancellationToken);
        return TypedResults.Ok(new RunPage(
            [.. runs.Take(size).Select(RunResponse.Of)], runs.Count > size ? runs[size - 1].Id.ToString("N") : null));
    }

    private static async Task<Results<Ok<RunResponse>, ProblemHttpResult>> GetRunAsync(
        Caller caller, TenantGuard guard, IRetentionStore store, string id, string? tenant_id, CancellationToken cancellationToken)
    {
        var (access, problem) = await guard.EnterAsync(caller, tenant_id, Permission.Administer, cancellationToken);
        if (access is null)
        {
            return problem!;
        }

        return Guid.TryParseExact(id, "D", out var runId) && await store.FindRunAsync(access.TenantId, runId, cancellationToken) is { } run
            ? TypedResults.Ok(RunResponse.Of(run))
            : Problems.NotFound.ToResult();
    }

    /// <summary>Whether the request may change a policy in this state, by its If-Match (RFC 9110, 13.1.1). A header that cannot be read matches nothing.</summary>
    private static Func<TenantPolicy?, bool> IfMatch(HttpRequest request)
    {
        var header = request.Headers.IfMatch;
        if (header.Count == 0)
        {
            return _ => true;
        }

        var tags = EntityTagHeaderValue.TryParseStrictList(header, out var parsed) ? parsed : [];
        return found => found is not null
            && tags.Any(tag => tag.Equals(EntityTagHeaderValue.Any) || (!tag.IsWeak && string.Equals(tag.Tag.Value, found.ETag, StringComparison.Ordinal)));
    }
}

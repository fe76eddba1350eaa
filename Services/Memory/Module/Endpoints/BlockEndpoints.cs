using System.Text;
using MemoryMesh.Memory.Storage;
using MemoryMesh.ServiceDefaults.Hosting;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Memory.Endpoints;

/// <summary>The routes under <c>/v1/blocks</c>: short named texts that are part of every context.</summary>
internal static class BlockEndpoints
{
    private const string GetRoute = "Memory_GetBlock";
    private const int DefaultLimit = 2_000;

    /// <summary>Others may change the same block meanwhile; after so many tries that is told as a conflict.</summary>
    private const int Attempts = 8;

    public static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/blocks").WithTags("Context").ValidateRequests()
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status401Unauthorized)
            .ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status404NotFound);
        group.MapPost("/", AddAsync).WithName("Memory_AddBlock").WithSummary("Add a core block")
            .WithDescription("A core block is a short text that stands in every context of its owner: a subject, a team or the organization.")
            .WithExample("""{"label": "persona", "text": "You are the travel desk of Example Ltd. Be brief.", "scope": "organization", "read_only": true}""")
            .ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status422UnprocessableEntity);
        group.MapGet("/", ListAsync).WithName("Memory_ListBlocks").WithSummary("List the core blocks of one owner");
        group.MapGet("/{id:guid}", GetAsync).WithName(GetRoute).WithSummary("Read a core block");
        group.MapPatch("/{id:guid}", UpdateAsync).WithName("Memory_UpdateBlock").WithSummary("Change a core block")
            .WithExample("""{"text": "You are the travel desk of Example Ltd. Answer in English."}""")
            .ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status412PreconditionFailed);
        group.MapDelete("/{id:guid}", DeleteAsync).WithName("Memory_DeleteBlock").WithSummary("Delete a core block with its versions")
            .ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status412PreconditionFailed);
        group.MapGet("/{id:guid}/history", GetHistoryAsync).WithName("Memory_GetBlockHistory").WithSummary("Read the versions of a core block")
            .WithDescription("The newest 100 are kept.");
    }

    private static async Task<Results<CreatedAtRoute<BlockResponse>, ProblemHttpResult>> AddAsync(
        AddBlockRequest request,
        Caller caller,
        TenantGuard guard,
        MemoryRights rights,
        ICoreBlockStore blocks,
        IOptions<MemoryOptions> options,
        TimeProvider clock,
        HttpRequest http,
        CancellationToken cancellationToken)
    {
        var (repeatable, wrongKey) = RepeatableRequest.Read(http, caller, request);
        if (wrongKey is not null)
        {
            return wrongKey;
        }

        var limit = request.Limit ?? DefaultLimit;
        if (CheckLength(request.Text!, limit) is { } tooLong)
        {
            return tooLong;
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

        if (request.ReadOnly == true && !MemoryRights.MayAdminister(access, owner))
        {
            return Problems.Forbidden.ToResult();
        }

        var now = StoredTime.Now(clock);
        var block = new CoreBlock
        {
            Id = Guid.CreateVersion7(now),
            TenantId = access.TenantId,
            Owner = owner,
            Label = request.Label!,
            Description = request.Description,
            Text = request.Text!,
            MaxCharacters = limit,
            ReadOnly = request.ReadOnly == true,
            Version = 1,
            CreatedAt = now,
            UpdatedAt = now,
        };
        (var outcome, block) = await blocks.AddAsync(block, access.AccountId, options.Value.MaxBlocks, repeatable, cancellationToken);
        switch (outcome)
        {
            case BlockOutcome.KeyReused:
                return Problems.IdempotencyKeyReused.ToResult();
            case BlockOutcome.Replayed:
                RepeatableRequest.MarkReplayed(http.HttpContext.Response);
                break;
            case BlockOutcome.LabelTaken:
                return MemoryProblems.LabelTaken.ToResult();
            case BlockOutcome.TooMany:
                return MemoryProblems.TooManyBlocks.ToResult();
            case BlockOutcome.OptedOut:
                return MemoryProblems.OptedOut.ToResult();
        }

        http.HttpContext.Response.Headers.ETag = EntityTags.Of(block.Version);
        return TypedResults.CreatedAtRoute(BlockResponse.From(block), GetRoute, new { id = block.Id });
    }

    private static async Task<Results<Ok<BlockListResponse>, ProblemHttpResult>> ListAsync(
        string? tenant_id,
        string? scope,
        string? user_id,
        string? team_id,
        Caller caller,
        TenantGuard guard,
        MemoryRights rights,
        ICoreBlockStore blocks,
        CancellationToken cancellationToken)
    {
        var (access, problem) = await guard.EnterAsync(caller, tenant_id, Permission.Read, cancellationToken, team_id);
        if (access is null)
        {
            return problem!;
        }

        var (owner, refused) = rights.Choose(access, scope, user_id, team_id, MemoryAction.Read);
        return owner is null
            ? refused!
            : TypedResults.Ok(new BlockListResponse([.. (await blocks.ListAsync(access.TenantId, [owner.Key], cancellationToken)).Select(BlockResponse.From)]));
    }

    private static async Task<Results<Ok<BlockResponse>, ProblemHttpResult>> GetAsync(
        Guid id, string? tenant_id, Caller caller, TenantGuard guard, MemoryRights rights, ICoreBlockStore blocks, HttpResponse response, CancellationToken cancellationToken)
    {
        var (_, block, problem) = await FindAsync(id, tenant_id, Permission.Read, caller, guard, rights, blocks, cancellationToken);
        if (block is null)
        {
            return problem!;
        }

        response.Headers.ETag = EntityTags.Of(block.Version);
        return TypedResults.Ok(BlockResponse.From(block));
    }

    private static async Task<Results<Ok<BlockResponse>, ProblemHttpResult>> UpdateAsync(
        Guid id,
        string? tenant_id,
        UpdateBlockRequest request,
        Caller caller,
        TenantGuard guard,
        MemoryRights rights,
        ICoreBlockStore blocks,
        TimeProvider clock,
        HttpRequest http,
        CancellationToken cancellationToken)
    {
        if (request is { Label: null, Description: null, Text: null, Limit: null, ReadOnly: null })
        {
            return Problems.InvalidField("text", "Give at least one of text, label, description, limit and read_only.");
        }

        var condition = EntityTags.ReadIfMatch(http);
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var (access, block, problem) = await FindAsync(id, tenant_id, Permission.Write, caller, guard, rights, blocks, cancellationToken);
            if (block is null)
            {
                return problem!;
            }

            if (!MayChange(access!, block) || (request.ReadOnly is { } readOnly && readOnly != block.ReadOnly && !MemoryRights.MayAdminister(access!, block.Owner)))
            {
                return Problems.Forbidden.ToResult();
            }

            if (!condition.Allows(block.Version))
            {
                return Problems.PreconditionFailed.ToResult();
            }

            var next = block with
            {
                Label = request.Label ?? block.Label,
                Description = request.Description is null ? block.Description : request.Description.Length == 0 ? null : request.Description,
                Text = request.Text ?? block.Text,
                MaxCharacters = request.Limit ?? block.MaxCharacters,
                ReadOnly = request.ReadOnly ?? block.ReadOnly,
                Version = block.Version + 1,
                UpdatedAt = StoredTime.Now(clock),
            };
            if (CheckLength(next.Text, next.MaxCharacters, request.Text is null ? "limit" : "text") is { } tooLong)
            {
                return tooLong;
            }

            switch (await blocks.ReplaceAsync(block, next, access!.AccountId, cancellationToken))
            {
                case BlockOutcome.Done:
                    http.HttpContext.Response.Headers.ETag = EntityTags.Of(next.Version);
                    return TypedResults.Ok(BlockResponse.From(next));
                case BlockOutcome.LabelTaken:
                    return MemoryProblems.LabelTaken.ToResult();
            }
        }

        return Problems.Conflict.ToResult();
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(
        Guid id,
        string? tenant_id,
        Caller caller,
        TenantGuard guard,
        MemoryRights rights,
        ICoreBlockStore blocks,
        HttpRequest http,
        CancellationToken cancellationToken)
    {
        var condition = EntityTags.ReadIfMatch(http);
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var (access, block, problem) = await FindAsync(id, tenant_id, Permission.Write, caller, guard, rights, blocks, cancellationToken);
            if (block is null)
            {
                return problem!;
            }

            if (!MayChange(access!, block))
            {
                return Problems.Forbidden.ToResult();
            }

            if (!condition.Allows(block.Version))
            {
                return Problems.PreconditionFailed.ToResult();
            }

            if (await blocks.DeleteAsync(block.TenantId, block.Id, block.Version, cancellationToken))
            {
                return TypedResults.NoContent();
            }
        }

        return Problems.Conflict.ToResult();
    }

    private static async Task<Results<Ok<BlockHistoryResponse>, ProblemHttpResult>> GetHistoryAsync(
        Guid id, string? tenant_id, Caller caller, TenantGuard guard, MemoryRights rights, ICoreBlockStore blocks, CancellationToken cancellationToken)
    {
        var (_, block, problem) = await FindAsync(id, tenant_id, Permission.Read, caller, guard, rights, blocks, cancellationToken);
        return block is null
            ? problem!
            : TypedResults.Ok(new BlockHistoryResponse(
                block.Id,
                [.. (await blocks.ListVersionsAsync(block, cancellationToken)).Select(version => new BlockVersionResponse(version.Version, version.Text, version.At, version.ChangedBy))]));
    }

    /// <summary>Finds a block that the caller may read; what is not there and what is another's give one answer.</summary>
    private static async Task<(TenantAccess? Access, CoreBlock? Block, ProblemHttpResult? Problem)> FindAsync(
        Guid id,
        string? tenantId,
        Permission permission,
        Caller caller,
        TenantGuard guard,
        MemoryRights rights,
        ICoreBlockStore blocks,
        CancellationToken cancellationToken)
    {
        var (access, problem) = await guard.EnterAsync(caller, tenantId, permission, cancellationToken);
        if (access is null)
        {
            return (null, null, problem);
        }

        return await blocks.FindAsync(access.TenantId, id, cancellationToken) is { } block && rights.MayRead(access, block.Owner.Scope, block.Owner.Key)
            ? (access, block, null)
            : (null, null, Problems.NotFound.ToResult());
    }

    private static bool MayChange(TenantAccess access, CoreBlock block)
        => block.ReadOnly ? MemoryRights.MayAdminister(access, block.Owner) : MemoryRights.MayWrite(access, block.Owner);

    /// <summary>Whether a text has at most so many characters.</summary>
    public static bool IsWithin(string text, int limit) => Encoding.UTF32.GetByteCount(text) / 4 <= limit;

    private static ProblemHttpResult? CheckLength(string text, int limit, string field = "text")
        => IsWithin(text, limit) ? null : Problems.InvalidField(field, $"The text may have at most {limit} characters.");
}

using System.Text.Json;
using MemoryMesh.Memory.Storage;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace MemoryMesh.Memory.Endpoints;

/// <summary>The routes by which a subject opts out of memory and says what may be learned: <c>/v1/memories/settings</c>.</summary>
internal static class MemorySettingsEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/memories/settings").WithTags("Memory").ValidateRequests()
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status401Unauthorized)
            .ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status404NotFound);
        group.MapGet("", GetSettingsAsync).WithName("Memory_GetSettings").WithSummary("Read whether a subject opted out");
        group.MapPut("", SaveSettingsAsync).WithName("Memory_SaveSettings").WithSummary("Opt a subject out of memory, or in again");
    }

    private static async Task<Results<Ok<SettingsResponse>, ProblemHttpResult>> GetSettingsAsync(
        string? tenant_id,
        string? user_id,
        Caller caller,
        TenantGuard guard,
        MemoryRights rights,
        IMemoryStore store,
        CancellationToken cancellationToken)
    {
        var (access, problem) = await guard.EnterAsync(caller, tenant_id, Permission.Read, cancellationToken);
        if (access is null)
        {
            return problem!;
        }

        var (owner, refused) = rights.Choose(access, null, user_id, null, MemoryAction.Read);
        if (owner is null)
        {
            return refused!;
        }

        var settings = await store.FindSettingsAsync(access.TenantId, owner.Key, cancellationToken);
        return TypedResults.Ok(new SettingsResponse(access.TenantId, owner.UserId!, settings?.OptedOut == true, settings?.UpdatedAt, settings?.AllowedCategories));
    }

    private static async Task<Results<Ok<SettingsResponse>, ProblemHttpResult>> SaveSettingsAsync(
        SaveSettingsRequest request,
        string? tenant_id,
        string? user_id,
        Caller caller,
        TenantGuard guard,
        MemoryRights rights,
        IMemoryStore store,
        TimeProvider clock,
        CancellationToken cancellationToken)
    {
        if (!MemoryEndpoints.TryReadCategories(request.AllowedCategories, out var allowed))
        {
            return Problems.InvalidField("allowed_categories", MemoryEndpoints.CategoryListMessage);
        }

        var (access, problem) = await guard.EnterAsync(caller, tenant_id, Permission.Store, cancellationToken);
        if (access is null)
        {
            return problem!;
        }

        var (owner, refused) = rights.Choose(access, null, user_id, null, MemoryAction.Write);
        if (owner is null)
        {
            return refused!;
        }

        if (request.AllowedCategories.ValueKind == JsonValueKind.Undefined)
        {
            allowed = (await store.FindSettingsAsync(access.TenantId, owner.Key, cancellationToken))?.AllowedCategories;
        }

        var settings = new SubjectSettings(request.OptedOut!.Value, clock.GetUtcNow(), allowed);
        await store.SaveSettingsAsync(access.TenantId, owner.Key, settings, cancellationToken);
        return TypedResults.Ok(new SettingsResponse(access.TenantId, owner.UserId!, settings.OptedOut, settings.UpdatedAt, settings.AllowedCategories));
    }
}

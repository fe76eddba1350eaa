using MemoryMesh.Memory.Llm;
using MemoryMesh.Memory.Storage;
using MemoryMesh.Memory.Text;
using MemoryMesh.ServiceDefaults.Hosting;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace MemoryMesh.Memory.Endpoints;

/// <summary>The routes of what a tenant says about drawing memories from messages.</summary>
internal static class ExtractionSettingsEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/memories/extraction-settings").WithTags("Memory").ValidateRequests()
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status401Unauthorized)
            .ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status404NotFound);
        group.MapGet("/", GetAsync).WithName("Memory_GetExtractionSettings").WithSummary("Read what is drawn from the tenant's messages")
            .WithDescription("For admins and owners. Where the tenant has no settings of its own, those of the server are given, with version 0.");
        group.MapPut("/", PutAsync).WithName("Memory_SetExtractionSettings").WithSummary("Say what is drawn from the tenant's messages")
            .WithDescription("Categories hold for the rules too; instructions are for the language model, where one is configured.")
            .WithExample("""{"instructions": "Keep what concerns diets and travel.", "categories": ["name", "preference", "dislike", "constraint"]}""")
            .ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status412PreconditionFailed);
        group.MapDelete("/", DeleteAsync).WithName("Memory_ResetExtractionSettings").WithSummary("Have the server's settings hold for the tenant again");
    }

    private static async Task<Results<Ok<ExtractionSettingsResponse>, ProblemHttpResult>> GetAsync(
        string? tenant_id, Caller caller, TenantGuard guard, ExtractionGuide guide, LanguageModel model, HttpResponse response, CancellationToken cancellationToken)
    {
        var (access, problem) = await guard.EnterAsync(caller, tenant_id, Permission.Administer, cancellationToken);
        return access is null ? problem! : Answer(response, access.TenantId, await guide.FindAsync(access.TenantId, cancellationToken), model);
    }

    private static async Task<Results<Ok<ExtractionSettingsResponse>, ProblemHttpResult>> PutAsync(
        ExtractionSettingsRequest request,
        string? tenant_id,
        Caller caller,
        TenantGuard guard,
        ExtractionGuide guide,
        IExtractionSettingsStore store,
        LanguageModel model,
        TimeProvider clock,
        HttpContext http,
        CancellationToken cancellationToken)
    {
        var categories = request.Categories?.Distinct().ToList() ?? [];
        if (categories.Exists(category => category is null || !Categories.Contains(category)))
        {
            return Problems.InvalidField("categories", $"Must be some of {string.Join(", ", Categories.DefaultImportance.Keys.Order(StringComparer.Ordinal))}.");
        }

        var (access, problem) = await guard.EnterAsync(caller, tenant_id, Permission.Administer, cancellationToken);
        if (access is null)
        {
            return problem!;
        }

        var current = await guide.FindAsync(access.TenantId, cancellationToken);
        if (EntityTags.ReadIfMatch(http.Request) is { AllowsAny: false } condition && !condition.Allows(current.Version))
        {
            return Problems.PreconditionFailed.ToResult();
        }

        var next = new ExtractionGuidance(
            string.IsNullOrWhiteSpace(request.Instructions) ? null : request.Instructions, categories, current.Version + 1, StoredTime.Now(clock));
        return await store.SaveAsync(access.TenantId, current.Version, next, cancellationToken)
            ? Answer(http.Response, access.TenantId, next, model)
            : Problems.Conflict.ToResult();
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(
        string? tenant_id, Caller caller, TenantGuard guard, IExtractionSettingsStore store, CancellationToken cancellationToken)
    {
        var (access, problem) = await guard.EnterAsync(caller, tenant_id, Permission.Administer, cancellationToken);
        if (access is null)
        {
            return problem!;
        }

        await store.DeleteAsync(access.TenantId, cancellationToken);
        return TypedResults.NoContent();
    }

    private static Ok<ExtractionSettingsResponse> Answer(HttpResponse response, Guid tenantId, ExtractionGuidance guidance, LanguageModel model)
    {
        response.Headers.ETag = EntityTags.Of(guidance.Version);
        return TypedResults.Ok(new ExtractionSettingsResponse(tenantId, guidance.Instructions, guidance.Categories, model.Name, guidance.Version, guidance.UpdatedAt));
    }

    /// <summary>Says what is drawn from a tenant's messages.</summary>
    internal sealed class ExtractionSettingsRequest
    {
        /// <summary>What the language model should mind, up to 4,000 bytes; nothing when left out.</summary>
        [PlainText(4_000, AllowBlank = true, AllowControl = true)]
        public string? Instructions { get; set; }

        /// <summary>Categories that are drawn, by the rules too; all when left out or empty.</summary>
        public IReadOnlyList<string>? Categories { get; set; }
    }

    /// <summary>What is drawn from a tenant's messages.</summary>
    /// <param name="TenantId">The tenant.</param>
    /// <param name="Instructions">What the language model should mind.</param>
    /// <param name="Categories">Categories that are drawn; all when empty.</param>
    /// <param name="Model">Name of the language model; null when none is configured.</param>
    /// <param name="Version">From 1; 0 while the server's settings hold.</param>
    /// <param name="UpdatedAt">When it was set.</param>
    internal sealed record ExtractionSettingsResponse(
        Guid TenantId, string? Instructions, IReadOnlyList<string> Categories, string? Model, int Version, DateTimeOffset? UpdatedAt);
}

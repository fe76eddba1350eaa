using MemoryMesh.Memory.Features;
using MemoryMesh.Memory.Preferences;
using MemoryMesh.Memory.Storage;
using MemoryMesh.ServiceDefaults.Hosting;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace MemoryMesh.Memory.Endpoints;

/// <summary>The routes under <c>/v1/subjects/{id}</c>: what is known of a subject, and how it wants to be answered.</summary>
/// <remarks>The id is a <c>user_id</c> of the tenant. Members see themselves; whoever acts for every subject sees all.</remarks>
internal static class SubjectEndpoints
{
    private const string Prefix = "/v1/subjects/";

    public static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup($"{Prefix}{{id}}").WithTags("Context").ValidateRequests()
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status401Unauthorized)
            .ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status404NotFound);
        group.MapGet("/profile", GetProfileAsync).WithName("Memory_GetProfile").WithSummary("Read what is known of a subject")
            .WithDescription("One row that is rebuilt in the background when memories change. A deleted memory leaves it at once.");
        group.MapGet("/preferences", GetPreferencesAsync).WithName("Memory_GetPreferences").WithSummary("Read what a subject prefers")
            .WithDescription("What was set here and what the subject said win over what its messages hint at; of the two the newer one.");
        group.MapPatch("/preferences", SetPreferencesAsync).WithName("Memory_SetPreferences").WithSummary("Set what a subject prefers")
            .WithExample("""{"language": "de", "verbosity": "concise", "emoji": null}""")
            .ProducesProblem(StatusCodes.Status412PreconditionFailed);
        group.MapDelete("/preferences", ResetPreferencesAsync).WithName("Memory_ResetPreferences").WithSummary("Forget what was set and observed of a subject's preferences")
            .WithDescription("What the subject said is a memory: it stays until that is deleted.");
        group.MapPost("/preferences/feedback", ReactAsync).WithName("Memory_ReactToAnswer").WithSummary("Learn from a subject's reaction to an answer")
            .WithExample("""{"signal": "too_long"}""")
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity);
    }

    private static async Task<Results<Ok<ProfileResponse>, ProblemHttpResult>> GetProfileAsync(
        string id, string? tenant_id, Caller caller, TenantGuard guard, MemoryRights rights, ReadProfile profiles, HttpContext http, CancellationToken cancellationToken)
    {
        var (access, owner, problem) = await EnterAsync(id, tenant_id, Permission.Read, caller, guard, rights, http, cancellationToken);
        if (owner is null)
        {
            return problem!;
        }

        var profile = await profiles.HandleAsync(access!.TenantId, owner.Key, cancellationToken);
        return TypedResults.Ok(new ProfileResponse
        {
            TenantId = access.TenantId,
            UserId = owner.UserId!,
            Static = [.. profile.Static.Select(ProfileFactResponse.From)],
            Recent = [.. profile.Recent.Select(ProfileFactResponse.From)],
            UpdatedAt = profile.BuiltAt,
        });
    }

    private static async Task<Results<Ok<PreferencesResponse>, ProblemHttpResult>> GetPreferencesAsync(
        string id, string? tenant_id, Caller caller, TenantGuard guard, MemoryRights rights, SubjectStyle style, HttpContext http, CancellationToken cancellationToken)
    {
        var (access, owner, problem) = await EnterAsync(id, tenant_id, Permission.Read, caller, guard, rights, http, cancellationToken);
        return owner is null ? problem! : Answer(http, access!, owner, await style.ReadAsync(access!.TenantId, owner.Key, cancellationToken));
    }

    private static async Task<Results<Ok<PreferencesResponse>, ProblemHttpResult>> SetPreferencesAsync(
        string id,
        string? tenant_id,
        UpdatePreferencesRequest request,
        Caller caller,
        TenantGuard guard,
        MemoryRights rights,
        SubjectStyle style,
        HttpContext http,
        CancellationToken cancellationToken)
    {
        var given = request.Given();
        if (given.Count == 0)
        {
            return Problems.InvalidField("verbosity", "Give at least one preference.");
        }

        var wrong = given.Where(value => value.Value is not null)
            .Select(value => (Trait: value.Key, Message: PreferenceTraits.Check(value.Key, value.Value!)))
            .Where(check => check.Message is not null)
            .ToDictionary(check => check.Trait, check => (string[])[check.Message!]);
        if (wrong.Count > 0)
        {
            return Problems.InvalidFields(wrong);
        }

        var (access, owner, problem) = await EnterAsync(id, tenant_id, Permission.Store, caller, guard, rights, http, cancellationToken);
        if (owner is null)
        {
            return problem!;
        }

        var condition = EntityTags.ReadIfMatch(http.Request);
        return await style.SetAsync(access!.TenantId, owner.Key, given, condition.Allows, cancellationToken) is { } changed
            ? Answer(http, access, owner, changed)
            : Problems.PreconditionFailed.ToResult();
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> ResetPreferencesAsync(
        string id, string? tenant_id, Caller caller, TenantGuard guard, MemoryRights rights, SubjectStyle style, HttpContext http, CancellationToken cancellationToken)
    {
        var (access, owner, problem) = await EnterAsync(id, tenant_id, Permission.Write, caller, guard, rights, http, cancellationToken);
        if (owner is null)
        {
            return problem!;
        }

        await style.ResetAsync(access!.TenantId, owner.Key, keepSet: false, cancellationToken);
        return TypedResults.NoContent();
    }

    private static async Task<Results<Ok<PreferencesResponse>, ProblemHttpResult>> ReactAsync(
        string id,
        string? tenant_id,
        PreferenceFeedbackRequest request,
        Caller caller,
        TenantGuard guard,
        MemoryRights rights,
        SubjectStyle style,
        HttpContext http,
        CancellationToken cancellationToken)
    {
        if (!SubjectStyle.Signals.ContainsKey(request.Signal!))
        {
            return Problems.InvalidField("signal", $"Must be one of {string.Join(", ", SubjectStyle.Signals.Keys)}.");
        }

        var (repeatable, wrongKey) = RepeatableRequest.Read(http.Request, caller, request, tenant_id);
        if (wrongKey is not null)
        {
            return wrongKey;
        }

        var (access, owner, problem) = await EnterAsync(id, tenant_id, Permission.Store, caller, guard, rights, http, cancellationToken);
        if (owner is null)
        {
            return problem!;
        }

        var (stored, resolved, repeated) = await style.ReactAsync(access!.TenantId, owner.Key, request.Signal!, repeatable, cancellationToken);
        if (repeated is null)
        {
            return Problems.IdempotencyKeyReused.ToResult();
        }

        if (repeated.Value)
        {
            RepeatableRequest.MarkReplayed(http.Response);
        }

        return Answer(http, access, owner, (stored, resolved));
    }

    private static Ok<PreferencesResponse> Answer(
        HttpContext http, TenantAccess access, MemoryOwner owner, (SubjectPreferences Stored, IReadOnlyDictionary<string, Preference> Resolved) found)
    {
        http.Response.Headers.ETag = EntityTags.Of(found.Stored.Version);
        return TypedResults.Ok(PreferencesResponse.From(access.TenantId, owner.UserId!, found.Stored, found.Resolved));
    }

    private static async Task<(TenantAccess? Access, MemoryOwner? Owner, ProblemHttpResult? Problem)> EnterAsync(
        string id, string? tenantId, Permission permission, Caller caller, TenantGuard guard, MemoryRights rights, HttpContext http, CancellationToken cancellationToken)
    {
        var (access, problem) = await guard.EnterAsync(caller, tenantId, permission, cancellationToken);
        if (access is null)
        {
            return (null, null, problem);
        }

        // An id that none can have answers like one that nobody has.
        var userId = PathIds.Read(http, Prefix, id);
        if (TextRules.Check(userId, MemoryRights.MaxIdBytes) is not null)
        {
            return (null, null, Problems.NotFound.ToResult());
        }

        var (owner, refused) = rights.Choose(access, null, userId, null, permission == Permission.Read ? MemoryAction.Read : MemoryAction.Write);
        return (access, owner, refused);
    }
}

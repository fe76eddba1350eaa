using System.Globalization;
using MemoryMesh.Retention.Transfers;
using MemoryMesh.Retention.Transfers.Imports;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Retention.Endpoints;

/// <summary>Routes of imports.</summary>
/// <remarks>An upload comes whole with the request that makes the import, or in parts that follow, as in the tus protocol.</remarks>
internal static class ImportEndpoints
{
    private const string LengthHeader = "Upload-Length";
    private const string OffsetHeader = "Upload-Offset";
    private const string CompleteHeader = "Upload-Complete";
    private const int ErrorsShown = 20;
    private const int ErrorPage = 200;
    private const int MaxIdBytes = 200;

    public static void MapImports(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/imports").WithTags("Imports")
            .ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status404NotFound);
        group.MapPost("", CreateAsync).WithName("Retention_CreateImport")
            .WithSummary("Import a file: the body, or with Upload-Length and no body the parts that follow")
            .Accepts<Stream>(isOptional: true, "application/x-ndjson", "application/json", "application/octet-stream")
            .ProducesValidationProblem()
            .ProducesProblem(RetentionProblems.TooManyTransfers.Status)
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status415UnsupportedMediaType);
        group.MapGet("", ListAsync).WithName("Retention_ListImports").WithSummary("The imports that the caller may see, newest first");
        group.MapGet("/{id:guid}", GetAsync).WithName("Retention_GetImport").WithSummary("How an import stands");
        group.MapGet("/{id:guid}/errors", ListErrorsAsync).WithName("Retention_ListImportErrors").WithSummary("What is wrong with which record of an import");
        group.MapPatch("/{id:guid}/content", ReceiveAsync).WithName("Retention_ContinueImportUpload")
            .WithSummary("Send the next part of the file: Upload-Offset says where it begins, Upload-Complete: ?1 that it is the last")
            .Accepts<Stream>("application/offset+octet-stream", "application/octet-stream")
            .ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status415UnsupportedMediaType);
        group.MapPost("/{id:guid}/resume", ResumeAsync).WithName("Retention_ResumeImport").WithSummary("Go on with an import that failed, where it was")
            .ProducesProblem(StatusCodes.Status409Conflict);
        group.MapDelete("/{id:guid}", DeleteAsync).WithName("Retention_DeleteImport").WithSummary("Stop an import, or delete its record; what it stored stays");
    }

    private static async Task<Results<Accepted<ImportResponse>, ProblemHttpResult>> CreateAsync(
        HttpContext http,
        Caller caller,
        TenantGuard guard,
        KeyedNames names,
        IImportStore store,
        ReceiveUpload receive,
        IOptions<TransferOptions> options,
        TimeProvider clock,
        string? format,
        bool? dry_run,
        bool? extract,
        string? user_id,
        string? conversation_id,
        string? tenant_id,
        CancellationToken cancellationToken)
    {
        if (ImportNames.ParseFormat(format) is not { } kind)
        {
            return Problems.InvalidField("format", "Must be memorymesh, chatgpt or messages.");
        }

        if (user_id is not null && TextRules.Check(user_id, MaxIdBytes) is { } wrongUser)
        {
            return Problems.InvalidField("user_id", wrongUser);
        }

        if (conversation_id is not null && (TextRules.Check(conversation_id, MaxIdBytes) ?? (kind == ImportFormat.Messages ? null : "Only with format messages.")) is { } wrongConversation)
        {
            return Problems.InvalidField("conversation_id", wrongConversation);
        }

        var withBody = http.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true } && http.Request.ContentLength != 0;
        var length = withBody ? http.Request.ContentLength : ReadNumber(http.Request, LengthHeader);
        if (!withBody && length is null)
        {
            return Problems.InvalidField(LengthHeader, "Send the file as the body, or its length in bytes as Upload-Length.");
        }

        if (length > options.Value.MaxImportBytes)
        {
            return Problems.TooLarge.ToResult();
        }

        var (access, problem) = await guard.EnterAsync(caller, tenant_id, Permission.Store, cancellationToken);
        if (access is null)
        {
            return problem!;
        }

        // Whose data the file may hold: that of one subject, or of any.
        var subject = user_id ?? (access.ActsForEverySubject ? null : access.OwnUserId);
        if (subject is not null && access.SubjectFor(subject) is null)
        {
            return Problems.NotFound.ToResult();
        }

        var now = DateTimeOffset.FromUnixTimeMilliseconds(clock.GetUtcNow().ToUnixTimeMilliseconds());
        var import = new ImportRecord
        {
            Id = Guid.CreateVersion7(now),
            TenantId = access.TenantId,
            OwnerKey = subject is null ? access.TenantId : names.SubjectKey(access.TenantId, subject),
            AccountId = access.AccountId,
            Format = kind,
            DryRun = dry_run == true,
            Extract = extract == true,
            Request = new ImportRequestDetails { UserId = user_id, ConversationId = conversation_id },
            Status = ImportStatus.Uploading,
            UploadLength = length,
            CreatedAt = now,
            ExpiresAt = now.AddHours(options.Value.UploadHours),
        };
        if (!await store.TryAddAsync(import, options.Value.MaxJobsPerTenant, cancellationToken))
        {
            return RetentionProblems.TooManyTransfers.ToResult();
        }

        if (withBody || length == 0)
        {
            var (_, refused) = await receive.HandleAsync(import, http.Request, 0, last: true, cancellationToken);
            if (refused is not null)
            {
                await store.DeleteAsync(import.Id, cancellationToken);
                return refused.ToResult();
            }
        }

        var response = ImportResponse.From(await store.FindAsync(import.Id, cancellationToken) ?? import, []);
        return TypedResults.Accepted(response.StatusUrl, response);
    }

    private static async Task<Results<Ok<ImportPage>, ProblemHttpResult>> ListAsync(
        Caller caller, TenantGuard guard, IImportStore store, string? tenant_id, int? limit, string? cursor, CancellationToken cancellationToken)
    {
        var (access, problem) = await guard.EnterAsync(caller, tenant_id, Permission.Read, cancellationToken);
        if (access is null)
        {
            return problem!;
        }

        if (Paging.Read(limit, cursor, out var size, out var before) is { } invalid)
        {
            return invalid;
        }

        var imports = await store.ListAsync(access.TenantId, access.ActsForEverySubject ? null : access.AccountId, before, size + 1, cancellationToken);
        return TypedResults.Ok(new ImportPage(
            [.. imports.Take(size).Select(import => ImportResponse.From(import, []))], imports.Count > size ? imports[size - 1].Id.ToString("N") : null));
    }

    private static async Task<Results<Ok<ImportResponse>, ProblemHttpResult>> GetAsync(
        Guid id, Caller caller, TenantGuard guard, IImportStore store, string? tenant_id, CancellationToken cancellationToken)
    {
        var (import, problem) = await FindAsync(id, caller, guard, store, tenant_id, Permission.Read, cancellationToken);
        return import is null ? problem! : TypedResults.Ok(ImportResponse.From(import, await store.ListFaultsAsync(id, 0, ErrorsShown, cancellationToken)));
    }

    private static async Task<Results<Ok<ImportErrorPage>, ProblemHttpResult>> ListErrorsAsync(
        Guid id, Caller caller, TenantGuard guard, IImportStore store, string? tenant_id, int? limit, string? cursor, CancellationToken cancellationToken)
    {
        var (import, problem) = await FindAsync(id, caller, guard, store, tenant_id, Permission.Read, cancellationToken);
        if (import is null)
        {
            return problem!;
        }

        if (limit is < 1 or > ErrorPage)
        {
            return Problems.InvalidField("limit", string.Create(CultureInfo.InvariantCulture, $"Must be from 1 to {ErrorPage}."));
        }

        var after = 0L;
        if (cursor is not null && !long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out after))
        {
            return Problems.InvalidField("cursor", "Must be the next of an earlier page.");
        }

        var size = limit ?? ErrorPage;
        var faults = await store.ListFaultsAsync(id, after, size + 1, cancellationToken);
        return TypedResults.Ok(new ImportErrorPage(
            import.Counts.Failed,
            [.. faults.Take(size).Select(ImportErrorResponse.From)],
            faults.Count > size ? faults[size - 1].Number.ToString(CultureInfo.InvariantCulture) : null));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> ReceiveAsync(
        Guid id, HttpContext http, Caller caller, TenantGuard guard, IImportStore store, ReceiveUpload receive, string? tenant_id, CancellationToken cancellationToken)
    {
        if (ReadNumber(http.Request, OffsetHeader) is not { } offset)
        {
            return Problems.InvalidField(OffsetHeader, "Is needed: where the part begins, in bytes.");
        }

        var (import, problem) = await FindAsync(id, caller, guard, store, tenant_id, Permission.Write, cancellationToken);
        if (import is null)
        {
            return problem!;
        }

        if (import.Status != ImportStatus.Uploading)
        {
            return RetentionProblems.ImportState.ToResult();
        }

        var (received, refused) = await receive.HandleAsync(import, http.Request, offset, http.Request.Headers[CompleteHeader] == "?1", cancellationToken);
        http.Response.Headers[OffsetHeader] = received.ToString(CultureInfo.InvariantCulture);
        return refused is null ? TypedResults.NoContent() : refused.ToResult();
    }

    private static async Task<Results<Accepted<ImportResponse>, ProblemHttpResult>> ResumeAsync(
        Guid id,
        Caller caller,
        TenantGuard guard,
        IImportStore store,
        TransferFiles files,
        JobSignal<ImportRecord> signal,
        IOptions<TransferOptions> options,
        TimeProvider clock,
        string? tenant_id,
        CancellationToken cancellationToken)
    {
        var (import, problem) = await FindAsync(id, caller, guard, store, tenant_id, Permission.Write, cancellationToken);
        if (import is null)
        {
            return problem!;
        }

        if (import.Status != ImportStatus.Failed
            || !files.Exists(TransferKind.Imports, id)
            || !await store.ResumeAsync(id, clock.GetUtcNow().AddHours(options.Value.UploadHours), cancellationToken))
        {
            return RetentionProblems.ImportState.ToResult();
        }

        signal.Ring();
        var response = ImportResponse.From(await store.FindAsync(id, cancellationToken) ?? import, []);
        return TypedResults.Accepted(response.StatusUrl, response);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(
        Guid id,
        Caller caller,
        TenantGuard guard,
        IImportStore store,
        TransferFiles files,
        RunningJobs running,
        string? tenant_id,
        CancellationToken cancellationToken)
    {
        var (import, problem) = await FindAsync(id, caller, guard, store, tenant_id, Permission.Write, cancellationToken);
        if (import is null)
        {
            return problem!;
        }

        await store.DeleteAsync(id, cancellationToken);
        await running.StopAsync(id, cancellationToken);
        files.Delete(TransferKind.Imports, id);
        return TypedResults.NoContent();
    }

    private static async Task<(ImportRecord? Import, ProblemHttpResult? Problem)> FindAsync(
        Guid id, Caller caller, TenantGuard guard, IImportStore store, string? tenantId, Permission permission, CancellationToken cancellationToken)
    {
        var (access, problem) = await guard.EnterAsync(caller, tenantId, Permission.Read, cancellationToken);
        if (access is null)
        {
            return (null, problem);
        }

        // Without a tenant the import's own is meant, if the caller is in it.
        var import = await store.FindAsync(id, cancellationToken);
        if (import is not null && tenantId is null && import.TenantId != access.TenantId)
        {
            (access, problem) = await guard.EnterAsync(caller, import.TenantId.ToString("D"), Permission.Read, cancellationToken);
            if (access is null)
            {
                return (null, problem);
            }
        }

        if (import is null || import.TenantId != access.TenantId || (!access.ActsForEverySubject && import.AccountId != access.AccountId))
        {
            return (null, Problems.NotFound.ToResult());
        }

        // Only who may see it is told that more is needed.
        (access, problem) = await guard.EnterAsync(caller, import.TenantId.ToString("D"), permission, cancellationToken);
        return access is null ? (null, problem) : (import, null);
    }

    private static long? ReadNumber(HttpRequest request, string header)
        => long.TryParse(request.Headers[header], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}

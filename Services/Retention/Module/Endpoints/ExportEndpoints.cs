using MemoryMesh.Contracts.Chat;
using MemoryMesh.Retention.Transfers;
using MemoryMesh.Retention.Transfers.Exports;
using MemoryMesh.ServiceDefaults.Analytics;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Retention.Endpoints;

/// <summary>Routes of exports.</summary>
internal static class ExportEndpoints
{
    public static void MapExports(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/exports").WithTags("Exports").ValidateRequests();
        group.MapPost("", CreateAsync).WithName("Retention_CreateExport").WithSummary("Export a conversation, a subject's data, a whole tenant or its analytics to a file")
            .ProducesValidationProblem()
            .ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(RetentionProblems.TooManyTransfers.Status);
        group.MapGet("", ListAsync).WithName("Retention_ListExports").WithSummary("The exports that the caller may have, newest first")
            .ProducesValidationProblem()
            .ProducesProblem(StatusCodes.Status404NotFound);
        group.MapGet("/{id:guid}", GetAsync).WithName("Retention_GetExport").WithSummary("How an export stands, with a fresh download link when it is completed")
            .ProducesProblem(StatusCodes.Status404NotFound);
        group.MapDelete("/{id:guid}", DeleteAsync).WithName("Retention_DeleteExport").WithSummary("Stop an export, or delete it with its file")
            .ProducesProblem(StatusCodes.Status404NotFound);
        group.MapGet("/{id:guid}/download", DownloadAsync).WithName("Retention_DownloadExport")
            .WithSummary("The file of an export, with the caller's credentials or a download link")
            .AllowAnonymous()
            .Produces<Stream>(StatusCodes.Status200OK, "application/json", "application/x-ndjson", "text/csv", "text/markdown")
            .ProducesProblem(StatusCodes.Status401Unauthorized)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(RetentionProblems.ExportNotReady.Status)
            .ProducesProblem(RetentionProblems.ExportExpired.Status);
    }

    private static async Task<Results<Accepted<ExportResponse>, ProblemHttpResult>> CreateAsync(
        CreateExportRequest request,
        Caller caller,
        TenantGuard guard,
        TransferRights rights,
        KeyedNames names,
        IChatTransfer chat,
        IExportStore store,
        JobSignal<ExportRecord> signal,
        ExportLinks links,
        IOptions<TransferOptions> options,
        TimeProvider clock,
        CancellationToken cancellationToken)
    {
        var what = ExportNames.ParseSubject(request.What!);
        if (request.ConversationId is null == (what == ExportSubject.Conversation))
        {
            return Problems.InvalidField("conversation_id", "Needed to export a conversation, and not otherwise.");
        }

        if (request.UserId is not null && what != ExportSubject.Subject)
        {
            return Problems.InvalidField("user_id", "Only to export a subject.");
        }

        if (ReadPeriod(request, what, clock.GetUtcNow(), out var period) is { } wrongPeriod)
        {
            return wrongPeriod;
        }

        var (access, problem) = await guard.EnterAsync(
            caller, request.TenantId, TransferRights.IsOfTenant(what) ? Permission.Administer : Permission.Read, cancellationToken);
        if (access is null)
        {
            return problem!;
        }

        var (userId, ownerKey, conversationKey) = (request.UserId, access.TenantId, (Guid?)null);
        switch (what)
        {
            case ExportSubject.Conversation:
                conversationKey = names.ConversationKey(access.TenantId, request.ConversationId!);
                if (await chat.FindConversationAsync(access.TenantId, conversationKey.Value, rights.ReachOf(access), cancellationToken) is not { } conversation)
                {
                    return Problems.NotFound.ToResult();
                }

                ownerKey = conversation.SubjectKey;
                break;
            case ExportSubject.Subject:
                userId = access.SubjectFor(userId);
                if (userId is null)
                {
                    return Problems.NotFound.ToResult();
                }

                ownerKey = names.SubjectKey(access.TenantId, userId);
                break;
        }

        // Whole milliseconds, as the store keeps them.
        var now = DateTimeOffset.FromUnixTimeMilliseconds(clock.GetUtcNow().ToUnixTimeMilliseconds());
        var export = new ExportRecord
        {
            Id = Guid.CreateVersion7(now),
            TenantId = access.TenantId,
            OwnerKey = ownerKey,
            AccountId = access.AccountId,
            What = what,
            Format = ExportNames.ParseFormat(request.Format!),
            ConversationKey = conversationKey,
            Request = new ExportRequestDetails { UserId = userId, ConversationId = request.ConversationId, Period = period },
            Status = ExportStatus.Pending,
            CreatedAt = now,
            ExpiresAt = now.AddHours(options.Value.ExportHours),
        };
        if (!await store.TryAddAsync(export, options.Value.MaxJobsPerTenant, cancellationToken))
        {
            return RetentionProblems.TooManyTransfers.ToResult();
        }

        signal.Ring();
        var response = ExportResponse.From(export, links);
        return TypedResults.Accepted(response.StatusUrl, response);
    }

    /// <summary>The time whose counts are exported; null for anything else.</summary>
    private static ProblemHttpResult? ReadPeriod(CreateExportRequest request, ExportSubject what, DateTimeOffset now, out ExportPeriod? period)
    {
        period = null;
        if (what != ExportSubject.Analytics)
        {
            return (request.From ?? request.To ?? request.Interval ?? request.Tz) is null
                ? null
                : Problems.InvalidField("what", "from, to, interval and tz belong to an export of analytics.");
        }

        var (read, problem) = AnalyticsPeriod.Read(request.From, request.To, request.Interval, request.Tz, now);
        if (read?.Divide() is null)
        {
            return problem ?? AnalyticsPeriod.TooManyIntervals();
        }

        period = ExportPeriod.Of(read);
        return null;
    }

    private static async Task<Results<Ok<ExportPage>, ProblemHttpResult>> ListAsync(
        Caller caller,
        TenantGuard guard,
        TransferRights rights,
        IExportStore store,
        ExportLinks links,
        string? tenant_id,
        int? limit,
        string? cursor,
        CancellationToken cancellationToken)
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

        var exports = await store.ListAsync(
            access.TenantId,
            rights.ReachOf(access),
            access.ActsForEverySubject && TransferRights.MayAdminister(caller),
            before,
            size + 1,
            cancellationToken);
        return TypedResults.Ok(new ExportPage(
            [.. exports.Take(size).Select(export => ExportResponse.From(export, links))], exports.Count > size ? exports[size - 1].Id.ToString("N") : null));
    }

    private static async Task<Results<Ok<ExportResponse>, ProblemHttpResult>> GetAsync(
        Guid id,
        Caller caller,
        TenantGuard guard,
        TransferRights rights,
        IExportStore store,
        ExportLinks links,
        string? tenant_id,
        CancellationToken cancellationToken)
    {
        var (export, problem) = await FindAsync(id, caller, guard, rights, store, tenant_id, cancellationToken);
        return export is null ? problem! : TypedResults.Ok(ExportResponse.From(export, links));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(
        Guid id,
        Caller caller,
        TenantGuard guard,
        TransferRights rights,
        IExportStore store,
        TransferFiles files,
        RunningJobs running,
        string? tenant_id,
        CancellationToken cancellationToken)
    {
        var (export, problem) = await FindAsync(id, caller, guard, rights, store, tenant_id, cancellationToken);
        if (export is null)
        {
            return problem!;
        }

        await store.DeleteAsync(export.TenantId, id, cancellationToken);
        await running.StopAsync(id, cancellationToken);
        files.Delete(TransferKind.Exports, id);
        return TypedResults.NoContent();
    }

    private static async Task<IResult> DownloadAsync(
        Guid id,
        HttpContext http,
        TenantGuard guard,
        TransferRights rights,
        IExportStore store,
        ExportLinks links,
        TransferFiles files,
        string? tenant_id,
        string? token,
        CancellationToken cancellationToken)
    {
        ExportRecord? export;
        if (token is not null)
        {
            switch (links.Check(id, token))
            {
                case LinkState.Foreign:
                    return Problems.NotFound.ToResult();
                case LinkState.Expired:
                    return RetentionProblems.LinkExpired.ToResult();
            }

            export = await store.FindAsync(id, cancellationToken);
        }
        else
        {
            // This route is open, so nothing answers instead of it when credentials are missing or wrong.
            if (await Caller.BindAsync(http) is not { } caller)
            {
                return Problems.Unauthenticated.ToResult();
            }

            (export, var problem) = await FindAsync(id, caller, guard, rights, store, tenant_id, cancellationToken);
            if (problem is not null)
            {
                return problem;
            }
        }

        switch (export?.Status)
        {
            case null:
                return Problems.NotFound.ToResult();
            case ExportStatus.Expired:
                return RetentionProblems.ExportExpired.ToResult();
            case not ExportStatus.Completed:
                return RetentionProblems.ExportNotReady.ToResult();
        }

        if (await files.OpenAsync(TransferKind.Exports, id, export.TenantId, export.OwnerKey, cancellationToken) is not { } file)
        {
            return RetentionProblems.ExportExpired.ToResult();
        }

        await using (file)
        {
            var response = http.Response;
            response.ContentType = ExportNames.MediaTypeOf(export.Format);
            response.ContentLength = export.Size;
            response.Headers.ContentDisposition =
                $"attachment; filename=\"{ExportNames.Of(export.What)}-{export.CreatedAt:yyyyMMdd'T'HHmmss'Z'}.{ExportNames.ExtensionOf(export.Format)}\"";
            response.Headers.CacheControl = "no-store";
            await file.CopyToAsync(response.Body, 64 * 1024, cancellationToken);
        }

        return Results.Empty;
    }

    private static async Task<(ExportRecord? Export, ProblemHttpResult? Problem)> FindAsync(
        Guid id, Caller caller, TenantGuard guard, TransferRights rights, IExportStore store, string? tenantId, CancellationToken cancellationToken)
    {
        var (access, problem) = await guard.EnterAsync(caller, tenantId, Permission.Read, cancellationToken);
        if (access is null)
        {
            return (null, problem);
        }

        // Without a tenant the export's own is meant, if the caller is in it.
        var export = await store.FindAsync(id, cancellationToken);
        if (export is not null && tenantId is null && export.TenantId != access.TenantId)
        {
            (access, problem) = await guard.EnterAsync(caller, export.TenantId.ToString("D"), Permission.Read, cancellationToken);
            if (access is null)
            {
                return (null, problem);
            }
        }

        return export is not null && rights.MayHave(access, caller, export) ? (export, null) : (null, Problems.NotFound.ToResult());
    }
}

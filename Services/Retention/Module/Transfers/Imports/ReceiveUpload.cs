using System.Collections.Concurrent;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Security;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Retention.Transfers.Imports;

/// <summary>What became of a part of an upload; <paramref name="Problem"/> is null when it was taken.</summary>
/// <param name="Offset">Bytes that are here now.</param>
/// <param name="Problem">Why it was not taken, or not whole.</param>
internal readonly record struct ReceivedPart(long Offset, ProblemKind? Problem);

/// <summary>Takes the file of an import as it comes: what was received when a connection breaks is kept, and can be gone on with.</summary>
internal sealed class ReceiveUpload(
    IImportStore store, TransferFiles files, JobSignal<ImportRecord> signal, IOptions<TransferOptions> options, TimeProvider clock)
{
    private const int BufferSize = 64 * 1024;
    private readonly ConcurrentDictionary<Guid, bool> _receiving = new();

    /// <summary>Takes a part.</summary>
    /// <param name="import">The import.</param>
    /// <param name="request">The request whose body it is.</param>
    /// <param name="offset">Where it begins.</param>
    /// <param name="last">Whether the file ends with it, when its length was not told.</param>
    /// <param name="cancellationToken">Cancelled when the client goes.</param>
    public async Task<ReceivedPart> HandleAsync(ImportRecord import, HttpRequest request, long offset, bool last, CancellationToken cancellationToken)
    {
        if (!_receiving.TryAdd(import.Id, true))
        {
            return new(import.Received, RetentionProblems.UploadOffset);
        }

        try
        {
            var file = await files.ContinueAsync(TransferKind.Imports, import.Id, import.TenantId, import.OwnerKey, cancellationToken)
                ?? await files.CreateAsync(TransferKind.Imports, import.Id, import.TenantId, import.OwnerKey, cancellationToken);
            await using (file)
            {
                return await ReceiveAsync(import, request, file, offset, last, cancellationToken);
            }
        }
        finally
        {
            _receiving.TryRemove(import.Id, out _);
        }
    }

    private async Task<ReceivedPart> ReceiveAsync(
        ImportRecord import, HttpRequest request, SealedFileWriter file, long offset, bool last, CancellationToken cancellationToken)
    {
        if (file.Length != offset)
        {
            return new(file.Length, RetentionProblems.UploadOffset);
        }

        var limit = import.UploadLength ?? options.Value.MaxImportBytes;
        if (request.ContentLength is { } length && offset + length > limit)
        {
            return new(file.Length, Problems.TooLarge);
        }

        // The limit for all other requests ends here; this one has its own.
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = null;
        }

        var whole = false;
        try
        {
            var buffer = new byte[BufferSize];
            int read;
            while ((read = await request.Body.ReadAsync(buffer, cancellationToken)) > 0)
            {
                if (file.Length + read > limit)
                {
                    return new(file.Length, Problems.TooLarge);
                }

                await file.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            }

            whole = true;
        }
        finally
        {
            // Also when the client went: it goes on from here.
            var complete = whole && (import.UploadLength is { } all ? file.Length == all : last);
            if (complete)
            {
                await file.CompleteAsync(CancellationToken.None);
            }
            else
            {
                await file.FlushAsync(CancellationToken.None);
            }

            await store.ReceivedAsync(import.Id, file.Length, complete, clock.GetUtcNow().AddHours(options.Value.UploadHours), CancellationToken.None);
            if (complete)
            {
                signal.Ring();
            }
        }

        return new(file.Length, null);
    }
}

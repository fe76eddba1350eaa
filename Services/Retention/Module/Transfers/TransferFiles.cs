using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Retention.Transfers;

/// <summary>What a file holds.</summary>
internal enum TransferKind
{
    Exports,
    Imports,
}

/// <summary>The files of exports and imports, in folders beside the module's store, each sealed with the data key of its owner.</summary>
internal sealed class TransferFiles(IOptions<StorageOptions> storage, [FromKeyedServices(RetentionModule.Name)] ModuleStore database)
{
    private const string Extension = ".sealed";

    /// <summary>Whether there is a file.</summary>
    public bool Exists(TransferKind kind, Guid id) => File.Exists(PathOf(kind, id));

    /// <summary>Begins a file anew.</summary>
    public async Task<SealedFileWriter> CreateAsync(TransferKind kind, Guid id, Guid tenantId, Guid ownerKey, CancellationToken cancellationToken)
        => await SealedFileWriter.CreateAsync(
            PathOf(kind, id), await database.Keys.GetOrCreateAsync(tenantId, ownerKey, cancellationToken), PlaceOf(kind, id), cancellationToken);

    /// <summary>Goes on with a file; null when it, or its key, is gone.</summary>
    public async Task<SealedFileWriter?> ContinueAsync(TransferKind kind, Guid id, Guid tenantId, Guid ownerKey, CancellationToken cancellationToken)
        => Exists(kind, id) && await database.Keys.FindAsync(tenantId, ownerKey, cancellationToken) is { } key
            ? await SealedFileWriter.ContinueAsync(PathOf(kind, id), key, PlaceOf(kind, id), cancellationToken)
            : null;

    /// <summary>Bytes that are in a file that was not completed.</summary>
    public Task<long> MeasureAsync(TransferKind kind, Guid id, CancellationToken cancellationToken)
        => SealedFileWriter.MeasureAsync(PathOf(kind, id), cancellationToken);

    /// <summary>Reads a file; null when it, or its key, is gone.</summary>
    public async Task<SealedFileStream?> OpenAsync(TransferKind kind, Guid id, Guid tenantId, Guid ownerKey, CancellationToken cancellationToken)
    {
        if (await database.Keys.FindAsync(tenantId, ownerKey, cancellationToken) is not { } key)
        {
            return null;
        }

        try
        {
            return await SealedFileStream.OpenAsync(PathOf(kind, id), key, PlaceOf(kind, id), cancellationToken);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Deletes a file. One that cannot be deleted now is deleted by the next look over all files.</summary>
    public void Delete(TransferKind kind, Guid id)
    {
        try
        {
            File.Delete(PathOf(kind, id));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
        }
    }

    /// <summary>Ids of the files that are there.</summary>
    public IReadOnlyList<Guid> List(TransferKind kind)
    {
        var folder = FolderOf(kind);
        return Directory.Exists(folder)
            ?
            [
                .. Directory.EnumerateFiles(folder, $"*{Extension}")
                    .Select(path => Guid.TryParseExact(Path.GetFileNameWithoutExtension(path), "N", out var id) ? id : Guid.Empty)
                    .Where(id => id != Guid.Empty),
            ]
            : [];
    }

    private string FolderOf(TransferKind kind)
        => Path.Combine(storage.Value.DataDirectory, RetentionModule.Name, kind == TransferKind.Exports ? "exports" : "imports");

    private string PathOf(TransferKind kind, Guid id) => Path.Combine(FolderOf(kind), $"{id:N}{Extension}");

    private static RowIdentity PlaceOf(TransferKind kind, Guid id) => new(kind == TransferKind.Exports ? "exports" : "imports", "file", id);
}

using MemoryMesh.Search.Embedding;
using MemoryMesh.Search.Index;
using MemoryMesh.Search.Storage.Qdrant;
using MemoryMesh.ServiceDefaults.Configuration;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;
using MemoryMesh.ServiceDefaults.Storage.Moving;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace MemoryMesh.Search.Storage.Moving;

/// <summary>Moves the vectors of a copied search store between its file and Qdrant. Nothing is embedded again: both hold the same bits.</summary>
/// <remarks>
/// The file is the target's own copy; what says where a vector lies is changed in it batch by batch, each after its points have been written and read back. A run that was killed goes on where
/// the last batch ended.
/// </remarks>
internal static class VectorMove
{
    /// <summary>Makes the collections of the target, where it has a Qdrant, before anything is written.</summary>
    /// <param name="to">Services of the target, whose search store is a copy of the source's.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="StartupException">Qdrant has points in a collection of that name already.</exception>
    /// <exception cref="StorageUnavailableException">Qdrant cannot be asked.</exception>
    public static Task CheckAsync(IServiceProvider to, CancellationToken cancellationToken)
        => AskAsync(async () =>
        {
            if (Find(to) is not { } qdrant)
            {
                return true;
            }

            var database = to.GetRequiredKeyedService<ModuleDatabase>(SearchModule.Name);
            var points = to.GetRequiredService<QdrantPoints>();
            var tenants = await database.Data.ReadAsync(session => session.Query("SELECT DISTINCT tenant_id FROM indexed_items", row => row.Id(0)), cancellationToken);
            foreach (var model in await ModelsAsync(database, cancellationToken))
            {
                var collection = points.CollectionOf(model);
                if (await qdrant.EnsureCollectionAsync(collection, cancellationToken))
                {
                    continue;
                }

                foreach (var tenant in tenants)
                {
                    var all = new QdrantFilter { TenantId = tenant, Kinds = [.. Enum.GetValues<ItemKind>().Select(kind => (int)kind)], Owners = null };
                    if (await qdrant.CountAsync(collection, all, cancellationToken) > 0)
                    {
                        throw new StartupException($"Qdrant has the collection {collection.Name} already, of this installation at another time: drop it, or give another Qdrant.");
                    }
                }
            }

            return true;
        });

    /// <summary>Moves the vectors of the models in use.</summary>
    /// <param name="from">Services of the source, for its Qdrant where it has one.</param>
    /// <param name="to">Services of the target, whose search store is a copy of the source's.</param>
    /// <param name="cancellationToken">Ends it between two batches.</param>
    /// <returns>What was moved, and how many have to be computed again because they could not be read or were out of date.</returns>
    /// <exception cref="StorageUnavailableException">Qdrant cannot be asked.</exception>
    /// <exception cref="InvalidDataException">What was written is not what was read.</exception>
    public static Task<(RowDigest Moved, long Missing)> RunAsync(IServiceProvider from, IServiceProvider to, CancellationToken cancellationToken)
        => AskAsync(async () =>
        {
            var database = to.GetRequiredKeyedService<ModuleDatabase>(SearchModule.Name);
            var points = to.GetRequiredService<QdrantPoints>();
            var (moved, missing) = (new RowDigest(), 0L);
            foreach (var model in await ModelsAsync(database, cancellationToken))
            {
                var (digest, lost) = Find(to) is { } target
                    ? await new VectorsToQdrant(database, points, target, to.GetRequiredService<KeyRing>()).RunAsync(model, cancellationToken)
                    : await new VectorsFromQdrant(database, points, from.GetRequiredService<IQdrantTransport>()).RunAsync(model, cancellationToken);
                moved.Add(digest);
                missing += lost;
            }

            return (moved, missing);
        });

    private static IQdrantTransport? Find(IServiceProvider services)
        => QdrantAddress.Find(services.GetRequiredService<IConfiguration>()) is null ? null : services.GetRequiredService<IQdrantTransport>();

    private static async Task<T> AskAsync<T>(Func<Task<T>> ask)
    {
        try
        {
            return await ask();
        }
        catch (QdrantUnavailableException exception)
        {
            throw new StorageUnavailableException($"Qdrant cannot be used now: {exception.Reason}.", exception);
        }
    }

    private static Task<List<StoredModel>> ModelsAsync(ModuleDatabase database, CancellationToken cancellationToken)
        => database.Data.ReadAsync(
            session => session.Query(
                "SELECT id, slot, source, name, version, dimensions FROM vector_models WHERE role > 0 ORDER BY id",
                row => new StoredModel(row.Int32(0), row.Int32(1), new EmbeddingModel(row.Text(2), row.Text(3), row.Text(4), row.Int32(5)))),
            cancellationToken);
}

namespace MemoryMesh.Search.Index;

/// <summary>Finds items by the nearness of vectors. One index holds the vectors of one embedding model.</summary>
internal interface IVectorIndex
{
    /// <summary>Stores the vector of a version of an item, instead of that of an older version.</summary>
    /// <param name="item">The item.</param>
    /// <param name="vector">Its vector, of the model's dimensions and of length 1.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    Task UpsertAsync(IndexedItem item, ReadOnlyMemory<float> vector, CancellationToken cancellationToken);

    /// <summary>Removes vectors; those that are not there are no error.</summary>
    Task RemoveAsync(IReadOnlyList<ItemReference> items, CancellationToken cancellationToken);

    /// <summary>The items nearest to a vector, nearest first, with the cosine as score.</summary>
    /// <param name="filter">What may be found; nothing else is compared.</param>
    /// <param name="vector">The vector, of the model's dimensions and of length 1.</param>
    /// <param name="limit">Most items, from 1.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    Task<IReadOnlyList<ScoredItem>> FindNearestAsync(
        ItemFilter filter, ReadOnlyMemory<float> vector, int limit, CancellationToken cancellationToken);
}

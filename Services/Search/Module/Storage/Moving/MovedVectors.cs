using MemoryMesh.Search.Index;
using MemoryMesh.Search.Index.Vectors;
using MemoryMesh.ServiceDefaults.Storage;
using MemoryMesh.ServiceDefaults.Storage.Moving;

namespace MemoryMesh.Search.Storage.Moving;

/// <summary>What both directions of a move do.</summary>
internal static class MovedVectors
{
    /// <summary>Adds an item's vectors to a digest. Vectors without rests have rests of zero, which is what they stand for.</summary>
    public static void Add(this RowDigest digest, Guid itemId, int version, ItemVectors vectors)
    {
        var rests = vectors.Pooled.Rests.Length > 0 ? vectors.Pooled.Rests : new byte[RoundedVector.RestsOf(vectors.Pooled.Values.Length)];
        digest.Add(
            "vectors",
            itemId,
            (long)version,
            vectors.Speaker,
            vectors.Category,
            (long)vectors.Traits,
            System.Runtime.InteropServices.MemoryMarshal.AsBytes(vectors.Pooled.Values.AsSpan()).ToArray(),
            rests,
            (double)vectors.Pooled.Scale,
            vectors.Signs);
    }

    /// <summary>Ends a model's move: what could not be read is embedded again, and the model's vectors are known to lie where they were moved to.</summary>
    /// <param name="session">Writes.</param>
    /// <param name="model">The model.</param>
    /// <param name="layout">The layout of the target.</param>
    /// <param name="left">Which rows of the model still lie where they were, as a condition of <c>vectors</c>.</param>
    /// <returns>How many are embedded again.</returns>
    public static int End(SqliteSession session, StoredModel model, int layout, string left)
    {
        session.Execute($"INSERT OR IGNORE INTO embedding_jobs (id, state, attempts, due_at) SELECT id, 0, 0, 0 FROM vectors WHERE model = $1 AND {left}", model.Id);
        var missing = session.Execute($"DELETE FROM vectors WHERE model = $1 AND {left}", model.Id);

        // Notes of points that the source is about to remove are its own.
        session.Execute("DELETE FROM point_removals WHERE model = $1", model.Id);
        session.Execute("UPDATE vector_models SET layout = $2 WHERE id = $1", model.Id, layout);
        return missing;
    }
}

using System.Security.Cryptography;
using MemoryMesh.Search.Embedding;
using MemoryMesh.Search.Index.Vectors;
using MemoryMesh.Search.Storage;
using MemoryMesh.Search.Storage.Sqlite;

namespace MemoryMesh.Benchmarks;

/// <summary>Vectors of the shape that the built-in model gives, of random numbers: what is found by them means nothing, but reading and comparing them takes as long.</summary>
/// <param name="seed">The same seed gives the same vectors.</param>
internal sealed class RandomVectors(int seed)
{
    public const int Dimensions = EmbeddingOptions.LocalDimensions;

    /// <summary>Tokens of a message whose signs are kept.</summary>
    public const int TokensOfAMessage = 15;

    /// <summary>Bytes of the signs of a token.</summary>
    public const int SignBytes = Dimensions / 8;

    private const int BatchSize = 500;

    private readonly Random _random = new(seed);

    /// <summary>Vectors of an item.</summary>
    public ItemVectors Next(int tokens = TokensOfAMessage)
    {
        var signs = new byte[tokens * SignBytes];
        _random.NextBytes(signs);
        return new("Ann", null, TextTraits.None, RoundedVector.Round(Unit()), signs);
    }

    /// <summary>A vector of length 1.</summary>
    public float[] Unit()
    {
        var vector = new float[Dimensions];
        var squares = 0f;
        for (var index = 0; index < Dimensions; index++)
        {
            vector[index] = _random.NextSingle() + _random.NextSingle() + _random.NextSingle() - 1.5f;
            squares += vector[index] * vector[index];
        }

        for (var index = 0; index < Dimensions; index++)
        {
            vector[index] /= MathF.Sqrt(squares);
        }

        return vector;
    }

    /// <summary>Stores vectors for every item of a store that waits for them.</summary>
    /// <returns>How many there were.</returns>
    public async Task<int> StoreAsync(SqliteVectorStore store, StoredModel model)
    {
        var count = 0;
        while (await store.ListDueAsync(DateTimeOffset.UtcNow, BatchSize, 1 << model.Slot, CancellationToken.None) is { Count: > 0 } tasks)
        {
            await store.SaveAsync(
                model, [.. tasks.Select(task => new EmbeddedItem(task, Convert.ToHexString(RandomNumberGenerator.GetBytes(16)), Next()))], CancellationToken.None);
            count += tasks.Count;
        }

        return count;
    }
}

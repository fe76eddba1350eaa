using MongoDB.Bson;
using MongoDB.Driver;

namespace MemoryMesh.ServiceDefaults.Storage.Mongo;

/// <summary>Answers to requests that carried an Idempotency-Key, as <see cref="IdempotencyTable"/> keeps them: found and added in the commit of the change.</summary>
public static class MongoIdempotency
{
    /// <summary>Name of the collection.</summary>
    public const string Collection = "idempotency_keys";

    /// <summary>The collection. The server deletes expired answers by itself.</summary>
    public static MongoCollectionPlan Plan { get; } = new(Collection, MongoCollectionPlan.Keys("tenant_id"), MongoCollectionPlan.Keys("subjects")) { ExpiresAt = "expires_at" };

    /// <inheritdoc cref="IdempotencyTable.Find"/>
    public static async Task<StoredAnswer?> FindAsync(MongoChange change, IdempotencyClaim claim, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(change);
        ArgumentNullException.ThrowIfNull(claim);
        return AnswerOf(await change.FindAsync(Collection, IdOf(claim)), claim, now);
    }

    /// <summary>The same, outside a write.</summary>
    public static Task<StoredAnswer?> FindAsync(MongoStore store, IdempotencyClaim claim, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(claim);
        return store.ReadAsync(async reader => AnswerOf(
            await reader.Collection(Collection).Find(new BsonDocument("_id", IdOf(claim))).FirstOrDefaultAsync(cancellationToken), claim, now));
    }

    /// <summary>Keeps the answer, after <see cref="FindAsync(MongoChange, IdempotencyClaim, DateTimeOffset)"/> found none in the same write.</summary>
    /// <param name="change">The write.</param>
    /// <param name="claim">The request.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="now">The time.</param>
    /// <param name="subjectKeys">Subjects that the request is about: erasing one takes the answer along.</param>
    public static void Add(MongoChange change, IdempotencyClaim claim, ReadOnlySpan<byte> answer, DateTimeOffset now, params IEnumerable<Guid> subjectKeys)
    {
        ArgumentNullException.ThrowIfNull(change);
        ArgumentNullException.ThrowIfNull(claim);
        change.Put(Collection, new BsonDocument
        {
            ["_id"] = IdOf(claim),
            ["tenant_id"] = claim.TenantId.Bson(),
            ["request_hash"] = claim.RequestHash,
            ["response"] = claim.TenantKey.Seal(answer, claim.Place),
            ["expires_at"] = new BsonDateTime((now + IdempotencyTable.Lifetime).UtcDateTime),
            ["subjects"] = new BsonArray(subjectKeys.Select(key => key.Bson())),
        });
    }

    /// <summary>Deletes the answers to requests about a subject, at most <paramref name="limit"/>.</summary>
    /// <returns>How many.</returns>
    public static async Task<int> EraseAsync(MongoChange change, Guid subjectKey, int limit)
    {
        ArgumentNullException.ThrowIfNull(change);
        var found = await change.QueryAsync(Collection, new BsonDocument("subjects", subjectKey.Bson()), limit: limit, projection: new BsonDocument("_id", 1));
        found.ForEach(row => change.Delete(Collection, row["_id"]));
        return found.Count;
    }

    private static StoredAnswer? AnswerOf(BsonDocument? row, IdempotencyClaim claim, DateTimeOffset now)
        => row is null || row["expires_at"].ToUniversalTime() <= now.UtcDateTime ? null
            : row.Bytes("request_hash").AsSpan().SequenceEqual(claim.RequestHash) ? new StoredAnswer(true, claim.TenantKey.Open(row.Bytes("response"), claim.Place))
            : new StoredAnswer(false, []);

    private static BsonValue IdOf(IdempotencyClaim claim) => MongoValues.Pair(claim.TenantId, claim.KeyHash);
}

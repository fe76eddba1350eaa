using MongoDB.Bson;

namespace MemoryMesh.ServiceDefaults.Storage.Mongo;

/// <summary>A collection of a service and its indexes, which are made when the store is opened.</summary>
/// <param name="Name">Its name, without the service's.</param>
/// <param name="Indexes">Keys of each index.</param>
public sealed record MongoCollectionPlan(string Name, params IReadOnlyList<BsonDocument> Indexes)
{
    /// <summary>Field with a date after which the server deletes a document by itself; null for none.</summary>
    public string? ExpiresAt { get; init; }

    /// <summary>
    /// Whether what a commit puts here is carried out after what it puts elsewhere. Who reads a number here first, and then what it counts the changes of, has read nothing older than
    /// the number.
    /// </summary>
    public bool Last { get; init; }

    /// <summary>The keys of an index: fields in their order, one with a minus before it falling.</summary>
    public static BsonDocument Keys(params IEnumerable<string> fields)
        => [.. fields.Select(field => new BsonElement(field.TrimStart('-'), field.StartsWith('-') ? -1 : 1))];
}

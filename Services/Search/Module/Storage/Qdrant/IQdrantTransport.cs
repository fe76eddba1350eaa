namespace MemoryMesh.Search.Storage.Qdrant;

/// <summary>What is asked of Qdrant, over one of its two interfaces.</summary>
/// <remarks>
/// Every call answers when its effect is durable and visible, throws <see cref="QdrantUnavailableException"/> when Qdrant is away, late or refuses, and has a time limit.
/// Nothing can be asked or deleted without a tenant, and nothing deleted without a subject: a filter without conditions would delete everything.
/// </remarks>
internal interface IQdrantTransport
{
    /// <summary>Makes a collection with its indexes, if it is not there.</summary>
    /// <returns>Whether it was made.</returns>
    Task<bool> EnsureCollectionAsync(QdrantCollection collection, CancellationToken cancellationToken);

    /// <summary>Drops a collection, if it is there.</summary>
    Task DropCollectionAsync(QdrantCollection collection, CancellationToken cancellationToken);

    /// <summary>Writes points; one of the same id is replaced whole.</summary>
    Task UpsertAsync(QdrantCollection collection, IReadOnlyList<QdrantPoint> points, CancellationToken cancellationToken);

    /// <summary>Deletes points of one subject; ids that are not there, or another's, change nothing.</summary>
    Task DeleteAsync(QdrantCollection collection, QdrantScope scope, IReadOnlyList<Guid> ids, CancellationToken cancellationToken);

    /// <summary>The points nearest to a vector, best first, equal ones by id.</summary>
    Task<IReadOnlyList<QdrantHit>> QueryAsync(QdrantCollection collection, float[] vector, QdrantFilter filter, int limit, CancellationToken cancellationToken);

    /// <summary>Points by chance.</summary>
    Task<IReadOnlyList<QdrantHit>> SampleAsync(QdrantCollection collection, QdrantFilter filter, int limit, CancellationToken cancellationToken);

    /// <summary>Points by id, in no order; those that the filter does not let through are left out.</summary>
    Task<IReadOnlyList<QdrantHit>> FindAsync(QdrantCollection collection, QdrantFilter filter, IReadOnlyList<Guid> ids, CancellationToken cancellationToken);

    /// <summary>How many points a filter lets through.</summary>
    Task<int> CountAsync(QdrantCollection collection, QdrantFilter filter, CancellationToken cancellationToken);

    /// <summary>Whether it answers, and takes the key.</summary>
    Task<bool> IsReadyAsync(CancellationToken cancellationToken);

    /// <summary>Keeps payloads on disk, or in memory as well. Either change has every segment written anew, without what was deleted.</summary>
    Task SetPayloadOnDiskAsync(QdrantCollection collection, bool onDisk, CancellationToken cancellationToken);

    /// <summary>Where payloads are kept, and whether segments are being written anew.</summary>
    Task<QdrantUpkeep> ReadUpkeepAsync(QdrantCollection collection, CancellationToken cancellationToken);

    /// <summary>Writes points without vectors that take up room in the write-ahead log, under a scope that no search has, and deletes them.</summary>
    Task FillLogAsync(QdrantCollection collection, CancellationToken cancellationToken);

    /// <summary>Names of the snapshots of a collection that its server holds.</summary>
    Task<IReadOnlyList<string>> ListSnapshotsAsync(QdrantCollection collection, CancellationToken cancellationToken);
}

/// <summary>A collection: the vectors of one model.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Dimensions">Length of the vectors.</param>
internal sealed record QdrantCollection(string Name, int Dimensions)
{
    /// <summary>Name of the vector of a point.</summary>
    public const string Vector = "dense";
}

/// <summary>Whose points are meant. Neither can be left out.</summary>
/// <param name="TenantId">The tenant.</param>
/// <param name="OwnerKey">Keyed hash of the subject, a team or the tenant.</param>
internal readonly record struct QdrantScope(Guid TenantId, Guid OwnerKey)
{
    /// <summary>Scope of the points that fill the log: no tenant and no subject has this id.</summary>
    public static readonly QdrantScope Filler = new(Guid.AllBitsSet, Guid.AllBitsSet);

    /// <summary>Ids in the form that payloads have.</summary>
    public static string Text(Guid id) => id.ToString("D");
}

/// <summary>Which points may be found. The tenant is not optional.</summary>
internal sealed record QdrantFilter
{
    /// <summary>The tenant.</summary>
    public required Guid TenantId { get; init; }

    /// <summary>Kinds of items, at least one.</summary>
    public required IReadOnlyList<int> Kinds { get; init; }

    /// <summary>Owners; null for every owner of the tenant. An empty list finds nothing.</summary>
    public required IReadOnlyList<Guid>? Owners { get; init; }

    /// <summary>Only this conversation.</summary>
    public Guid? Conversation { get; init; }

    /// <summary>Only these roles; empty for all.</summary>
    public IReadOnlyList<int> Roles { get; init; } = [];

    /// <summary>Only these categories, as keyed hashes; empty for all.</summary>
    public IReadOnlyList<string> Categories { get; init; } = [];

    /// <summary>Only points of this time or later, in milliseconds since 1970.</summary>
    public long? From { get; init; }

    /// <summary>Only points of this time or earlier.</summary>
    public long? To { get; init; }

    /// <summary>Only points of at least this importance, or without one and of a role in <see cref="RolesImportantEnough"/>.</summary>
    public double? MinImportance { get; init; }

    /// <summary>Roles whose items count as important enough when they have no importance of their own.</summary>
    public IReadOnlyList<int> RolesImportantEnough { get; init; } = [];
}

/// <summary>Names of what payloads hold: ids, keyed hashes, numbers, and one sealed value.</summary>
internal static class QdrantFields
{
    public const string Tenant = "tenant";
    public const string Subject = "subject";
    public const string Kind = "kind";
    public const string Conversation = "conversation";
    public const string Role = "role";
    public const string Category = "category";
    public const string CreatedAt = "created_at";
    public const string Importance = "importance";
    public const string Version = "version";
    public const string Sealed = "sealed";
    public const string Filler = "filler";

    /// <summary>The fields with an index, and of what type; the tenant's is apart.</summary>
    public static readonly IReadOnlyList<(string Field, string Type)> Indexed =
    [
        (Subject, "keyword"), (Kind, "integer"), (Conversation, "keyword"), (Role, "integer"), (Category, "keyword"), (CreatedAt, "integer"), (Importance, "float"),
    ];
}

/// <summary>A point to be written.</summary>
internal sealed record QdrantPoint
{
    /// <summary>The item.</summary>
    public required Guid Id { get; init; }

    /// <summary>Whose it is.</summary>
    public required QdrantScope Scope { get; init; }

    /// <summary>Kind of item.</summary>
    public required int Kind { get; init; }

    /// <summary>Conversation of a message.</summary>
    public Guid? Conversation { get; init; }

    /// <summary>Role of a message.</summary>
    public required int Role { get; init; }

    /// <summary>Keyed hash of a memory's category.</summary>
    public string? Category { get; init; }

    /// <summary>Milliseconds since 1970.</summary>
    public required long CreatedAt { get; init; }

    /// <summary>Importance that was set.</summary>
    public double? Importance { get; init; }

    /// <summary>Version that the vectors were computed of.</summary>
    public required int Version { get; init; }

    /// <summary>Everything else, sealed with the owner's key.</summary>
    public required byte[] Sealed { get; init; }

    /// <summary>The vector, every value finite.</summary>
    public required float[] Vector { get; init; }
}

/// <summary>A point that was found.</summary>
/// <param name="Id">The item.</param>
/// <param name="Scope">Whose it is.</param>
/// <param name="Kind">Kind of item.</param>
/// <param name="Version">Version that the vectors were computed of.</param>
/// <param name="Sealed">What was sealed with the owner's key.</param>
/// <param name="Score">Cosine; null when it is no number, or none was asked for.</param>
internal sealed record QdrantHit(Guid Id, QdrantScope Scope, int Kind, int Version, byte[] Sealed, double? Score);

/// <summary>What a collection is busy with.</summary>
/// <param name="PayloadOnDisk">Whether payloads are kept on disk alone.</param>
/// <param name="IsIdle">Whether no segment is written anew, or waits for it.</param>
internal readonly record struct QdrantUpkeep(bool PayloadOnDisk, bool IsIdle);

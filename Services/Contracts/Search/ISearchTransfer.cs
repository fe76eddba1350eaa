namespace MemoryMesh.Contracts.Search;

/// <summary>What exports ask of Search. The caller has checked the tenant and what the principal may see. Every call is safe to repeat.</summary>
public interface ISearchTransfer
{
    /// <summary>Most bookmarks of one call.</summary>
    const int MostItems = 500;

    /// <summary>Saved searches and bookmarks of a subject, the newest first: on the first page all searches, then bookmarks.</summary>
    Task<KeptSlice> ListKeptAsync(Guid tenantId, Guid ownerKey, Guid? after, int limit, CancellationToken cancellationToken);
}

/// <summary>A page of what a subject keeps.</summary>
/// <param name="Items">The items.</param>
/// <param name="Next">Where the next page begins; null on the last one.</param>
public sealed record KeptSlice(IReadOnlyList<KeptCopy> Items, Guid? Next);

/// <summary>A saved search, with a name and a search, or a bookmark, with a message or a memory.</summary>
public sealed record KeptCopy
{
    /// <summary>The search or bookmark.</summary>
    public required Guid Id { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Name of a saved search.</summary>
    public string? Name { get; init; }

    /// <summary>A saved search as JSON: an object with <c>messages</c> or <c>memories</c>.</summary>
    public string? SearchJson { get; init; }

    /// <summary>The message that is marked.</summary>
    public Guid? MessageId { get; init; }

    /// <summary>The memory that is marked.</summary>
    public Guid? MemoryId { get; init; }

    /// <summary>Note of a bookmark.</summary>
    public string? Note { get; init; }
}

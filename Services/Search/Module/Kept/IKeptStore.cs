using MemoryMesh.Search.Endpoints;
using MemoryMesh.Search.Index;
using MemoryMesh.ServiceDefaults.Http;

namespace MemoryMesh.Search.Kept;

/// <summary>Whose things are meant: an account as a subject of a tenant.</summary>
/// <param name="TenantId">The tenant.</param>
/// <param name="OwnerKey">Keyed hash of the account's id as a subject.</param>
internal readonly record struct Keeper(Guid TenantId, Guid OwnerKey);

/// <summary>Times as they are kept.</summary>
internal static class KeptTime
{
    /// <summary>Now, to the millisecond, so that what is answered is what is read later.</summary>
    public static DateTimeOffset Now(TimeProvider clock) => DateTimeOffset.FromUnixTimeMilliseconds(clock.GetUtcNow().ToUnixTimeMilliseconds());
}

/// <summary>What a saved search is: exactly one of the two searches is set.</summary>
/// <param name="Name">Its name, unique for its owner.</param>
/// <param name="Messages">A search for messages.</param>
/// <param name="Memories">A search for memories.</param>
internal sealed record SavedSearchContent(string Name, MessageSearchRequest? Messages, MemorySearchRequest? Memories);

/// <summary>A saved search.</summary>
internal sealed record SavedSearch(Guid Id, int Version, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, SavedSearchContent Content);

/// <summary>A bookmark.</summary>
/// <param name="Id">The bookmark.</param>
/// <param name="Kind">What is marked.</param>
/// <param name="ItemId">The message or memory.</param>
/// <param name="CreatedAt">When it was set.</param>
/// <param name="Note">What its owner noted; null when nothing.</param>
internal sealed record Bookmark(Guid Id, ItemKind Kind, Guid ItemId, DateTimeOffset CreatedAt, string? Note);

/// <summary>How a change ended.</summary>
internal enum KeepOutcome
{
    /// <summary>It was made.</summary>
    Done,

    /// <summary>There is none of this id.</summary>
    NotFound,

    /// <summary>There is another of this name, or of this message or memory.</summary>
    Taken,

    /// <summary>The owner has as many as may be.</summary>
    Full,

    /// <summary>If-Match named another version.</summary>
    Changed,
}

/// <summary>Keeps saved searches and bookmarks, each for one keeper: nobody reads another's.</summary>
internal interface IKeptStore
{
    /// <summary>Most saved searches of a keeper.</summary>
    const int MostSearches = 500;

    /// <summary>Most bookmarks of a keeper.</summary>
    const int MostBookmarks = 10_000;

    /// <summary>Saves a new search.</summary>
    Task<KeepOutcome> AddAsync(Keeper keeper, SavedSearch search, CancellationToken cancellationToken);

    /// <summary>Replaces a search.</summary>
    /// <param name="keeper">Whose.</param>
    /// <param name="id">The search.</param>
    /// <param name="content">What it is from now on.</param>
    /// <param name="condition">Which version may be replaced.</param>
    /// <param name="cancellationToken">Cancels the change.</param>
    Task<(KeepOutcome Outcome, SavedSearch? Saved)> ReplaceAsync(
        Keeper keeper, Guid id, SavedSearchContent content, VersionCondition condition, CancellationToken cancellationToken);

    /// <summary>A search, or null.</summary>
    Task<SavedSearch?> FindSearchAsync(Keeper keeper, Guid id, CancellationToken cancellationToken);

    /// <summary>Searches, the newest first.</summary>
    /// <param name="keeper">Whose.</param>
    /// <param name="before">Only those made before this one; null for the first page.</param>
    /// <param name="limit">Most.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    Task<IReadOnlyList<SavedSearch>> ListSearchesAsync(Keeper keeper, Guid? before, int limit, CancellationToken cancellationToken);

    /// <summary>Deletes a search.</summary>
    Task<KeepOutcome> DeleteSearchAsync(Keeper keeper, Guid id, VersionCondition condition, CancellationToken cancellationToken);

    /// <summary>Sets a bookmark.</summary>
    Task<KeepOutcome> AddAsync(Keeper keeper, Bookmark bookmark, CancellationToken cancellationToken);

    /// <summary>A bookmark, or null.</summary>
    Task<Bookmark?> FindBookmarkAsync(Keeper keeper, Guid id, CancellationToken cancellationToken);

    /// <summary>Bookmarks, the newest first.</summary>
    /// <param name="keeper">Whose.</param>
    /// <param name="kind">Only of messages or of memories; null for both.</param>
    /// <param name="before">Only those set before this one; null for the first page.</param>
    /// <param name="limit">Most.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    Task<IReadOnlyList<Bookmark>> ListBookmarksAsync(Keeper keeper, ItemKind? kind, Guid? before, int limit, CancellationToken cancellationToken);

    /// <summary>Deletes a bookmark.</summary>
    /// <returns>Whether there was one.</returns>
    Task<bool> DeleteBookmarkAsync(Keeper keeper, Guid id, CancellationToken cancellationToken);
}

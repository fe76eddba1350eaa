using System.Text.Json;
using System.Text.Json.Serialization;
using MemoryMesh.Contracts.Search;
using MemoryMesh.Search.Index;

namespace MemoryMesh.Search.Kept;

/// <summary>What exports ask, in the process that keeps it.</summary>
internal sealed class LocalSearchTransfer(IKeptStore store) : ISearchTransfer
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    public async Task<KeptSlice> ListKeptAsync(Guid tenantId, Guid ownerKey, Guid? after, int limit, CancellationToken cancellationToken)
    {
        var keeper = new Keeper(tenantId, ownerKey);
        var most = Math.Clamp(limit, 1, ISearchTransfer.MostItems);
        var items = new List<KeptCopy>();
        if (after is null)
        {
            items.AddRange((await store.ListSearchesAsync(keeper, null, IKeptStore.MostSearches, cancellationToken)).Select(Copy));
        }

        var bookmarks = await store.ListBookmarksAsync(keeper, null, after, most + 1, cancellationToken);
        items.AddRange(bookmarks.Take(most).Select(Copy));
        return new(items, bookmarks.Count > most ? bookmarks[most - 1].Id : null);
    }

    private static KeptCopy Copy(SavedSearch search) => new()
    {
        Id = search.Id,
        CreatedAt = search.CreatedAt,
        Name = search.Content.Name,
        SearchJson = JsonSerializer.Serialize(new { search.Content.Messages, search.Content.Memories }, Json),
    };

    private static KeptCopy Copy(Bookmark bookmark) => new()
    {
        Id = bookmark.Id,
        CreatedAt = bookmark.CreatedAt,
        MessageId = bookmark.Kind == ItemKind.Message ? bookmark.ItemId : null,
        MemoryId = bookmark.Kind == ItemKind.Memory ? bookmark.ItemId : null,
        Note = bookmark.Note,
    };
}

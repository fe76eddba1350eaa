using System.Text.Json;
using System.Text.Json.Serialization;
using MemoryMesh.Search.Index;
using MemoryMesh.Search.Kept;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace MemoryMesh.Search.Storage.Sqlite;

/// <summary>Saved searches and bookmarks in SQLite, sealed with the key of their owner. Tenant and owner stand in every condition.</summary>
internal sealed class SqliteKeptStore(
    [FromKeyedServices(SearchModule.Name)] ModuleDatabase database, KeyedNames names, TimeProvider clock) : IKeptStore
{
    private const string SearchColumns = "id, version, created_at, updated_at, content";
    private const string BookmarkColumns = "id, kind, item_id, created_at, note";

    private static readonly JsonSerializerOptions Json = new() { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    private readonly SqliteDatabase _data = database.Data;

    public async Task<KeepOutcome> AddAsync(Keeper keeper, SavedSearch search, CancellationToken cancellationToken)
    {
        var key = await database.Keys.GetOrCreateAsync(keeper.TenantId, keeper.OwnerKey, cancellationToken);
        var content = Seal(key, search.Id, search.Content);
        var nameKey = NameKey(keeper, search.Content.Name);
        return await _data.WriteAsync(
            session =>
            {
                key.ThrowIfDestroyed();
                if (session.Scalar("SELECT count(*) FROM saved_searches WHERE tenant_id = $1 AND owner_key = $2", keeper.TenantId, keeper.OwnerKey) >= IKeptStore.MostSearches)
                {
                    return KeepOutcome.Full;
                }

                var added = session.Execute(
                    """
                    INSERT INTO saved_searches (id, tenant_id, owner_key, name_key, version, created_at, updated_at, content)
                    VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING
                    """,
                    search.Id,
                    keeper.TenantId,
                    keeper.OwnerKey,
                    nameKey,
                    search.Version,
                    search.CreatedAt,
                    search.UpdatedAt,
                    content);
                return added == 1 ? KeepOutcome.Done : KeepOutcome.Taken;
            },
            cancellationToken);
    }

    public async Task<(KeepOutcome Outcome, SavedSearch? Saved)> ReplaceAsync(
        Keeper keeper, Guid id, SavedSearchContent content, VersionCondition condition, CancellationToken cancellationToken)
    {
        if (await database.Keys.FindAsync(keeper.TenantId, keeper.OwnerKey, cancellationToken) is not { } key)
        {
            return (KeepOutcome.NotFound, null);
        }

        var sealedContent = Seal(key, id, content);
        var nameKey = NameKey(keeper, content.Name);
        var now = KeptTime.Now(clock);
        return await _data.WriteAsync<(KeepOutcome, SavedSearch?)>(
            session =>
            {
                key.ThrowIfDestroyed();
                var (version, createdAt) = session.QueryFirst(
                    "SELECT version, created_at FROM saved_searches WHERE id = $1 AND tenant_id = $2 AND owner_key = $3",
                    row => (row.Int32(0), row.Time(1)),
                    id,
                    keeper.TenantId,
                    keeper.OwnerKey);
                if (version == 0)
                {
                    return (KeepOutcome.NotFound, null);
                }

                if (!condition.Allows(version))
                {
                    return (KeepOutcome.Changed, null);
                }

                if (session.Scalar(
                    "SELECT count(*) FROM saved_searches WHERE tenant_id = $1 AND owner_key = $2 AND name_key = $3 AND id <> $4",
                    keeper.TenantId,
                    keeper.OwnerKey,
                    nameKey,
                    id) > 0)
                {
                    return (KeepOutcome.Taken, null);
                }

                session.Execute(
                    "UPDATE saved_searches SET name_key = $4, version = $5, updated_at = $6, content = $7 WHERE id = $1 AND tenant_id = $2 AND owner_key = $3",
                    id,
                    keeper.TenantId,
                    keeper.OwnerKey,
                    nameKey,
                    version + 1,
                    now,
                    sealedContent);
                return (KeepOutcome.Done, new SavedSearch(id, version + 1, createdAt, now, content));
            },
            cancellationToken);
    }

    public async Task<SavedSearch?> FindSearchAsync(Keeper keeper, Guid id, CancellationToken cancellationToken)
    {
        var key = await database.Keys.FindAsync(keeper.TenantId, keeper.OwnerKey, cancellationToken);
        return key is null
            ? null
            : await _data.ReadAsync(
                session => session.QueryFirst(
                    $"SELECT {SearchColumns} FROM saved_searches WHERE id = $1 AND tenant_id = $2 AND owner_key = $3",
                    row => ReadSearch(row, key),
                    id,
                    keeper.TenantId,
                    keeper.OwnerKey),
                cancellationToken);
    }

    public async Task<IReadOnlyList<SavedSearch>> ListSearchesAsync(Keeper keeper, Guid? before, int limit, CancellationToken cancellationToken)
    {
        var key = await database.Keys.FindAsync(keeper.TenantId, keeper.OwnerKey, cancellationToken);
        return key is null
            ? []
            : await _data.ReadAsync<IReadOnlyList<SavedSearch>>(
                session => session.Query(
                    $"SELECT {SearchColumns} FROM saved_searches WHERE tenant_id = $1 AND owner_key = $2 AND ($3 IS NULL OR id < $3) ORDER BY id DESC LIMIT $4",
                    row => ReadSearch(row, key),
                    keeper.TenantId,
                    keeper.OwnerKey,
                    before,
                    limit),
                cancellationToken);
    }

    public async Task<KeepOutcome> DeleteSearchAsync(Keeper keeper, Guid id, VersionCondition condition, CancellationToken cancellationToken)
    {
        var outcome = await _data.WriteAsync(
            session =>
            {
                var version = session.QueryFirst(
                    "SELECT version FROM saved_searches WHERE id = $1 AND tenant_id = $2 AND owner_key = $3", row => row.Int32(0), id, keeper.TenantId, keeper.OwnerKey);
                if (version == 0)
                {
                    return KeepOutcome.NotFound;
                }

                if (!condition.Allows(version))
                {
                    return KeepOutcome.Changed;
                }

                session.Execute("DELETE FROM saved_searches WHERE id = $1 AND tenant_id = $2 AND owner_key = $3", id, keeper.TenantId, keeper.OwnerKey);
                return KeepOutcome.Done;
            },
            cancellationToken);
        if (outcome == KeepOutcome.Done)
        {
            _data.RequestScrub();
        }

        return outcome;
    }

    public async Task<KeepOutcome> AddAsync(Keeper keeper, Bookmark bookmark, CancellationToken cancellationToken)
    {
        var key = await database.Keys.GetOrCreateAsync(keeper.TenantId, keeper.OwnerKey, cancellationToken);
        var note = key.SealTextOrNull(bookmark.Note, NotePlace(bookmark.Id));
        return await _data.WriteAsync(
            session =>
            {
                key.ThrowIfDestroyed();
                if (session.Scalar("SELECT count(*) FROM bookmarks WHERE tenant_id = $1 AND owner_key = $2", keeper.TenantId, keeper.OwnerKey) >= IKeptStore.MostBookmarks)
                {
                    return KeepOutcome.Full;
                }

                var added = session.Execute(
                    """
                    INSERT INTO bookmarks (id, tenant_id, owner_key, kind, item_id, created_at, note)
                    VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING
                    """,
                    bookmark.Id,
                    keeper.TenantId,
                    keeper.OwnerKey,
                    bookmark.Kind,
                    bookmark.ItemId,
                    bookmark.CreatedAt,
                    note);
                return added == 1 ? KeepOutcome.Done : KeepOutcome.Taken;
            },
            cancellationToken);
    }

    public async Task<Bookmark?> FindBookmarkAsync(Keeper keeper, Guid id, CancellationToken cancellationToken)
    {
        var key = await database.Keys.FindAsync(keeper.TenantId, keeper.OwnerKey, cancellationToken);
        return key is null
            ? null
            : await _data.ReadAsync(
                session => session.QueryFirst(
                    $"SELECT {BookmarkColumns} FROM bookmarks WHERE id = $1 AND tenant_id = $2 AND owner_key = $3",
                    row => ReadBookmark(row, key),
                    id,
                    keeper.TenantId,
                    keeper.OwnerKey),
                cancellationToken);
    }

    public async Task<IReadOnlyList<Bookmark>> ListBookmarksAsync(Keeper keeper, ItemKind? kind, Guid? before, int limit, CancellationToken cancellationToken)
    {
        var key = await database.Keys.FindAsync(keeper.TenantId, keeper.OwnerKey, cancellationToken);
        return key is null
            ? []
            : await _data.ReadAsync<IReadOnlyList<Bookmark>>(
                session => session.Query(
                    $"""
                    SELECT {BookmarkColumns} FROM bookmarks
                    WHERE tenant_id = $1 AND owner_key = $2 AND ($3 IS NULL OR kind = $3) AND ($4 IS NULL OR id < $4) ORDER BY id DESC LIMIT $5
                    """,
                    row => ReadBookmark(row, key),
                    keeper.TenantId,
                    keeper.OwnerKey,
                    kind is { } only ? (int)only : null,
                    before,
                    limit),
                cancellationToken);
    }

    public async Task<bool> DeleteBookmarkAsync(Keeper keeper, Guid id, CancellationToken cancellationToken)
    {
        var deleted = await _data.WriteAsync(
            session => session.Execute("DELETE FROM bookmarks WHERE id = $1 AND tenant_id = $2 AND owner_key = $3", id, keeper.TenantId, keeper.OwnerKey), cancellationToken);
        if (deleted > 0)
        {
            _data.RequestScrub();
        }

        return deleted > 0;
    }

    private Guid NameKey(Keeper keeper, string name) => names.Other("saved_search", $"{keeper.TenantId:N}{keeper.OwnerKey:N}{name}");

    private static byte[] Seal(DataKey key, Guid id, SavedSearchContent content) => key.Seal(JsonSerializer.SerializeToUtf8Bytes(content, Json), SearchPlace(id));

    private static SavedSearch ReadSearch(SqliteRow row, DataKey key)
        => new(
            row.Id(0),
            row.Int32(1),
            row.Time(2),
            row.Time(3),
            JsonSerializer.Deserialize<SavedSearchContent>(key.Open(row.Bytes(4), SearchPlace(row.Id(0))), Json)!);

    private static Bookmark ReadBookmark(SqliteRow row, DataKey key)
        => new(row.Id(0), (ItemKind)row.Int32(1), row.Id(2), row.Time(3), key.OpenTextOrNull(row.BytesOrNull(4), NotePlace(row.Id(0))));

    private static RowIdentity SearchPlace(Guid id) => new("saved_searches", "content", id);

    private static RowIdentity NotePlace(Guid id) => new("bookmarks", "note", id);
}

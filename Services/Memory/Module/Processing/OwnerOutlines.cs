using MemoryMesh.Memory.Storage;
using MemoryMesh.ServiceDefaults.Security;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Memory.Processing;

/// <summary>The outlines of owners that were decided about lately, within <see cref="MemoryOptions.ComparisonMemoryMegabytes"/>.</summary>
internal sealed class OwnerOutlines : IDisposable
{
    /// <summary>Below so many memories reading all takes no longer than looking for those that matter.</summary>
    internal const int LeastMemories = 64;

    private static readonly TimeSpan Idle = TimeSpan.FromMinutes(10);

    private readonly MemoryCache _cache;
    private readonly bool _isUsed;

    /// <summary>Creates it, empty.</summary>
    public OwnerOutlines(IOptions<MemoryOptions> options)
    {
        var bytes = options.Value.ComparisonMemoryMegabytes * 1_048_576L;
        _cache = new MemoryCache(new MemoryCacheOptions { SizeLimit = bytes });
        _isUsed = bytes > 0;
    }

    /// <summary>How many memories of an owner are read, when all that are compared have to be.</summary>
    public int LimitOf(int maxCompared) => _isUsed ? OwnerOutline.LimitOf(maxCompared) : maxCompared;

    /// <summary>The outline of an owner, or null.</summary>
    public OwnerOutline? Find(Guid tenantId, Guid ownerKey) => _cache.Get<OwnerOutline>((tenantId, ownerKey));

    /// <summary>Keeps outlines of what was read of an owner, unless that is little or the owner was erased meanwhile.</summary>
    /// <param name="query">Whose memories they are, and how many of them are compared.</param>
    /// <param name="key">The key they were opened with.</param>
    /// <param name="revision">Revision that was read before the memories.</param>
    /// <param name="newest">As many as <see cref="LimitOf"/> says, the newest first.</param>
    /// <returns>Those that are compared.</returns>
    public List<MemoryRecord> Keep(OwnerSnapshotQuery query, DataKey key, long revision, List<MemoryRecord> newest)
    {
        Keep(query.TenantId, query.OwnerKey, revision, newest.ConvertAll(memory => MemoryOutline.Of(memory.Id, memory.UpdatedAt, memory.Text, memory.Slot)), query.MaxCompared);
        if (key.IsDestroyed)
        {
            // Whoever erased the owner may have dropped what was kept before this was.
            Drop(query.TenantId, query.OwnerKey);
        }

        return newest.Count > query.MaxCompared ? newest[..query.MaxCompared] : newest;
    }

    /// <summary>Keeps what was read of an owner, unless that is little.</summary>
    /// <param name="tenantId">The tenant.</param>
    /// <param name="ownerKey">The owner.</param>
    /// <param name="revision">Revision that was read before the memories.</param>
    /// <param name="newest">As many as <see cref="LimitOf"/> says, the newest first.</param>
    /// <param name="maxCompared">How many of them are compared.</param>
    public void Keep(Guid tenantId, Guid ownerKey, long revision, IReadOnlyCollection<MemoryOutline> newest, int maxCompared)
    {
        if (_isUsed && newest.Count >= LeastMemories)
        {
            Keep((tenantId, ownerKey), new OwnerOutline(revision, newest, maxCompared));
        }
    }

    /// <inheritdoc cref="OwnerOutline.Note"/>
    /// <param name="tenantId">The tenant.</param>
    /// <param name="ownerKey">The owner.</param>
    /// <param name="from">The owner's revision before it.</param>
    /// <param name="to">The revision after it.</param>
    /// <param name="memoryIds">Memories that it added, changed or removed.</param>
    public void Note(Guid tenantId, Guid ownerKey, long from, long to, IEnumerable<Guid> memoryIds)
    {
        if (Find(tenantId, ownerKey) is { } outline)
        {
            outline.Note(from, to, memoryIds);
            if (outline.Bytes > outline.Allowance)
            {
                Keep((tenantId, ownerKey), outline);
            }
        }
    }

    /// <summary>Drops what is kept of an owner.</summary>
    public void Drop(Guid tenantId, Guid ownerKey) => _cache.Remove((tenantId, ownerKey));

    /// <summary>Drops everything: owners of a whole tenant leave seldom.</summary>
    public void Clear() => _cache.Clear();

    /// <inheritdoc/>
    public void Dispose() => _cache.Dispose();

    /// <summary>With room to grow, so that it is not kept anew with every memory.</summary>
    private void Keep((Guid TenantId, Guid OwnerKey) key, OwnerOutline outline)
    {
        outline.Allowance = outline.Bytes * 5 / 4;
        _cache.Set(key, outline, new MemoryCacheEntryOptions { Size = outline.Allowance, SlidingExpiration = Idle });
    }
}

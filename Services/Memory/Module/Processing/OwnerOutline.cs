namespace MemoryMesh.Memory.Processing;

/// <summary>Outlines of the newest memories of one owner that hold and were compared, at one revision.</summary>
/// <remarks>
/// It finds what a decision reads, so that not all are opened for each. What a commit changed is noted with the revisions it led from and to, and read
/// again before the next decision; after any other change the revision is another one, and everything is read anew. What is read may be newer than the revision
/// it is read at: the change is then noted later, and read again, or leads to another revision.
/// </remarks>
internal sealed class OwnerOutline
{
    /// <summary>Bytes of one, about, with the room that a list keeps.</summary>
    private const int BytesOfMemory = 64;

    private const int BytesOfOwner = 512;

    private readonly Lock _gate = new();
    private readonly HashSet<Guid> _changed = [];
    private readonly int _maxCompared;
    private readonly int _limit;

    /// <summary>By time, the newest at the end: what comes in mostly goes there.</summary>
    private readonly List<MemoryOutline> _memories;
    private long _revision;

    /// <summary>The oldest that is here, when older ones are not; null when all are.</summary>
    private MemoryOutline? _oldest;

    /// <summary>Takes what was read.</summary>
    /// <param name="revision">Revision that was read before it.</param>
    /// <param name="newest">The newest <see cref="LimitOf"/> memories, the newest first.</param>
    /// <param name="maxCompared">How many of them are compared.</param>
    public OwnerOutline(long revision, IEnumerable<MemoryOutline> newest, int maxCompared)
    {
        _maxCompared = maxCompared;
        _limit = LimitOf(maxCompared);
        _revision = revision;
        _memories = [.. newest];
        _memories.Reverse();
        _oldest = _memories.Count < _limit ? null : _memories[0];
    }

    /// <summary>How many are read: more than are compared, so that some may leave before all are read again.</summary>
    public static int LimitOf(int maxCompared) => maxCompared + Math.Max(64, maxCompared / 4);

    /// <summary>Memory it takes, about.</summary>
    public long Bytes
    {
        get
        {
            lock (_gate)
            {
                return BytesOfOwner + ((long)BytesOfMemory * (_memories.Count + _changed.Count));
            }
        }
    }

    /// <summary>Memory that it was given when it was kept.</summary>
    public long Allowance { get; set; }

    /// <summary>Notes what a commit did.</summary>
    /// <param name="from">The owner's revision before it.</param>
    /// <param name="to">The revision after it.</param>
    /// <param name="memoryIds">Memories that it added, changed or removed.</param>
    public void Note(long from, long to, IEnumerable<Guid> memoryIds)
    {
        lock (_gate)
        {
            if (_revision == from)
            {
                _revision = to;
                _changed.UnionWith(memoryIds);
            }
        }
    }

    /// <summary>Memories that are read anew before <see cref="Find"/> is asked.</summary>
    /// <param name="revision">The revision that a reading began at.</param>
    /// <param name="maxCompared">How many are compared.</param>
    /// <returns>Null when it is of another revision: everything is to be read.</returns>
    public IReadOnlySet<Guid>? ListChanged(long revision, int maxCompared)
    {
        lock (_gate)
        {
            return _revision == revision && _maxCompared == maxCompared ? _changed.ToHashSet() : null;
        }
    }

    /// <summary>Ids of the memories within a scope, of those that are compared, the newest first.</summary>
    /// <param name="revision">The revision that a reading began at.</param>
    /// <param name="maxCompared">How many are compared.</param>
    /// <param name="scope">What is asked for.</param>
    /// <param name="changed">Memories that were read anew, of <see cref="ListChanged"/>.</param>
    /// <param name="read">Their outlines, read after the revision; of those that do not hold any more there are none.</param>
    /// <returns>Null when it is of another revision, or too few are left: everything is to be read.</returns>
    public IReadOnlyList<Guid>? Find(
        long revision, int maxCompared, DecisionScope scope, IReadOnlySet<Guid> changed, IReadOnlyList<MemoryOutline> read)
    {
        lock (_gate)
        {
            // Another reading may have taken the same over meanwhile, which changes nothing.
            if (_revision != revision || _maxCompared != maxCompared || !_changed.IsSubsetOf(changed))
            {
                return null;
            }

            TakeOver(changed, read);
            if (_oldest is not null && _memories.Count < maxCompared)
            {
                return null;
            }

            var found = new List<Guid>();
            for (var at = _memories.Count - 1; at >= Math.Max(0, _memories.Count - maxCompared); at--)
            {
                if (scope.Contains(_memories[at]))
                {
                    found.Add(_memories[at].Id);
                }
            }

            return found;
        }
    }

    private void TakeOver(IReadOnlySet<Guid> changed, IReadOnlyList<MemoryOutline> read)
    {
        if (changed.Count == 0)
        {
            return;
        }

        _memories.RemoveAll(memory => changed.Contains(memory.Id));
        foreach (var memory in read)
        {
            // What is older than the oldest here would stand among others that are not here.
            if (_oldest is not { } oldest || MemoryOutline.Compare(memory, oldest) >= 0)
            {
                _memories.Insert(~_memories.BinarySearch(memory, ByTime), memory);
            }
        }

        _changed.Clear();
        if (_memories.Count > 2 * _limit)
        {
            _memories.RemoveRange(0, _memories.Count - _limit);
            _oldest = _memories[0];
        }
    }

    private static readonly Comparer<MemoryOutline> ByTime = Comparer<MemoryOutline>.Create(MemoryOutline.Compare);
}

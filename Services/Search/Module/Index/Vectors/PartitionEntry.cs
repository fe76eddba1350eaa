namespace MemoryMesh.Search.Index.Vectors;

/// <summary>An item in a partition: what a ranking asks of it, in 64 bytes without a reference, so that a hundred thousand cost the garbage collector nothing.</summary>
internal struct PartitionEntry
{
    /// <summary>The item.</summary>
    public Guid Id;

    /// <summary>Its time, in ticks of UTC.</summary>
    public long CreatedTicks;

    /// <summary>Importance that was set, or NaN.</summary>
    public double Importance;

    /// <summary>Where the signs of its tokens lie; empty when the model gives none, or while it has no vectors.</summary>
    public SignSpan Signs;

    /// <summary>Version that is here.</summary>
    public int Version;

    /// <summary>Its conversation as the partition numbers them, from 1; 0 for none.</summary>
    public int Conversation;

    /// <summary>Who said it as the partition numbers names, from 1; 0 when that is not known.</summary>
    public int Speaker;

    /// <summary>Category of a memory, numbered as speakers are.</summary>
    public int Category;

    /// <summary>Role of a message.</summary>
    public MessageRole Role
    {
        readonly get => (MessageRole)_role;
        set => _role = (byte)value;
    }

    /// <summary>Traits of its text.</summary>
    public TextTraits Traits
    {
        readonly get => (TextTraits)_traits;
        set => _traits = (byte)value;
    }

    /// <summary>Whether an item is here; the place is free otherwise.</summary>
    public bool IsUsed;

    /// <summary>Whether its vectors are here.</summary>
    public bool HasVectors;

    private byte _role;
    private byte _traits;

    /// <summary>Its time.</summary>
    public readonly DateTimeOffset CreatedAt => new(CreatedTicks, TimeSpan.Zero);

    /// <summary>The order in which messages were said.</summary>
    public static int Compare(in PartitionEntry one, in PartitionEntry other)
    {
        var order = one.CreatedTicks.CompareTo(other.CreatedTicks);
        return order != 0 ? order : one.Id.CompareTo(other.Id);
    }
}

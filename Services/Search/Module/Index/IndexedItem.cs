using MemoryMesh.Search.Ranking;
using MemoryMesh.ServiceDefaults.Filtering;

namespace MemoryMesh.Search.Index;

/// <summary>What an indexed item is. The values are stored.</summary>
internal enum ItemKind
{
    /// <summary>A message of a conversation.</summary>
    Message = 1,

    /// <summary>A long-term memory that holds.</summary>
    Memory = 2,

    /// <summary>
    /// A memory that ended. A kind of its own: searches for what holds never meet it, neither in full text, whose terms are hashed by kind, nor among the vectors.
    /// </summary>
    EndedMemory = 3,
}

/// <summary>Who said a message. The values are stored.</summary>
internal enum MessageRole
{
    /// <summary>A role this version does not know, or no message.</summary>
    None = 0,

    /// <summary>The person.</summary>
    User = 1,

    /// <summary>The assistant.</summary>
    Assistant = 2,

    /// <summary>Instructions.</summary>
    System = 3,

    /// <summary>A tool's answer.</summary>
    Tool = 4,
}

/// <summary>A message or memory in the index, without its text.</summary>
internal sealed record IndexedItem
{
    /// <summary>The message or memory.</summary>
    public required Guid Id { get; init; }

    /// <summary>Which of the two.</summary>
    public required ItemKind Kind { get; init; }

    /// <summary>The tenant.</summary>
    public required Guid TenantId { get; init; }

    /// <summary>Subject of a message; owner of a memory: subject key, team id or tenant id.</summary>
    public required Guid OwnerKey { get; init; }

    /// <summary>Conversation of a message.</summary>
    public Guid? ConversationKey { get; init; }

    /// <summary>Version that is indexed.</summary>
    public required int Version { get; init; }

    /// <summary>Role of a message.</summary>
    public MessageRole Role { get; init; }

    /// <summary>Time of the message, or when the memory was first stored.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Importance that was set, 0 to 1, or null.</summary>
    public double? Importance { get; init; }
}

/// <summary>An item with what it is found by.</summary>
/// <param name="Item">The item.</param>
/// <param name="Terms">Terms of its text, with repetitions.</param>
/// <param name="Category">Category of a memory, or null.</param>
internal sealed record IndexEntry(IndexedItem Item, IReadOnlyList<string> Terms, string? Category = null);

/// <summary>An item that is to leave the index.</summary>
internal readonly record struct ItemReference(Guid TenantId, Guid ItemId);

/// <summary>Which items a search may find. Tenant and kind are not optional.</summary>
internal sealed record ItemFilter
{
    /// <summary>The tenant.</summary>
    public required Guid TenantId { get; init; }

    /// <summary>Messages or memories.</summary>
    public required ItemKind Kind { get; init; }

    /// <summary>Another kind that may be found too; null for none.</summary>
    public ItemKind? AlsoKind { get; init; }

    /// <summary>The kinds that may be found.</summary>
    public IReadOnlyList<ItemKind> Kinds => AlsoKind is { } also ? [Kind, also] : [Kind];

    /// <summary>Owners whose items may be found; null for every owner of the tenant.</summary>
    public required IReadOnlyList<Guid>? OwnerKeys { get; init; }

    /// <summary>Only this conversation.</summary>
    public Guid? ConversationKey { get; init; }

    /// <summary>Only these roles; empty for all.</summary>
    public IReadOnlyList<MessageRole> Roles { get; init; } = [];

    /// <summary>Only these categories; empty for all.</summary>
    public IReadOnlyList<string> Categories { get; init; } = [];

    /// <summary>Only items of this time or later.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Only items of this time or earlier.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>Only items of at least this importance, 0 to 1; items without one count with the importance of their role.</summary>
    public double? MinImportance { get; init; }

    /// <summary>Only messages of this thread. Checked when a message was read: the index has it not.</summary>
    public Guid? ThreadId { get; init; }

    /// <summary>What else must hold. Checked when an item was read: the index has no metadata.</summary>
    public SearchFilter? Conditions { get; init; }

    /// <summary>Whether every item of the tenant, the kind and the owners passes <see cref="Allows"/>.</summary>
    public bool AllowsAll
        => ConversationKey is null && Roles.Count == 0 && Categories.Count == 0 && From is null && To is null && MinImportance is null;

    /// <summary>Whether an item of the tenant, the kind and one of the owners passes the other conditions.</summary>
    /// <param name="item">What is asked of it.</param>
    /// <param name="options">Importance of roles.</param>
    public bool Allows(in ItemFacts item, SearchOptions options)
        => (ConversationKey is null || ConversationKey == item.ConversationKey)
            && (Roles.Count == 0 || Roles.Contains(item.Role))
            && (Categories.Count == 0 || (item.Category is not null && Categories.Contains(item.Category)))
            && (From is null || item.CreatedAt >= From)
            && (To is null || item.CreatedAt <= To)
            && (MinImportance is null || MinImportance <= (item.Importance ?? ImportanceRule.OfRole(item.Role, options)));
}

/// <summary>What a filter asks of an item.</summary>
/// <param name="ConversationKey">Conversation of a message.</param>
/// <param name="Category">Category of a memory; null when it is not known.</param>
/// <param name="Role">Role of a message.</param>
/// <param name="CreatedAt">Time of the message, or when the memory was first stored.</param>
/// <param name="Importance">Importance that was set, 0 to 1, or null.</param>
internal readonly record struct ItemFacts(Guid? ConversationKey, string? Category, MessageRole Role, DateTimeOffset CreatedAt, double? Importance);

/// <summary>An item that was found, with what its ranking needs.</summary>
/// <param name="Id">The message or memory.</param>
/// <param name="OwnerKey">Subject of a message; owner of a memory.</param>
/// <param name="Role">Role of a message.</param>
/// <param name="CreatedAt">Time of the message, or when the memory was first stored.</param>
/// <param name="Importance">Importance that was set, 0 to 1, or null.</param>
internal sealed record Candidate(Guid Id, Guid OwnerKey, MessageRole Role, DateTimeOffset CreatedAt, double? Importance);

/// <summary>An item with the score one way of searching gave it.</summary>
/// <param name="Item">The item.</param>
/// <param name="Score">Score; higher is better.</param>
internal readonly record struct ScoredItem(Candidate Item, double Score);

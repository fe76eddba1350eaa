using System.Text.Json.Serialization;
using MemoryMesh.Memory.Preferences;
using MemoryMesh.Memory.Storage;
using MemoryMesh.Memory.Summaries;

namespace MemoryMesh.Memory.Context;

/// <summary>What the store knows for a context, wherever the store is. All of it is asked for at once.</summary>
internal interface IContextKnowledge
{
    /// <summary>Reads it.</summary>
    Task<Knowledge> ReadAsync(KnowledgeCall call, CancellationToken cancellationToken);
}

/// <summary>Asks for what is known. Every field is required: an owner, or the tenant, that is not named is never any.</summary>
internal sealed record KnowledgeCall
{
    /// <summary>Most owners, ids of memories, and categories of one list.</summary>
    public const int MostOwners = 10_000;

    /// <inheritdoc cref="MostOwners"/>
    public const int MostFound = 1_000;

    /// <inheritdoc cref="MostOwners"/>
    public const int MostCategories = 100;

    /// <summary>Most lists of important memories, and most memories of one.</summary>
    public const int MostLists = 10;

    /// <inheritdoc cref="MostLists"/>
    public const int MostOfList = 1_000;

    /// <summary>Most bytes of a call.</summary>
    public const int MostBytes = 1024 * 1024;

    public required Guid TenantId { get; init; }

    public required Guid SubjectKey { get; init; }

    /// <summary>Teams and the tenant, the nearer ones first.</summary>
    public required IReadOnlyList<Guid> SharedKeys { get; init; }

    public required bool Blocks { get; init; }

    /// <summary>Whether what is preferred is asked for; it needs what the profile has of wishes.</summary>
    public required bool Style { get; init; }

    public required bool Profile { get; init; }

    public required bool Memories { get; init; }

    /// <summary>The memories that search found; null for the most important ones of every owner.</summary>
    public required IReadOnlyList<Guid>? Found { get; init; }

    /// <summary>Lists of the subject's most important memories.</summary>
    public required IReadOnlyList<ImportantCall> Important { get; init; }

    /// <summary>The summary that is wanted, or null.</summary>
    public required SummaryCall? Summary { get; init; }

    /// <summary>Whether it asks for no more than one call may, and names who is meant.</summary>
    [JsonIgnore]
    public bool IsAllowed
        => TenantId != default
            && SubjectKey != default
            && SharedKeys is { Count: <= MostOwners }
            && Found is null or { Count: <= MostFound }
            && Important is { Count: <= MostLists }
            && Important.All(list => list is { Categories.Count: <= MostCategories, Most: > 0 and <= MostOfList } && list.Categories.All(category => category is not null));
}

/// <summary>Asks for the most important memories of some categories.</summary>
internal sealed record ImportantCall
{
    public required IReadOnlyList<string> Categories { get; init; }

    public required int Most { get; init; }
}

/// <summary>Asks for the summary of a conversation.</summary>
internal sealed record SummaryCall
{
    public required Guid ConversationKey { get; init; }

    /// <summary>The newest message that it has to hold: when it does not, it is refreshed first.</summary>
    public required Guid LastMessage { get; init; }
}

/// <summary>What is known. Of a subject that opted out that is the blocks of the others, and the summary.</summary>
internal sealed record Knowledge
{
    public required bool OptedOut { get; init; }

    public required IReadOnlyList<CoreBlock> Blocks { get; init; }

    /// <summary>What was set and observed (<see cref="SubjectPreferences"/>), as JSON; null for nothing.</summary>
    /// <remarks>This, the profile and the summary are handed on as they are kept: they are read where the context is made, and not by the process with the store.</remarks>
    public required byte[]? Preferences { get; init; }

    /// <summary>The <see cref="SubjectProfile"/> as JSON, which may hold what has stopped being true since it was built; null for nothing.</summary>
    public required byte[]? Profile { get; init; }

    /// <summary>Those of the memories that hold and are the owners'; the found ones in no order, the important ones in the order of the owners.</summary>
    public required IReadOnlyList<RecalledMemory> Memories { get; init; }

    /// <summary>The lists, in the order they were asked for.</summary>
    public required IReadOnlyList<IReadOnlyList<RecalledMemory>> Important { get; init; }

    /// <summary>The <see cref="RollingSummary"/> as JSON; null when none was asked for, or there can be none now.</summary>
    public required byte[]? Summary { get; init; }
}

/// <summary>A memory as a context has it.</summary>
internal sealed record RecalledMemory
{
    public required Guid Id { get; init; }

    public required MemoryScope Scope { get; init; }

    public required string Text { get; init; }

    public required string Category { get; init; }

    /// <inheritdoc cref="MemoryRecord.Importance"/>
    public required double Importance { get; init; }

    /// <inheritdoc cref="MemoryRecord.Slot"/>
    public required string? Slot { get; init; }

    public static RecalledMemory Of(MemoryRecord memory)
        => new() { Id = memory.Id, Scope = memory.Scope, Text = memory.Text, Category = memory.Category, Importance = memory.Importance, Slot = memory.Slot };
}

using MemoryMesh.Memory.Preferences;
using MemoryMesh.Memory.Storage;
using MemoryMesh.ServiceDefaults.Security;

namespace MemoryMesh.Memory.Context;

/// <summary>Asks for what an assistant is handed before it answers.</summary>
internal sealed record BundleQuery
{
    public required TenantAccess Access { get; init; }

    /// <summary>Null for a context without messages and summary.</summary>
    public string? ConversationId { get; init; }

    /// <summary>The subject; null for that of the conversation, if the caller acts for every subject, else for the caller.</summary>
    public string? UserId { get; init; }

    /// <summary>A team of which blocks and memories are given too; readable by the caller.</summary>
    public Guid? TeamId { get; init; }

    /// <summary>What the memories should answer; null for the last user message.</summary>
    public string? Query { get; init; }

    public required int MaxTokens { get; init; }

    /// <summary>Most messages; null for what the settings say.</summary>
    public int? MaxMessages { get; init; }

    public required ContextSplit Split { get; init; }

    public required IContextFormat Format { get; init; }
}

/// <summary>A message of a context.</summary>
/// <param name="Id">The message.</param>
/// <param name="Role">user, assistant, system or tool.</param>
/// <param name="Content">The text, perhaps cut.</param>
/// <param name="CreatedAt">Time of the message.</param>
internal sealed record ContextMessageItem(Guid Id, string Role, string Content, DateTimeOffset CreatedAt);

/// <summary>A line of a summary.</summary>
/// <param name="MessageId">Where it was said; null when a model wrote it.</param>
/// <param name="Text">The line.</param>
internal sealed record SummaryLine(Guid? MessageId, string Text);

/// <summary>What an assistant is handed.</summary>
internal sealed record ContextBundle
{
    public required string UserId { get; init; }

    public required IReadOnlyList<CoreBlock> Blocks { get; init; }

    public required IReadOnlyDictionary<string, Preference> Preferences { get; init; }

    public required IReadOnlyList<string> Instructions { get; init; }

    public required IReadOnlyList<ProfileFact> Profile { get; init; }

    public required IReadOnlyList<(RecalledMemory Memory, double? Score)> Memories { get; init; }

    public required IReadOnlyList<SummaryLine> Summary { get; init; }

    /// <summary>Oldest first.</summary>
    public required IReadOnlyList<ContextMessageItem> Messages { get; init; }

    public required string Text { get; init; }

    public required int Tokens { get; init; }

    /// <summary>Tokens of each part.</summary>
    public required IReadOnlyDictionary<ContextPart, int> Used { get; init; }

    /// <summary>Whether something was left out or cut for the budget.</summary>
    public required bool Truncated { get; init; }

    /// <summary>Whether search was not available, so that memories were chosen by importance.</summary>
    public required bool Degraded { get; init; }
}

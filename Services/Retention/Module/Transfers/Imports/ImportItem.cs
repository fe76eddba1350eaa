namespace MemoryMesh.Retention.Transfers.Imports;

/// <summary>Where something stands in the file.</summary>
/// <param name="Line">Line, from 1; null where that cannot be told.</param>
/// <param name="Record">Which line or element of the list, from 1.</param>
internal readonly record struct ImportPlace(long? Line, long Record);

/// <summary>Something that the file holds. The same file gives the same items in the same order.</summary>
internal abstract record ImportItem(ImportPlace Place)
{
    internal sealed record OfConversation(ImportPlace Place, ConversationEntry Entry) : ImportItem(Place);

    internal sealed record OfMessage(ImportPlace Place, IncomingMessage Entry) : ImportItem(Place);

    internal sealed record OfMemory(ImportPlace Place, MemoryEntry Entry) : ImportItem(Place);

    internal sealed record OfSettings(ImportPlace Place, SettingsEntry Entry) : ImportItem(Place);

    /// <summary>Passed over; without a code it is no content, as the first and the last record of an export.</summary>
    internal sealed record Skipped(ImportPlace Place, string? Code) : ImportItem(Place);

    /// <summary>Not to be taken.</summary>
    internal sealed record Refused(ImportPlace Place, string Reason) : ImportItem(Place);
}

/// <summary>Why something is passed over.</summary>
internal static class SkipCodes
{
    /// <summary>It was imported before, or comes from here.</summary>
    public const string AlreadyThere = "already_there";

    /// <summary>A message of a branch of a ChatGPT conversation that was given up for another.</summary>
    public const string OtherBranch = "other_branch";

    /// <summary>A message without text, as images and calls of tools have.</summary>
    public const string NoText = "no_text";

    /// <summary>A message that its application does not show.</summary>
    public const string Hidden = "hidden";
}

/// <summary>A message as the file has it.</summary>
internal sealed record IncomingMessage
{
    /// <summary>What it is at its source: its id, or all there is. The same for the same message each time.</summary>
    public required string Identity { get; init; }

    /// <summary>Its id, when it comes from a MemoryMesh.</summary>
    public Guid? SourceId { get; init; }

    /// <summary>Null for the conversation of the import.</summary>
    public required string? ConversationId { get; init; }

    /// <summary>Told apart conversations without an id of their own, from 1; 0 for the only one.</summary>
    public int Unnamed { get; init; }

    public string? UserId { get; init; }

    public required string? Role { get; init; }

    public required string? Content { get; init; }

    public string? MetadataJson { get; init; }

    public double? Importance { get; init; }

    /// <summary>Id at the source of the message it answers.</summary>
    public Guid? ReplyTo { get; init; }

    public DateTimeOffset? CreatedAt { get; init; }

    public bool? ExtractMemory { get; init; }

    public bool Archived { get; init; }

    /// <summary>What identifies a message of a MemoryMesh.</summary>
    public static string IdentityOf(Guid sourceId) => $"memorymesh {sourceId:N}";
}

/// <summary>The file cannot be read any further.</summary>
internal sealed class MalformedImportException(ImportPlace place, string reason) : Exception(reason)
{
    public ImportPlace Place { get; } = place;
}

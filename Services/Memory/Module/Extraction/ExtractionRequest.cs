namespace MemoryMesh.Memory.Extraction;

/// <summary>One chat message to extract facts from.</summary>
public sealed record ExtractionRequest
{
    /// <summary>The message text, exactly as written.</summary>
    public required string Text { get; init; }

    /// <summary>Who wrote it: <c>user</c>, <c>assistant</c>, <c>system</c> or <c>tool</c>. Only user messages yield facts.</summary>
    public required string Role { get; init; }

    /// <summary>Whose message it is. Without a tenant no language model is asked, and every category is read.</summary>
    public Guid? TenantId { get; init; }

    /// <summary>What a language model should mind for this text, instead of what the tenant or the server says; null for what these say.</summary>
    public string? Instructions { get; init; }

    /// <summary>Categories that are drawn from this text, instead of those of the tenant or the server; empty for theirs.</summary>
    public IReadOnlyList<string> Categories { get; init; } = [];

    /// <summary>Earlier messages of the same user, newest last; they resolve pronouns, corrections and retractions.</summary>
    public IReadOnlyList<string> PreviousUserMessages { get; init; } = [];

    /// <summary>
    /// What the assistant wrote right before the message, or null. It tells only what a short answer such as "Antwerp" answers; nothing in it becomes a fact.
    /// </summary>
    public string? Question { get; init; }

    /// <summary>When the message was written; ends such as "until Friday" are counted from it. Null leaves ends out.</summary>
    public DateTimeOffset? SaidAt { get; init; }
}

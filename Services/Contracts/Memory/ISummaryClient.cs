namespace MemoryMesh.Contracts.Memory;

/// <summary>What Chat asks of Memory about summaries. The caller has checked that the principal may see the conversation.</summary>
public interface ISummaryClient
{
    /// <summary>What the messages of a conversation before the newest ones were about, as it is now.</summary>
    /// <param name="tenantId">The tenant.</param>
    /// <param name="conversationKey">The conversation.</param>
    /// <param name="subjectKey">Whose conversation it is.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    Task<ConversationDigest> SummariseAsync(Guid tenantId, Guid conversationKey, Guid subjectKey, CancellationToken cancellationToken);
}

/// <summary>A rolling summary.</summary>
public sealed record ConversationDigest
{
    /// <summary>The summary, one sentence a line when it is extractive; empty when nothing is old enough to be summed up.</summary>
    public required string Text { get; init; }

    /// <summary><c>extractive</c> or <c>llm</c>.</summary>
    public required string Method { get; init; }

    /// <summary>Sentences that are quoted, in the order they were said; none when a model wrote the text.</summary>
    public required IReadOnlyList<DigestSentence> Sentences { get; init; }

    /// <summary>How many messages are summed up.</summary>
    public required int MessageCount { get; init; }

    /// <summary>Time of the newest message that is summed up; null when none is.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>When it was last refreshed; null when it never was.</summary>
    public DateTimeOffset? UpdatedAt { get; init; }
}

/// <summary>A sentence that a summary quotes.</summary>
/// <param name="MessageId">Where it was said.</param>
/// <param name="Role">user or assistant.</param>
/// <param name="Text">The sentence.</param>
public sealed record DigestSentence(Guid MessageId, string Role, string Text);

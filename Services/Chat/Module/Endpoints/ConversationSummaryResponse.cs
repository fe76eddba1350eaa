using MemoryMesh.Chat.Storage;
using MemoryMesh.Contracts.Memory;

namespace MemoryMesh.Chat.Endpoints;

/// <summary>What the earlier messages of a conversation were about.</summary>
internal sealed record ConversationSummaryResponse
{
    public required string ConversationId { get; init; }

    public required Guid TenantId { get; init; }

    /// <summary>The summary, one sentence a line when it quotes; empty while the conversation is short.</summary>
    public required string Summary { get; init; }

    /// <summary>extractive: sentences of the conversation; llm: written by a language model.</summary>
    public required string Method { get; init; }

    /// <summary>The sentences that are quoted, in the order they were said.</summary>
    public required IReadOnlyList<SummarySentenceResponse> Sentences { get; init; }

    /// <summary>How many messages are summed up.</summary>
    public required int MessageCount { get; init; }

    /// <summary>Time of the newest message that is summed up; null when none is.</summary>
    public required DateTimeOffset? Until { get; init; }

    /// <summary>When it was last refreshed; null when it never was.</summary>
    public required DateTimeOffset? UpdatedAt { get; init; }

    public static ConversationSummaryResponse From(ConversationRecord conversation, ConversationDigest digest) => new()
    {
        ConversationId = conversation.ConversationId,
        TenantId = conversation.TenantId,
        Summary = digest.Text,
        Method = digest.Method,
        Sentences = [.. digest.Sentences.Select(sentence => new SummarySentenceResponse(sentence.MessageId, sentence.Role, sentence.Text))],
        MessageCount = digest.MessageCount,
        Until = digest.Until,
        UpdatedAt = digest.UpdatedAt,
    };
}

/// <summary>A sentence that a summary quotes.</summary>
/// <param name="MessageId">Where it was said.</param>
/// <param name="Role">user or assistant.</param>
/// <param name="Text">The sentence.</param>
internal sealed record SummarySentenceResponse(Guid MessageId, string Role, string Text);

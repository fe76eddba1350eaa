using MemoryMesh.Contracts.Chat;
using MemoryMesh.Contracts.Memory;

namespace MemoryMesh.Memory.Summaries;

/// <summary>Shows summaries: a sentence whose message has changed or gone meanwhile is left out.</summary>
internal sealed class ShowSummary(IChatClient chat)
{
    /// <summary>Most sentences that are shown.</summary>
    public const int MostSentences = 8;

    /// <summary>Most tokens of them together.</summary>
    public const int MaxTokens = 220;

    /// <summary>A summary as it is shown.</summary>
    public async Task<ConversationDigest> HandleAsync(Guid tenantId, RollingSummary summary, CancellationToken cancellationToken)
    {
        var chosen = SentenceChoice.Best(summary.Sentences, summary.Sum, MostSentences, MaxTokens);
        if (chosen.Count > 0)
        {
            var found = (await chat.GetMessagesAsync(tenantId, [.. chosen.Select(sentence => sentence.MessageId).Distinct()], cancellationToken))
                .Where(message => !message.Archived)
                .ToDictionary(message => message.Id, message => message.Version);
            chosen = [.. chosen.Where(sentence => found.GetValueOrDefault(sentence.MessageId) == sentence.Version)];
        }

        return new ConversationDigest
        {
            Text = summary.Written ?? string.Join('\n', chosen.Select(sentence => $"{sentence.Role}: {sentence.Text}")),
            Method = summary.Written is null ? SummariseConversation.Extractive : SummariseConversation.Llm,
            Sentences = summary.Written is null ? [.. chosen.Select(sentence => new DigestSentence(sentence.MessageId, sentence.Role, sentence.Text))] : [],
            MessageCount = summary.Messages,
            Until = summary.Until,
            UpdatedAt = summary.UpdatedAt,
        };
    }
}

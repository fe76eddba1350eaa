using MemoryMesh.Memory.Summaries;

namespace MemoryMesh.Memory.Storage;

/// <summary>Keeps rolling summaries, one row for each conversation and subject in it.</summary>
internal interface ISummaryStore
{
    /// <summary>The summary of what a subject's messages in a conversation, and the answers to them, were about; an empty one when there is none.</summary>
    Task<(SummaryStamp Stamp, RollingSummary Summary)> FindAsync(Guid tenantId, Guid conversationKey, Guid subjectKey, CancellationToken cancellationToken);

    /// <summary>The same as it is kept, as JSON; null when there is none.</summary>
    Task<(SummaryStamp Stamp, byte[]? Json)> FindJsonAsync(Guid tenantId, Guid conversationKey, Guid subjectKey, CancellationToken cancellationToken);

    /// <summary>Keeps a summary over what it was made from.</summary>
    /// <returns>False when that has changed, or the subject was erased or forgotten, since it was read.</returns>
    Task<bool> SaveAsync(
        Guid tenantId, Guid conversationKey, Guid subjectKey, SummaryStamp stamp, RollingSummary summary, CancellationToken cancellationToken);

    /// <summary>Deletes the summaries of conversations in which something was changed or deleted. What is being made of them meanwhile is not kept.</summary>
    Task DeleteAsync(Guid tenantId, IReadOnlyCollection<SummaryChange> conversations, CancellationToken cancellationToken);
}

/// <summary>What a summary is made from.</summary>
/// <param name="Version">The stored version; 0 when there is none.</param>
/// <param name="ForgottenAt">Until when what the subject said is forgotten.</param>
internal readonly record struct SummaryStamp(long Version, DateTimeOffset? ForgottenAt);

/// <summary>A conversation in which something was changed or deleted.</summary>
/// <param name="ConversationKey">The conversation.</param>
/// <param name="SubjectKey">Whose message it was, when it is known.</param>
/// <param name="At">When.</param>
internal readonly record struct SummaryChange(Guid ConversationKey, Guid? SubjectKey, DateTimeOffset At);

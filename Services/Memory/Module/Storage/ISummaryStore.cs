using MemoryMesh.Memory.Summaries;

namespace MemoryMesh.Memory.Storage;

/// <summary>Keeps rolling summaries, one row for each conversation and subject in it.</summary>
internal interface ISummaryStore
{
    /// <summary>The summary of what a subject's messages in a conversation, and the answers to them, were about, with its version; version 0 and an empty one when there is none.</summary>
    Task<(long Version, RollingSummary Summary)> FindAsync(Guid tenantId, Guid conversationKey, Guid subjectKey, CancellationToken cancellationToken);

    /// <summary>Keeps a summary over the version it was made from.</summary>
    /// <returns>False when that is not the stored version any more.</returns>
    Task<bool> SaveAsync(Guid tenantId, Guid conversationKey, Guid subjectKey, long version, RollingSummary summary, CancellationToken cancellationToken);

    /// <summary>Deletes the summaries of conversations. What is being made of them meanwhile is not kept.</summary>
    Task DeleteAsync(Guid tenantId, IReadOnlyCollection<(Guid ConversationKey, Guid? SubjectKey)> conversations, CancellationToken cancellationToken);
}

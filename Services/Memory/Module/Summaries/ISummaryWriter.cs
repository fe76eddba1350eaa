using MemoryMesh.Contracts.Chat;

namespace MemoryMesh.Memory.Summaries;

/// <summary>Writes a summary in words of its own, where a language model is configured to.</summary>
internal interface ISummaryWriter
{
    /// <summary>Goes on with a summary.</summary>
    /// <param name="tenantId">Whose conversation it is.</param>
    /// <param name="before">What it said so far; empty at the beginning.</param>
    /// <param name="messages">Messages to take in, oldest first.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>Null when no model writes: sentences are quoted then.</returns>
    Task<string?> WriteAsync(Guid tenantId, string before, IReadOnlyList<ChatMessage> messages, CancellationToken cancellationToken);
}

using System.Diagnostics.CodeAnalysis;
using MemoryMesh.Chat.Storage;
using MemoryMesh.ServiceDefaults.Storage;

namespace MemoryMesh.Tests.Integration.Chat;

/// <summary>What tests look at behind the interfaces of the stores of Chat, in the service's own file.</summary>
[SuppressMessage("Performance", "CA1852", Justification = "Builds that have MongoDB derive from it.")]
internal class ChatEngine(ModuleDatabase database)
{
    /// <summary>Waits until the events of all writes stand in the outbox.</summary>
    public virtual Task SettleAsync() => Task.CompletedTask;

    /// <summary>What is stored, counted.</summary>
    public virtual Task<ChatTotals> CountAsync(Guid tenantId)
        => database.Data.ReadAsync(
            session => new ChatTotals(
                session.Scalar("SELECT count(*) FROM messages WHERE tenant_id = $1", tenantId),
                session.Scalar("SELECT sum(length(content) + coalesce(length(metadata), 0) + length(user_id)) FROM messages WHERE tenant_id = $1", tenantId),
                session.Scalar("SELECT count(*) FROM conversations WHERE tenant_id = $1", tenantId),
                session.Scalar(
                    """
                    SELECT count(*) FROM conversations c WHERE tenant_id = $1 AND token_count <>
                        (SELECT coalesce(sum(tokens), 0) FROM messages m WHERE m.tenant_id = c.tenant_id AND m.conversation_key = c.conversation_key)
                    """,
                    tenantId)),
            default);

    /// <summary>Deletes what is stored outside the data folder.</summary>
    public virtual Task DropAsync() => Task.CompletedTask;

    /// <summary>Whether bytes stand anywhere on the server, where there is one.</summary>
    public virtual Task<bool> HoldsAsync(byte[] bytes) => Task.FromResult(false);

    /// <summary>The usage of a tenant, with few messages where the choice of a way to count depends on that.</summary>
    public virtual MemoryMesh.Contracts.Analytics.IChatUsage Usage(IConversationStore store)
        => new MemoryMesh.Chat.Storage.Sqlite.SqliteChatUsage(database, store) { FewMessages = 1_000 };
}

/// <summary>Rows of a tenant.</summary>
/// <param name="Messages">Messages.</param>
/// <param name="Bytes">Bytes of their texts.</param>
/// <param name="Conversations">Conversations.</param>
/// <param name="WrongTokens">Conversations whose tokens are not those of their messages.</param>
internal sealed record ChatTotals(long Messages, long Bytes, long Conversations, long WrongTokens);

using MemoryMesh.Contracts.Chat;

namespace MemoryMesh.Tests.Integration.Memory;

/// <summary>Messages in memory.</summary>
internal sealed class FakeChat : IChatClient
{
    private readonly Dictionary<Guid, ChatMessage> _messages = [];
    private int _reads;

    public int Reads => _reads;

    public void Put(ChatMessage message) => _messages[message.Id] = message;

    public ChatMessage Find(Guid id) => _messages[id];

    public void Remove(Guid id) => _messages.Remove(id);

    public void Clear()
    {
        _messages.Clear();
        _reads = 0;
    }

    public Task<IReadOnlyList<ChatMessage>> GetMessagesAsync(Guid tenantId, IReadOnlyList<Guid> messageIds, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _reads);
        return Task.FromResult<IReadOnlyList<ChatMessage>>([.. messageIds.Where(_messages.ContainsKey).Select(id => _messages[id])]);
    }

    public Task<IReadOnlyList<ChatMessage>> GetRecentMessagesAsync(
        Guid tenantId, Guid conversationKey, Guid? subjectKey, int limit, CancellationToken cancellationToken)
        => Task.FromResult<IReadOnlyList<ChatMessage>>([]);

    public Task<IReadOnlyList<ChatMessage>> GetPrecedingUserMessagesAsync(Guid tenantId, Guid messageId, int limit, CancellationToken cancellationToken)
        => Task.FromResult<IReadOnlyList<ChatMessage>>([]);

    public Task<int> ApplyRetentionAsync(RetentionOrder order, CancellationToken cancellationToken) => Task.FromResult(0);
}

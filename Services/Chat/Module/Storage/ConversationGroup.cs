using System.Text.Json;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Text;

namespace MemoryMesh.Chat.Storage;

/// <summary>Messages of one call that go into one conversation, sealed.</summary>
internal sealed class ConversationGroup(MessageRecord first, ConversationReach reach, DataKey key)
{
    public MessageRecord First { get; } = first;

    public ConversationReach Reach { get; } = reach;

    /// <summary>Key of the first message's subject, which becomes the conversation's when it is new.</summary>
    public DataKey Key { get; } = key;

    /// <summary>Whether the messages come from elsewhere: one that a message answers may come later, or not at all.</summary>
    public bool Imported { get; init; }

    public List<SealedNewMessage> Messages { get; } = [];

    /// <summary>Seals messages and puts those of one conversation together.</summary>
    public static async Task<List<ConversationGroup>> CreateAsync(
        DataKeyStore keys, IReadOnlyList<(MessageRecord Message, ConversationReach Reach)> messages, bool imported, CancellationToken cancellationToken)
    {
        var groups = new List<ConversationGroup>(1);
        for (var i = 0; i < messages.Count; i++)
        {
            var (message, reach) = messages[i];
            var key = await keys.GetOrCreateAsync(message.TenantId, message.SubjectKey, cancellationToken);
            var group = groups.Find(group =>
                group.First.ConversationKey == message.ConversationKey && group.First.TenantId == message.TenantId && group.Reach == reach);
            if (group is null)
            {
                groups.Add(group = new ConversationGroup(message, reach, key) { Imported = imported });
            }

            group.Messages.Add(SealedNewMessage.Create(i, message, key));
        }

        return groups;
    }
}

/// <summary>A message whose texts are sealed for its version.</summary>
internal sealed record SealedNewMessage(int Index, MessageRecord Message, DataKey Key, int Tokens, byte[] UserId, byte[]? Metadata, byte[] Content, byte[]? Extraction)
{
    /// <summary>Found in the transaction that adds the message.</summary>
    public ThreadPlace Place { get; set; }

    /// <summary>Bytes of its texts.</summary>
    public long Bytes => Content.Length + (Metadata?.Length ?? 0) + UserId.Length;

    public static SealedNewMessage Create(int index, MessageRecord message, DataKey key)
        => new(
            index,
            message,
            key,
            TokenEstimate.Count(message.Content),
            key.SealText(message.UserId, MessagePlaces.UserId(message.Id, message.Version)),
            key.SealTextOrNull(message.MetadataJson, MessagePlaces.Metadata(message.Id, message.Version)),
            key.SealText(message.Content, MessagePlaces.Content(message.Id, message.Version)),
            key.SealTextOrNull(message.Extraction is { } extraction ? JsonSerializer.Serialize(extraction) : null, MessagePlaces.Extraction(message.Id)));
}

/// <summary>Where a message stands in its thread; no root and depth 0 when it answers none.</summary>
internal readonly record struct ThreadPlace(Guid? Root, int Depth);

/// <summary>What the sealed values of a message are bound to.</summary>
internal static class MessagePlaces
{
    public static RowIdentity Content(Guid id, int version) => new("messages", "content", id, version);

    public static RowIdentity Metadata(Guid id, int version) => new("messages", "metadata", id, version);

    public static RowIdentity UserId(Guid id, int version) => new("messages", "user_id", id, version);

    /// <summary>It stays when the text changes, so it is sealed for no version.</summary>
    public static RowIdentity Extraction(Guid id) => new("messages", "extraction", id, 0);
}

/// <summary>What the sealed values of a conversation are bound to.</summary>
internal static class ConversationPlaces
{
    public static RowIdentity Name(Guid key) => new("conversations", "name", key);

    public static RowIdentity UserId(Guid key) => new("conversations", "user_id", key);

    public static RowIdentity Title(Guid key, int version) => new("conversations", "title", key, version);

    public static RowIdentity Metadata(Guid key, int version) => new("conversations", "metadata", key, version);
}

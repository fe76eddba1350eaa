using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage.Mongo;
using MongoDB.Bson;

namespace MemoryMesh.Chat.Storage.Mongo;

/// <summary>A conversation as a document.</summary>
internal static class MongoConversation
{
    public static BsonValue IdOf(Guid tenantId, Guid conversationKey) => MongoValues.Pair(tenantId, conversationKey);

    public static BsonDocument Of(ConversationRecord conversation, DataKey key) => new()
    {
        ["_id"] = IdOf(conversation.TenantId, conversation.ConversationKey),
        ["tenant_id"] = conversation.TenantId.Bson(),
        ["conversation_key"] = conversation.ConversationKey.Bson(),
        ["subject_key"] = conversation.SubjectKey.Bson(),
        ["version"] = conversation.Version,
        ["message_count"] = conversation.MessageCount,
        ["token_count"] = conversation.TokenCount,
        ["created_at"] = conversation.CreatedAt.Bson(),
        ["last_message_at"] = conversation.LastMessageAt.Bson(),
        ["activity_at"] = (conversation.LastMessageAt ?? conversation.CreatedAt).Bson(),
        ["name"] = key.SealText(conversation.ConversationId, ConversationPlaces.Name(conversation.ConversationKey)),
        ["user_id"] = key.SealText(conversation.UserId, ConversationPlaces.UserId(conversation.ConversationKey)),
        ["title"] = key.SealTextOrNull(conversation.Title, ConversationPlaces.Title(conversation.ConversationKey, conversation.Version)).Bson(),
        ["metadata"] = key.SealTextOrNull(conversation.MetadataJson, ConversationPlaces.Metadata(conversation.ConversationKey, conversation.Version)).Bson(),
    };

    public static bool IsWithin(BsonDocument document, ConversationReach reach)
        => document.Id("tenant_id") == reach.TenantId && (reach.SubjectKey is not { } subject || document.Id("subject_key") == subject);

    /// <summary>Sets the time of the last message, by which lists are ordered.</summary>
    public static void SetLast(BsonDocument document, BsonValue lastAt)
    {
        document["last_message_at"] = lastAt;
        document["activity_at"] = lastAt.IsBsonNull ? document["created_at"] : lastAt;
    }

    public static ConversationPosition PositionOf(BsonDocument document) => new(document.Int64("activity_at"), document.Id("conversation_key"));

    public static ConversationRecord Open(BsonDocument document, DataKey key)
    {
        var conversationKey = document.Id("conversation_key");
        var version = document.Int32("version");
        return new ConversationRecord
        {
            TenantId = document.Id("tenant_id"),
            ConversationKey = conversationKey,
            ConversationId = key.OpenText(document.Bytes("name"), ConversationPlaces.Name(conversationKey)),
            SubjectKey = document.Id("subject_key"),
            UserId = key.OpenText(document.Bytes("user_id"), ConversationPlaces.UserId(conversationKey)),
            Title = key.OpenTextOrNull(document.BytesOrNull("title"), ConversationPlaces.Title(conversationKey, version)),
            MetadataJson = key.OpenTextOrNull(document.BytesOrNull("metadata"), ConversationPlaces.Metadata(conversationKey, version)),
            MessageCount = document.Int64("message_count"),
            CreatedAt = document.Time("created_at"),
            LastMessageAt = document.TimeOrNull("last_message_at"),
            Version = version,
        };
    }
}

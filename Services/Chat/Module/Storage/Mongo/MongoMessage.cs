using System.Text.Json;
using MemoryMesh.Contracts.Chat;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage.Mongo;
using MongoDB.Bson;

namespace MemoryMesh.Chat.Storage.Mongo;

/// <summary>A message as a document.</summary>
internal static class MongoMessage
{
    /// <summary>The document of a new message.</summary>
    /// <param name="row">The message.</param>
    /// <param name="owner">Subject of its conversation.</param>
    /// <param name="sequence">Its place in the order of storing.</param>
    public static BsonDocument Of(SealedNewMessage row, Guid owner, long sequence)
    {
        var message = row.Message;
        return new BsonDocument
        {
            ["_id"] = message.Id.Bson(),
            ["seq"] = sequence,
            ["tenant_id"] = message.TenantId.Bson(),
            ["conversation_key"] = message.ConversationKey.Bson(),
            ["subject_key"] = message.SubjectKey.Bson(),
            ["owner_key"] = owner.Bson(),
            ["role"] = MessageRoles.CodeOf(message.Role),
            ["importance"] = message.Importance.Bson(),
            ["reply_to"] = message.ReplyTo.Bson(),
            ["thread_root"] = row.Place.Root.Bson(),
            ["depth"] = row.Place.Depth,
            ["extract_memory"] = message.ExtractMemory,
            ["archived"] = message.Archived ? 1 : 0,
            ["tokens"] = row.Tokens,
            ["bytes"] = row.Bytes,
            ["version"] = message.Version,
            ["text_version"] = message.Version,
            ["created_at"] = message.CreatedAt.Bson(),
            ["updated_at"] = message.UpdatedAt.Bson(),
            ["user_id"] = row.UserId,
            ["metadata"] = row.Metadata.Bson(),
            ["content"] = row.Content,
            ["extraction"] = row.Extraction.Bson(),
        };
    }

    /// <summary>Replaces the texts of a message, and its importance, by those of its next version.</summary>
    public static void Replace(BsonDocument document, SealedNewMessage row)
    {
        document["version"] = row.Message.Version;
        document["text_version"] = row.Message.Version;
        document["updated_at"] = row.Message.UpdatedAt.Bson();
        document["importance"] = row.Message.Importance.Bson();
        document["tokens"] = row.Tokens;
        document["bytes"] = row.Bytes;
        document["user_id"] = row.UserId;
        document["metadata"] = row.Metadata.Bson();
        document["content"] = row.Content;
    }

    /// <summary>Its place in the conversation.</summary>
    public static MessagePosition PositionOf(BsonDocument document) => new(document.Int64("created_at"), document.Int64("seq"));

    /// <summary>Opens it.</summary>
    /// <exception cref="System.Security.Cryptography.CryptographicException">It was sealed with another key.</exception>
    public static MessageRecord Open(BsonDocument document, DataKey key, string conversationId)
    {
        var id = document.Id("_id");
        var version = document.Int32("text_version");
        return new MessageRecord
        {
            Id = id,
            TenantId = document.Id("tenant_id"),
            ConversationKey = document.Id("conversation_key"),
            ConversationId = conversationId,
            SubjectKey = document.Id("subject_key"),
            UserId = key.OpenText(document.Bytes("user_id"), MessagePlaces.UserId(id, version)),
            Role = MessageRoles.FromCode(document.Int32("role")),
            Content = key.OpenText(document.Bytes("content"), MessagePlaces.Content(id, version)),
            MetadataJson = key.OpenTextOrNull(document.BytesOrNull("metadata"), MessagePlaces.Metadata(id, version)),
            Importance = document.Double("importance"),
            ReplyTo = document.IdOrNull("reply_to"),
            ThreadRoot = document.IdOrNull("thread_root"),
            Depth = document.Int32("depth"),
            ExtractMemory = document["extract_memory"].AsBoolean,
            Extraction = key.OpenTextOrNull(document.BytesOrNull("extraction"), MessagePlaces.Extraction(id)) is { } extraction
                ? JsonSerializer.Deserialize<MessageExtraction>(extraction)
                : null,
            Archived = document.Int32("archived") == 1,
            Version = document.Int32("version"),
            CreatedAt = document.Time("created_at"),
            UpdatedAt = document.Time("updated_at"),
            Sequence = document.Int64("seq"),
        };
    }
}

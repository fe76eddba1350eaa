using MemoryMesh.Memory.Text;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage.Mongo;
using MongoDB.Bson;

namespace MemoryMesh.Memory.Storage.Mongo;

/// <summary>A memory as a document, with its sources and its history, which are documents of their own.</summary>
internal static class MongoMemory
{
    /// <summary>The document of a new memory.</summary>
    public static BsonDocument Of(MemoryRecord memory, SealedMemory values, MemoryKeys names, long sequence) => new()
    {
        ["_id"] = memory.Id.Bson(),
        ["seq"] = sequence,
        ["from_memories"] = 0,
        ["tenant_id"] = memory.TenantId.Bson(),
        ["scope"] = (int)memory.Scope,
        ["owner_key"] = memory.OwnerKey.Bson(),
        ["agent_key"] = names.AgentKey(memory.TenantId, memory.AgentId).Bson(),
        ["run_key"] = names.RunKey(memory.TenantId, memory.RunId).Bson(),
        ["created_by"] = memory.CreatedBy.Bson(),
        ["derived"] = memory.Derived,
        ["text"] = values.Text,
        ["metadata"] = values.Metadata.Bson(),
        ["user_id"] = values.UserId.Bson(),
        ["agent_id"] = values.AgentId.Bson(),
        ["run_id"] = values.RunId.Bson(),
        ["category"] = memory.Category,
        ["category_given"] = memory.CategoryGiven,
        ["importance"] = memory.Importance,
        ["importance_given"] = memory.ImportanceGiven,
        ["confidence"] = memory.Confidence,
        ["slot"] = values.Slot.Bson(),
        ["slot_key"] = names.SlotKey(memory.TenantId, memory.OwnerKey, MemoryKeys.Narrowing(memory.AgentId, memory.RunId), memory.Slot).Bson(),
        ["single_valued"] = memory.SingleValued,
        ["text_key"] = Bytes(memory.TextKey),
        ["instructions"] = values.Instructions.Bson(),
        ["status"] = (int)memory.Status,
        ["error"] = BsonNull.Value,
        ["attempts"] = 0,
        ["next_attempt_at"] = memory.NextAttemptAt.Bson(),
        ["indexed_version"] = 0,
        ["valid_from"] = memory.ValidFrom.Bson(),
        ["valid_to"] = memory.ValidTo.Bson(),
        ["expires_at"] = memory.ExpiresAt.Bson(),
        ["superseded_by"] = memory.SupersededBy.Bson(),
        ["superseded_at"] = memory.SupersededAt.Bson(),
        ["state"] = (int)memory.State,
        ["confirmed_at"] = memory.ConfirmedAt.Bson(),
        ["evidence"] = memory.Evidence,
        ["inferred"] = memory.Inferred,
        ["boost"] = memory.Boost,
        ["kept_apart"] = memory.KeptApart,
        ["hold_reason"] = memory.HoldReason.Bson(),
        ["extract"] = memory.Extract,
        ["version"] = memory.Version,
        ["created_at"] = memory.CreatedAt.Bson(),
        ["updated_at"] = memory.UpdatedAt.Bson(),
    };

    /// <summary>A keyed hash as bytes, or null.</summary>
    public static BsonValue Bytes(string? hex) => hex is null ? BsonNull.Value : Convert.FromHexString(hex);

    public static bool IsActive(BsonDocument document) => document.HasNo("valid_to");

    public static string OpenText(BsonDocument document, DataKey key) => key.OpenText(document.Bytes("text"), MemoryPlaces.Memory("text", document.Id("_id")));

    public static string? OpenSlot(BsonDocument document, DataKey key) => key.OpenTextOrNull(document.BytesOrNull("slot"), MemoryPlaces.Memory("slot", document.Id("_id")));

    /// <summary>The text as it is searched in: see <see cref="MemoryRecord.SearchedText"/>.</summary>
    public static string OpenSearched(BsonDocument document, DataKey key)
        => document.Bool("extract") ? MemoryText.Normalise(OpenText(document, key)) : OpenText(document, key);

    /// <summary>Opens it.</summary>
    /// <exception cref="System.Security.Cryptography.CryptographicException">It was sealed with another key.</exception>
    public static MemoryRecord Open(BsonDocument document, DataKey key)
    {
        var id = document.Id("_id");
        string? TextAt(string name) => key.OpenTextOrNull(document.BytesOrNull(name), MemoryPlaces.Memory(name, id));
        return new MemoryRecord
        {
            Id = id,
            TenantId = document.Id("tenant_id"),
            Scope = (MemoryScope)document.Int32("scope"),
            OwnerKey = document.Id("owner_key"),
            UserId = TextAt("user_id"),
            AgentId = TextAt("agent_id"),
            RunId = TextAt("run_id"),
            CreatedBy = document.IdOrNull("created_by"),
            Extract = document.Bool("extract"),
            Derived = document.Bool("derived"),
            Text = OpenText(document, key),
            MetadataJson = TextAt("metadata"),
            Category = document.Text("category"),
            CategoryGiven = document.Bool("category_given"),
            Importance = document.Double("importance")!.Value,
            ImportanceGiven = document.Bool("importance_given"),
            Confidence = document.Double("confidence")!.Value,
            Slot = TextAt("slot"),
            SingleValued = document.Bool("single_valued"),
            TextKey = document.BytesOrNull("text_key") is { } textKey ? Convert.ToHexString(textKey) : null,
            Instructions = TextAt("instructions"),
            Status = (MemoryStatus)document.Int32("status"),
            Error = document.TextOrNull("error"),
            Attempts = document.Int32("attempts"),
            NextAttemptAt = document.TimeOrNull("next_attempt_at"),
            ValidFrom = document.Time("valid_from"),
            ValidTo = document.TimeOrNull("valid_to"),
            ExpiresAt = document.TimeOrNull("expires_at"),
            SupersededBy = document.IdOrNull("superseded_by"),
            SupersededAt = document.TimeOrNull("superseded_at"),
            State = (MemoryState)document.Int32("state"),
            ConfirmedAt = document.TimeOrNull("confirmed_at"),
            Evidence = document.Int32("evidence"),
            Inferred = document.Bool("inferred"),
            Boost = document.Double("boost")!.Value,
            KeptApart = document.Bool("kept_apart"),
            HoldReason = document.TextOrNull("hold_reason"),
            Version = document.Int32("version"),
            CreatedAt = document.Time("created_at"),
            UpdatedAt = document.Time("updated_at"),
        };
    }

    /// <summary>A version of a memory of an owner.</summary>
    public static BsonDocument Of(SealedHistory history, BsonValue tenantId, BsonValue ownerKey) => new()
    {
        ["_id"] = MongoValues.Pair(history.MemoryId, history.Entry.Version),
        ["tenant_id"] = tenantId,
        ["owner_key"] = ownerKey,
        ["memory_id"] = history.MemoryId.Bson(),
        ["version"] = history.Entry.Version,
        ["event"] = (int)history.Entry.Event,
        ["actor_kind"] = (int)history.Entry.Actor.Kind,
        ["actor_id"] = history.Entry.Actor.AccountId.Bson(),
        ["old_text"] = history.OldText.Bson(),
        ["new_text"] = history.NewText.Bson(),
        ["at"] = history.Entry.At.Bson(),
        ["valid_from"] = history.Entry.ValidFrom.Bson(),
        ["valid_to"] = history.Entry.ValidTo.Bson(),
    };

    public static HistoryEntry OpenHistory(BsonDocument document, DataKey key)
    {
        var (memoryId, version) = (document.Id("memory_id"), document.Int32("version"));
        return new HistoryEntry(
            version,
            (HistoryEvent)document.Int32("event"),
            new Actor((ActorKind)document.Int32("actor_kind"), document.IdOrNull("actor_id")),
            key.OpenTextOrNull(document.BytesOrNull("old_text"), MemoryPlaces.History("old_text", memoryId, version)),
            key.OpenTextOrNull(document.BytesOrNull("new_text"), MemoryPlaces.History("new_text", memoryId, version)),
            document.Time("at"),
            document.TimeOrNull("valid_from"),
            document.TimeOrNull("valid_to"));
    }

    /// <summary>A source of a memory of an owner.</summary>
    public static BsonDocument Of(SealedSource values, Guid tenantId, Guid memoryId, BsonValue ownerKey) => new()
    {
        ["_id"] = MongoValues.Pair(memoryId, values.Source.MessageId),
        ["id"] = values.Id.Bson(),
        ["tenant_id"] = tenantId.Bson(),
        ["owner_key"] = ownerKey,
        ["memory_id"] = memoryId.Bson(),
        ["message_id"] = values.Source.MessageId.Bson(),
        ["from_memory"] = values.Source.FromMemory,
        ["conversation_key"] = values.Source.ConversationKey.Bson(),
        ["conversation_id"] = values.ConversationId,
        ["quote_start"] = values.Source.QuoteStart,
        ["quote_length"] = values.Source.QuoteLength,
        ["quote"] = values.Quote,
    };

    public static MemorySource OpenSource(BsonDocument document, DataKey key) => new()
    {
        MessageId = document.Id("message_id"),
        FromMemory = document.Bool("from_memory"),
        ConversationKey = document.Id("conversation_key"),
        ConversationId = key.OpenText(document.Bytes("conversation_id"), MemoryPlaces.Source("conversation_id", document.Id("id"))),
        QuoteStart = document.Int32("quote_start"),
        QuoteLength = document.Int32("quote_length"),
        Quote = OpenQuote(document, key),
    };

    public static string OpenQuote(BsonDocument source, DataKey key) => key.OpenText(source.Bytes("quote"), MemoryPlaces.Source("quote", source.Id("id")));

    /// <summary>Categories as a document has them; null for all.</summary>
    public static BsonValue Of(IReadOnlyList<string>? categories) => categories is null ? BsonNull.Value : new BsonArray(categories);

    /// <summary>Reads what <see cref="Of(IReadOnlyList{string}?)"/> made.</summary>
    public static IReadOnlyList<string>? Categories(BsonDocument document, string name)
        => document.HasNo(name) ? null : [.. document[name].AsBsonArray.Select(category => category.AsString)];
}

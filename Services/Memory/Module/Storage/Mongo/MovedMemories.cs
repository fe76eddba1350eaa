using MemoryMesh.Memory.Storage.Mongo;
using MemoryMesh.Memory.Storage.Sqlite;
using MemoryMesh.ServiceDefaults.Storage.Mongo;
using MongoDB.Bson;
using static MemoryMesh.ServiceDefaults.Storage.Mongo.MovedColumn;

namespace MemoryMesh.Memory.Storage;

/// <summary>What of Memory's file lies in MongoDB where memories do: each table with its columns.</summary>
internal static class MovedMemories
{
    private static readonly MovedColumn TenantId = Id("tenant_id");
    private static readonly MovedColumn OwnerKey = Id("owner_key");
    private static readonly MovedColumn SubjectKey = Id("subject_key");

    /// <summary>Memories before what belongs to them and what counts them, runs and blocks before their parts: rows go with those they refer to, and adding and deleting memories has triggers.</summary>
    public static readonly IReadOnlyList<DocumentTable> Tables =
    [
        new(
            "memories",
            MemoryCollections.Memories,
            1,
            Key("id"),
            Number("seq") with { Column = RowNumber },
            Number("from_memories") with { Sql = "(SELECT count(*) FROM memory_sources s WHERE s.memory_id = t.id AND s.from_memory = 1)" },
            TenantId,
            Number("scope"),
            OwnerKey,
            Id("agent_key"),
            Id("run_key"),
            Id("created_by"),
            Flag("derived"),
            Bytes("text"),
            Bytes("metadata"),
            Bytes("user_id"),
            Bytes("agent_id"),
            Bytes("run_id"),
            MovedColumn.Text("category"),
            Flag("category_given"),
            Real("importance"),
            Flag("importance_given"),
            Real("confidence"),
            Bytes("slot"),
            Bytes("slot_key"),
            Flag("single_valued"),
            Bytes("text_key"),
            Bytes("instructions"),
            Number("status"),
            MovedColumn.Text("error"),
            Number("attempts"),
            Number("next_attempt_at"),
            Number("indexed_version"),
            Number("valid_from"),
            Number("valid_to"),
            Number("expires_at"),
            Id("superseded_by"),
            Number("superseded_at"),
            Number("state"),
            Number("confirmed_at"),
            Number("evidence"),
            Flag("inferred"),
            Real("boost"),
            Flag("kept_apart"),
            MovedColumn.Text("hold_reason"),
            Flag("extract"),
            Number("version"),
            Number("created_at"),
            Number("updated_at"))
        {
            IdOf = ById,
            NumberedBy = "seq",
        },
        new(
            "memory_sources",
            MemoryCollections.Sources,
            1,
            Id("id"),
            TenantId,
            OfMemory("owner_key"),
            Id("memory_id"),
            Id("message_id"),
            Flag("from_memory"),
            Id("conversation_key"),
            Bytes("conversation_id"),
            Number("quote_start"),
            Number("quote_length"),
            Bytes("quote"))
        {
            IdOf = row => MongoValues.Pair(row.Id("memory_id"), row.Id("message_id")),
        },
        new(
            "memory_history",
            MemoryCollections.History,
            2,
            Id("memory_id"),
            Number("version"),
            OfMemory("tenant_id"),
            OfMemory("owner_key"),
            Number("event"),
            Number("actor_kind"),
            Id("actor_id"),
            Bytes("old_text"),
            Bytes("new_text"),
            Number("at"),
            Number("valid_from"),
            Number("valid_to"))
        {
            IdOf = row => MongoValues.Pair(row.Id("memory_id"), (int)row.Number("version")),
        },
        new("memory_feedback", MemoryCollections.Feedback, 3, Id("memory_id"), Id("account_id"), Number("kind"), TenantId, Number("at"))
        {
            IdOf = row => MongoMemoryStore.FeedbackId(row.Id("memory_id"), row.Id("account_id"), (int)row.Number("kind")),
        },
        MovedTables.Counters("memory_usage", MemoryCollections.Usage, areMadeByTriggers: true, MongoMemoryWrite.Counted),
        new("subject_profiles", MemoryCollections.Profiles, 2, TenantId, SubjectKey, Number("changes"), Bytes("data"), Number("built_at"), Number("stale_since"))
        {
            IdOf = BySubject,
            IsMadeByTriggers = true,
        },
        new(
            "memory_tombstones",
            MemoryCollections.Tombstones,
            2,
            TenantId,
            Id("memory_id"),
            OwnerKey,
            Number("scope"),
            Number("version"),
            Number("deleted_at"),
            Bytes("text_key"))
        {
            IdOf = row => MongoValues.Pair(row.Id("tenant_id"), row.Id("memory_id")),
        },
        new(
            "memory_owners",
            MemoryCollections.Owners,
            2,
            TenantId,
            OwnerKey,
            Number("revision"),
            Number("forgotten_at"),
            Flag("changed") with { Sql = "t.revision <> t.consolidated" },

            // Documents say only whether a consolidation has anything to look at.
            Number("consolidated") with
            {
                Sql = "CASE WHEN t.revision = t.consolidated THEN t.revision ELSE 0 END",
                Column = "consolidated",
                IsField = false,
                Read = document => document.Bool("changed") ? 0L : document.Int64("revision"),
            })
        {
            IdOf = row => MongoValues.Pair(row.Id("tenant_id"), row.Id("owner_key")),
        },
        new("memory_settings", MemoryCollections.Settings, 2, TenantId, SubjectKey, Flag("opted_out"), Number("updated_at"), Categories("allowed_categories")) { IdOf = BySubject },
        new("extracted_messages", MemoryCollections.Extracted, 2, TenantId, Id("message_id"), Number("version"), Flag("deleted"), Number("at"))
        {
            IdOf = row => MongoValues.Pair(row.Id("tenant_id"), row.Id("message_id")),
        },
        new("deleted_conversations", MemoryCollections.ClosedConversations, 2, TenantId, Id("conversation_key"), Number("deleted_at"))
        {
            IdOf = row => MongoValues.Pair(row.Id("tenant_id"), row.Id("conversation_key")),
        },
        new(
            "memory_extractions",
            MemoryCollections.Extractions,
            1,
            Key("id"),
            TenantId,
            OwnerKey,
            Number("scope"),
            Id("source_id"),
            Flag("from_memory"),
            Number("source_version"),
            Id("conversation_key"),
            Number("outcome"),
            MovedColumn.Text("reason"),
            Id("memory_id"),
            Id("other_id"),
            MovedColumn.Text("category"),
            MovedColumn.Text("extractor"),
            Number("input_tokens"),
            Number("output_tokens"),
            Number("cost_micros"),
            Number("elapsed_micros"),
            Number("at"))
        {
            IdOf = ById,
        },
        new("memory_consents", MemoryCollections.Consents, 1, Key("id"), TenantId, OwnerKey, MovedColumn.Text("category"), Id("message_id"), Id("memory_id"), Number("at")) { IdOf = ById },
        new("memory_policies", MemoryCollections.Policies, 1, TenantId, Flag("review_inferred"), Categories("allowed_categories"), Number("version"), Number("updated_at")) { IdOf = ByTenant },
        new(
            "memory_consolidations",
            MemoryCollections.Consolidations,
            1,
            Key("id"),
            TenantId,
            Id("requested_by"),
            Flag("dry_run"),
            Number("state"),
            Number("requested_at"),
            Number("started_at"),
            Number("finished_at"),
            Id("cursor"),
            Id("lease_id"),
            Number("lease_until"),
            Number("owners"),
            Number("failed"),
            Number("merged"),
            Number("superseded"),
            Number("expired"),
            Number("promoted"),
            Number("approved"))
        {
            IdOf = ById,
        },
        new(
            "memory_consolidation_changes",
            MemoryCollections.ConsolidationChanges,
            1,
            Key("id"),
            Id("run_id"),
            TenantId,
            OwnerKey,
            Number("scope"),
            Number("change"),
            Id("memory_id"),
            Id("into_id"))
        {
            IdOf = ById,
        },
        new("subject_preferences", MemoryCollections.Preferences, 2, TenantId, SubjectKey, Number("version"), Bytes("data"), Number("updated_at")) { IdOf = BySubject },
        new("conversation_summaries", MemoryCollections.Summaries, 3, TenantId, Id("conversation_key"), SubjectKey, Number("version"), Bytes("data"), Number("updated_at"))
        {
            IdOf = row => MongoSummaryStore.IdOf(row.Id("tenant_id"), row.Id("conversation_key"), row.Id("subject_key")),
        },
        MovedTables.Counters("llm_usage", MemoryCollections.LlmUsage, areMadeByTriggers: false, MongoLlmStore.Counted),
        new("extraction_settings", MemoryCollections.ExtractionSettings, 1, TenantId, Number("version"), Bytes("data"), Number("updated_at")) { IdOf = ByTenant },
        new(
            "core_blocks",
            MemoryCollections.Blocks,
            1,
            Key("id"),
            TenantId,
            Number("scope"),
            OwnerKey,
            Bytes("user_id"),
            Id("label_key"),
            Bytes("label"),
            Bytes("description"),
            Bytes("text"),
            Number("max_characters"),
            Flag("read_only"),
            Number("version"),
            Number("created_at"),
            Number("updated_at"))
        {
            IdOf = ById,
        },
        new("core_block_versions", MemoryCollections.BlockVersions, 2, Id("block_id"), Number("version"), TenantId, OwnerKey, Id("changed_by"), Bytes("text"), Number("at"))
        {
            IdOf = row => MongoValues.Pair(row.Id("block_id"), (int)row.Number("version")),
        },
        MovedTables.Answers,
    ];

    private static BsonValue ById(MovedRow row) => row.Id("id").Bson();

    private static BsonValue ByTenant(MovedRow row) => row.Id("tenant_id").Bson();

    private static BsonValue BySubject(MovedRow row) => MongoValues.Pair(row.Id("tenant_id"), row.Id("subject_key"));

    /// <summary>What a document has of its memory, so that one filter keeps to tenant and owner.</summary>
    private static MovedColumn OfMemory(string name) => Id(name) with { Sql = $"(SELECT m.{name} FROM memories m WHERE m.id = t.memory_id)" };

    private static MovedColumn Categories(string name) => MovedColumn.Text(name) with
    {
        Write = value => MongoMemory.Of(SqliteMemoryPolicies.FromJson((string)value)),
        Read = document => SqliteMemoryPolicies.ToJson(MongoMemory.Categories(document, name)),
    };
}

using MemoryMesh.ServiceDefaults.Storage.Mongo;

namespace MemoryMesh.Memory.Storage.Mongo;

/// <summary>
/// The collections of the Memory service. Their documents have the fields of the tables of the same names, and <c>tenant_id</c> and <c>owner_key</c> where those have neither, so that
/// one filter keeps to the tenant and the owner.
/// </summary>
internal static class MemoryCollections
{
    /// <summary>
    /// By id. Beside the columns <c>seq</c>, the order in which they were stored, and <c>from_memories</c>, how many of its sources are added memories.
    /// </summary>
    public const string Memories = "memories";

    /// <summary>By memory and message; <c>id</c> rises with the order in which they were added.</summary>
    public const string Sources = "memory_sources";

    /// <summary>By memory and version.</summary>
    public const string History = "memory_history";

    /// <summary>By tenant and memory.</summary>
    public const string Tombstones = "memory_tombstones";

    /// <summary>By tenant and owner; <c>changed</c> says whether the revision is another than the one that a consolidation left.</summary>
    public const string Owners = "memory_owners";

    /// <summary>By tenant and subject.</summary>
    public const string Settings = "memory_settings";

    /// <summary>By tenant and message.</summary>
    public const string Extracted = "extracted_messages";

    /// <summary>By tenant and conversation.</summary>
    public const string ClosedConversations = "deleted_conversations";

    /// <summary>By id.</summary>
    public const string Extractions = "memory_extractions";

    /// <summary>By id.</summary>
    public const string Consents = "memory_consents";

    /// <summary>By memory, account and kind.</summary>
    public const string Feedback = "memory_feedback";

    /// <summary>By tenant.</summary>
    public const string Policies = "memory_policies";

    /// <summary>By id.</summary>
    public const string Consolidations = "memory_consolidations";

    /// <summary>By id.</summary>
    public const string ConsolidationChanges = "memory_consolidation_changes";

    /// <summary>Counters by tenant, level and bucket.</summary>
    public const string Usage = "memory_usage";

    /// <summary>By tenant and subject.</summary>
    public const string Profiles = "subject_profiles";

    /// <summary>By tenant and subject.</summary>
    public const string Preferences = "subject_preferences";

    /// <summary>By tenant, conversation and subject.</summary>
    public const string Summaries = "conversation_summaries";

    /// <summary>Counters by tenant, level and bucket.</summary>
    public const string LlmUsage = "llm_usage";

    /// <summary>By tenant.</summary>
    public const string ExtractionSettings = "extraction_settings";

    /// <summary>By id.</summary>
    public const string Blocks = "core_blocks";

    /// <summary>By block and version.</summary>
    public const string BlockVersions = "core_block_versions";

    /// <summary>What each erasure deleted, until its receipt is written and after.</summary>
    public const string Erasures = MongoErasures.Collection;

    public static readonly IReadOnlyList<MongoCollectionPlan> All =
    [
        new(
            Memories,
            MongoCollectionPlan.Keys("tenant_id", "owner_key", "valid_to", "updated_at", "_id"),
            MongoCollectionPlan.Keys("tenant_id", "owner_key", "text_key"),
            MongoCollectionPlan.Keys("tenant_id", "owner_key", "slot_key"),
            MongoCollectionPlan.Keys("tenant_id", "owner_key", "category", "valid_to"),
            MongoCollectionPlan.Keys("tenant_id", "owner_key", "state", "created_at"),
            MongoCollectionPlan.Keys("tenant_id", "owner_key", "seq"),
            MongoCollectionPlan.Keys("tenant_id", "created_at"),
            MongoCollectionPlan.Keys("tenant_id", "_id"),
            MongoCollectionPlan.Keys("tenant_id", "superseded_by"),
            MongoCollectionPlan.Keys("next_attempt_at"),
            MongoCollectionPlan.Keys("valid_to", "expires_at")),
        new(
            Sources,
            MongoCollectionPlan.Keys("tenant_id", "memory_id"),
            MongoCollectionPlan.Keys("tenant_id", "message_id"),
            MongoCollectionPlan.Keys("tenant_id", "conversation_key"),
            MongoCollectionPlan.Keys("tenant_id", "owner_key", "id")),
        new(History, MongoCollectionPlan.Keys("tenant_id", "memory_id", "version"), MongoCollectionPlan.Keys("tenant_id", "owner_key", "at")),
        new(
            Tombstones,
            MongoCollectionPlan.Keys("memory_id"),
            MongoCollectionPlan.Keys("tenant_id", "owner_key", "text_key"),
            MongoCollectionPlan.Keys("deleted_at")),
        new(Owners, MongoCollectionPlan.Keys("tenant_id", "owner_key"), MongoCollectionPlan.Keys("changed", "tenant_id")) { Last = true },
        new(Settings, MongoCollectionPlan.Keys("tenant_id")),
        new(Extracted, MongoCollectionPlan.Keys("tenant_id"), MongoCollectionPlan.Keys("deleted", "at")),
        new(ClosedConversations, MongoCollectionPlan.Keys("tenant_id"), MongoCollectionPlan.Keys("deleted_at")),
        new(
            Extractions,
            MongoCollectionPlan.Keys("tenant_id", "_id"),
            MongoCollectionPlan.Keys("tenant_id", "owner_key", "_id"),
            MongoCollectionPlan.Keys("tenant_id", "source_id"),
            MongoCollectionPlan.Keys("at")),
        new(Consents, MongoCollectionPlan.Keys("tenant_id", "_id"), MongoCollectionPlan.Keys("tenant_id", "owner_key", "_id")),
        new(Feedback, MongoCollectionPlan.Keys("tenant_id", "memory_id")),
        new(Policies),
        new(Consolidations, MongoCollectionPlan.Keys("tenant_id", "_id"), MongoCollectionPlan.Keys("finished_at", "_id")),
        new(ConsolidationChanges, MongoCollectionPlan.Keys("tenant_id", "run_id", "_id"), MongoCollectionPlan.Keys("tenant_id", "owner_key")),
        MongoUsage.PlanOf(Usage),
        new(Profiles, MongoCollectionPlan.Keys("tenant_id"), MongoCollectionPlan.Keys("stale_since")) { Last = true },
        new(Preferences, MongoCollectionPlan.Keys("tenant_id")),
        new(Summaries, MongoCollectionPlan.Keys("tenant_id", "conversation_key"), MongoCollectionPlan.Keys("tenant_id", "subject_key")),
        MongoUsage.PlanOf(LlmUsage),
        new(ExtractionSettings),
        new(Blocks, MongoCollectionPlan.Keys("tenant_id", "owner_key")),
        new(BlockVersions, MongoCollectionPlan.Keys("tenant_id", "block_id", "version"), MongoCollectionPlan.Keys("tenant_id", "owner_key")),
        new(Erasures),
        MongoIdempotency.Plan,
    ];
}

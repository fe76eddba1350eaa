using MemoryMesh.ServiceDefaults.Storage.Mongo;

namespace MemoryMesh.Chat.Storage.Mongo;

/// <summary>The collections of the Chat service. Their documents have the fields of the tables of the same names.</summary>
internal static class ChatCollections
{
    /// <summary>By tenant and key; <c>name</c>, <c>user_id</c>, <c>title</c> and <c>metadata</c> are sealed with the key of the conversation's subject.</summary>
    public const string Conversations = "conversations";

    /// <summary>By id; the texts are sealed with the key of the message's subject. <c>owner_key</c> is the conversation's subject, which never changes.</summary>
    public const string Messages = "messages";

    /// <summary>Counters by tenant, level and bucket.</summary>
    public const string Usage = "message_usage";

    /// <summary>A small number for each subject of a tenant, for the sets of <see cref="Activity"/>.</summary>
    public const string Subjects = "usage_subjects";

    /// <summary>Which subjects have a message in a bucket.</summary>
    public const string Activity = "subject_activity";

    /// <summary>How many conversations a tenant has, and how many numbers its subjects got.</summary>
    public const string Counts = "conversation_counts";

    /// <summary>What each erasure deleted, until its receipt is written and after.</summary>
    public const string Erasures = MongoErasures.Collection;

    public static readonly IReadOnlyList<MongoCollectionPlan> All =
    [
        new(
            Conversations,
            MongoCollectionPlan.Keys("tenant_id", "activity_at", "conversation_key"),
            MongoCollectionPlan.Keys("tenant_id", "subject_key", "activity_at", "conversation_key")),
        new(
            Messages,
            MongoCollectionPlan.Keys("tenant_id", "conversation_key", "created_at", "seq"),
            MongoCollectionPlan.Keys("tenant_id", "conversation_key", "thread_root", "created_at", "seq"),
            MongoCollectionPlan.Keys("tenant_id", "created_at", "archived", "role", "importance", "conversation_key", "tokens"),
            MongoCollectionPlan.Keys("tenant_id", "subject_key", "seq")),
        MongoUsage.PlanOf(Usage),
        new(Subjects, MongoCollectionPlan.Keys("tenant_id")),
        new(Activity, MongoCollectionPlan.Keys("tenant_id", "level", "bucket")),
        new(Counts),
        new(Erasures),
        MongoIdempotency.Plan,
    ];
}

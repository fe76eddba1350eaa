using System.Collections.ObjectModel;

namespace MemoryMesh.Contracts.Events;

/// <summary>A durable queue: its name and the events it takes. Every publisher declares every queue before it publishes.</summary>
/// <param name="Name">Queue name, service first.</param>
/// <param name="Service">Service that consumes it.</param>
/// <param name="EventTypes">Events it takes, in no order.</param>
public sealed record Subscription(string Name, string Service, IReadOnlyList<Type> EventTypes);

/// <summary>All queues and event types of the system. A publisher must know them: an event that no queue takes would be lost.</summary>
public static class Subscriptions
{
    /// <summary>Search keeps its index level with messages and memories.</summary>
    public static readonly Subscription SearchIndex = new(
        "search-index",
        "search",
        [typeof(MessageStored), typeof(MessageUpdated), typeof(MessageDeleted), typeof(ConversationDeleted), typeof(MemoryChanged)]);

    /// <summary>Memory draws long-term facts from messages and forgets the provenance of deleted ones.</summary>
    public static readonly Subscription MemoryExtraction = new(
        "memory-extraction",
        "memory",
        [typeof(MessageStored), typeof(MessageUpdated), typeof(MessageDeleted), typeof(ConversationDeleted)]);

    /// <summary>Memory marks a memory completed when it can be found.</summary>
    public static readonly Subscription MemoryStatus = new("memory-status", "memory", [typeof(MemoryIndexed)]);

    /// <summary>Chat erases subjects, and announces anew what was written for one meanwhile.</summary>
    public static readonly Subscription ChatErasure = new("chat-erasure", "chat", [typeof(SubjectErasureRequested), typeof(SubjectErased)]);

    /// <summary>Memory erases subjects, and announces anew what was written for one meanwhile.</summary>
    public static readonly Subscription MemoryErasure = new("memory-erasure", "memory", [typeof(SubjectErasureRequested), typeof(SubjectErased)]);

    /// <summary>Search erases subjects.</summary>
    public static readonly Subscription SearchErasure = new("search-erasure", "search", [typeof(SubjectErasureRequested)]);

    /// <summary>Retention erases what it keeps about subjects.</summary>
    public static readonly Subscription RetentionErasure = new("retention-erasure", "retention", [typeof(SubjectErasureRequested)]);

    /// <summary>Retention takes erasures to their next step.</summary>
    public static readonly Subscription ErasureProgress = new("retention-erasure-progress", "retention", [typeof(ServiceErased)]);

    /// <summary>Retention has deleted tenants erased.</summary>
    public static readonly Subscription DeletedTenants = new("retention-deleted-tenants", "retention", [typeof(TenantDeleted)]);

    /// <summary>Auth keeps the audit log of all services.</summary>
    public static readonly Subscription Audit = new("auth-audit", "auth", [typeof(AuditRecorded)]);

    /// <summary>Every queue.</summary>
    public static readonly ReadOnlyCollection<Subscription> All = new(
        [SearchIndex, MemoryExtraction, MemoryStatus, ChatErasure, MemoryErasure, SearchErasure, RetentionErasure, ErasureProgress, DeletedTenants, Audit]);

    /// <summary>Events for whoever listens at the moment, such as live updates: no durable queue takes them, and where nobody listens they are gone.</summary>
    public static readonly ReadOnlyCollection<Type> Notices = new([typeof(MessagesIndexed), typeof(RetentionRunFinished)]);

    /// <summary>Every event type, by its wire name (the type's full name).</summary>
    public static readonly ReadOnlyDictionary<string, Type> EventTypes =
        new(All.SelectMany(s => s.EventTypes).Concat(Notices).Distinct().ToDictionary(type => type.FullName!));
}

using System.Text.Json;
using MemoryMesh.Contracts.Events;
using MemoryMesh.Contracts.Memory;
using MemoryMesh.ServiceDefaults.Messaging;

namespace MemoryMesh.Gateway.Live;

/// <summary>Names of the events that clients see.</summary>
internal static class LiveTypes
{
    public const string MessageStored = "message.stored";
    public const string MessageUpdated = "message.updated";
    public const string MessageDeleted = "message.deleted";
    public const string MessageIndexed = "message.indexed";
    public const string ConversationDeleted = "conversation.deleted";
    public const string MemoryChanged = "memory.changed";
    public const string RetentionFinished = "retention.finished";
    public const string ErasureRequested = "erasure.requested";
    public const string ErasureCompleted = "erasure.completed";

    /// <summary>Tells a client that events went by unseen: not chosen with <c>types</c>.</summary>
    public const string Reset = "reset";

    /// <summary>All that can be chosen.</summary>
    public static readonly IReadOnlyList<string> All =
        [MessageStored, MessageUpdated, MessageDeleted, MessageIndexed, ConversationDeleted, MemoryChanged, RetentionFinished, ErasureRequested, ErasureCompleted];
}

/// <summary>An event of one tenant as live connections show it: ids, versions and times, no text.</summary>
internal abstract partial class LiveEvent
{
    private LiveEvent(string type, Guid tenantId, DateTimeOffset at)
    {
        Type = type;
        TenantId = tenantId;
        At = at;
    }

    /// <summary>One of <see cref="LiveTypes"/>.</summary>
    public string Type { get; }

    /// <summary>The tenant.</summary>
    public Guid TenantId { get; }

    /// <summary>When the change was made.</summary>
    public DateTimeOffset At { get; }

    /// <summary>The message that a client may want the content of.</summary>
    public virtual Guid? ContentOf => null;

    /// <summary>Which source it is of, and its place there; -1 for what the Gateway itself tells.</summary>
    public int Source { get; private init; } = -1;

    /// <summary>The place in its source.</summary>
    public long Position { get; private init; }

    /// <summary>How far every source had come with this event.</summary>
    public long[] Reached { get; private set; } = [];

    /// <summary>What clients see of an event; null when they see nothing of it.</summary>
    public static LiveEvent? From(PassingEvent item, int source)
    {
        var (at, position) = (item.OccurredAt, item.Position);
        return item.Event switch
        {
            MessageStored stored => new OfMessage(LiveTypes.MessageStored, stored.TenantId, at, stored.SubjectKey, stored.ConversationKey, stored.MessageId, stored.Version)
            {
                Source = source, Position = position,
            },
            MessageUpdated updated => new OfMessage(LiveTypes.MessageUpdated, updated.TenantId, at, updated.SubjectKey, updated.ConversationKey, updated.MessageId, updated.Version)
            {
                Source = source, Position = position,
            },
            MessageDeleted deleted => new OfMessage(LiveTypes.MessageDeleted, deleted.TenantId, at, deleted.SubjectKey, deleted.ConversationKey, deleted.MessageId, null)
            {
                Source = source, Position = position,
            },
            MessagesIndexed indexed => new OfIndexing(indexed.TenantId, at, indexed) { Source = source, Position = position },
            ConversationDeleted deleted => new OfConversation(deleted.TenantId, at, deleted.SubjectKey, deleted.ConversationKey) { Source = source, Position = position },
            MemoryChanged changed => new OfMemory(changed.TenantId, at, changed.OwnerKey, changed.MemoryId, changed.Change, changed.Version)
            {
                Source = source, Position = position,
            },
            RetentionRunFinished run => new OfRun(run.TenantId, at, run.RunId, run.Completed, run.Archive, run.Messages, run.Memories)
            {
                Source = source, Position = position,
            },

            // Each service is asked in its turn; a client is told once.
            SubjectErasureRequested requested when requested.Service == ErasureSteps.All[0]
                => new OfErasure(LiveTypes.ErasureRequested, requested.TenantId, at, requested.SubjectKey, requested.ErasureId) { Source = source, Position = position },
            SubjectErased erased => new OfErasure(LiveTypes.ErasureCompleted, erased.TenantId, at, erased.SubjectKey, erased.ErasureId) { Source = source, Position = position },
            _ => null,
        };
    }

    /// <summary>Tells every client of a tenant that events went by unseen.</summary>
    public static LiveEvent Reset(Guid tenantId, DateTimeOffset now, long[] reached) => new OfReset(tenantId, now) { Reached = reached };

    /// <summary>Packs what <see cref="EventPacker"/> does not keep itself.</summary>
    public void Pack(EventPacker to) => PackContent(to);

    /// <summary>An event as it was before it was packed.</summary>
    public static LiveEvent Unpack(ref EventPacker.Reader from, string type, Guid tenantId, DateTimeOffset at, int source, long position) => type switch
    {
        LiveTypes.MessageStored or LiveTypes.MessageUpdated => new OfMessage(type, tenantId, at, from.Key(), from.Key(), from.Id(), (int)from.Number())
        {
            Source = source, Position = position,
        },
        LiveTypes.MessageDeleted => new OfMessage(type, tenantId, at, from.Key(), from.Key(), from.Id(), null) { Source = source, Position = position },
        LiveTypes.MessageIndexed => new OfIndexing(tenantId, at, ref from) { Source = source, Position = position },
        LiveTypes.ConversationDeleted => new OfConversation(tenantId, at, from.Key() is var key && key == Guid.Empty ? null : key, from.Key()) { Source = source, Position = position },
        LiveTypes.MemoryChanged => new OfMemory(tenantId, at, from.Key(), from.Id(), from.Text(), (int)from.Number()) { Source = source, Position = position },
        LiveTypes.RetentionFinished => new OfRun(tenantId, at, from.Id(), from.Number() > 0, from.Number() > 0, from.Number(), from.Number())
        {
            Source = source, Position = position,
        },
        LiveTypes.ErasureRequested or LiveTypes.ErasureCompleted => new OfErasure(type, tenantId, at, from.Key(), from.Id()) { Source = source, Position = position },
        _ => new OfReset(tenantId, at) { Source = source, Position = position },
    };

    /// <summary>Sets how far every source had come.</summary>
    public LiveEvent With(long[] reached)
    {
        Reached = reached;
        return this;
    }

    /// <summary>Whether a client sees it.</summary>
    public bool IsSeenBy(LiveView view) => view.Wants(Type) && IsOf(view);

    /// <summary>Writes what a client sees, but its number and its place in the stream.</summary>
    public void Write(LiveView view, Utf8JsonWriter json)
    {
        json.WriteString("at", At.UtcDateTime);
        WriteContent(view, json);
    }

    /// <summary>Whether it is of something that the client may see.</summary>
    protected abstract bool IsOf(LiveView view);

    /// <summary>Writes the fields of this kind of event.</summary>
    protected abstract void WriteContent(LiveView view, Utf8JsonWriter json);

    /// <summary>Packs the fields of this kind of event, as <see cref="Unpack"/> reads them.</summary>
    protected abstract void PackContent(EventPacker to);
}

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
internal sealed class LiveEvent
{
    private readonly Func<LiveView, bool> _isSeenBy;
    private readonly Action<LiveView, Utf8JsonWriter> _write;

    private LiveEvent(string type, Guid tenantId, DateTimeOffset at, Func<LiveView, bool> isSeenBy, Action<LiveView, Utf8JsonWriter> write)
    {
        Type = type;
        TenantId = tenantId;
        At = at;
        _isSeenBy = isSeenBy;
        _write = write;
    }

    /// <summary>One of <see cref="LiveTypes"/>.</summary>
    public string Type { get; }

    /// <summary>The tenant.</summary>
    public Guid TenantId { get; }

    /// <summary>When the change was made.</summary>
    public DateTimeOffset At { get; }

    /// <summary>The message that a client may want the content of.</summary>
    public Guid? ContentOf { get; private init; }

    /// <summary>Which source it is of, and its place there; -1 for what the Gateway itself tells.</summary>
    public int Source { get; init; } = -1;

    /// <summary>The place in its source.</summary>
    public long Position { get; init; }

    /// <summary>How far every source had come with this event.</summary>
    public long[] Reached { get; private set; } = [];

    /// <summary>Whether it is no longer kept.</summary>
    public bool Forgotten { get; set; }

    /// <summary>What clients see of an event; null when they see nothing of it.</summary>
    public static LiveEvent? From(PassingEvent item, int source) => item.Event switch
    {
        MessageStored stored => Message(
            LiveTypes.MessageStored, item, source, stored.TenantId, stored.SubjectKey, stored.ConversationKey, stored.MessageId, stored.Version),
        MessageUpdated updated => Message(
            LiveTypes.MessageUpdated, item, source, updated.TenantId, updated.SubjectKey, updated.ConversationKey, updated.MessageId, updated.Version),
        MessageDeleted deleted => Message(
            LiveTypes.MessageDeleted, item, source, deleted.TenantId, deleted.SubjectKey, deleted.ConversationKey, deleted.MessageId, null),
        MessagesIndexed indexed => new(
            LiveTypes.MessageIndexed,
            indexed.TenantId,
            item.OccurredAt,
            view => indexed.Messages.Any(message => view.SeesMessage(message.SubjectKey, message.ConversationKey)),
            (view, json) => WriteIndexed(view, json, indexed))
        {
            Source = source, Position = item.Position,
        },
        ConversationDeleted deleted => new(
            LiveTypes.ConversationDeleted,
            deleted.TenantId,
            item.OccurredAt,
            view => view.SeesConversation(deleted.SubjectKey, deleted.ConversationKey),
            (view, json) => view.WriteNames(json, deleted.SubjectKey, deleted.ConversationKey))
        {
            Source = source, Position = item.Position,
        },
        MemoryChanged changed => new(
            LiveTypes.MemoryChanged,
            changed.TenantId,
            item.OccurredAt,
            view => view.SeesMemory(changed.OwnerKey),
            (view, json) => WriteMemory(view, json, changed))
        {
            Source = source, Position = item.Position,
        },
        RetentionRunFinished run => new(
            LiveTypes.RetentionFinished, run.TenantId, item.OccurredAt, view => view.SeesTenant, (_, json) => WriteRun(json, run))
        {
            Source = source, Position = item.Position,
        },

        // Each service is asked in its turn; a client is told once.
        SubjectErasureRequested requested when requested.Service == ErasureSteps.All[0] => Erasure(
            LiveTypes.ErasureRequested, item, source, requested.TenantId, requested.SubjectKey, requested.ErasureId),
        SubjectErased erased => Erasure(LiveTypes.ErasureCompleted, item, source, erased.TenantId, erased.SubjectKey, erased.ErasureId),
        _ => null,
    };

    /// <summary>Tells every client of a tenant that events went by unseen.</summary>
    public static LiveEvent Reset(Guid tenantId, DateTimeOffset now, long[] reached)
        => new(LiveTypes.Reset, tenantId, now, _ => true, (_, _) => { }) { Reached = reached };

    /// <summary>Sets how far every source had come.</summary>
    public LiveEvent With(long[] reached)
    {
        Reached = reached;
        return this;
    }

    /// <summary>Whether a client sees it.</summary>
    public bool IsSeenBy(LiveView view) => view.Wants(Type) && _isSeenBy(view);

    /// <summary>Writes what a client sees, but its number and its place in the stream.</summary>
    public void Write(LiveView view, Utf8JsonWriter json)
    {
        json.WriteString("at", At.UtcDateTime);
        _write(view, json);
    }

    private static LiveEvent Message(
        string type, PassingEvent item, int source, Guid tenantId, Guid subjectKey, Guid conversationKey, Guid messageId, int? version)
        => new(
            type,
            tenantId,
            item.OccurredAt,
            view => view.SeesMessage(subjectKey, conversationKey),
            (view, json) =>
            {
                json.WriteString("message_id", messageId);
                if (version is { } number)
                {
                    json.WriteNumber("version", number);
                }

                view.WriteNames(json, subjectKey, conversationKey);
            })
        {
            Source = source, Position = item.Position, ContentOf = version is null ? null : messageId,
        };

    private static LiveEvent Erasure(string type, PassingEvent item, int source, Guid tenantId, Guid subjectKey, Guid erasureId)
        => new(
            type,
            tenantId,
            item.OccurredAt,
            view => view.SeesPerson(subjectKey),
            (view, json) =>
            {
                json.WriteString("erasure_id", erasureId);
                view.WriteNames(json, subjectKey, null);
            })
        {
            Source = source, Position = item.Position,
        };

    private static void WriteIndexed(LiveView view, Utf8JsonWriter json, MessagesIndexed indexed)
    {
        json.WriteStartArray("messages");
        foreach (var message in indexed.Messages.Where(message => view.SeesMessage(message.SubjectKey, message.ConversationKey)))
        {
            json.WriteStartObject();
            json.WriteString("message_id", message.MessageId);
            json.WriteNumber("version", message.Version);
            view.WriteNames(json, message.SubjectKey, message.ConversationKey);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteMemory(LiveView view, Utf8JsonWriter json, MemoryChanged changed)
    {
        json.WriteString("memory_id", changed.MemoryId);
        json.WriteString("change", changed.Change);
        json.WriteNumber("version", changed.Version);
        var scope = view.ScopeOf(changed.OwnerKey);
        json.WriteString("scope", scope);
        if (scope == MemoryScopes.Team)
        {
            json.WriteString("team_id", changed.OwnerKey);
        }
        else if (scope == MemoryScopes.User)
        {
            view.WriteNames(json, changed.OwnerKey, null);
        }
    }

    private static void WriteRun(Utf8JsonWriter json, RetentionRunFinished run)
    {
        json.WriteString("run_id", run.RunId);
        json.WriteString("status", run.Completed ? "completed" : "failed");
        json.WriteString("action", run.Archive ? "archive" : "delete");
        json.WriteNumber("messages", run.Messages);
        json.WriteNumber("memories", run.Memories);
    }
}

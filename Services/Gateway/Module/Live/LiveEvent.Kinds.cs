using System.Text.Json;
using MemoryMesh.Contracts.Events;
using MemoryMesh.Contracts.Memory;

namespace MemoryMesh.Gateway.Live;

internal abstract partial class LiveEvent
{
    /// <summary>A message was stored, changed or, without a version, deleted.</summary>
    private sealed class OfMessage(string type, Guid tenantId, DateTimeOffset at, Guid subjectKey, Guid conversationKey, Guid messageId, int? version)
        : LiveEvent(type, tenantId, at)
    {
        public override Guid? ContentOf => version is null ? null : messageId;

        protected override bool IsOf(LiveView view) => view.SeesMessage(subjectKey, conversationKey);

        protected override void WriteContent(LiveView view, Utf8JsonWriter json)
        {
            json.WriteString("message_id", messageId);
            if (version is { } number)
            {
                json.WriteNumber("version", number);
            }

            view.WriteNames(json, subjectKey, conversationKey);
        }
    }

    /// <summary>Messages can be found.</summary>
    private sealed class OfIndexing(DateTimeOffset at, MessagesIndexed indexed) : LiveEvent(LiveTypes.MessageIndexed, indexed.TenantId, at)
    {
        private readonly IReadOnlyList<IndexedMessage> _messages = indexed.Messages;

        protected override bool IsOf(LiveView view) => _messages.Any(message => Sees(view, message));

        protected override void WriteContent(LiveView view, Utf8JsonWriter json)
        {
            json.WriteStartArray("messages");
            foreach (var message in _messages.Where(message => Sees(view, message)))
            {
                json.WriteStartObject();
                json.WriteString("message_id", message.MessageId);
                json.WriteNumber("version", message.Version);
                view.WriteNames(json, message.SubjectKey, message.ConversationKey);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        private static bool Sees(LiveView view, IndexedMessage message) => view.SeesMessage(message.SubjectKey, message.ConversationKey);
    }

    private sealed class OfConversation(DateTimeOffset at, ConversationDeleted deleted) : LiveEvent(LiveTypes.ConversationDeleted, deleted.TenantId, at)
    {
        protected override bool IsOf(LiveView view) => view.SeesConversation(deleted.SubjectKey, deleted.ConversationKey);

        protected override void WriteContent(LiveView view, Utf8JsonWriter json) => view.WriteNames(json, deleted.SubjectKey, deleted.ConversationKey);
    }

    private sealed class OfMemory(DateTimeOffset at, MemoryChanged changed) : LiveEvent(LiveTypes.MemoryChanged, changed.TenantId, at)
    {
        protected override bool IsOf(LiveView view) => view.SeesMemory(changed.OwnerKey);

        protected override void WriteContent(LiveView view, Utf8JsonWriter json)
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
    }

    /// <summary>A run of retention has ended.</summary>
    private sealed class OfRun(DateTimeOffset at, RetentionRunFinished run) : LiveEvent(LiveTypes.RetentionFinished, run.TenantId, at)
    {
        protected override bool IsOf(LiveView view) => view.SeesTenant;

        protected override void WriteContent(LiveView view, Utf8JsonWriter json)
        {
            json.WriteString("run_id", run.RunId);
            json.WriteString("status", run.Completed ? "completed" : "failed");
            json.WriteString("action", run.Archive ? "archive" : "delete");
            json.WriteNumber("messages", run.Messages);
            json.WriteNumber("memories", run.Memories);
        }
    }

    /// <summary>The erasure of a subject began or ended.</summary>
    private sealed class OfErasure(string type, Guid tenantId, DateTimeOffset at, Guid subjectKey, Guid erasureId) : LiveEvent(type, tenantId, at)
    {
        protected override bool IsOf(LiveView view) => view.SeesPerson(subjectKey);

        protected override void WriteContent(LiveView view, Utf8JsonWriter json)
        {
            json.WriteString("erasure_id", erasureId);
            view.WriteNames(json, subjectKey, null);
        }
    }

    private sealed class OfReset(Guid tenantId, DateTimeOffset at) : LiveEvent(LiveTypes.Reset, tenantId, at)
    {
        protected override bool IsOf(LiveView view) => true;

        protected override void WriteContent(LiveView view, Utf8JsonWriter json)
        {
        }
    }
}

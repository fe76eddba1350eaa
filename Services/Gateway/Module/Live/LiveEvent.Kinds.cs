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
    /// <remarks>Of hundreds that were indexed together most are of one conversation, so its keys are kept once for each run of them.</remarks>
    private sealed class OfIndexing : LiveEvent
    {
        private readonly (Guid Id, int Version)[] _messages;
        private readonly (Guid SubjectKey, Guid ConversationKey, int End)[] _runs;

        public OfIndexing(DateTimeOffset at, MessagesIndexed indexed)
            : base(LiveTypes.MessageIndexed, indexed.TenantId, at)
        {
            _messages = [.. indexed.Messages.Select(message => (message.MessageId, message.Version))];
            var runs = new List<(Guid SubjectKey, Guid ConversationKey, int End)>();
            foreach (var message in indexed.Messages)
            {
                var end = 1;
                if (runs.Count > 0)
                {
                    end += runs[^1].End;
                    if ((runs[^1].SubjectKey, runs[^1].ConversationKey) == (message.SubjectKey, message.ConversationKey))
                    {
                        runs.RemoveAt(runs.Count - 1);
                    }
                }

                runs.Add((message.SubjectKey, message.ConversationKey, end));
            }

            _runs = [.. runs];
        }

        protected override bool IsOf(LiveView view) => _runs.Any(run => view.SeesMessage(run.SubjectKey, run.ConversationKey));

        protected override void WriteContent(LiveView view, Utf8JsonWriter json)
        {
            json.WriteStartArray("messages");
            var at = 0;
            foreach (var (subjectKey, conversationKey, end) in _runs)
            {
                if (!view.SeesMessage(subjectKey, conversationKey))
                {
                    at = end;
                }

                for (; at < end; at++)
                {
                    json.WriteStartObject();
                    json.WriteString("message_id", _messages[at].Id);
                    json.WriteNumber("version", _messages[at].Version);
                    view.WriteNames(json, subjectKey, conversationKey);
                    json.WriteEndObject();
                }
            }

            json.WriteEndArray();
        }
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

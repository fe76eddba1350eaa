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

        protected override void PackContent(EventPacker to)
        {
            to.Key(subjectKey);
            to.Key(conversationKey);
            to.Id(messageId);
            if (version is { } number)
            {
                to.Number(number);
            }
        }
    }

    /// <summary>Messages can be found.</summary>
    /// <remarks>Of hundreds that were indexed together most are of one conversation, so its keys are kept once for each run of them.</remarks>
    private sealed class OfIndexing : LiveEvent
    {
        private readonly (Guid Id, int Version)[] _messages;
        private readonly (Guid SubjectKey, Guid ConversationKey, int End)[] _runs;

        public OfIndexing(Guid tenantId, DateTimeOffset at, MessagesIndexed indexed)
            : base(LiveTypes.MessageIndexed, tenantId, at)
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

        public OfIndexing(Guid tenantId, DateTimeOffset at, ref EventPacker.Reader from)
            : base(LiveTypes.MessageIndexed, tenantId, at)
        {
            _runs = new (Guid, Guid, int)[from.Number()];
            foreach (ref var run in _runs.AsSpan())
            {
                run = (from.Key(), from.Key(), (int)from.Number());
            }

            _messages = new (Guid, int)[_runs.Length == 0 ? 0 : _runs[^1].End];
            foreach (ref var message in _messages.AsSpan())
            {
                message = (from.Id(), (int)from.Number());
            }
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

        protected override void PackContent(EventPacker to)
        {
            to.Number(_runs.Length);
            foreach (var (subjectKey, conversationKey, end) in _runs)
            {
                to.Key(subjectKey);
                to.Key(conversationKey);
                to.Number(end);
            }

            foreach (var (id, version) in _messages)
            {
                to.Id(id);
                to.Number(version);
            }
        }
    }

    private sealed class OfConversation(Guid tenantId, DateTimeOffset at, Guid? subjectKey, Guid conversationKey) : LiveEvent(LiveTypes.ConversationDeleted, tenantId, at)
    {
        protected override bool IsOf(LiveView view) => view.SeesConversation(subjectKey, conversationKey);

        protected override void WriteContent(LiveView view, Utf8JsonWriter json) => view.WriteNames(json, subjectKey, conversationKey);

        protected override void PackContent(EventPacker to)
        {
            to.Key(subjectKey ?? Guid.Empty);
            to.Key(conversationKey);
        }
    }

    private sealed class OfMemory(Guid tenantId, DateTimeOffset at, Guid ownerKey, Guid memoryId, string change, int version) : LiveEvent(LiveTypes.MemoryChanged, tenantId, at)
    {
        protected override bool IsOf(LiveView view) => view.SeesMemory(ownerKey);

        protected override void WriteContent(LiveView view, Utf8JsonWriter json)
        {
            json.WriteString("memory_id", memoryId);
            json.WriteString("change", change);
            json.WriteNumber("version", version);
            var scope = view.ScopeOf(ownerKey);
            json.WriteString("scope", scope);
            if (scope == MemoryScopes.Team)
            {
                json.WriteString("team_id", ownerKey);
            }
            else if (scope == MemoryScopes.User)
            {
                view.WriteNames(json, ownerKey, null);
            }
        }

        protected override void PackContent(EventPacker to)
        {
            to.Key(ownerKey);
            to.Id(memoryId);
            to.Text(change);
            to.Number(version);
        }
    }

    /// <summary>A run of retention has ended.</summary>
    private sealed class OfRun(Guid tenantId, DateTimeOffset at, Guid runId, bool isCompleted, bool isArchive, long messages, long memories)
        : LiveEvent(LiveTypes.RetentionFinished, tenantId, at)
    {
        protected override bool IsOf(LiveView view) => view.SeesTenant;

        protected override void WriteContent(LiveView view, Utf8JsonWriter json)
        {
            json.WriteString("run_id", runId);
            json.WriteString("status", isCompleted ? "completed" : "failed");
            json.WriteString("action", isArchive ? "archive" : "delete");
            json.WriteNumber("messages", messages);
            json.WriteNumber("memories", memories);
        }

        protected override void PackContent(EventPacker to)
        {
            to.Id(runId);
            to.Number(isCompleted ? 1 : 0);
            to.Number(isArchive ? 1 : 0);
            to.Number(messages);
            to.Number(memories);
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

        protected override void PackContent(EventPacker to)
        {
            to.Key(subjectKey);
            to.Id(erasureId);
        }
    }

    private sealed class OfReset(Guid tenantId, DateTimeOffset at) : LiveEvent(LiveTypes.Reset, tenantId, at)
    {
        protected override bool IsOf(LiveView view) => true;

        protected override void WriteContent(LiveView view, Utf8JsonWriter json)
        {
        }

        protected override void PackContent(EventPacker to)
        {
        }
    }
}

using System.Text;
using System.Text.Json;
using MemoryMesh.Chat.Endpoints;
using MemoryMesh.Chat.Storage;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Security;
using Microsoft.AspNetCore.Http.HttpResults;

namespace MemoryMesh.Chat.Features;

/// <summary>Replaces content, metadata and importance of messages, one or a batch.</summary>
internal sealed class UpdateMessages(FindMessages findMessages, IConversationStore store, TimeProvider clock)
{
    /// <summary>Others may change the same message meanwhile; after so many tries that is told as a conflict.</summary>
    private const int Attempts = 8;

    /// <summary>Changes one message.</summary>
    public async Task<(MessageRecord? Message, ProblemHttpResult? Problem)> UpdateAsync(
        Guid id, UpdateMessageRequest request, VersionCondition condition, Caller caller, string? tenantId, CancellationToken cancellationToken)
    {
        if (RequestRules.Check(request) is { } invalid)
        {
            return (null, invalid);
        }

        var change = new MessageChange(0, id, request.Content, request.Metadata, request.Importance, condition);
        if (change.IsEmpty)
        {
            return (null, Nothing());
        }

        var (outcomes, problem) = await ApplyAsync([change], caller, tenantId, cancellationToken);
        return problem is null ? outcomes[0] : (null, problem);
    }

    /// <summary>Changes a batch; an item that is refused does not stop the others.</summary>
    public async Task<(IReadOnlyList<BatchItemResult>? Results, ProblemHttpResult? Problem)> UpdateAsync(
        UpdateMessagesRequest request, Caller caller, string? tenantId, CancellationToken cancellationToken)
    {
        if (RequestRules.CheckBatch(request.Messages, "messages") is { } tooMany)
        {
            return (null, tooMany);
        }

        var items = request.Messages!;
        var results = new BatchItemResult[items.Count];
        var changes = new List<MessageChange>(items.Count);
        var named = new HashSet<Guid>();
        for (var i = 0; i < items.Count; i++)
        {
            if (items[i] is not { } item)
            {
                results[i] = BatchItemResult.Refused(i, null, Problems.Malformed.ToResult());
            }
            else if (RequestRules.Check(item) is { } invalid)
            {
                results[i] = BatchItemResult.Refused(i, null, invalid);
            }
            else if (!Guid.TryParse(item.Id, out var id))
            {
                results[i] = BatchItemResult.Refused(i, null, Problems.NotFound.ToResult());
            }
            else if (!named.Add(id))
            {
                results[i] = BatchItemResult.Refused(i, id, Problems.InvalidField("id", "Must be named once in a batch."));
            }
            else
            {
                var condition = item.Version is { } version ? VersionCondition.OneOf(version) : VersionCondition.Any;
                var change = new MessageChange(i, id, item.Content, item.Metadata, item.Importance, condition);
                if (change.IsEmpty)
                {
                    results[i] = BatchItemResult.Refused(i, id, Nothing());
                }
                else
                {
                    changes.Add(change);
                }
            }
        }

        var (outcomes, problem) = await ApplyAsync(changes, caller, tenantId, cancellationToken);
        if (problem is not null)
        {
            return (null, problem);
        }

        for (var i = 0; i < changes.Count; i++)
        {
            var (place, id) = (changes[i].Place, changes[i].Id);
            results[place] = outcomes[i].Message is { } message
                ? new BatchItemResult { Index = place, Status = 200, Id = id, Version = message.Version }
                : BatchItemResult.Refused(place, id, outcomes[i].Problem!);
        }

        return (results, null);
    }

    private static ProblemHttpResult Nothing() => Problems.InvalidField("content", "One of content, metadata and importance must be there.");

    private async Task<((MessageRecord? Message, ProblemHttpResult? Problem)[] Outcomes, ProblemHttpResult? Problem)> ApplyAsync(
        IReadOnlyList<MessageChange> changes, Caller caller, string? tenantId, CancellationToken cancellationToken)
    {
        var outcomes = new (MessageRecord? Message, ProblemHttpResult? Problem)[changes.Count];
        var open = Enumerable.Range(0, changes.Count).ToList();
        for (var attempt = 0; attempt < Attempts && open.Count > 0; attempt++)
        {
            var (found, problem) = await findMessages.FindAsync(
                caller, tenantId, [.. open.Select(i => changes[i].Id)], Permission.Write, cancellationToken);
            if (problem is not null)
            {
                return (outcomes, problem);
            }

            var next = new List<(int Place, MessageRecord Message)>(open.Count);
            foreach (var i in open)
            {
                if (!found.TryGetValue(changes[i].Id, out var current))
                {
                    outcomes[i] = (null, Problems.NotFound.ToResult());
                }
                else if (current.Problem is not null)
                {
                    outcomes[i] = (null, current.Problem);
                }
                else if (!changes[i].Condition.Allows(current.Message.Version))
                {
                    outcomes[i] = (null, Problems.PreconditionFailed.ToResult());
                }
                else
                {
                    next.Add((i, changes[i].ApplyTo(current.Message, clock.GetUtcNow())));
                }
            }

            var written = next.Count == 0 ? [] : await store.UpdateMessagesAsync([.. next.Select(item => item.Message)], cancellationToken);
            open.Clear();
            for (var i = 0; i < next.Count; i++)
            {
                if (written[i])
                {
                    outcomes[next[i].Place] = (next[i].Message, null);
                    ChatTelemetry.MessagesUpdated.Add(1);
                }
                else
                {
                    open.Add(next[i].Place);
                }
            }
        }

        open.ForEach(i => outcomes[i] = (null, Problems.Conflict.ToResult()));
        return (outcomes, null);
    }

    /// <summary>What to replace of a message; null stays.</summary>
    private sealed record MessageChange(int Place, Guid Id, string? Content, JsonElement? Metadata, double? Importance, VersionCondition Condition)
    {
        public bool IsEmpty => Content is null && Metadata is not { ValueKind: JsonValueKind.Object } && Importance is null;

        public MessageRecord ApplyTo(MessageRecord message, DateTimeOffset now) => message with
        {
            Content = Content ?? message.Content,
            MetadataJson = Metadata is { ValueKind: JsonValueKind.Object } metadata
                ? Encoding.UTF8.GetString(TextRules.ToCompactJson(metadata))
                : message.MetadataJson,
            Importance = Importance ?? message.Importance,
            Version = message.Version + 1,
            UpdatedAt = DateTimeOffset.FromUnixTimeMilliseconds(now.ToUnixTimeMilliseconds()),
        };
    }
}

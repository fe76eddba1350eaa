using System.Text;
using System.Text.Json;
using MemoryMesh.Chat.Endpoints;
using MemoryMesh.Chat.Storage;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace MemoryMesh.Chat.Features;

/// <summary>A message was stored, now or when the same request came before.</summary>
/// <param name="Message">The message as it was stored.</param>
/// <param name="Replayed">Whether the request came before.</param>
/// <param name="Waited">False when the wait the caller asked for ended before what it waited for.</param>
internal sealed record StoredMessage(MessageRecord Message, bool Replayed, bool Waited);

/// <summary>A batch was stored, now or when the same request came before.</summary>
/// <param name="Results">One an item.</param>
/// <param name="Replayed">Whether the request came before.</param>
/// <param name="Waited">False when the wait the caller asked for ended before what it waited for.</param>
internal sealed record StoredBatch(IReadOnlyList<BatchItemResult> Results, bool Replayed, bool Waited);

/// <summary>Stores messages, one or a batch.</summary>
internal sealed class StoreMessages(TenantGuard guard, IConversationStore store, KeyedNames names, StoredWait wait, TimeProvider clock)
{
    /// <summary>Stores one message.</summary>
    public async Task<(StoredMessage? Stored, ProblemHttpResult? Problem)> StoreAsync(
        CreateMessageRequest request, Caller caller, StoreOptions options, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        if (Check(request, now) is { } invalid)
        {
            return (null, invalid);
        }

        var (access, problem) = await guard.EnterAsync(caller, request.TenantId, Permission.Store, cancellationToken);
        if (access is null)
        {
            return (null, problem);
        }

        if (CreateRecord(request, Guid.CreateVersion7(now), access, now) is not { } message)
        {
            return (null, Problems.NotFound.ToResult());
        }

        var idempotent = options.IdempotencyKey is null ? null : new IdempotentWrite<AddStatus[]>(
            Describe(caller, options.IdempotencyKey, "POST /v1/messages", request),
            statuses => statuses[0] == AddStatus.Added
                ? JsonSerializer.SerializeToUtf8Bytes(new StoredIdentity(message.Id, message.CreatedAt, message.UpdatedAt))
                : null);
        var (statuses, before) = await store.AddMessagesAsync([(message, ReachOf(access))], idempotent, cancellationToken);
        if (before is { SameRequest: false })
        {
            return (null, Problems.IdempotencyKeyReused.ToResult());
        }

        if (before is not null)
        {
            // The request is the same, so the first answer is this message with the identity it was given then.
            var identity = JsonSerializer.Deserialize<StoredIdentity>(before.Answer)!;
            message = message with { Id = identity.Id, CreatedAt = identity.CreatedAt, UpdatedAt = identity.UpdatedAt };
        }
        else if (ToProblem(statuses![0]) is { } refusal)
        {
            return (null, refusal);
        }
        else
        {
            CountStored([message]);
        }

        return (new StoredMessage(message, before is not null, await wait.WaitAsync(options.Wait, [message], cancellationToken)), null);
    }

    /// <summary>Stores a batch in one transaction; an item that is refused does not stop the others.</summary>
    public async Task<(StoredBatch? Stored, ProblemHttpResult? Problem)> StoreAsync(
        CreateMessagesRequest request, Caller caller, StoreOptions options, CancellationToken cancellationToken)
    {
        if (RequestRules.CheckBatch(request.Messages, "messages") is { } invalid)
        {
            return (null, invalid);
        }

        if (request.Extraction is { } hint && RequestValidation.Check(hint) is { Count: > 0 } wrong)
        {
            return (null, Problems.InvalidFields(wrong.ToDictionary(error => $"extraction.{error.Key}", error => error.Value)));
        }

        var now = clock.GetUtcNow();
        var items = request.Messages!;
        var results = new BatchItemResult[items.Count];

        // Rising ids, so that messages of one moment are learned from in the order they were said.
        var ids = OrderedIds.Create(now, items.Count);
        var accepted = new List<(MessageRecord Message, ConversationReach Reach)>(items.Count);
        var places = new List<int>(items.Count);
        var tenants = new Dictionary<string, TenantEntry>(StringComparer.Ordinal);
        for (var i = 0; i < items.Count; i++)
        {
            var item = items[i] is { Extraction: null } bare && request.Extraction is { } common ? bare with { Extraction = common } : items[i];
            var (message, reach, refusal) = await AcceptAsync(item, ids[i]);
            if (message is null)
            {
                results[i] = BatchItemResult.Refused(i, null, refusal!);
            }
            else
            {
                accepted.Add((message, reach));
                places.Add(i);
            }
        }

        if (accepted.Count == 0)
        {
            return (new StoredBatch(results, false, true), null);
        }

        var idempotent = options.IdempotencyKey is null ? null : new IdempotentWrite<AddStatus[]>(
            Describe(caller, options.IdempotencyKey, "POST /v1/messages/batch", request),
            statuses => JsonSerializer.SerializeToUtf8Bytes(Fill(statuses)));
        var (statuses, before) = await store.AddMessagesAsync(accepted, idempotent, cancellationToken);
        if (before is { SameRequest: false })
        {
            return (null, Problems.IdempotencyKeyReused.ToResult());
        }

        if (before is not null)
        {
            results = JsonSerializer.Deserialize<BatchItemResult[]>(before.Answer)!;
        }
        else
        {
            Fill(statuses!);
            CountStored(accepted.Where((_, i) => statuses![i] == AddStatus.Added).Select(item => item.Message));
        }

        // The ids are those of the results: a replayed batch was given them the first time.
        var stored = accepted
            .Zip(places, (item, place) => results[place].Id is { } id ? item.Message with { Id = id } : null)
            .OfType<MessageRecord>();
        return (new StoredBatch(results, before is not null, await wait.WaitAsync(options.Wait, stored, cancellationToken)), null);

        async ValueTask<(MessageRecord? Message, ConversationReach Reach, ProblemHttpResult? Problem)> AcceptAsync(CreateMessageRequest? item, Guid id)
        {
            if (item is null)
            {
                return (null, default, Problems.Malformed.ToResult());
            }

            if (Check(item, now) is { } invalid)
            {
                return (null, default, invalid);
            }

            var tenant = item.TenantId ?? string.Empty;
            if (!tenants.TryGetValue(tenant, out var entry))
            {
                tenants[tenant] = entry = await guard.EnterAsync(caller, item.TenantId, Permission.Store, cancellationToken);
            }

            return entry.Access is not { } access ? (null, default, entry.Problem)
                : CreateRecord(item, id, access, now) is { } message ? (message, ReachOf(access), null)
                : (null, default, Problems.NotFound.ToResult());
        }

        BatchItemResult[] Fill(AddStatus[] outcome)
        {
            for (var i = 0; i < outcome.Length; i++)
            {
                var place = places[i];
                results[place] = ToProblem(outcome[i]) is { } refusal
                    ? BatchItemResult.Refused(place, null, refusal)
                    : new BatchItemResult { Index = place, Status = 201, Id = accepted[i].Message.Id, Version = 1 };
            }

            return results;
        }
    }

    /// <summary>The answer to a message that may not be stored as it is; null when it may.</summary>
    internal static ProblemHttpResult? Check(CreateMessageRequest request, DateTimeOffset now)
        => RequestRules.Check(
            request,
            request.CreatedAt is { } createdAt && (createdAt > now + ChatLimits.FutureTolerance || createdAt < DateTimeOffset.UnixEpoch)
                ? ("created_at", "Must be from 1970 to at most five minutes in the future.")
                : null,
            request.ReplyTo is not null && !Guid.TryParse(request.ReplyTo, out _) ? ("reply_to", UnknownReplyTo) : null);

    /// <summary>What the caller may reach in a tenant.</summary>
    internal static ConversationReach ReachOf(TenantAccess access, KeyedNames names)
        => new(access.TenantId, access.ActsForEverySubject ? null : names.SubjectKey(access.TenantId, access.OwnUserId));

    /// <summary>A request with its Idempotency-Key: the same route and the same JSON are the same request.</summary>
    internal static IdempotentRequest Describe<TRequest>(Caller caller, string key, string route, TRequest request)
        => new(
            caller.Principal.DefaultTenantId,
            caller.AccountId,
            key,
            [.. Encoding.UTF8.GetBytes(route), (byte)'\n', .. JsonSerializer.SerializeToUtf8Bytes(request)]);

    private const string UnknownReplyTo = "Must be the id of a message of the same conversation.";

    private ConversationReach ReachOf(TenantAccess access) => ReachOf(access, names);

    private MessageRecord? CreateRecord(CreateMessageRequest request, Guid id, TenantAccess access, DateTimeOffset now)
    {
        if (access.SubjectFor(request.UserId) is not { } userId)
        {
            return null;
        }

        var storedAt = DateTimeOffset.FromUnixTimeMilliseconds(now.ToUnixTimeMilliseconds());
        return new MessageRecord
        {
            Id = id,
            TenantId = access.TenantId,
            ConversationKey = names.ConversationKey(access.TenantId, request.ConversationId!),
            ConversationId = request.ConversationId!,
            SubjectKey = names.SubjectKey(access.TenantId, userId),
            UserId = userId,
            Role = request.Role!,
            Content = request.Content!,
            MetadataJson = request.Metadata is { ValueKind: JsonValueKind.Object } metadata ? Encoding.UTF8.GetString(TextRules.ToCompactJson(metadata)) : null,
            Importance = request.Importance,
            ReplyTo = request.ReplyTo is null ? null : Guid.Parse(request.ReplyTo),
            ExtractMemory = request.ExtractMemory ?? true,
            Extraction = request.Extraction?.ToContract(),
            Version = 1,
            CreatedAt = request.CreatedAt is { } createdAt ? DateTimeOffset.FromUnixTimeMilliseconds(createdAt.ToUnixTimeMilliseconds()) : storedAt,
            UpdatedAt = storedAt,
        };
    }

    private static ProblemHttpResult? ToProblem(AddStatus status) => status switch
    {
        AddStatus.OutOfReach => Problems.NotFound.ToResult(),
        AddStatus.UnknownReplyTo => Problems.UnprocessableField("reply_to", UnknownReplyTo),
        _ => null,
    };

    /// <summary>Counts messages that were stored in the metrics.</summary>
    internal static void CountStored(IEnumerable<MessageRecord> messages)
    {
        foreach (var message in messages)
        {
            ChatTelemetry.MessagesStored.Add(1, new KeyValuePair<string, object?>("role", message.Role));
        }
    }

    private sealed record StoredIdentity(Guid Id, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);
}

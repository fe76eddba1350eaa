using MemoryMesh.Chat.Endpoints;
using MemoryMesh.Chat.Storage;
using MemoryMesh.ServiceDefaults.Filtering;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Security;
using Microsoft.AspNetCore.Http.HttpResults;

namespace MemoryMesh.Chat.Features;

/// <summary>Which messages of a conversation a client wants, as it asked.</summary>
internal sealed record MessageListFilter
{
    /// <summary>Most messages of a page.</summary>
    public required int Limit { get; init; }

    /// <summary>Only this role.</summary>
    public string? Role { get; init; }

    /// <summary>Whether archived messages are listed too.</summary>
    public bool IncludeArchived { get; init; }

    /// <summary>Only the thread that this message is in.</summary>
    public string? Thread { get; init; }

    /// <summary>Only messages of this time or later.</summary>
    public string? From { get; init; }

    /// <summary>Only messages of this time or earlier.</summary>
    public string? To { get; init; }

    /// <summary>Conditions on the metadata.</summary>
    public IReadOnlyList<string>? Metadata { get; init; }
}

/// <summary>Lists the messages of one conversation by time, in both directions.</summary>
internal sealed class ListMessages(FindConversation findConversation, IConversationStore store, Cursors cursors)
{
    /// <summary>Value of <c>after</c> that begins at the oldest message.</summary>
    public const string Start = "start";

    /// <summary>Most messages that are opened for one page when there are conditions on the metadata, which is sealed: the rest is left to the next page.</summary>
    private const int MostOpened = 2_000;

    /// <summary>Lists the page before or after a cursor; without one the newest page.</summary>
    public async Task<(MessageListResponse? Page, ProblemHttpResult? Problem)> ListAsync(
        Caller caller,
        string? tenantId,
        string conversationId,
        (string? Before, string? After) cursor,
        MessageListFilter filter,
        CancellationToken cancellationToken)
    {
        var (query, conditions, problem) = Read(cursor, filter);
        if (query is null)
        {
            return (null, problem);
        }

        (var conversation, var reach, problem) = await findConversation.FindAsync(caller, tenantId, conversationId, Permission.Read, cancellationToken);
        if (conversation is null)
        {
            return (null, problem);
        }

        var key = conversation.ConversationKey;
        if (cursor.After is not Start && (cursor.Before ?? cursor.After) is { } text)
        {
            if (!cursors.TryReadMessage(text, reach.TenantId, key, out var from))
            {
                return (null, Problems.InvalidField(query.Forward ? "after" : "before", "Must be a cursor of this conversation."));
            }

            query = query with { From = from };
        }

        if (query.ThreadId is { } member)
        {
            // Any message of a thread names it. A message of another conversation has none here.
            if (await store.FindMessagesAsync(reach, [member], cancellationToken) is not [var named] || named.ConversationKey != key)
            {
                return (new MessageListResponse([], null, null), null);
            }

            query = query with { ThreadId = named.ThreadRoot ?? named.Id };
        }

        var page = conditions is null
            ? await store.ListMessagesAsync(reach, key, query, cancellationToken)
            : await FilterAsync(reach, key, query, conditions, cancellationToken);
        return (
            new MessageListResponse(
                [.. page.Messages.Select(MessageResponse.From)],
                page.Last is { } last ? cursors.OfMessage(reach.TenantId, key, last) : null,
                page.First is { } first ? cursors.OfMessage(reach.TenantId, key, first) : null),
            null);
    }

    private static (MessagePageQuery? Query, SearchFilter? Conditions, ProblemHttpResult? Problem) Read(
        (string? Before, string? After) cursor, MessageListFilter filter)
    {
        var errors = new Dictionary<string, string[]>();
        void Refuse(string field, string message) => errors.TryAdd(field, [message]);
        if (cursor is { Before: not null, After: not null })
        {
            Refuse("after", "Must not be given together with before.");
        }

        if (filter.Role is not null && !MessageRoles.IsRole(filter.Role))
        {
            Refuse("role", "Must be user, assistant, system or tool.");
        }

        Guid thread = default;
        if (filter.Thread is not null && !Guid.TryParse(filter.Thread, out thread))
        {
            Refuse("thread", "Must be the id of a message.");
        }

        var earliest = ReadTime("from", filter.From, endOfDay: false);
        var latest = ReadTime("to", filter.To, endOfDay: true);
        if (earliest > latest)
        {
            Refuse("to", "Must not be before from.");
        }

        var conditions = FilterReader.ReadMetadata(filter.Metadata, "metadata", Refuse);
        var forward = cursor.After is not null;
        return errors.Count > 0 ? (null, null, Problems.InvalidFields(errors)) : (
            new MessagePageQuery
            {
                From = forward ? MessagePosition.Start : MessagePosition.End,
                Forward = forward,
                Limit = filter.Limit,
                Role = filter.Role,
                IncludeArchived = filter.IncludeArchived,
                ThreadId = filter.Thread is null ? null : thread,
                Earliest = earliest,
                Latest = latest,
            },
            conditions,
            null);

        DateTimeOffset? ReadTime(string field, string? text, bool endOfDay)
        {
            if (text is null)
            {
                return null;
            }

            if (TimeText.TryRead(text, endOfDay, out var time))
            {
                return time;
            }

            Refuse(field, TimeText.Message);
            return null;
        }
    }

    /// <summary>A page of the messages that meet conditions. It has fewer than it may where the bound of opened messages ended it; its cursor goes on from there.</summary>
    private async Task<MessagePage> FilterAsync(
        ConversationReach reach, Guid conversationKey, MessagePageQuery query, SearchFilter conditions, CancellationToken cancellationToken)
    {
        var found = new List<MessageRecord>();
        var opened = 0;
        MessagePosition? behind = null;
        MessagePosition? ahead;
        for (var from = query.From; ; from = ahead.Value)
        {
            var page = await store.ListMessagesAsync(reach, conversationKey, query with { From = from, Limit = ChatLimits.PageItems }, cancellationToken);
            behind = opened == 0 ? (query.Forward ? page.First : page.Last) : behind;
            ahead = query.Forward ? page.Last : page.First;
            opened += ChatLimits.PageItems;
            foreach (var message in query.Forward ? page.Messages : page.Messages.Reverse())
            {
                if (found.Count == query.Limit)
                {
                    // One more than fits: the next page begins after the last that fits.
                    ahead = found[^1].Position;
                    break;
                }

                if (conditions.Matches(message.ToFilterSubject()))
                {
                    found.Add(message);
                }
            }

            if (ahead is null || found.Count == query.Limit || opened >= MostOpened)
            {
                break;
            }
        }

        if (query.Forward)
        {
            return new MessagePage(found, behind, ahead);
        }

        found.Reverse();
        return new MessagePage(found, ahead, behind);
    }
}

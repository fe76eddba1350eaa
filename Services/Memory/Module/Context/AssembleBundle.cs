using System.Text.Json;
using MemoryMesh.Contracts.Chat;
using MemoryMesh.Contracts.Search;
using MemoryMesh.Memory.Features;
using MemoryMesh.Memory.Preferences;
using MemoryMesh.Memory.Storage;
using MemoryMesh.Memory.Summaries;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;
using MemoryMesh.ServiceDefaults.Text;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Memory.Context;

/// <summary>Puts together what an assistant is handed, within a budget of tokens.</summary>
/// <remarks>A conversation of another subject looks like an empty one. Of a subject that opted out nothing is recalled but its messages.</remarks>
internal sealed class AssembleBundle(
    IContextKnowledge knowledge, IChatClient chat, ContextSearch search, ShowSummary summaries, KeyedNames names, TimeProvider clock, IOptions<MemoryOptions> options)
{
    private const int MostMessages = 200;
    private const int LeastCut = 20;
    private const string Cut = "…";

    /// <summary>Assembles it.</summary>
    public async Task<ContextBundle> HandleAsync(BundleQuery query, CancellationToken cancellationToken)
    {
        var access = query.Access;
        var conversationKey = query.ConversationId is { } id ? names.ConversationKey(access.TenantId, id) : (Guid?)null;
        var ofAnySubject = conversationKey is not null && query.UserId is null && access.ActsForEverySubject;
        var userId = query.UserId ?? access.OwnUserId;

        var kept = SummariseConversation.KeptBy(options.Value);

        // One more than is shown: whether the summary reaches up to it tells whether it has all that is older.
        var most = Math.Min(query.MaxMessages ?? kept, options.Value.MaxContextMessages ?? MostMessages);
        var limit = Math.Min(Math.Max(most, kept) + 1, MostMessages);
        var recent = conversationKey is null || !(query.Split.Has(ContextPart.Messages) || query.Split.Has(ContextPart.Summary) || query.Query is null || ofAnySubject)
            ? Task.FromResult<IReadOnlyList<ChatMessage>>([])
            : chat.GetRecentMessagesAsync(
                access.TenantId, conversationKey.Value, ofAnySubject ? null : names.SubjectKey(access.TenantId, userId), limit, cancellationToken);

        // A given query and a given subject are all that search needs, so both are asked at once.
        var early = query.Query is not null && !ofAnySubject ? SearchAsync(query, OwnersOf(query, userId), query.Query, cancellationToken) : null;
        var messages = await recent;
        if (ofAnySubject && messages.Count > 0)
        {
            userId = messages[^1].UserId;
        }

        var owners = OwnersOf(query, userId);
        var (hits, degraded) = await (early
            ?? SearchAsync(query, owners, query.Query ?? messages.LastOrDefault(message => message.Role == "user")?.Content, cancellationToken));
        var known = await knowledge.ReadAsync(
            new KnowledgeCall
            {
                TenantId = access.TenantId,
                SubjectKey = owners[0],
                SharedKeys = owners[1..],
                Blocks = query.Split.Has(ContextPart.Blocks),
                Style = query.Split.Has(ContextPart.Style),
                Profile = query.Split.Has(ContextPart.Profile),
                Memories = query.Split.Has(ContextPart.Memories),
                Found = hits is null ? null : [.. hits.Select(hit => hit.MemoryId)],
                Important = [],
                Summary = query.Split.Has(ContextPart.Summary) && conversationKey is { } key && messages.Count > kept
                    ? new() { ConversationKey = key, LastMessage = messages[^(kept + 1)].Id }
                    : null,
            },
            cancellationToken);
        var profile = ProfileRules.At(Read<SubjectProfile>(known.Profile) ?? SubjectProfile.Empty, clock.GetUtcNow());
        return Fit(
            query,
            userId,
            new Known(
                known.Blocks,
                query.Split.Has(ContextPart.Style) && !known.OptedOut
                    ? (Read<SubjectPreferences>(known.Preferences) ?? new()).Resolve(StatedWishes.Read(profile.Wishes))
                    : new Dictionary<string, Preference>(),
                query.Split.Has(ContextPart.Profile) ? profile : SubjectProfile.Empty,
                RecallMemories.Choose(known.Memories, hits),
                degraded && !known.OptedOut),
            messages,
            most,
            await ShowAsync(access.TenantId, Read<RollingSummary>(known.Summary), cancellationToken));
    }

    private static T? Read<T>(byte[]? json)
        where T : class
        => json is null ? null : JsonSerializer.Deserialize<T>(json);

    private ContextBundle Fit(
        BundleQuery query, string userId, Known known, IReadOnlyList<ChatMessage> messages, int most, IReadOnlyList<SummaryLine> earlier)
    {
        var (split, format) = (query.Split, query.Format);
        var ratio = options.Value.CharactersPerToken;
        int Cost(string text) => TokenEstimate.Count(text, ratio);
        var shelves = new Dictionary<ContextPart, (Action<int> Fit, Func<int> Used, Func<bool> LeftOut)>();
        ContextShelf<T> Shelf<T>(ContextPart part, IEnumerable<T> items, Func<T, string> write, bool inARow = false, Func<T, int, (T, string)?>? shorten = null)
        {
            var (open, close) = format.Frame(part);
            var shelf = new ContextShelf<T>(open, close, split.Has(part) ? [.. items.Select(item => (item, write(item)))] : [], Cost) { InARow = inARow, Shorten = shorten };
            shelves[part] = (shelf.Fit, () => shelf.Used, () => shelf.LeftOut);
            return shelf;
        }

        var blockShelf = Shelf(ContextPart.Blocks, known.Blocks, format.Block);
        var styleShelf = Shelf(ContextPart.Style, PreferenceText.Lines(known.Preferences), format.Instruction);
        var memoryShelf = Shelf(ContextPart.Memories, known.Memories, memory => format.Memory(memory.Memory, memory.Score));
        var messageShelf = Shelf(
            ContextPart.Messages,
            messages.TakeLast(most).Reverse().Select(message => new ContextMessageItem(message.Id, message.Role, message.Content, message.CreatedAt)),
            format.Message,
            inARow: true,
            (message, budget) => Shorten(message, budget, format, Cost));
        var available = query.MaxTokens - Cost(format.Begin) - Cost(format.End);
        int Part(ContextPart part) => (int)(available * split.Share(part));
        foreach (var (part, shelf) in shelves)
        {
            shelf.Fit(Part(part));
        }

        // What one part leaves over goes to the others, in this order. The profile waits for the memories, as no fact stands twice, and the summary for the
        // messages, as it tells of those that do not fit.
        var left = available - Part(ContextPart.Profile) - Part(ContextPart.Summary) - shelves.Values.Sum(shelf => shelf.Used());
        FitAgain(ContextPart.Blocks);
        FitAgain(ContextPart.Style);
        FitAgain(ContextPart.Memories);
        var shown = memoryShelf.Chosen.Select(memory => memory.Item.Memory.Id).ToHashSet();
        var profileShelf = Shelf(ContextPart.Profile, known.Profile.Static.Concat(known.Profile.Recent).Where(fact => !shown.Contains(fact.Id)), format.Fact);
        profileShelf.Fit(Part(ContextPart.Profile));
        left += Part(ContextPart.Profile) - profileShelf.Used;
        FitAgain(ContextPart.Messages);
        FitAgain(ContextPart.Profile);

        var given = messageShelf.Chosen.Select(message => message.Item.Id).ToHashSet();
        var between = messages.SkipLast(given.Count).Skip(Math.Max(0, messages.Count - SummariseConversation.KeptBy(options.Value)));
        var lines = earlier.Where(line => line.MessageId is not { } id || !given.Contains(id)).Concat(ConversationSummary.Of(between).Select(line => new SummaryLine(null, line)));
        var summaryShelf = Shelf(ContextPart.Summary, lines, line => format.Sentence(line.Text));
        summaryShelf.Fit(Part(ContextPart.Summary) + left);

        void FitAgain(ContextPart part)
        {
            var before = shelves[part].Used();
            shelves[part].Fit(before + left);
            left += before - shelves[part].Used();
        }

        var text = (format.Begin + blockShelf.Write() + styleShelf.Write() + profileShelf.Write() + memoryShelf.Write() + summaryShelf.Write() + messageShelf.Write(backwards: true) + format.End)
            .TrimEnd('\n');
        return new ContextBundle
        {
            UserId = userId,
            Blocks = [.. blockShelf.Chosen.Select(item => item.Item)],
            Preferences = split.Has(ContextPart.Style) ? known.Preferences : new Dictionary<string, Preference>(),
            Instructions = [.. styleShelf.Chosen.Select(item => item.Item)],
            Profile = [.. profileShelf.Chosen.Select(item => item.Item)],
            Memories = [.. memoryShelf.Chosen.Select(item => item.Item)],
            Summary = [.. summaryShelf.Chosen.Select(item => item.Item)],
            Messages = [.. messageShelf.Chosen.Select(item => item.Item).Reverse()],
            Text = text,
            Tokens = Cost(text),
            Used = shelves.ToDictionary(shelf => shelf.Key, shelf => shelf.Value.Used()),
            Truncated = shelves.Values.Any(shelf => shelf.LeftOut()),
            Degraded = known.Degraded,
        };
    }

    /// <summary>The longest beginning of a message that fits, or null when less than a few words would.</summary>
    private static (ContextMessageItem, string)? Shorten(ContextMessageItem message, int budget, IContextFormat format, Func<string, int> cost)
    {
        var (low, high) = (0, message.Content.Length);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            (low, high) = cost(format.Message(At(middle))) <= budget ? (middle, high) : (low, middle - 1);
        }

        return low < LeastCut || cost(format.Message(At(low))) > budget ? null : (At(low), format.Message(At(low)));

        ContextMessageItem At(int length)
            => message with { Content = message.Content[..(length > 0 && char.IsHighSurrogate(message.Content[length - 1]) ? length - 1 : length)] + Cut };
    }

    private async Task<IReadOnlyList<SummaryLine>> ShowAsync(Guid tenantId, RollingSummary? summary, CancellationToken cancellationToken)
    {
        try
        {
            var digest = summary is null ? null : await summaries.HandleAsync(tenantId, summary, cancellationToken);
            return digest is null ? []
                : digest.Sentences.Count > 0
                ? [.. digest.Sentences.Select(sentence => new SummaryLine(sentence.MessageId, $"{sentence.Role}: {sentence.Text}"))]
                : [.. digest.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(line => new SummaryLine(null, line))];
        }
        catch (Exception exception) when (exception is DependencyUnavailableException or StorageUnavailableException)
        {
            return [];
        }
    }

    private Task<(IReadOnlyList<MemoryHit>? Hits, bool Degraded)> SearchAsync(BundleQuery query, List<Guid> owners, string? question, CancellationToken cancellationToken)
        => query.Split.Has(ContextPart.Memories)
            ? search.FindAsync(query.Access.TenantId, owners, question, cancellationToken)
            : Task.FromResult<(IReadOnlyList<MemoryHit>?, bool)>((null, false));

    /// <summary>The subject, then its teams, then the organization. The teams of another subject are not known here, so only a team that the request names is given for it.</summary>
    private List<Guid> OwnersOf(BundleQuery query, string userId)
    {
        var access = query.Access;
        IEnumerable<Guid> teams = query.TeamId is { } team ? [team] : userId == access.OwnUserId ? access.ReadableTeams : [];
        return [names.SubjectKey(access.TenantId, userId), .. teams, access.TenantId];
    }

    /// <summary>What is known for a context, apart from the conversation.</summary>
    private sealed record Known(
        IReadOnlyList<CoreBlock> Blocks,
        IReadOnlyDictionary<string, Preference> Preferences,
        SubjectProfile Profile,
        IReadOnlyList<(RecalledMemory Memory, double? Score)> Memories,
        bool Degraded);
}

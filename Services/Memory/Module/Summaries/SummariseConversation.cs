using System.Text.Json;
using MemoryMesh.Contracts.Chat;
using MemoryMesh.Contracts.Memory;
using MemoryMesh.Contracts.Search;
using MemoryMesh.Memory.Extraction;
using MemoryMesh.Memory.Features;
using MemoryMesh.Memory.Storage;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Memory.Summaries;

/// <summary>Sums up what the earlier messages of conversations were about, and goes on where it was when there are more.</summary>
internal sealed class SummariseConversation(
    ISummaryStore store,
    IChatTransfer messages,
    ShowSummary show,
    ITextVectors vectors,
    RuleMemoryExtractor rules,
    ISummaryWriter writer,
    IMemoryStore memories,
    IOptions<MemoryOptions> options,
    TimeProvider clock) : ISummaryClient
{
    /// <summary>Newest messages that no summary holds, unless the settings say another number: contexts hold them whole.</summary>
    public const int DefaultKept = 20;

    /// <summary>Chat gives at most 200 messages at once, and one more than are kept out has to be seen.</summary>
    private const int MostKept = 199;

    public const string Extractive = "extractive";
    public const string Llm = "llm";

    private const int Attempts = 3;
    private const int PageSize = 100;

    /// <summary>Pages of one call, so that a long conversation is summed up over several.</summary>
    private const int MostPages = 40;
    private const int MostOfPage = 48;
    private const int Remembered = 40;

    /// <summary>How many of the newest messages are kept out of summaries.</summary>
    public int Kept => KeptBy(options.Value);

    /// <inheritdoc cref="Kept"/>
    public static int KeptBy(MemoryOptions options) => Math.Min(options.MaxContextMessages ?? DefaultKept, MostKept);

    /// <inheritdoc/>
    public async Task<ConversationDigest> SummariseAsync(Guid tenantId, Guid conversationKey, Guid subjectKey, CancellationToken cancellationToken)
        => await show.HandleAsync(tenantId, await RefreshAsync(tenantId, conversationKey, subjectKey, cancellationToken), cancellationToken);

    /// <summary>The summary as it is kept, as JSON, refreshed when its newest message is another than this one.</summary>
    public async Task<byte[]> ReadJsonAsync(Guid tenantId, Guid conversationKey, Guid subjectKey, Guid lastMessage, CancellationToken cancellationToken)
        => (await store.FindJsonAsync(tenantId, conversationKey, subjectKey, cancellationToken)).Json is { } json && RollingSummary.LastMessageOf(json) == lastMessage
            ? json
            : JsonSerializer.SerializeToUtf8Bytes(await RefreshAsync(tenantId, conversationKey, subjectKey, cancellationToken));

    /// <summary>Takes in the messages that have become old since, and keeps the result.</summary>
    public async Task<RollingSummary> RefreshAsync(Guid tenantId, Guid conversationKey, Guid subjectKey, CancellationToken cancellationToken)
    {
        var summary = RollingSummary.Empty;
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            (var stamp, var before) = await store.FindAsync(tenantId, conversationKey, subjectKey, cancellationToken);
            summary = await GoOnAsync(tenantId, conversationKey, subjectKey, before, cancellationToken);

            // What an opted-out subject says is summed up for nobody but who reads the messages anyway, and not kept.
            if (ReferenceEquals(summary, before)
                || (await memories.FindOptedOutAsync(tenantId, [subjectKey], cancellationToken)).Count > 0
                || await store.SaveAsync(tenantId, conversationKey, subjectKey, stamp, summary, cancellationToken))
            {
                return summary;
            }
        }

        return summary;
    }

    private async Task<RollingSummary> GoOnAsync(
        Guid tenantId, Guid conversationKey, Guid subjectKey, RollingSummary before, CancellationToken cancellationToken)
    {
        // All but the newest are taken in; whether a message is one of those is known when as many behind it were read.
        var summary = before;
        var place = before.Place;
        var ahead = before.Ahead.ToHashSet();
        var waiting = new Queue<(ChatMessage Message, MessagePlace? EndsPage)>();
        for (var page = 0; page < MostPages; page++)
        {
            var slice = await messages.ListMessagesAsync(tenantId, conversationKey, place, PageSize, cancellationToken);
            for (var i = 0; i < slice.Messages.Count; i++)
            {
                waiting.Enqueue((slice.Messages[i], i == slice.Messages.Count - 1 ? slice.Next : null));
            }

            var old = new List<ChatMessage>();
            var aheadNow = summary.Ahead.ToList();
            var placeNow = summary.Place;
            while (waiting.Count > Kept)
            {
                var (message, end) = waiting.Dequeue();
                aheadNow.Add(message.Id);
                if (!ahead.Contains(message.Id))
                {
                    old.Add(message);
                }

                if (end is not null)
                {
                    placeNow = end;
                    aheadNow.Clear();
                }
            }

            if (old.Count > 0)
            {
                summary = await TakeInAsync(tenantId, subjectKey, summary, old, cancellationToken) with { Ahead = [.. aheadNow.Distinct()], Place = placeNow };
            }

            place = slice.Next;
            if (place is null)
            {
                break;
            }
        }

        return summary;
    }

    private async Task<RollingSummary> TakeInAsync(
        Guid tenantId, Guid subjectKey, RollingSummary before, List<ChatMessage> old, CancellationToken cancellationToken)
    {
        // What another subject said in this conversation is not the subject's to keep.
        var own = old.Where(message => message.SubjectKey == subjectKey && !message.Archived).ToList();
        var sentences = new List<SummarySentence>();
        foreach (var message in own)
        {
            sentences.AddRange(await ReadAsync(message, cancellationToken));
        }

        var candidates = SentenceChoice.Best(sentences, [], MostOfPage, int.MaxValue);
        var embedded = candidates.Count == 0 ? [] : await vectors.EmbedAsync([.. candidates.Select(sentence => sentence.Text)], cancellationToken);
        var sum = before.Sum;
        if (embedded.Count > 0)
        {
            candidates = [.. candidates.Select((sentence, i) => sentence with { Vector = SentenceChoice.Close(embedded[i]) })];
            sum = before.Sum.Length == embedded[0].Length ? [.. before.Sum] : new float[embedded[0].Length];
            foreach (var vector in embedded)
            {
                for (var i = 0; i < sum.Length; i++)
                {
                    sum[i] += vector[i];
                }
            }
        }

        return before with
        {
            LastMessage = old[^1].Id,
            Until = old[^1].CreatedAt,
            Messages = before.Messages + old.Count,
            Sentences = SentenceChoice.Best([.. before.Sentences, .. candidates], sum, Remembered, int.MaxValue),
            Sum = sum,
            Written = await writer.WriteAsync(
                tenantId,
                before.Written ?? string.Join('\n', SentenceChoice.Best(before.Sentences, before.Sum, ShowSummary.MostSentences, ShowSummary.MaxTokens).Select(sentence => $"{sentence.Role}: {sentence.Text}")),
                own,
                cancellationToken),
            UpdatedAt = StoredTime.Now(clock),
        };
    }

    private async Task<IEnumerable<SummarySentence>> ReadAsync(ChatMessage message, CancellationToken cancellationToken)
    {
        var facts = message.Role == "user"
            ? (await rules.ExtractAsync(new ExtractionRequest { Text = message.Content, Role = message.Role }, cancellationToken)).Candidates
                .Select(candidate => message.Content.Substring(candidate.Quote.Start, candidate.Quote.Length)).ToList()
            : [];
        return ConversationSummary.SentencesOf(message).Select((sentence, position) => new SummarySentence
        {
            MessageId = message.Id,
            Version = message.Version,
            Role = message.Role,
            Text = sentence,
            Position = position,
            Fact = facts.Exists(fact => sentence.Contains(Text.MemoryText.OneLine(fact), StringComparison.Ordinal) || Text.MemoryText.OneLine(fact).Contains(sentence, StringComparison.Ordinal)),
        });
    }
}

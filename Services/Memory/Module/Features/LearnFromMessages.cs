using MemoryMesh.Contracts.Chat;
using MemoryMesh.Memory.Extraction;
using MemoryMesh.Memory.Preferences;
using MemoryMesh.Memory.Processing;
using MemoryMesh.Memory.Storage;
using MemoryMesh.Memory.Text;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Memory.Features;

/// <summary>That a message was stored or changed.</summary>
/// <param name="MessageId">The message.</param>
/// <param name="SubjectKey">Whom it is about.</param>
/// <param name="Version">Its version.</param>
/// <param name="Extract">Whether memories may be drawn from it.</param>
/// <param name="At">When that version was stored.</param>
internal sealed record MessageNews(Guid MessageId, Guid SubjectKey, int Version, bool Extract, DateTimeOffset At);

/// <summary>Draws memories from messages. Whether a subject opted out is asked before anything of it is read, and again in the transaction that writes.</summary>
internal sealed class LearnFromMessages(
    IMemoryStore store,
    IExtractionLedger ledger,
    IMemoryPolicies policies,
    IChatClient chat,
    IMemoryExtractor extractor,
    FactProposals facts,
    ObservePreferences preferences,
    IOptions<MemoryOptions> options,
    TimeProvider clock)
{
    private const int MaxDecisions = 10;
    private const int PrecedingMessages = 5;
    private const int MaxQuotes = 7;

    /// <summary>One word in common is too little: "remove my old code" speaks of no memory that has "code" in it.</summary>
    private const int LeastSharedWords = 2;
    private const int MaxQuotesRead = 500;
    private const int MaxQuoteLength = 1_000;
    private const int RecentMessages = 20;
    private const string UserRole = "user";
    private const string AssistantRole = "assistant";

    private static readonly TimeSpan ClockTick = TimeSpan.FromMilliseconds(1);

    /// <summary>Learns from messages of one tenant, or forgets what a changed message does not say any more.</summary>
    public async Task HandleAsync(Guid tenantId, IReadOnlyList<MessageNews> news, CancellationToken cancellationToken)
    {
        var optedOut = (await store.FindOptedOutAsync(tenantId, [.. news.Select(item => item.SubjectKey).Distinct()], cancellationToken)).ToHashSet();
        var unreadable = news.Where(item => item.Version > 1 && optedOut.Contains(item.SubjectKey)).Select(item => item.MessageId).ToList();
        if (unreadable.Count > 0)
        {
            // The quoted words of the earlier version are gone from the message; the new ones are not for us to read.
            await store.UnlinkMessagesAsync(tenantId, unreadable, cancellationToken);
        }

        var wanted = news
            .Where(item => !optedOut.Contains(item.SubjectKey) && (item.Extract || item.Version > 1))
            .GroupBy(item => item.MessageId)
            .Select(versions => versions.MaxBy(item => item.Version)!)
            .ToDictionary(item => item.MessageId);
        if (wanted.Count == 0)
        {
            return;
        }

        var extracted = await store.FindExtractedAsync(tenantId, wanted.Keys, cancellationToken);
        var unread = wanted.Values.Where(item => item.Version > extracted.GetValueOrDefault(item.MessageId)).Select(item => item.MessageId).ToList();
        if (unread.Count == 0)
        {
            return;
        }

        var readings = new List<Reading>();
        var silent = new List<Reading>();
        var messages = await chat.GetMessagesAsync(tenantId, unread, cancellationToken);
        foreach (var message in messages)
        {
            if (message.Version <= extracted.GetValueOrDefault(message.Id))
            {
                continue;
            }

            var read = message.ExtractMemory && message.Role == UserRole
                ? await ExtractAsync(tenantId, message, wanted[message.Id].At, cancellationToken)
                : new Reading(message, wanted[message.Id].At, [], ReadingCost.None);
            if (read.Candidates.Count > 0 || extracted.ContainsKey(message.Id))
            {
                readings.Add(read);
            }
            else if (message.Role == UserRole)
            {
                silent.Add(read);
            }
        }

        if (silent.Count > 0)
        {
            var now = clock.GetUtcNow();
            await ledger.AddAsync([.. silent.SelectMany(reading => EntriesOf(tenantId, reading, [], OutcomeReasons.NothingFound, now))], cancellationToken);
        }

        foreach (var subject in readings.GroupBy(reading => reading.Message.SubjectKey))
        {
            await WriteAsync(
                tenantId,
                new MemoryOwner(MemoryScope.User, subject.Key, subject.First().Message.UserId),
                [.. subject.OrderBy(reading => reading.Message.CreatedAt).ThenBy(reading => reading.Message.Id)],
                cancellationToken);
        }

        await preferences.HandleAsync(tenantId, messages, cancellationToken);
    }

    private async Task<Reading> ExtractAsync(Guid tenantId, ChatMessage message, DateTimeOffset storedAt, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        List<string> previous = ContextCues.EndsSomething(message.Content) ? await QuotesAsync(tenantId, message, cancellationToken) : [];
        if (ContextCues.NeedsContext(message.Content))
        {
            previous.AddRange(
                (await chat.GetPrecedingUserMessagesAsync(tenantId, message.Id, PrecedingMessages, cancellationToken)).Select(earlier => earlier.Content));
        }

        var question = ContextCues.MayAnswer(message.Content) ? await QuestionAsync(tenantId, message, cancellationToken) : null;
        var result = await extractor.ExtractAsync(
            new ExtractionRequest
            {
                TenantId = tenantId, Text = message.Content, Role = message.Role, PreviousUserMessages = previous, Question = question, SaidAt = message.CreatedAt,
                Instructions = message.Extraction?.Instructions, Categories = message.Extraction?.Categories ?? [],
            },
            cancellationToken);
        MemoryTelemetry.ExtractedMessages.Add(1);
        return new Reading(message, storedAt, result.Candidates, ReadingCost.Of(result, clock.GetElapsedTime(started)));
    }

    /// <summary>What the assistant wrote right before a message, when it is among the newest of its conversation; nothing of it is learned.</summary>
    private async Task<string?> QuestionAsync(Guid tenantId, ChatMessage message, CancellationToken cancellationToken)
    {
        var recent = await chat.GetRecentMessagesAsync(tenantId, message.ConversationKey, message.SubjectKey, RecentMessages, cancellationToken);
        ChatMessage? before = null;
        foreach (var item in recent)
        {
            if (item.Id == message.Id)
            {
                return before?.Role == AssistantRole ? before.Content : null;
            }

            before = item;
        }

        return null;
    }

    /// <summary>
    /// The words that memories were said in, of those that a message may take back or end: it may speak of something said in another conversation.
    /// </summary>
    private async Task<List<string>> QuotesAsync(Guid tenantId, ChatMessage message, CancellationToken cancellationToken)
    {
        var words = new ContentWords(message.Content);
        return
        [
            .. (await store.ListQuotesAsync(tenantId, message.SubjectKey, MaxQuotesRead, cancellationToken))
                .Where(memory => memory.Quote.Length <= MaxQuoteLength)
                .Select(memory => (memory.Quote, Shared: words.Shared(new ContentWords(memory.Text))))
                .Where(memory => memory.Shared >= LeastSharedWords)
                .OrderByDescending(memory => memory.Shared)
                .Take(MaxQuotes)
                .Reverse()
                .Select(memory => memory.Quote),
        ];
    }

    private async Task WriteAsync(Guid tenantId, MemoryOwner owner, IReadOnlyList<Reading> readings, CancellationToken cancellationToken)
    {
        for (var attempt = 1; attempt <= MaxDecisions; attempt++)
        {
            // What was written, deleted or decided meanwhile counts.
            var extracted = await store.FindExtractedAsync(tenantId, [.. readings.Select(reading => reading.Message.Id)], cancellationToken);
            readings = [.. readings.Where(reading => reading.Message.Version > extracted.GetValueOrDefault(reading.Message.Id))];
            if (attempt > 1)
            {
                readings = await StillThereAsync(tenantId, readings, cancellationToken);
            }

            if (readings.Count == 0 || (await store.FindOptedOutAsync(tenantId, [owner.Key], cancellationToken)).Count > 0)
            {
                return;
            }

            var now = clock.GetUtcNow();
            var rules = LearningRules.Of(
                await policies.FindAsync(tenantId, cancellationToken), await store.FindSettingsAsync(tenantId, owner.Key, cancellationToken));
            var ids = new Queue<Guid>(OrderedIds.Create(now, readings.Sum(reading => reading.Candidates.Count)));
            var lessons = readings.Select(reading => ToLesson(tenantId, owner, reading, rules, ids)).ToList();
            var snapshot = await store.ReadOwnerAsync(
                new OwnerSnapshotQuery
                {
                    TenantId = tenantId,
                    OwnerKey = owner.Key,
                    MessageIds = [.. extracted.Keys],
                    Proposals = [.. lessons.SelectMany(lesson => lesson.Proposals)],
                    MaxCompared = options.Value.MaxCompared,
                },
                cancellationToken);

            // In the millisecond in which Chat erased the subject, the clock does not tell what was stored before and what after; whether it is still there does.
            if (attempt == 1 && lessons.Exists(lesson => lesson.Message!.StoredAt - snapshot.ForgottenAt <= ClockTick))
            {
                continue;
            }

            // Whoever had everything forgotten meant what was said before, whether it had been learned by then or not.
            lessons = lessons.ConvertAll(lesson => lesson.Message!.StoredAt <= snapshot.ForgottenAt ? lesson with { Proposals = [] } : lesson);
            var decision = Reconciler.Decide(snapshot, lessons);
            var steps = decision.Steps;
            var plan = new OwnerPlan
            {
                TenantId = tenantId,
                Owner = owner,
                Revision = snapshot.Revision,
                IndexDeadline = now + TimeSpan.FromSeconds(options.Value.IndexTimeoutSeconds),
                Messages = [.. lessons.Select(lesson => lesson.Message!)],
                Steps = steps,
                Ledger =
                [
                    .. readings.Zip(decision.Outcomes).SelectMany(pair => EntriesOf(
                        tenantId,
                        pair.First,
                        pair.Second,
                        pair.First.StoredAt <= snapshot.ForgottenAt ? OutcomeReasons.Forgotten : OutcomeReasons.NothingFound,
                        now)),
                ],
                Consents = [.. readings.Zip(decision.Outcomes).SelectMany(pair => LedgerEntries.ConsentsOf(tenantId, owner.Key, pair.First.Message.Id, pair.Second, now))],
            };
            if (await store.ApplyAsync(plan, now, cancellationToken))
            {
                StepCounters.Count(steps);
                return;
            }
        }

        throw new InvalidOperationException("The subject's memories changed at every decision.");
    }

    /// <summary>Leaves out messages that were deleted since they were read.</summary>
    private async Task<IReadOnlyList<Reading>> StillThereAsync(Guid tenantId, IReadOnlyList<Reading> readings, CancellationToken cancellationToken)
    {
        var found = (await chat.GetMessagesAsync(tenantId, [.. readings.Select(reading => reading.Message.Id)], cancellationToken)).Select(message => message.Id).ToHashSet();
        return [.. readings.Where(reading => found.Contains(reading.Message.Id))];
    }

    private static IReadOnlyList<LedgerEntry> EntriesOf(
        Guid tenantId, Reading reading, IReadOnlyList<ProposalOutcome> outcomes, string nothing, DateTimeOffset now)
        => LedgerEntries.Of(
            tenantId,
            new MemoryOwner(MemoryScope.User, reading.Message.SubjectKey, null),
            (reading.Message.Id, reading.Message.Version, false),
            reading.Message.ConversationKey,
            reading.Cost,
            outcomes,
            nothing,
            now);

    private Lesson ToLesson(Guid tenantId, MemoryOwner owner, Reading reading, LearningRules rules, Queue<Guid> ids)
    {
        var message = reading.Message;
        var origin = new FactOrigin
        {
            TenantId = tenantId,
            OwnerKey = owner.Key,
            Content = message.Content,
            Rules = rules,
            At = message.CreatedAt,
            Source = new MemorySource { MessageId = message.Id, ConversationKey = message.ConversationKey, ConversationId = message.ConversationId },
        };
        return new Lesson
        {
            Message = new LessonMessage(message.Id, message.ConversationKey, message.Version, reading.StoredAt),
            Proposals = [.. reading.Candidates.Select(candidate => facts.Create(candidate, ids.Dequeue(), origin))],
        };
    }

    /// <summary>A message with what it says.</summary>
    private sealed record Reading(
        ChatMessage Message, DateTimeOffset StoredAt, IReadOnlyList<MemoryCandidate> Candidates, ReadingCost Cost);
}

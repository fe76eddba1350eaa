using MemoryMesh.Memory.Extraction;
using MemoryMesh.Memory.Storage;
using MemoryMesh.Memory.Text;
using MemoryMesh.ServiceDefaults.Hosting;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Memory.Processing;

/// <summary>
/// The background work on added and changed memories: find the category, compare with the owner's other memories, hand over to search, and watch
/// that search answers. Its state is in the rows, so that a process killed at any moment goes on where it was.
/// </summary>
internal sealed class MemoryProcessor(
    IMemoryStore store,
    IExtractionLedger ledger,
    IMemoryPolicies policies,
    IMemoryExtractor extractor,
    MemoryKeys keys,
    FactProposals facts,
    ProcessingBell bell,
    IOptions<MemoryOptions> options,
    TimeProvider clock,
    ILogger<MemoryProcessor> logger,
    IHostApplicationLifetime? lifetime = null) : BackgroundService
{
    private const int BatchSize = 64;
    private const int MaxDecisions = 10;

    /// <summary>Least part of a text that a fact must fill to stand for the whole.</summary>
    private const double WholeText = 0.6;

    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestBackoff = TimeSpan.FromHours(1);
    private static readonly TimeSpan NotesAreKept = TimeSpan.FromDays(1);
    private static readonly TimeSpan PurgeInterval = TimeSpan.FromHours(1);

    private DateTimeOffset _purgedAt;

    /// <summary>Does what is due.</summary>
    /// <returns>False when nothing was.</returns>
    public async Task<bool> WorkAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var ended = await store.ExpireAsync(now, BatchSize, cancellationToken);
        var due = await store.ListDueAsync(now, BatchSize, cancellationToken);
        var watched = due.Memories.Where(memory => memory.Status != MemoryStatus.Pending && memory.TextKey is not null).ToList();
        var reschedules = due.Unreadable.Concat(watched.Select(memory => AnnounceAgain(memory, now))).ToList();
        if (reschedules.Count > 0)
        {
            await store.RescheduleAsync(reschedules, now, cancellationToken);
            reschedules.ForEach(CountFailure);
        }

        foreach (var owned in due.Memories.Except(watched).GroupBy(memory => (memory.TenantId, memory.OwnerKey)))
        {
            await ProcessAsync([.. owned], cancellationToken);
        }

        return ended > 0 || due.Memories.Count > 0 || due.Unreadable.Count > 0;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await lifetime.SettleAsync(stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (!await WorkAsync(stoppingToken))
                {
                    await PurgeAsync(stoppingToken);
                    var next = await store.FindNextDueAsync(stoppingToken) - clock.GetUtcNow();
                    await bell.WaitAsync(next is null || next > LongestWait ? LongestWait : next > TimeSpan.Zero ? next.Value : TimeSpan.FromMilliseconds(1), stoppingToken);
                }
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                // Whatever it was, a server that ended for it would end again at every start.
                Log.ProcessingFailed(logger, 0, exception);
                await Task.Delay(TimeSpan.FromSeconds(1), clock, stoppingToken);
            }
        }
    }

    private async Task PurgeAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        if (now - _purgedAt >= PurgeInterval)
        {
            await store.PurgeNotesAsync(now - NotesAreKept, cancellationToken);
            await ledger.PurgeAsync(now - TimeSpan.FromDays(options.Value.ExtractionLedgerDays), cancellationToken);
            _purgedAt = now;
        }
    }

    private async Task ProcessAsync(IReadOnlyList<MemoryRecord> memories, CancellationToken cancellationToken)
    {
        try
        {
            await DecideAsync(memories, cancellationToken);
        }
        catch (StorageUnavailableException)
        {
            throw;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            Log.ProcessingFailed(logger, memories.Count, exception);
            if (memories.Count > 1)
            {
                // One by one, so that a memory that cannot be taken does not hold back the others.
                foreach (var memory in memories)
                {
                    await ProcessAsync([memory], cancellationToken);
                }

                return;
            }

            var now = clock.GetUtcNow();
            var failed = TryLater(memories[0], now);
            await store.RescheduleAsync([failed], now, cancellationToken);
            CountFailure(failed);
            if (failed.Status == MemoryStatus.Failed && failed.Attempts == options.Value.MaxAttempts)
            {
                await ledger.AddAsync([EntryOfFailure(memories[0], now)], cancellationToken);
            }
        }
    }

    private static LedgerEntry EntryOfFailure(MemoryRecord memory, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now),
        TenantId = memory.TenantId,
        Scope = memory.Scope,
        OwnerKey = memory.OwnerKey,
        SourceId = memory.Id,
        FromMemory = true,
        SourceVersion = memory.Version,
        Outcome = ExtractionOutcome.Failed,
        Reason = OutcomeReasons.ProcessingFailed,
        MemoryId = memory.Id,
        Category = memory.Category,
        Extractor = ExtractionResult.Rules,
        At = now,
    };

    private async Task DecideAsync(IReadOnlyList<MemoryRecord> memories, CancellationToken cancellationToken)
    {
        var first = memories[0];
        var ordered = memories.OrderBy(memory => memory.ValidFrom).ThenBy(memory => memory.Id).ToList();
        for (var attempt = 1; attempt <= MaxDecisions; attempt++)
        {
            var mayLearn = ordered.Exists(memory => memory.Extract)
                && (first.Scope != MemoryScope.User || (await store.FindOptedOutAsync(first.TenantId, [first.OwnerKey], cancellationToken)).Count == 0);
            var rules = mayLearn ? await RulesAsync(first, cancellationToken) : null;
            var lessons = new List<Lesson>(ordered.Count);
            foreach (var memory in ordered)
            {
                lessons.Add(await ReadAsync(memory, rules, cancellationToken));
            }

            var snapshot = await store.ReadOwnerAsync(
                new OwnerSnapshotQuery
                {
                    TenantId = first.TenantId,
                    OwnerKey = first.OwnerKey,
                    MessageIds = [.. lessons.Select(lesson => lesson.DrawnFrom).OfType<Guid>()],
                    Proposals = [.. lessons.SelectMany(lesson => lesson.Proposals)],
                    MaxCompared = options.Value.MaxCompared,
                },
                cancellationToken);
            var decision = Reconciler.Decide(snapshot, lessons);
            var steps = decision.Steps;
            var now = clock.GetUtcNow();
            var plan = new OwnerPlan
            {
                TenantId = first.TenantId,
                Owner = new MemoryOwner(first.Scope, first.OwnerKey, first.UserId),
                Revision = snapshot.Revision,
                IndexDeadline = now + IndexTimeout(0),
                Steps = steps,
                Ledger =
                [
                    .. ordered.Zip(lessons, decision.Outcomes).Where(item => item.Third.Count > 0).SelectMany(item => LedgerEntries.Of(
                        first.TenantId,
                        new MemoryOwner(first.Scope, first.OwnerKey, null),
                        (item.First.Id, item.First.Version, true),
                        null,
                        item.Second.Cost,
                        item.Third,
                        OutcomeReasons.NothingFound,
                        now)),
                ],
            };
            if (await store.ApplyAsync(plan, now, cancellationToken))
            {
                StepCounters.Count(steps);
                return;
            }

            // Somebody changed the owner's memories meanwhile, perhaps these.
            var stored = (await store.FindManyAsync(first.TenantId, [.. ordered.Select(memory => memory.Id)], cancellationToken)).ToDictionary(memory => memory.Id);
            ordered = [.. ordered.Where(memory => stored.TryGetValue(memory.Id, out var now) && now.Version == memory.Version && now.Active && now.Status == memory.Status)];
            if (ordered.Count == 0)
            {
                return;
            }
        }

        throw new InvalidOperationException("The owner's memories changed at every decision.");
    }

    private async Task<LearningRules> RulesAsync(MemoryRecord memory, CancellationToken cancellationToken)
        => LearningRules.Of(
            await policies.FindAsync(memory.TenantId, cancellationToken),
            memory.Scope == MemoryScope.User ? await store.FindSettingsAsync(memory.TenantId, memory.OwnerKey, cancellationToken) : null);

    /// <summary>What a memory says: itself, and where facts are drawn from it, these too.</summary>
    /// <param name="memory">The memory.</param>
    /// <param name="rules">What may be learned; null when nothing may be.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    private async Task<Lesson> ReadAsync(MemoryRecord memory, LearningRules? rules, CancellationToken cancellationToken)
    {
        var drawsFacts = memory.Extract && rules is not null && memory.TextKey is null;
        var started = clock.GetTimestamp();
        var read = await extractor.ExtractAsync(
            new ExtractionRequest { Text = memory.Text, Role = "user", TenantId = drawsFacts ? memory.TenantId : null, Instructions = memory.Instructions },
            cancellationToken);

        // A text that is added asks for nothing to be forgotten.
        var cost = ReadingCost.Of(read, clock.GetElapsedTime(started));
        var candidates = read.Candidates.Where(candidate => candidate.Operation != CandidateOperation.Delete).ToList();
        if (!memory.Extract)
        {
            return new Lesson { Proposals = [Propose(memory, candidates)], Cost = cost };
        }

        // Read once for each text: a fact that was deleted does not come back for another reason.
        if (!drawsFacts)
        {
            return new Lesson { Proposals = [ProposeSource(memory, candidates)], Cost = cost };
        }

        var origin = new FactOrigin
        {
            TenantId = memory.TenantId,
            OwnerKey = memory.OwnerKey,
            AgentId = memory.AgentId,
            RunId = memory.RunId,
            Content = memory.Text,
            Rules = rules!,
            At = memory.UpdatedAt,
            Source = new MemorySource { MessageId = memory.Id, FromMemory = true },
        };
        var ids = OrderedIds.Create(clock.GetUtcNow(), candidates.Count);
        return new Lesson
        {
            DrawnFrom = memory.Id,
            Cost = cost,
            Proposals = [ProposeSource(memory, candidates), .. candidates.Zip(ids, (candidate, id) => facts.Create(candidate, id, origin))],
        };
    }

    private Proposal Propose(MemoryRecord memory, List<MemoryCandidate> read)
    {
        var whole = read.Count == 1 && read[0].Quote.Length >= WholeText * memory.Text.Length ? read[0] : null;
        var category = memory.CategoryGiven ? memory.Category
            : read.Count > 0 && Categories.Contains(read[0].Category) ? read[0].Category
            : memory.Derived ? memory.Category
            : Categories.Guess(memory.Text);
        return ToProposal(memory, category) with
        {
            TextKey = keys.TextKey(memory.TenantId, memory.OwnerKey, memory.AgentId, memory.RunId, memory.Text),
            Slot = whole?.SlotKey ?? memory.Slot,
            SingleValued = whole?.SingleValued ?? memory.SingleValued,
        };
    }

    /// <summary>A text that facts are drawn from stands for itself: its key is like no other's, and its category is that of a note where the facts have theirs.</summary>
    private Proposal ProposeSource(MemoryRecord memory, List<MemoryCandidate> read)
        => ToProposal(memory, memory.CategoryGiven || read.Count > 0 ? memory.Category : Categories.Guess(memory.Text)) with
        {
            TextKey = keys.TextKey(memory.TenantId, memory.OwnerKey, memory.AgentId, memory.RunId, memory.Text, memory.Id),
            Standalone = true,
        };

    private static Proposal ToProposal(MemoryRecord memory, string category) => new()
    {
        Id = memory.Id,
        StoredVersion = memory.Version,
        Text = memory.Text,
        TextKey = "",
        Category = category,
        Narrowing = MemoryKeys.Narrowing(memory.AgentId, memory.RunId),
        At = memory.ValidFrom,
        Confidence = memory.Confidence,
        Importance = memory.ImportanceGiven ? memory.Importance : Categories.ImportanceOf(category),
        ExpiresAt = memory.ExpiresAt,
        CategoryGiven = memory.CategoryGiven,
        ImportanceGiven = memory.ImportanceGiven,
        MetadataJson = memory.MetadataJson,
    };

    private Reschedule AnnounceAgain(MemoryRecord memory, DateTimeOffset now)
    {
        var attempts = memory.Attempts + 1;
        return new Reschedule
        {
            TenantId = memory.TenantId,
            MemoryId = memory.Id,
            OwnerKey = memory.OwnerKey,
            Version = memory.Version,
            Status = attempts >= options.Value.MaxAttempts ? MemoryStatus.Failed : MemoryStatus.Processing,
            Attempts = attempts,
            Error = MemoryErrors.IndexTimeout,
            NextAttemptAt = now + IndexTimeout(attempts),
            Announce = true,
        };
    }

    private Reschedule TryLater(MemoryRecord memory, DateTimeOffset now)
    {
        var attempts = memory.Attempts + 1;
        var failed = attempts >= options.Value.MaxAttempts;
        return new Reschedule
        {
            TenantId = memory.TenantId,
            MemoryId = memory.Id,
            Version = memory.Version,
            Status = failed ? MemoryStatus.Failed : MemoryStatus.Pending,
            Attempts = attempts,
            Error = MemoryErrors.ProcessingFailed,
            NextAttemptAt = now + Doubled(TimeSpan.FromSeconds(1), attempts),
        };
    }

    private TimeSpan IndexTimeout(int attempts) => Doubled(TimeSpan.FromSeconds(options.Value.IndexTimeoutSeconds), attempts);

    private static TimeSpan Doubled(TimeSpan first, int attempts)
        => TimeSpan.FromTicks((long)Math.Min(LongestBackoff.Ticks, first.Ticks * Math.Pow(2, Math.Min(attempts, 20))));

    private void CountFailure(Reschedule reschedule)
    {
        // Once for each memory, not again at each of the slow tries that follow.
        if (reschedule.Status == MemoryStatus.Failed && (reschedule.Attempts == options.Value.MaxAttempts || reschedule.NextAttemptAt is null))
        {
            MemoryTelemetry.Failed.Add(1);
            Log.MemoryFailed(logger, reschedule.MemoryId, reschedule.Attempts, reschedule.Error!);
        }
    }
}

/// <summary>Counts what plans did.</summary>
internal static class StepCounters
{
    /// <summary>Counts the steps of a plan that was written.</summary>
    public static void Count(IReadOnlyList<MemoryStep> steps)
    {
        MemoryTelemetry.Added.Add(steps.Count(step => step is MemoryStep.Insert), new KeyValuePair<string, object?>("origin", "extraction"));
        MemoryTelemetry.Merged.Add(steps.Count(step => step is MemoryStep.Link or MemoryStep.Close { Merged: true }));
        MemoryTelemetry.Superseded.Add(steps.Count(step => step is MemoryStep.Close { Merged: false }));
    }
}

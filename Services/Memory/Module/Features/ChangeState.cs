using MemoryMesh.Memory.Processing;
using MemoryMesh.Memory.Storage;
using MemoryMesh.Memory.Text;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Memory.Features;

/// <summary>What became of a change of a memory's state.</summary>
internal enum StateChange
{
    Done,

    /// <summary>There is nothing to undo, or nothing is held back.</summary>
    NotApplicable,

    /// <summary>A newer value holds, or another memory says the same.</summary>
    Conflict,

    /// <summary>It changed meanwhile: read it again.</summary>
    Stale,
}

/// <summary>What somebody says of a memory. The values are stored.</summary>
internal enum FeedbackKind
{
    Useful = 1,
    Wrong = 2,
    Outdated = 3,
    Sensitive = 4,
}

/// <summary>Undoes the last change of a memory, decides on what is held back, and takes feedback.</summary>
internal sealed class ChangeState(IMemoryStore store, ProcessingBell bell, IOptions<MemoryOptions> options, TimeProvider clock)
{
    /// <summary>What one account's "useful" adds to the importance a memory is ranked with.</summary>
    private const double UsefulBoost = 0.05;

    /// <summary>Most that feedback adds.</summary>
    private const double MostBoost = 0.25;

    /// <summary>
    /// Undoes the last change. Of a memory that ended: it holds again, and a newer value that took its place is withdrawn. Of one that holds: an edit is
    /// taken back; else what it superseded holds again, and it is withdrawn; else what was merged into it last holds beside it again.
    /// </summary>
    public async Task<StateChange> UndoAsync(MemoryRecord memory, Guid accountId, IdempotentRequest? request, CancellationToken cancellationToken)
    {
        if (memory.Held)
        {
            return StateChange.NotApplicable;
        }

        var (problem, turns) = memory.Active ? await UndoOfActiveAsync(memory, cancellationToken) : await UndoOfEndedAsync(memory, cancellationToken);
        return problem ?? await ChangeAsync(turns, Actor.Of(accountId), request, cancellationToken);
    }

    /// <summary>Lets a held memory through, as it is or with another text. It is then compared with the owner's other memories.</summary>
    public Task<StateChange> ApproveAsync(MemoryRecord memory, string? text, Guid accountId, IdempotentRequest? request, CancellationToken cancellationToken)
    {
        if (!memory.Held)
        {
            return Task.FromResult(StateChange.NotApplicable);
        }

        var now = StoredTime.Now(clock);
        var next = memory.Reopened(now, Deadline(now), compare: true) with
        {
            Text = text is null ? memory.Text : MemoryText.ToKeep(text, memory.Extract),
            Inferred = false,
            Derived = memory.Derived && text is null,
            Confidence = 1,
        };
        return ChangeAsync([new MemoryTurn(memory, next, HistoryEvent.Approve)], Actor.Of(accountId), request, cancellationToken);
    }

    /// <summary>Takes feedback on a memory that holds. What says the same account twice changes nothing.</summary>
    public async Task<StateChange> TakeFeedbackAsync(
        MemoryRecord memory, FeedbackKind kind, Guid accountId, IdempotentRequest? request, CancellationToken cancellationToken)
    {
        if (!memory.Active)
        {
            return StateChange.NotApplicable;
        }

        if (!await store.AddFeedbackAsync(memory, accountId, kind, clock.GetUtcNow(), cancellationToken) && kind == FeedbackKind.Useful)
        {
            return StateChange.Done;
        }

        var now = StoredTime.Now(clock);
        var (next, change) = kind switch
        {
            FeedbackKind.Useful => (memory with
            {
                Boost = Math.Min(MostBoost, memory.Boost + UsefulBoost),
                Version = memory.Version + 1,
                UpdatedAt = now,
                Status = memory.TextKey is null ? memory.Status : MemoryStatus.Processing,
                NextAttemptAt = memory.TextKey is null ? memory.NextAttemptAt : Deadline(now),
            }, HistoryEvent.Update),
            FeedbackKind.Wrong => (memory.Ended(MemoryState.Withdrawn, memory.ValidFrom, now), HistoryEvent.Withdraw),
            FeedbackKind.Outdated => (memory.Ended(MemoryState.Expired, now, now), HistoryEvent.Expire),
            _ => (memory.Ended(MemoryState.Review, memory.ValidFrom, now) with { HoldReason = HoldReasons.Sensitive }, HistoryEvent.Hold),
        };
        return await ChangeAsync([new MemoryTurn(memory, next, change)], Actor.Of(accountId), request, cancellationToken);
    }

    private async Task<(StateChange? Problem, IReadOnlyList<MemoryTurn> Turns)> UndoOfEndedAsync(MemoryRecord memory, CancellationToken cancellationToken)
    {
        var now = StoredTime.Now(clock);
        var reopened = new MemoryTurn(memory, memory.Reopened(now, Deadline(now)) with { KeptApart = memory.State == MemoryState.Merged }, HistoryEvent.Restore);
        var successor = memory.SupersededBy is { } id ? await store.FindAsync(memory.TenantId, id, cancellationToken) : null;
        if (successor is null || memory.State == MemoryState.Merged)
        {
            return (null, [reopened]);
        }

        if (!successor.Active)
        {
            return (StateChange.Conflict, []);
        }

        // Withdrawn in its turn, the successor points here: undoing that brings the two back to where they were.
        var replaced = memory.State == MemoryState.Withdrawn
            ? new MemoryTurn(successor, successor.Ended(MemoryState.Superseded, memory.ValidFrom, now, memory.Id), HistoryEvent.Supersede)
            : new MemoryTurn(successor, successor.Ended(MemoryState.Withdrawn, successor.ValidFrom, now, memory.Id), HistoryEvent.Withdraw);
        return (null, [replaced, reopened]);
    }

    private async Task<(StateChange? Problem, IReadOnlyList<MemoryTurn> Turns)> UndoOfActiveAsync(MemoryRecord memory, CancellationToken cancellationToken)
    {
        var now = StoredTime.Now(clock);
        if (await store.ListHistoryAsync(memory, cancellationToken) is [.., { Event: HistoryEvent.Update, OldText: { } before }] && before != memory.Text)
        {
            var restored = memory.Reopened(now, Deadline(now), compare: true) with { Text = before };
            return (null, [new MemoryTurn(memory, restored, HistoryEvent.Restore)]);
        }

        var predecessors = await store.ListPredecessorsAsync(memory.TenantId, memory.OwnerKey, memory.Id, cancellationToken);
        if (predecessors.FirstOrDefault(one => one.State is MemoryState.Superseded or MemoryState.Merged or MemoryState.Withdrawn) is not { } latest)
        {
            return (StateChange.NotApplicable, []);
        }

        var together = predecessors.Where(one => one.SupersededAt == latest.SupersededAt && one.State == latest.State).ToList();
        var turns = together.ConvertAll(one => new MemoryTurn(one, one.Reopened(now, Deadline(now)) with { KeptApart = one.State == MemoryState.Merged }, HistoryEvent.Restore));
        if (latest.State != MemoryState.Merged)
        {
            turns.Add(latest.State == MemoryState.Withdrawn
                ? new MemoryTurn(memory, memory.Ended(MemoryState.Superseded, latest.ValidFrom, now, latest.Id), HistoryEvent.Supersede)
                : new MemoryTurn(memory, memory.Ended(MemoryState.Withdrawn, memory.ValidFrom, now, latest.Id), HistoryEvent.Withdraw));
        }

        return (null, turns);
    }

    private async Task<StateChange> ChangeAsync(IReadOnlyList<MemoryTurn> turns, Actor actor, IdempotentRequest? request, CancellationToken cancellationToken)
    {
        switch (await store.ChangeAsync(turns, actor, StoredTime.Now(clock), request, cancellationToken))
        {
            case TurnResult.Done:
                bell.Ring();
                return StateChange.Done;
            case TurnResult.Conflict:
                return StateChange.Conflict;
            default:
                return StateChange.Stale;
        }
    }

    private DateTimeOffset Deadline(DateTimeOffset now) => now + TimeSpan.FromSeconds(options.Value.IndexTimeoutSeconds);
}

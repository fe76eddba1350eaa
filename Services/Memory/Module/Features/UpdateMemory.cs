using MemoryMesh.Memory.Processing;
using MemoryMesh.Memory.Storage;
using MemoryMesh.Memory.Text;

namespace MemoryMesh.Memory.Features;

/// <summary>What a client changes; null leaves a value as it is.</summary>
internal sealed record MemoryEdit
{
    public string? Text { get; init; }

    public string? Category { get; init; }

    public double? Importance { get; init; }

    /// <summary>Whether <see cref="MetadataJson"/> replaces the metadata, null too.</summary>
    public bool SetsMetadata { get; init; }

    public string? MetadataJson { get; init; }

    /// <summary>Whether <see cref="ValidTo"/> replaces the end, null too.</summary>
    public bool SetsValidTo { get; init; }

    public DateTimeOffset? ValidTo { get; init; }
}

/// <summary>Makes the next version of a memory.</summary>
internal sealed class UpdateMemory(IMemoryStore store, ProcessingBell bell, TimeProvider clock)
{
    /// <summary>Writes the next version over <paramref name="current"/>.</summary>
    /// <returns>Null when <paramref name="current"/> is not the stored version any more.</returns>
    public async Task<MemoryRecord?> HandleAsync(MemoryRecord current, MemoryEdit edit, Guid accountId, CancellationToken cancellationToken)
    {
        var now = StoredTime.Now(clock);
        var text = edit.Text is null ? current.Text : MemoryText.ToKeep(edit.Text, current.Extract);
        var next = current with
        {
            Text = text,
            TextKey = text == current.Text ? current.TextKey : null,
            Category = edit.Category ?? current.Category,
            CategoryGiven = current.CategoryGiven || edit.Category is not null,
            Importance = edit.Importance ?? current.Importance,
            ImportanceGiven = current.ImportanceGiven || edit.Importance is not null,
            MetadataJson = edit.SetsMetadata ? edit.MetadataJson : current.MetadataJson,
            ExpiresAt = edit.SetsValidTo ? edit.ValidTo : current.ExpiresAt,
            Inferred = current.Inferred && edit.Text is null,
            Confidence = edit.Text is null ? current.Confidence : 1,
            Derived = false,
            Status = MemoryStatus.Pending,
            Error = null,
            Attempts = 0,
            NextAttemptAt = now,
            Version = current.Version + 1,
            UpdatedAt = now,
        };
        if (edit.Text is not null && InstructionText.IsHeld(text))
        {
            var held = next.Ended(MemoryState.Quarantined, current.ValidFrom, now) with { HoldReason = HoldReasons.Instructions, Version = next.Version };
            return await store.ChangeAsync([new MemoryTurn(current, held, HistoryEvent.Hold)], Actor.Of(accountId), now, null, cancellationToken) == TurnResult.Done ? held : null;
        }

        if (!await store.ReplaceAsync(current, next, Actor.Of(accountId), cancellationToken))
        {
            return null;
        }

        bell.Ring();
        return next;
    }
}

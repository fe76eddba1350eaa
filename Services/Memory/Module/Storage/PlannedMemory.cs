using MemoryMesh.Memory.Processing;

namespace MemoryMesh.Memory.Storage;

/// <summary>Makes the memory that a fact becomes.</summary>
internal static class PlannedMemory
{
    /// <summary>The memory; one that is held back, over, or older than what superseded it is closed from the start.</summary>
    public static MemoryRecord Of(OwnerPlan plan, MemoryStep.Insert insert, DateTimeOffset now)
    {
        var fact = insert.Fact;
        var over = fact.ExpiresAt <= now && (insert.ValidTo is null || fact.ExpiresAt <= insert.ValidTo);
        MemoryState state = fact.Hold switch
        {
            HoldReasons.Instructions => MemoryState.Quarantined,
            not null => MemoryState.Review,
            _ => over ? MemoryState.Expired : insert.ValidTo is not null ? MemoryState.Superseded : MemoryState.Current,
        };
        var end = fact.Hold is not null ? fact.At : over ? fact.ExpiresAt : insert.ValidTo;
        var closed = end is not null;
        return new MemoryRecord
        {
            Id = fact.Id,
            TenantId = plan.TenantId,
            Scope = plan.Owner.Scope,
            OwnerKey = plan.Owner.Key,
            UserId = plan.Owner.UserId,
            AgentId = fact.AgentId,
            RunId = fact.RunId,
            Derived = true,
            Text = fact.Text,
            Category = fact.Category,
            Importance = fact.Importance,
            Confidence = fact.Confidence,
            Slot = fact.Slot,
            SingleValued = fact.SingleValued,
            TextKey = fact.TextKey,
            Status = closed ? MemoryStatus.Completed : MemoryStatus.Processing,
            NextAttemptAt = closed ? null : plan.IndexDeadline,
            ValidFrom = fact.At,
            ValidTo = end > fact.At ? end : closed ? fact.At : null,
            ExpiresAt = fact.ExpiresAt > fact.At ? fact.ExpiresAt : null,
            SupersededBy = state == MemoryState.Superseded ? insert.SupersededBy : null,
            SupersededAt = closed ? now : null,
            State = state,
            Inferred = fact.Inferred,
            HoldReason = fact.Hold,
            Version = 1,
            CreatedAt = now,
            UpdatedAt = now,
        };
    }

    /// <summary>The first entry of a memory's history.</summary>
    public static HistoryEntry FirstEntry(MemoryRecord memory, Actor actor)
        => new(1, memory.Held ? HistoryEvent.Hold : HistoryEvent.Add, actor, null, memory.Text, memory.CreatedAt, memory.ValidFrom, memory.ValidTo ?? memory.ExpiresAt);
}

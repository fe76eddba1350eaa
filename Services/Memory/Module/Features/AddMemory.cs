using MemoryMesh.Memory.Processing;
using MemoryMesh.Memory.Storage;
using MemoryMesh.Memory.Text;
using MemoryMesh.ServiceDefaults.Storage;

namespace MemoryMesh.Memory.Features;

/// <summary>A memory that a client adds.</summary>
internal sealed record NewMemory
{
    public required Guid TenantId { get; init; }

    public required MemoryOwner Owner { get; init; }

    public required Guid AccountId { get; init; }

    public required string Text { get; init; }

    public string? Category { get; init; }

    public double? Importance { get; init; }

    public string? MetadataJson { get; init; }

    public string? AgentId { get; init; }

    public string? RunId { get; init; }

    /// <summary>Whether facts are drawn from the text.</summary>
    public bool Extract { get; init; }

    /// <summary>What a language model should mind when it draws facts; null for what the tenant or the server says.</summary>
    public string? Instructions { get; init; }

    /// <summary>Since when it is true; now when null.</summary>
    public DateTimeOffset? ValidFrom { get; init; }

    /// <summary>When it ends; null for no known end.</summary>
    public DateTimeOffset? ValidTo { get; init; }
}

/// <summary>
/// Stores a memory; comparing it with others and handing it to search is background work. One that reads like an instruction is quarantined at once: it
/// would be obeyed when it is recalled.
/// </summary>
internal sealed class AddMemory(IMemoryStore store, ProcessingBell bell, TimeProvider clock)
{
    /// <summary>Stores it with the status pending; the same request under the same Idempotency-Key gets the first answer again.</summary>
    public async Task<(MemoryRecord Memory, AddOutcome Outcome)> HandleAsync(NewMemory added, IdempotentRequest? request, CancellationToken cancellationToken)
    {
        var now = StoredTime.Now(clock);
        var category = added.Category ?? Categories.Other;
        var from = added.ValidFrom is { } given ? DateTimeOffset.FromUnixTimeMilliseconds(given.ToUnixTimeMilliseconds()) : now;
        var quarantined = InstructionText.IsHeld(added.Text);
        var memory = new MemoryRecord
        {
            Id = Guid.CreateVersion7(now),
            TenantId = added.TenantId,
            Scope = added.Owner.Scope,
            OwnerKey = added.Owner.Key,
            UserId = added.Owner.UserId,
            AgentId = added.AgentId,
            RunId = added.RunId,
            CreatedBy = added.AccountId,
            Extract = added.Extract,
            Instructions = added.Instructions,
            Text = MemoryText.ToKeep(added.Text, added.Extract),
            MetadataJson = added.MetadataJson,
            Category = category,
            CategoryGiven = added.Category is not null,
            Importance = added.Importance ?? Categories.ImportanceOf(category),
            ImportanceGiven = added.Importance is not null,
            Confidence = 1,
            Status = quarantined ? MemoryStatus.Completed : MemoryStatus.Pending,
            NextAttemptAt = quarantined ? null : now,
            State = quarantined ? MemoryState.Quarantined : MemoryState.Current,
            HoldReason = quarantined ? HoldReasons.Instructions : null,
            ValidFrom = from,
            ValidTo = quarantined ? from : null,
            ExpiresAt = added.ValidTo is { } end ? DateTimeOffset.FromUnixTimeMilliseconds(end.ToUnixTimeMilliseconds()) : null,
            SupersededAt = quarantined ? now : null,
            Version = 1,
            CreatedAt = now,
            UpdatedAt = now,
        };
        var outcome = await store.AddAsync(memory, Actor.Of(added.AccountId), request, cancellationToken);
        if (outcome.Before is { } before)
        {
            memory = memory with { Id = before.Id, ValidFrom = added.ValidFrom ?? before.CreatedAt, CreatedAt = before.CreatedAt, UpdatedAt = before.CreatedAt };
        }
        else if (outcome is { OptedOut: false, KeyReused: false })
        {
            bell.Ring();
            MemoryTelemetry.Added.Add(1, new KeyValuePair<string, object?>("origin", "client"));
        }

        return (memory, outcome);
    }
}

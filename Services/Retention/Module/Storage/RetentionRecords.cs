namespace MemoryMesh.Retention.Storage;

/// <summary>What a policy does with what it covers. The numbers are stored.</summary>
internal enum RetentionAction
{
    Archive = 1,
    Delete = 2,
}

/// <summary>What a policy covers. The numbers are stored.</summary>
[Flags]
internal enum RetentionTargets
{
    None = 0,
    Messages = 1,
    Memories = 2,
}

/// <summary>Why a run started. The numbers are stored.</summary>
internal enum RunTrigger
{
    Schedule = 1,
    Manual = 2,
}

/// <summary>How a run stands. The numbers are stored.</summary>
internal enum RunStatus
{
    Running = 1,
    Completed = 2,
    Failed = 3,
}

/// <summary>Why a run failed. The numbers are stored.</summary>
internal enum RunError
{
    ChatUnavailable = 1,
    MemoryUnavailable = 2,
    ChatFailed = 3,
    MemoryFailed = 4,
}

/// <summary>The rule itself: what is old enough and unimportant enough, and what happens to it.</summary>
/// <param name="MaxAgeDays">Days after which it applies.</param>
/// <param name="ImportanceBelow">Only what has an importance below this; null for any.</param>
/// <param name="Action">What happens.</param>
/// <param name="AppliesTo">To what.</param>
internal sealed record RetentionPolicy(int MaxAgeDays, double? ImportanceBelow, RetentionAction Action, RetentionTargets AppliesTo);

/// <summary>A tenant's own policy.</summary>
internal sealed record TenantPolicy
{
    public required Guid TenantId { get; init; }

    public required RetentionPolicy Policy { get; init; }

    /// <summary>False: nothing runs for the tenant, not even the default policy.</summary>
    public required bool Enabled { get; init; }

    public required int Version { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>The account that set it.</summary>
    public required Guid UpdatedBy { get; init; }

    /// <summary>Names this state; the time keeps a policy that was deleted and made again apart from its forerunner.</summary>
    public string ETag => $"\"{Version}-{UpdatedAt.ToUnixTimeMilliseconds():x}\"";
}

/// <summary>The record of a run over one tenant.</summary>
internal sealed record RetentionRun
{
    public required Guid Id { get; init; }

    public required Guid TenantId { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    public required RunStatus Status { get; init; }

    public required RunTrigger Trigger { get; init; }

    /// <summary>The account that started it; null for the schedule.</summary>
    public Guid? ActorAccountId { get; init; }

    /// <summary>The policy as it was when the run started: changes made later do not reach into a run.</summary>
    public required RetentionPolicy Policy { get; init; }

    /// <summary>Messages acted on. After a crash it may be short by the batch that was under way.</summary>
    public long Messages { get; init; }

    /// <summary>Memories acted on. After a crash it may be short by the batch that was under way.</summary>
    public long Memories { get; init; }

    public RunError? Error { get; init; }

    /// <summary>Only what was created before this is covered; fixed at the start, so that a continued run covers the same.</summary>
    public DateTimeOffset CreatedBefore => StartedAt.AddDays(-Policy.MaxAgeDays);
}

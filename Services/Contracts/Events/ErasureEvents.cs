namespace MemoryMesh.Contracts.Events;

/// <summary>A service is to erase a subject, or a whole tenant. Services are asked one after the other, each after those it reads from.</summary>
public sealed record SubjectErasureRequested
{
    /// <summary>The erasure.</summary>
    public required Guid ErasureId { get; init; }

    /// <summary>Tenant of the subject.</summary>
    public required Guid TenantId { get; init; }

    /// <summary>Keyed hash of the subject; the tenant's id when the whole tenant is erased.</summary>
    public required Guid SubjectKey { get; init; }

    /// <summary>Whether everything of the tenant is erased.</summary>
    public bool WholeTenant { get; init; }

    /// <summary>The service that is asked, one of <see cref="ErasureSteps.All"/>; the others take no notice.</summary>
    public required string Service { get; init; }

    /// <summary>When Chat erased the subject: what was said until then is not learned any more. Null for Chat itself.</summary>
    public DateTimeOffset? ErasedUntil { get; init; }
}

/// <summary>A service holds nothing of a subject any more, in its files neither.</summary>
public sealed record ServiceErased
{
    /// <summary>The erasure.</summary>
    public required Guid ErasureId { get; init; }

    /// <summary>Tenant of the subject.</summary>
    public required Guid TenantId { get; init; }

    /// <summary>The service.</summary>
    public required string Service { get; init; }

    /// <summary>When the last row went.</summary>
    public required DateTimeOffset ErasedAt { get; init; }

    /// <summary>How many rows went, by table.</summary>
    public required IReadOnlyDictionary<string, long> Deleted { get; init; }

    /// <summary>How many rows stay, by table: the data map says what they hold.</summary>
    public required IReadOnlyDictionary<string, long> Kept { get; init; }

    /// <summary>Version of the data map that was followed.</summary>
    public required string DataMap { get; init; }
}

/// <summary>Every service erased a subject, and the receipt is written. What exists under the same id from then on is a new beginning.</summary>
public sealed record SubjectErased
{
    /// <summary>The erasure.</summary>
    public required Guid ErasureId { get; init; }

    /// <summary>Tenant of the subject.</summary>
    public required Guid TenantId { get; init; }

    /// <summary>Keyed hash of the subject.</summary>
    public required Guid SubjectKey { get; init; }

    /// <summary>When the erasure was completed.</summary>
    public required DateTimeOffset CompletedAt { get; init; }
}

/// <summary>A tenant was deleted: nobody is let into it any more, and what it holds is to be erased.</summary>
public sealed record TenantDeleted
{
    /// <summary>The tenant.</summary>
    public required Guid TenantId { get; init; }

    /// <summary>The account that deleted it.</summary>
    public required Guid ActorId { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset DeletedAt { get; init; }
}

/// <summary>Something happened that belongs into the audit log.</summary>
public sealed record AuditRecorded
{
    /// <summary>Tenant that the action was in.</summary>
    public required Guid TenantId { get; init; }

    /// <summary>Account that acted; null for the server itself.</summary>
    public Guid? ActorId { get; init; }

    /// <summary>Name of the action, for example <c>erasure.completed</c>.</summary>
    public required string Action { get; init; }

    /// <summary>What was acted on.</summary>
    public required Guid TargetId { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset At { get; init; }
}

/// <summary>The services that an erasure goes through, in order.</summary>
public static class ErasureSteps
{
    /// <summary>Chat comes first, since Memory and Search read from it; Retention last, since it keeps the request.</summary>
    public static readonly IReadOnlyList<string> All = ["chat", "memory", "search", "retention"];
}

using MemoryMesh.Contracts.Events;
using MemoryMesh.ServiceDefaults.Storage;

namespace MemoryMesh.Retention.Storage;

/// <summary>How an erasure stands. The numbers are stored.</summary>
internal enum ErasureStatus
{
    /// <summary>Services are at work, one after the other.</summary>
    Running = 1,

    /// <summary>Every service has erased; the receipt is written.</summary>
    Completed = 2,

    /// <summary>A service could not erase after many tries. It is still asked, now and then.</summary>
    Failed = 3,
}

/// <summary>What a request named; kept until the erasure is completed.</summary>
/// <param name="UserId">The subject's id as the client chose it.</param>
/// <param name="Reason">Why, in the client's words.</param>
internal sealed record ErasureDetails(string UserId, string? Reason);

/// <summary>An erasure of a subject, or of a whole tenant.</summary>
internal sealed record ErasureRecord
{
    public required Guid Id { get; init; }

    public required Guid TenantId { get; init; }

    public required Guid SubjectKey { get; init; }

    /// <summary>Whether everything of the tenant is erased; the subject key is the tenant's id then.</summary>
    public bool WholeTenant { get; init; }

    /// <summary>The account that asked.</summary>
    public required Guid RequestedBy { get; init; }

    public required DateTimeOffset RequestedAt { get; init; }

    public required ErasureStatus Status { get; init; }

    /// <summary>Null when the erasure is completed.</summary>
    public ErasureDetails? Details { get; init; }

    /// <summary>The service that is asked; null when all have answered.</summary>
    public string? Step { get; init; }

    public required DateTimeOffset AskedAt { get; init; }

    /// <summary>How often the service was asked; 0 before the time to ask has come.</summary>
    public required int Attempts { get; init; }

    public DateTimeOffset? CompletedAt { get; init; }

    /// <summary>The receipt as a JWS, when the erasure is completed.</summary>
    public string? Receipt { get; init; }

    /// <summary>What the services answered so far, in order.</summary>
    public IReadOnlyList<ErasureStep> Steps { get; init; } = [];
}

/// <summary>What a service answered.</summary>
internal sealed record ErasureStep(
    string Service, DateTimeOffset ErasedAt, IReadOnlyDictionary<string, long> Deleted, IReadOnlyDictionary<string, long> Kept, string DataMap);

/// <summary>What became of a request: an erasure that is new or was under way already, or the answer that the Idempotency-Key was given before.</summary>
internal readonly record struct ErasureStart(ErasureRecord? Erasure, StoredAnswer? Before);

/// <summary>A receipt-signing key with its private key wrapped.</summary>
internal sealed record ReceiptKeyRecord(string Id, byte[] PrivateKey, DateTimeOffset CreatedAt);

/// <summary>Keeps erasures of subjects and the keys that their receipts are signed with.</summary>
internal interface IErasureStore
{
    /// <summary>Stores an erasure and asks the first service for it, unless one of the same subject is not completed.</summary>
    /// <param name="erasure">The erasure.</param>
    /// <param name="request">Set when the request carries an Idempotency-Key.</param>
    /// <param name="beforeAsync">Runs before a new erasure is stored.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    Task<ErasureStart> StartAsync(
        ErasureRecord erasure, IdempotentRequest? request, Func<CancellationToken, Task> beforeAsync, CancellationToken cancellationToken);

    /// <summary>Stores that a deleted tenant is to be erased, from a time on. Once for each tenant.</summary>
    Task StartTenantAsync(TenantDeleted deleted, DateTimeOffset startAt, CancellationToken cancellationToken);

    /// <summary>An erasure of a tenant, or null.</summary>
    /// <param name="tenantId">The tenant.</param>
    /// <param name="subjectKey">Only one of this subject; null for any.</param>
    /// <param name="erasureId">The erasure.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    Task<ErasureRecord?> FindAsync(Guid tenantId, Guid? subjectKey, Guid erasureId, CancellationToken cancellationToken);

    /// <summary>Erasures of a tenant, newest first, those before <paramref name="before"/> when it is given.</summary>
    Task<IReadOnlyList<ErasureRecord>> ListAsync(Guid tenantId, Guid? subjectKey, Guid? before, int limit, CancellationToken cancellationToken);

    /// <summary>Notes what a service answered and asks the next one. An answer that is known changes nothing.</summary>
    /// <returns>The erasure when every service has answered and the receipt is missing, else null.</returns>
    Task<ErasureRecord?> AdvanceAsync(ServiceErased erased, CancellationToken cancellationToken);

    /// <summary>Stores the receipt and tells that the subject is erased, unless that was done.</summary>
    Task CompleteAsync(ErasureRecord erasure, DateTimeOffset completedAt, string receipt, CancellationToken cancellationToken);

    /// <summary>Asks services again that were asked before a time, each after a longer wait than the last.</summary>
    /// <param name="firstWait">Wait after the first time; it doubles up to an hour.</param>
    /// <param name="mostAttempts">After as many the erasure counts as failed, and goes on.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>Erasures whose every service has answered and whose receipt is missing: writing it was cut off.</returns>
    Task<IReadOnlyList<ErasureRecord>> AskAgainAsync(TimeSpan firstWait, int mostAttempts, CancellationToken cancellationToken);

    /// <summary>Keys that receipts are signed with, oldest first.</summary>
    Task<IReadOnlyList<ReceiptKeyRecord>> ListKeysAsync(CancellationToken cancellationToken);

    /// <summary>Adds a key unless there is one.</summary>
    Task AddFirstKeyAsync(ReceiptKeyRecord key, CancellationToken cancellationToken);
}

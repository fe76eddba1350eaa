using System.Text;
using MemoryMesh.ServiceDefaults.Security;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MemoryMesh.ServiceDefaults.Storage;

/// <summary>A request that carries an Idempotency-Key.</summary>
/// <param name="TenantId">Tenant whose key seals the answer: the caller's default tenant, so that the same key in a body that names another tenant counts as reused.</param>
/// <param name="AccountId">The account: keys of two accounts never meet.</param>
/// <param name="Key">The header's value.</param>
/// <param name="Request">Route and body: what must be equal for the answer to be given again.</param>
public sealed record IdempotentRequest(Guid TenantId, Guid AccountId, string Key, byte[] Request);

/// <summary>An answer that was given before.</summary>
/// <param name="SameRequest">False when the key came with another request.</param>
/// <param name="Answer">What was stored; empty when the request is another.</param>
public sealed record StoredAnswer(bool SameRequest, byte[] Answer);

/// <summary>A request with its hashes and the key that seals its answer, ready for use inside a transaction.</summary>
public sealed class IdempotencyClaim
{
    internal IdempotencyClaim(Guid tenantId, byte[] keyHash, byte[] requestHash, DataKey tenantKey)
    {
        TenantId = tenantId;
        KeyHash = keyHash;
        RequestHash = requestHash;
        TenantKey = tenantKey;
    }

    internal Guid TenantId { get; }

    internal byte[] KeyHash { get; }

    internal byte[] RequestHash { get; }

    internal DataKey TenantKey { get; }

    internal RowIdentity Place => new("idempotency_keys", "response", new Guid(KeyHash.AsSpan(0, 16), bigEndian: true));
}

/// <summary>
/// The table <c>idempotency_keys</c>: answers to requests that carried an Idempotency-Key, kept for <see cref="Lifetime"/>. Finding and adding happen
/// in the transaction of the change, which one writer runs, so that of equal requests at the same time one makes the change and the others meet its answer.
/// </summary>
/// <remarks>Store ids and times rather than texts of the request: the request comes again with the replay, and a deleted text must not live on here.</remarks>
public static class IdempotencyTable
{
    /// <summary>How long an answer is kept.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(24);

    /// <summary>Prepares a request. Call it before the transaction.</summary>
    public static async ValueTask<IdempotencyClaim> PrepareAsync(
        this ModuleStore database, KeyedNames names, IdempotentRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(database);
        ArgumentNullException.ThrowIfNull(names);
        ArgumentNullException.ThrowIfNull(request);
        return new IdempotencyClaim(
            request.TenantId,
            names.Fingerprint([.. "idempotency key "u8, .. request.AccountId.ToByteArray(bigEndian: true), .. Encoding.UTF8.GetBytes(request.Key)]),
            names.Fingerprint([.. "idempotent request "u8, .. request.Request]),
            await database.Keys.GetOrCreateAsync(request.TenantId, request.TenantId, cancellationToken));
    }

    /// <summary>The answer that was given to the key within <see cref="Lifetime"/>, or null.</summary>
    public static StoredAnswer? Find(StoreSession session, IdempotencyClaim claim, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(claim);
        var row = session.QueryFirst(
            "SELECT request_hash, response FROM idempotency_keys WHERE tenant_id = $1 AND key_hash = $2 AND expires_at > $3",
            row => (RequestHash: row.Bytes(0), Response: row.Bytes(1)),
            claim.TenantId,
            claim.KeyHash,
            now);
        return row.Response is null ? null
            : row.RequestHash.AsSpan().SequenceEqual(claim.RequestHash) ? new StoredAnswer(true, claim.TenantKey.Open(row.Response, claim.Place))
            : new StoredAnswer(false, []);
    }

    /// <summary>Keeps the answer, after <see cref="Find"/> found none in the same transaction.</summary>
    /// <param name="session">The session.</param>
    /// <param name="claim">The request.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="now">The time.</param>
    /// <param name="subjectKeys">Subjects that the request is about: erasing one takes the answer along.</param>
    public static void Add(StoreSession session, IdempotencyClaim claim, ReadOnlySpan<byte> answer, DateTimeOffset now, params IEnumerable<Guid> subjectKeys)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(claim);
        session.Execute(
            """
            INSERT INTO idempotency_keys (tenant_id, key_hash, request_hash, response, expires_at) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (tenant_id, key_hash) DO UPDATE SET request_hash = excluded.request_hash, response = excluded.response, expires_at = excluded.expires_at
            """,
            claim.TenantId,
            claim.KeyHash,
            claim.RequestHash,
            claim.TenantKey.Seal(answer, claim.Place),
            now + Lifetime);
        foreach (var subjectKey in subjectKeys)
        {
            session.Execute(
                "INSERT INTO idempotency_subjects (tenant_id, subject_key, key_hash) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", claim.TenantId, subjectKey, claim.KeyHash);
        }
    }

    /// <summary>Deletes the answers to requests about a subject.</summary>
    /// <returns>How many.</returns>
    /// <remarks>
    /// The keyed hash of a subject holds its tenant, so that it names one subject whatever the tenant of the row is, which is that of the caller.
    /// </remarks>
    internal static int Erase(StoreSession session, Guid subjectKey)
    {
        var keys = session.Query("SELECT tenant_id, key_hash FROM idempotency_subjects WHERE subject_key = $1", row => (row.Id(0), row.Bytes(1)), subjectKey);
        foreach (var (tenantId, keyHash) in keys)
        {
            Delete(session, tenantId, keyHash);
        }

        return keys.Count;
    }

    /// <summary>Deletes expired rows, at most <paramref name="limit"/>.</summary>
    /// <returns>How many.</returns>
    public static int Purge(StoreSession session, DateTimeOffset now, int limit)
    {
        ArgumentNullException.ThrowIfNull(session);
        var expired = session.Query(
            "SELECT tenant_id, key_hash FROM idempotency_keys WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2", row => (row.Id(0), row.Bytes(1)), now, limit);
        foreach (var (tenantId, keyHash) in expired)
        {
            Delete(session, tenantId, keyHash);
        }

        return expired.Count;
    }

    private static void Delete(StoreSession session, Guid tenantId, byte[] keyHash)
    {
        session.Execute("DELETE FROM idempotency_keys WHERE tenant_id = $1 AND key_hash = $2", tenantId, keyHash);
        session.Execute("DELETE FROM idempotency_subjects WHERE tenant_id = $1 AND key_hash = $2", tenantId, keyHash);
    }

    /// <summary>Deletes expired rows of all stores of the process now and then. Every module that uses the table calls it; it is registered once.</summary>
    public static IServiceCollection AddIdempotencyKeys(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, IdempotencyPurge>());
        return services;
    }
}

/// <summary>Deletes expired rows every ten minutes, in short transactions.</summary>
internal sealed partial class IdempotencyPurge(IEnumerable<ModuleStore> databases, TimeProvider clock, ILogger<IdempotencyPurge> logger) : BackgroundService
{
    private const int RowsOfOneTransaction = 500;
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            foreach (var database in databases)
            {
                try
                {
                    while (await database.Data.WriteAsync(
                        session => IdempotencyTable.Purge(session, clock.GetUtcNow(), RowsOfOneTransaction), stoppingToken) == RowsOfOneTransaction)
                    {
                        await Task.Yield();
                    }
                }
                catch (StorageUnavailableException exception)
                {
                    LogPurgeFailed(logger, database.Name, exception.Message);
                }
            }
        }
    }

    [LoggerMessage(EventId = 1011, Level = LogLevel.Warning, Message = "{Database}: expired idempotency keys could not be deleted ({Reason}); it is tried again")]
    private static partial void LogPurgeFailed(ILogger logger, string database, string reason);
}

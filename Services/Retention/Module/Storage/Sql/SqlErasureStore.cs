using System.Security.Cryptography;
using System.Text.Json;
using MemoryMesh.Contracts.Events;
using MemoryMesh.ServiceDefaults.Messaging;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace MemoryMesh.Retention.Storage.Sql;

internal sealed class SqlErasureStore(
    [FromKeyedServices(RetentionModule.Name)] ModuleStore database, KeyedNames names, TimeProvider clock) : IErasureStore
{
    private const string Columns =
        "id, tenant_id, subject_key, requested_by, requested_at, status, details, step, asked_at, attempts, completed_at, receipt, whole_tenant";

    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);

    public async Task<ErasureStart> StartAsync(
        ErasureRecord erasure, IdempotentRequest? request, Func<CancellationToken, Task> beforeAsync, CancellationToken cancellationToken)
    {
        var claim = request is null ? null : await database.PrepareAsync(names, request, cancellationToken);
        while (true)
        {
            // A key is made for a new erasure only: one that is under way destroys it, and after one that was there before nobody would.
            var isNew = await database.Data.ReadAsync(
                session => FindOpen(session, erasure) is null && (claim is null || IdempotencyTable.Find(session, claim, clock.GetUtcNow()) is null), cancellationToken);
            if (isNew)
            {
                await beforeAsync(cancellationToken);
            }

            var key = isNew ? await database.Keys.GetOrCreateAsync(erasure.TenantId, erasure.SubjectKey, cancellationToken) : null;
            var details = key?.Seal(JsonSerializer.SerializeToUtf8Bytes(erasure.Details), DetailsPlace(erasure.Id));
            var (id, before) = await database.Data.WriteAsync(session => Start(session, erasure, claim, key, details), cancellationToken);
            if (before is not null)
            {
                return new(null, before);
            }

            if (id is { } found)
            {
                return new(await FindAsync(erasure.TenantId, null, found, cancellationToken), null);
            }
        }
    }

    public Task StartTenantAsync(TenantDeleted deleted, DateTimeOffset startAt, CancellationToken cancellationToken)
        => database.Data.WriteAsync(
            session => session.Execute(
                """
                INSERT INTO erasure_requests (id, tenant_id, subject_key, requested_by, requested_at, status, step, asked_at, attempts, whole_tenant)
                SELECT $1, $2, $2, $3, $4, $5, $6, $7, 0, 1 WHERE NOT EXISTS (SELECT 1 FROM erasure_requests WHERE tenant_id = $2 AND subject_key = $2)
                """,
                Guid.CreateVersion7(clock.GetUtcNow()),
                deleted.TenantId,
                deleted.ActorId,
                deleted.DeletedAt,
                ErasureStatus.Running,
                ErasureSteps.All[0],
                startAt),
            cancellationToken);

    public async Task<ErasureRecord?> FindAsync(Guid tenantId, Guid? subjectKey, Guid erasureId, CancellationToken cancellationToken)
        => (await OpenAsync(
            session => session.Query(
                $"SELECT {Columns} FROM erasure_requests WHERE id = $1 AND tenant_id = $2 AND subject_key = coalesce($3, subject_key)",
                Row.Read,
                erasureId,
                tenantId,
                subjectKey),
            cancellationToken)).SingleOrDefault();

    public Task<IReadOnlyList<ErasureRecord>> ListAsync(Guid tenantId, Guid? subjectKey, Guid? before, int limit, CancellationToken cancellationToken)
        => OpenAsync(
            session => subjectKey is null
                ? session.Query(
                    $"SELECT {Columns} FROM erasure_requests WHERE tenant_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
                    Row.Read,
                    tenantId,
                    before ?? Guid.AllBitsSet,
                    limit)
                : session.Query(
                    $"SELECT {Columns} FROM erasure_requests WHERE tenant_id = $1 AND id < $2 AND subject_key = $4 ORDER BY id DESC LIMIT $3",
                    Row.Read,
                    tenantId,
                    before ?? Guid.AllBitsSet,
                    limit,
                    subjectKey),
            cancellationToken);

    public async Task<ErasureRecord?> AdvanceAsync(ServiceErased erased, CancellationToken cancellationToken)
    {
        await database.Data.WriteAsync(session => Advance(session, erased), cancellationToken);
        return await FindAsync(erased.TenantId, null, erased.ErasureId, cancellationToken) is { Step: null, Receipt: null } answered ? answered : null;
    }

    public async Task CompleteAsync(ErasureRecord erasure, DateTimeOffset completedAt, string receipt, CancellationToken cancellationToken)
    {
        await database.Data.WriteAsync(
            session =>
            {
                if (session.Execute(
                    "UPDATE erasure_requests SET status = $3, completed_at = $4, receipt = $5, details = NULL WHERE id = $1 AND tenant_id = $2 AND receipt IS NULL",
                    erasure.Id,
                    erasure.TenantId,
                    ErasureStatus.Completed,
                    completedAt,
                    receipt) == 1)
                {
                    Audit(session, erasure, erasure.WholeTenant ? "tenant.erased" : "erasure.completed", null, completedAt);
                    if (!erasure.WholeTenant)
                    {
                        session.Publish(
                            new SubjectErased
                            {
                                ErasureId = erasure.Id,
                                TenantId = erasure.TenantId,
                                SubjectKey = erasure.SubjectKey,
                                CompletedAt = completedAt,
                            },
                            completedAt);
                    }
                }
            },
            cancellationToken);
    }

    public async Task<IReadOnlyList<ErasureRecord>> AskAgainAsync(TimeSpan firstWait, int mostAttempts, CancellationToken cancellationToken)
    {
        var open = await OpenAsync(
            session => session.Query($"SELECT {Columns} FROM erasure_requests WHERE completed_at IS NULL ORDER BY id LIMIT 1000", Row.Read), cancellationToken);
        var now = clock.GetUtcNow();
        var late = open.Where(erasure => erasure.Step is not null && now >= NextAsking(erasure, firstWait)).ToList();
        if (late.Count > 0)
        {
            await database.Data.WriteAsync(
                session =>
                {
                    foreach (var erasure in late)
                    {
                        if (session.Execute(
                            """
                            UPDATE erasure_requests SET asked_at = $4, attempts = attempts + 1, status = CASE WHEN attempts >= $5 THEN $6 ELSE status END
                            WHERE id = $1 AND step = $2 AND asked_at = $3 AND completed_at IS NULL
                            """,
                            erasure.Id,
                            erasure.Step,
                            erasure.AskedAt,
                            now,
                            mostAttempts,
                            ErasureStatus.Failed) == 1)
                        {
                            Ask(session, erasure, erasure.Step!, now);
                        }
                    }
                },
                cancellationToken);
        }

        return [.. open.Where(erasure => erasure.Step is null)];
    }

    public async Task<IReadOnlyList<ReceiptKeyRecord>> ListKeysAsync(CancellationToken cancellationToken)
        => await database.Data.ReadAsync(
            session => session.Query(
                "SELECT id, private_key, created_at FROM receipt_keys ORDER BY created_at, id",
                row => new ReceiptKeyRecord(row.Text(0), row.Bytes(1), row.Time(2))),
            cancellationToken);

    public Task AddFirstKeyAsync(ReceiptKeyRecord key, CancellationToken cancellationToken)
        => database.Data.WriteAsync(
            session => session.Execute(
                "INSERT INTO receipt_keys (id, private_key, created_at) SELECT $1, $2, $3 WHERE NOT EXISTS (SELECT 1 FROM receipt_keys)",
                key.Id,
                key.PrivateKey,
                key.CreatedAt),
            cancellationToken);

    /// <returns>Neither, when the erasure that was under way has ended meanwhile.</returns>
    private (Guid? Id, StoredAnswer? Before) Start(
        StoreSession session, ErasureRecord erasure, IdempotencyClaim? claim, DataKey? key, byte[]? details)
    {
        var now = clock.GetUtcNow();
        if (claim is not null && IdempotencyTable.Find(session, claim, now) is { } answer)
        {
            return (null, answer);
        }

        var id = FindOpen(session, erasure);
        if (id is null)
        {
            if (key is null)
            {
                return (null, null);
            }

            key.ThrowIfDestroyed();
            Insert(session, erasure, details!, now);
            id = erasure.Id;
        }

        if (claim is not null)
        {
            // Not marked with the subject: whoever repeats the request after the erasure must not erase a new beginning.
            IdempotencyTable.Add(session, claim, id.Value.ToByteArray(bigEndian: true), now);
        }

        return (id, null);
    }

    private static Guid? FindOpen(StoreSession session, ErasureRecord erasure)
        => session.QueryFirst(
            "SELECT id FROM erasure_requests WHERE tenant_id = $1 AND subject_key = $2 AND completed_at IS NULL",
            row => (Guid?)row.Id(0),
            erasure.TenantId,
            erasure.SubjectKey);

    private static void Insert(StoreSession session, ErasureRecord erasure, byte[] details, DateTimeOffset now)
    {
        var first = ErasureSteps.All[0];
        session.Execute(
            """
            INSERT INTO erasure_requests (id, tenant_id, subject_key, requested_by, requested_at, status, details, step, asked_at, attempts)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1)
            """,
            erasure.Id,
            erasure.TenantId,
            erasure.SubjectKey,
            erasure.RequestedBy,
            erasure.RequestedAt,
            ErasureStatus.Running,
            details,
            first,
            now);
        Ask(session, erasure, first, now);
        Audit(session, erasure, "erasure.requested", erasure.RequestedBy, now);
    }

    private void Advance(StoreSession session, ServiceErased erased)
    {
        var now = clock.GetUtcNow();
        var erasure = session.QueryFirst(
            $"SELECT {Columns} FROM erasure_requests WHERE id = $1 AND tenant_id = $2 AND step = $3",
            row => Row.Read(row).Record,
            erased.ErasureId,
            erased.TenantId,
            erased.Service);
        if (erasure is null)
        {
            // It was answered before.
            return;
        }

        session.Execute(
            "INSERT INTO erasure_steps (erasure_id, service, erased_at, deleted, kept, data_map) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
            erased.ErasureId,
            erased.Service,
            erased.ErasedAt,
            JsonSerializer.Serialize(erased.Deleted),
            JsonSerializer.Serialize(erased.Kept),
            erased.DataMap);
        var next = ErasureSteps.All.SkipWhile(service => service != erased.Service).Skip(1).FirstOrDefault();
        session.Execute(
            "UPDATE erasure_requests SET step = $2, asked_at = $3, attempts = 1, status = $4 WHERE id = $1", erased.ErasureId, next, now, ErasureStatus.Running);
        if (next is not null)
        {
            Ask(session, erasure, next, now);
        }
    }

    /// <summary>When a service is asked again: after a wait that doubles each time. The first time may be set.</summary>
    private static DateTimeOffset NextAsking(ErasureRecord erasure, TimeSpan firstWait)
        => erasure.Attempts == 0
            ? erasure.AskedAt
            : erasure.AskedAt + TimeSpan.FromTicks((long)Math.Min(LongestWait.Ticks, firstWait.Ticks * Math.Pow(2, Math.Min(erasure.Attempts - 1, 20))));

    private static void Ask(StoreSession session, ErasureRecord erasure, string service, DateTimeOffset now)
        => session.Publish(
            new SubjectErasureRequested
            {
                ErasureId = erasure.Id,
                TenantId = erasure.TenantId,
                SubjectKey = erasure.SubjectKey,
                WholeTenant = erasure.WholeTenant,
                Service = service,
                ErasedUntil = session.QueryFirst(
                    "SELECT erased_at FROM erasure_steps WHERE erasure_id = $1 AND service = $2", row => row.TimeOrNull(0), erasure.Id, ErasureSteps.All[0]),
            },
            now);

    private static void Audit(StoreSession session, ErasureRecord erasure, string action, Guid? actor, DateTimeOffset now)
        => session.Publish(new AuditRecorded { TenantId = erasure.TenantId, ActorId = actor, Action = action, TargetId = erasure.Id, At = now }, now);

    private async Task<IReadOnlyList<ErasureRecord>> OpenAsync(Func<StoreSession, List<Row>> read, CancellationToken cancellationToken)
    {
        var rows = await database.Data.ReadAsync(
            session => read(session).ConvertAll(row => row with { Record = row.Record with { Steps = ReadSteps(session, row.Record.Id) } }), cancellationToken);
        var erasures = new List<ErasureRecord>(rows.Count);
        foreach (var (record, details) in rows)
        {
            var key = details is null ? null : await database.Keys.FindAsync(record.TenantId, record.SubjectKey, cancellationToken);
            erasures.Add(key is null ? record : record with { Details = OpenDetails(key, record.Id, details!) });
        }

        return erasures;
    }

    private static ErasureDetails? OpenDetails(DataKey key, Guid erasureId, byte[] details)
    {
        try
        {
            return JsonSerializer.Deserialize<ErasureDetails>(key.Open(details, DetailsPlace(erasureId)));
        }
        catch (CryptographicException)
        {
            // The key they were sealed with has just been destroyed, and another request made a new one.
            return null;
        }
    }

    private static List<ErasureStep> ReadSteps(StoreSession session, Guid erasureId) =>
        [
            .. session.Query(
                "SELECT service, erased_at, deleted, kept, data_map FROM erasure_steps WHERE erasure_id = $1",
                row => new ErasureStep(row.Text(0), row.Time(1), ReadCounts(row.Text(2)), ReadCounts(row.Text(3)), row.Text(4)),
                erasureId).OrderBy(step => ErasureSteps.All.ToList().IndexOf(step.Service)),
        ];

    private static SortedDictionary<string, long> ReadCounts(string json) => JsonSerializer.Deserialize<SortedDictionary<string, long>>(json)!;

    private static RowIdentity DetailsPlace(Guid erasureId) => new("erasure_requests", "details", erasureId);

    private sealed record Row(ErasureRecord Record, byte[]? Details)
    {
        public static Row Read(StoreRow row) => new(
            new ErasureRecord
            {
                Id = row.Id(0),
                TenantId = row.Id(1),
                SubjectKey = row.Id(2),
                RequestedBy = row.Id(3),
                RequestedAt = row.Time(4),
                Status = (ErasureStatus)row.Int32(5),
                Step = row.TextOrNull(7),
                AskedAt = row.Time(8),
                Attempts = row.Int32(9),
                CompletedAt = row.TimeOrNull(10),
                Receipt = row.TextOrNull(11),
                WholeTenant = row.Bool(12),
            },
            row.BytesOrNull(6));
    }
}

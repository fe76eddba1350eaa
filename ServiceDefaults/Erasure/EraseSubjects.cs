using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using MemoryMesh.Contracts.Events;
using MemoryMesh.ServiceDefaults.Messaging;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Extensions.Logging;

namespace MemoryMesh.ServiceDefaults.Erasure;

/// <summary>Carries out erasures in one service: delete, destroy the key, delete what came meanwhile, clean the files, say so.</summary>
/// <remarks>
/// <para>The key is destroyed between the deletions: whoever seals with it after that is refused inside the transaction of the write, and what was sealed
/// before is deleted in the last transaction. What comes after that one is sealed with a new key and is a new beginning.</para>
/// <para>How far an erasure is stands in the store. A process killed at any moment goes on where it was when the order is delivered again, and an order
/// that is delivered again later deletes nothing and confirms once more.</para>
/// </remarks>
internal sealed partial class EraseSubjects<TEraser>(TEraser eraser, TimeProvider clock, ILogger<EraseSubjects<TEraser>> logger)
    : IEventConsumer<SubjectErasureRequested>, IEventConsumer<SubjectErased>
    where TEraser : SubjectEraser
{
    /// <summary>Rows of one transaction: the writer is held up for some milliseconds, between the writes of others.</summary>
    private const int RowsAtATime = 200;

    /// <summary>Largest file of rows, in bytes, that is written anew. In a larger one a copy of a row may stay, without a key that opens it.</summary>
    private const long LargestRewrite = 64L * 1024 * 1024;

    private static readonly TimeSpan ScrubTimeout = TimeSpan.FromSeconds(10);

    public async Task ConsumeAsync(IReadOnlyList<EventEnvelope<SubjectErasureRequested>> batch, CancellationToken cancellationToken)
    {
        var database = eraser.Database;
        var orders = batch.Select(item => item.Event).Where(order => order.Service == database.Name).DistinctBy(order => order.ErasureId).ToList();
        if (orders.Count == 0)
        {
            return;
        }

        var unclean = false;
        foreach (var order in orders)
        {
            unclean |= await EraseAsync(order, cancellationToken);
        }

        IReadOnlyDictionary<string, long> copies = new Dictionary<string, long>();
        if (unclean)
        {
            // Once for all of them: it costs about the same as for one.
            await eraser.CleanAsync(cancellationToken);
            copies = await eraser.ScrubAsync(cancellationToken);
            await database.Keys.ScrubAsync(ScrubTimeout, cancellationToken);
            await database.Data.RewriteAsync(LargestRewrite, ScrubTimeout, cancellationToken);
        }

        await database.Data.WriteAsync(session => orders.ForEach(order => Confirm(session, order, copies)), cancellationToken);
    }

    public async Task ConsumeAsync(IReadOnlyList<EventEnvelope<SubjectErased>> batch, CancellationToken cancellationToken)
    {
        foreach (var erased in batch.Select(item => item.Event))
        {
            for (long? next = 0; next is { } after;)
            {
                next = await eraser.AnnounceSomeAsync(erased, after, clock, cancellationToken);
            }
        }
    }

    /// <returns>Whether bytes of it may be in the files still.</returns>
    private async Task<bool> EraseAsync(SubjectErasureRequested order, CancellationToken cancellationToken)
    {
        var data = eraser.Database.Data;
        var state = await data.ReadAsync(session => Find(session, order.ErasureId), cancellationToken);
        if (state?.ErasedAt is not null)
        {
            return state.ConfirmedAt is null;
        }

        await eraser.PrepareAsync(order, cancellationToken);
        while (await data.WriteAsync(session => EraseSome(session, order), cancellationToken) > 0)
        {
            await Task.Yield();
        }

        await eraser.EraseElsewhereAsync(order, cancellationToken);
        if (order.WholeTenant)
        {
            await eraser.Database.Keys.DestroyTenantAsync(order.TenantId, cancellationToken);
        }
        else
        {
            await eraser.Database.Keys.DestroyAsync(order.TenantId, order.SubjectKey, cancellationToken);
        }

        var elsewhere = await eraser.EraseElsewhereAsync(order, cancellationToken);
        await data.WriteAsync(session => EraseRest(session, order, elsewhere), cancellationToken);
        LogErased(logger, order.ErasureId, eraser.Database.Name);
        return true;
    }

    private int EraseSome(StoreSession session, SubjectErasureRequested order)
    {
        var rows = Find(session, order.ErasureId)?.Rows ?? new ErasedRows();
        var count = order.WholeTenant
            ? TenantRows.EraseSome(session, eraser, order.TenantId, RowsAtATime, rows)
            : eraser.EraseSome(session, order, RowsAtATime, rows, clock.GetUtcNow());
        Save(session, order, rows, null);
        return count;
    }

    private void EraseRest(StoreSession session, SubjectErasureRequested order, ErasedRows elsewhere)
    {
        var now = clock.GetUtcNow();
        while (EraseSome(session, order) > 0)
        {
            // Few: they came since the last of the transactions before.
        }

        var rows = Find(session, order.ErasureId)!.Rows;
        rows.Add(elsewhere);
        rows.Count("parked_events", Outbox.DeleteParked(session, order.SubjectKey));
        if (!order.WholeTenant)
        {
            EraseRestOfSubject(session, order, rows, now);
        }

        Save(session, order, rows, now);
    }

    private void EraseRestOfSubject(StoreSession session, SubjectErasureRequested order, ErasedRows rows, DateTimeOffset now)
    {
        rows.Count("idempotency_keys", IdempotencyTable.Erase(session, order.SubjectKey));
        foreach (var rule in eraser.BySubject)
        {
            rows.Count(rule.Name, session.Execute(DeleteBySubject(rule), order.TenantId, order.SubjectKey));
        }

        eraser.EraseLast(session, order, rows, now);
    }

    [SuppressMessage("Globalization", "CA1305", Justification = "Names of tables and columns, which are constants of the code.")]
    private static string DeleteBySubject(TableRule rule)
        => $"DELETE FROM {rule.Name} WHERE tenant_id = $1 AND {rule.Subject} = $2";

    private void Confirm(StoreSession session, SubjectErasureRequested order, IReadOnlyDictionary<string, long> copies)
    {
        var now = clock.GetUtcNow();
        session.Execute("UPDATE erasures SET confirmed_at = $2 WHERE id = $1 AND confirmed_at IS NULL", order.ErasureId, now);
        var state = Find(session, order.ErasureId)!;
        foreach (var (name, count) in copies)
        {
            state.Rows.Keep(name, count);
        }

        session.Publish(
            new ServiceErased
            {
                ErasureId = order.ErasureId,
                TenantId = order.TenantId,
                Service = order.Service,
                ErasedAt = state.ErasedAt!.Value,
                Deleted = state.Rows.Deleted,
                Kept = state.Rows.Kept,
                DataMap = eraser.DataMap,
            },
            now);
    }

    private static State? Find(StoreSession session, Guid erasureId)
        => session.QueryFirst(
            "SELECT rows, erased_at, confirmed_at FROM erasures WHERE id = $1",
            row => new State(ErasedRows.Parse(row.Text(0)), row.TimeOrNull(1), row.TimeOrNull(2)),
            erasureId);

    private static void Save(StoreSession session, SubjectErasureRequested order, ErasedRows rows, DateTimeOffset? erasedAt)
        => session.Execute(
            """
            INSERT INTO erasures (id, tenant_id, subject_key, rows, erased_at) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (id) DO UPDATE SET rows = excluded.rows, erased_at = excluded.erased_at
            """,
            order.ErasureId,
            order.TenantId,
            order.SubjectKey,
            rows.ToJson(),
            erasedAt);

    [LoggerMessage(EventId = 1151, Level = LogLevel.Information, Message = "Erasure {ErasureId}: {Service} deleted what it held")]
    private static partial void LogErased(ILogger logger, Guid erasureId, string service);

    private sealed record State(ErasedRows Rows, DateTimeOffset? ErasedAt, DateTimeOffset? ConfirmedAt);
}

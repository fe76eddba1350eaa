using MemoryMesh.Memory.Processing;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace MemoryMesh.Memory.Storage.Sqlite;

/// <summary>Keeps the ledger in the module's SQLite file.</summary>
internal sealed class SqliteExtractionLedger([FromKeyedServices(MemoryModule.Name)] ModuleDatabase database) : IExtractionLedger
{
    private const int PurgedAtATime = 5_000;

    public Task AddAsync(IReadOnlyList<LedgerEntry> entries, CancellationToken cancellationToken)
        => database.Data.WriteAsync(
            session =>
            {
                foreach (var entry in entries)
                {
                    if (session.Scalar(
                        "SELECT 1 FROM memory_extractions WHERE tenant_id = $1 AND source_id = $2 AND source_version = $3 AND outcome = $4 LIMIT 1",
                        entry.TenantId,
                        entry.SourceId,
                        entry.SourceVersion,
                        entry.Outcome) == 0)
                    {
                        Insert(session, entry);
                    }
                }
            },
            cancellationToken);

    public Task<IReadOnlyList<LedgerEntry>> ListAsync(LedgerQuery query, CancellationToken cancellationToken)
        => database.Data.ReadAsync<IReadOnlyList<LedgerEntry>>(
            session => session.Query(
                $"""
                SELECT id, scope, owner_key, source_id, from_memory, source_version, conversation_key, outcome, reason, memory_id, other_id, category, extractor,
                    input_tokens, output_tokens, cost_micros, elapsed_micros, at
                FROM memory_extractions
                WHERE tenant_id = $1 AND {(query.OwnerKey is null ? "$2 IS NULL" : "owner_key = $2")} AND ($3 IS NULL OR outcome = $3) AND ($4 IS NULL OR source_id = $4)
                    AND ($5 IS NULL OR memory_id = $5 OR other_id = $5) AND ($6 IS NULL OR conversation_key = $6) AND ($7 IS NULL OR at >= $7) AND ($8 IS NULL OR at <= $8)
                    AND ($9 IS NULL OR id < $9)
                ORDER BY id DESC LIMIT $10
                """,
                row => new LedgerEntry
                {
                    Id = row.Id(0),
                    TenantId = query.TenantId,
                    Scope = (MemoryScope)row.Int32(1),
                    OwnerKey = row.Id(2),
                    SourceId = row.Id(3),
                    FromMemory = row.Bool(4),
                    SourceVersion = row.Int32(5),
                    ConversationKey = row.IdOrNull(6),
                    Outcome = (ExtractionOutcome)row.Int32(7),
                    Reason = row.Text(8),
                    MemoryId = row.IdOrNull(9),
                    OtherId = row.IdOrNull(10),
                    Category = row.TextOrNull(11),
                    Extractor = row.Text(12),
                    InputTokens = row.Int32(13),
                    OutputTokens = row.Int32(14),
                    CostMicros = row.Int64(15),
                    ElapsedMicros = row.Int64(16),
                    At = row.Time(17),
                },
                query.TenantId,
                query.OwnerKey,
                query.Outcome,
                query.SourceId,
                query.MemoryId,
                query.ConversationKey,
                query.From,
                query.To,
                query.After,
                query.Limit),
            cancellationToken);

    public Task<IReadOnlyList<ConsentEntry>> ListConsentsAsync(Guid tenantId, Guid? ownerKey, Guid? after, int limit, CancellationToken cancellationToken)
        => database.Data.ReadAsync<IReadOnlyList<ConsentEntry>>(
            session => session.Query(
                $"""
                SELECT id, category, message_id, memory_id, at, owner_key FROM memory_consents
                WHERE tenant_id = $1 AND {(ownerKey is null ? "$2 IS NULL" : "owner_key = $2")} AND ($3 IS NULL OR id < $3) ORDER BY id DESC LIMIT $4
                """,
                row => new ConsentEntry(row.Id(0), tenantId, row.Id(5), row.Text(1), row.Id(2), row.Id(3), row.Time(4)),
                tenantId,
                ownerKey,
                after,
                limit),
            cancellationToken);

    public async Task PurgeAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        int deleted;
        do
        {
            deleted = await database.Data.WriteAsync(
                session => session.Execute(
                    "DELETE FROM memory_extractions WHERE id IN (SELECT id FROM memory_extractions WHERE at < $1 LIMIT $2)", before, PurgedAtATime),
                cancellationToken);
        }
        while (deleted == PurgedAtATime);
    }

    /// <summary>Writes entries in the transaction of what they tell of.</summary>
    internal static void Insert(SqliteSession session, IReadOnlyList<LedgerEntry> entries, IReadOnlyList<ConsentEntry> consents)
    {
        foreach (var entry in entries)
        {
            Insert(session, entry);
        }

        foreach (var consent in consents)
        {
            session.Execute(
                "INSERT INTO memory_consents (id, tenant_id, owner_key, category, message_id, memory_id, at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
                consent.Id,
                consent.TenantId,
                consent.OwnerKey,
                consent.Category,
                consent.MessageId,
                consent.MemoryId,
                consent.At);
        }
    }

    private static void Insert(SqliteSession session, LedgerEntry entry)
        => session.Execute(
            """
            INSERT INTO memory_extractions (id, tenant_id, owner_key, scope, source_id, from_memory, source_version, conversation_key, outcome, reason, memory_id, other_id,
                category, extractor, input_tokens, output_tokens, cost_micros, elapsed_micros, at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
            """,
            entry.Id,
            entry.TenantId,
            entry.OwnerKey,
            entry.Scope,
            entry.SourceId,
            entry.FromMemory,
            entry.SourceVersion,
            entry.ConversationKey,
            entry.Outcome,
            entry.Reason,
            entry.MemoryId,
            entry.OtherId,
            entry.Category,
            entry.Extractor,
            entry.InputTokens,
            entry.OutputTokens,
            entry.CostMicros,
            entry.ElapsedMicros,
            entry.At);
}

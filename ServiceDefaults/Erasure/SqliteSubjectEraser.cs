using MemoryMesh.Contracts.Events;
using MemoryMesh.ServiceDefaults.Storage;

namespace MemoryMesh.ServiceDefaults.Erasure;

/// <summary>A <see cref="SubjectEraser"/> of a service that has an embedded store only.</summary>
/// <param name="database">The service's store.</param>
/// <param name="tables">Its tables.</param>
public abstract class SqliteSubjectEraser(ModuleDatabase database, IReadOnlyList<TableRule> tables) : SubjectEraser(database, tables)
{
    /// <inheritdoc/>
    protected internal sealed override int EraseSome(StoreSession session, SubjectErasureRequested order, int limit, ErasedRows rows, DateTimeOffset now)
        => EraseSome((SqliteSession)session, order, limit, rows, now);

    /// <inheritdoc/>
    protected internal sealed override int EraseSomeOfTenant(StoreSession session, Guid tenantId, int limit, ErasedRows rows)
        => EraseSomeOfTenant((SqliteSession)session, tenantId, limit, rows);

    /// <inheritdoc/>
    protected internal sealed override void EraseLast(StoreSession session, SubjectErasureRequested order, ErasedRows rows, DateTimeOffset now)
        => EraseLast((SqliteSession)session, order, rows, now);

    /// <inheritdoc/>
    protected internal sealed override long? AnnounceSome(StoreSession session, SubjectErased erased, long after, DateTimeOffset now)
        => AnnounceSome((SqliteSession)session, erased, after, now);

    /// <inheritdoc cref="SubjectEraser.EraseSome"/>
    protected virtual int EraseSome(SqliteSession session, SubjectErasureRequested order, int limit, ErasedRows rows, DateTimeOffset now) => 0;

    /// <inheritdoc cref="SubjectEraser.EraseSomeOfTenant"/>
    protected virtual int EraseSomeOfTenant(SqliteSession session, Guid tenantId, int limit, ErasedRows rows) => 0;

    /// <inheritdoc cref="SubjectEraser.EraseLast"/>
    protected virtual void EraseLast(SqliteSession session, SubjectErasureRequested order, ErasedRows rows, DateTimeOffset now)
    {
    }

    /// <inheritdoc cref="SubjectEraser.AnnounceSome"/>
    protected virtual long? AnnounceSome(SqliteSession session, SubjectErased erased, long after, DateTimeOffset now) => null;
}

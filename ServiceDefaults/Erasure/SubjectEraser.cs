using MemoryMesh.Contracts.Events;
using MemoryMesh.ServiceDefaults.Messaging;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace MemoryMesh.ServiceDefaults.Erasure;

/// <summary>What one service adds to the erasure of a subject: the rows that are not found by their subject's column alone, or are too many for one transaction.</summary>
/// <param name="database">The service's store.</param>
/// <param name="tables">Its tables. Those with a <see cref="TableRule.Subject"/> need nothing else.</param>
public abstract class SubjectEraser(ModuleStore database, IReadOnlyList<TableRule> tables)
{
    internal ModuleStore Database { get; } = database;

    /// <summary>The tables whose rows are deleted by their subject's column.</summary>
    internal IReadOnlyList<TableRule> BySubject { get; } = [.. Own(database, tables).Where(rule => rule.Subject is not null && rule.Keeps is null)];

    /// <summary>Names of tables whose rows stay when their tenant is erased.</summary>
    internal IReadOnlySet<string> OutliveTenant { get; } = Own(database, tables).Where(rule => rule.OutlivesTenant).Select(rule => rule.Name).ToHashSet();

    /// <summary>Version of the data map that is followed.</summary>
    internal string DataMap { get; } = TableRule.VersionOf([.. Own(database, tables), .. TableRule.Shared(database.Name), .. TableRule.Keys(database.Name)]);

    /// <summary>Runs before anything is deleted, for example to wait until work has ended that read what other services have erased.</summary>
    protected internal virtual Task PrepareAsync(SubjectErasureRequested order, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Deletes some rows. It is called until it answers 0; first in transactions of their own, then in the one that ends the erasure.</summary>
    /// <param name="session">The session.</param>
    /// <param name="order">What is erased.</param>
    /// <param name="limit">About as many rows as it may delete in one call.</param>
    /// <param name="rows">Counts them.</param>
    /// <param name="now">The time.</param>
    /// <returns>How many rows it deleted; 0 when none are left.</returns>
    protected internal virtual int EraseSome(StoreSession session, SubjectErasureRequested order, int limit, ErasedRows rows, DateTimeOffset now) => 0;

    /// <summary>
    /// Erases what the service keeps on another server, all of it. Called before the data key is destroyed and once more after it, and again after a crash.
    /// </summary>
    /// <returns>What all calls for this order deleted together, and what stays.</returns>
    protected internal virtual Task<ErasedRows> EraseElsewhereAsync(SubjectErasureRequested order, CancellationToken cancellationToken) => Task.FromResult(new ErasedRows());

    /// <summary>
    /// Deletes some rows of a whole tenant that have no column <c>tenant_id</c>, or leave something behind when they are deleted by it. Called like
    /// <see cref="EraseSome"/>, before the rows with that column go.
    /// </summary>
    protected internal virtual int EraseSomeOfTenant(StoreSession session, Guid tenantId, int limit, ErasedRows rows) => 0;

    /// <summary>Runs at the end of the last transaction, and counts what stays. Not for whole tenants.</summary>
    protected internal virtual void EraseLast(StoreSession session, SubjectErasureRequested order, ErasedRows rows, DateTimeOffset now)
    {
    }

    /// <summary>Removes what deleting rows leaves in an index. May be repeated.</summary>
    protected internal virtual Task CleanAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Removes what deleting rows leaves in other servers, after <see cref="CleanAsync"/>. May be repeated.</summary>
    /// <returns>Copies that hold it still and are the operator's, by name with a count: the receipt tells them among what is kept.</returns>
    protected internal virtual Task<IReadOnlyDictionary<string, long>> ScrubAsync(CancellationToken cancellationToken)
        => Task.FromResult<IReadOnlyDictionary<string, long>>(new Dictionary<string, long>());

    /// <summary>
    /// Announces anew what was written for the subject after this service erased it: services that came later in the erasure may have taken that over before
    /// they erased, and lost it.
    /// </summary>
    /// <param name="session">The session.</param>
    /// <param name="erased">What was erased.</param>
    /// <param name="after">What the last call answered; 0 at first.</param>
    /// <param name="now">The time.</param>
    /// <returns>A value to go on with, or null when all is announced.</returns>
    protected internal virtual long? AnnounceSome(StoreSession session, SubjectErased erased, long after, DateTimeOffset now) => null;

    /// <summary>Does the same in a write of the service's store; a service with its rows on another server reads them there.</summary>
    protected internal virtual Task<long?> AnnounceSomeAsync(SubjectErased erased, long after, TimeProvider clock, CancellationToken cancellationToken)
        => Database.Data.WriteAsync(session => AnnounceSome(session, erased, after, clock.GetUtcNow()), cancellationToken);

    private static IEnumerable<TableRule> Own(ModuleStore database, IReadOnlyList<TableRule> tables)
    {
        ArgumentNullException.ThrowIfNull(database);
        return tables.Concat(TableRule.Shared(database.Name)).Distinct().Where(rule => rule.Database == database.Name);
    }
}

/// <summary>Registers erasers.</summary>
public static class SubjectEraserExtensions
{
    /// <summary>Has the service erase subjects when it is asked to.</summary>
    /// <param name="services">The services.</param>
    /// <param name="subscription">The service's queue for erasures.</param>
    public static IServiceCollection AddSubjectEraser<TEraser>(this IServiceCollection services, Subscription subscription)
        where TEraser : SubjectEraser
    {
        services.AddSingleton<TEraser>();
        return services.AddSubscription<EraseSubjects<TEraser>>(subscription);
    }
}

using System.Diagnostics.CodeAnalysis;
using MemoryMesh.Memory.Storage.Sqlite;
using MemoryMesh.ServiceDefaults.Storage;

namespace MemoryMesh.Tests.Integration.Memory;

/// <summary>What tests look at behind the interfaces of the stores of Memory, in the service's own file.</summary>
[SuppressMessage("Performance", "CA1852", Justification = "Builds that have MongoDB derive from it.")]
internal class MemoryEngine(ModuleDatabase database)
{
    /// <summary>Waits until the events of all writes stand in the outbox.</summary>
    public virtual Task SettleAsync() => Task.CompletedTask;

    /// <summary>How many rows a table has, whosever they are.</summary>
    [SuppressMessage("Security", "CA2100", Justification = "Names of tables, which are constants of the tests.")]
    public virtual Task<long> CountAsync(string table) => database.Data.ReadAsync(session => session.Scalar($"SELECT count(*) FROM {table}"), default);

    /// <summary>Memories that say nothing but what their sources say.</summary>
    public virtual Task<List<Guid>> ListDerivedAsync()
        => database.Data.ReadAsync(session => session.Query("SELECT id FROM memories WHERE derived", row => row.Id(0)), default);

    /// <summary>Makes a memory one that no key opens.</summary>
    public virtual Task BreakAsync(Guid memoryId)
        => database.Data.WriteAsync(session => session.Execute("UPDATE memories SET slot = x'00' WHERE id = $1", memoryId), default);

    /// <summary>Notes that everything a subject said until a time is forgotten.</summary>
    public virtual Task ForgetAsync(Guid tenantId, Guid subjectKey, DateTimeOffset until)
        => database.Data.WriteAsync(
            session =>
            {
                SqliteMemoryStore.NoteForgotten(session, tenantId, subjectKey, until);
                return true;
            },
            default);

    /// <summary>Deletes what is stored outside the data folder.</summary>
    public virtual Task DropAsync() => Task.CompletedTask;

    /// <summary>Whether bytes stand anywhere on the server, where there is one.</summary>
    public virtual Task<bool> HoldsAsync(byte[] bytes) => Task.FromResult(false);
}

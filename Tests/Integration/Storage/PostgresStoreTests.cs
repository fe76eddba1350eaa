using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using MemoryMesh.Contracts.Events;
using MemoryMesh.ServiceDefaults.Messaging;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;
using MemoryMesh.ServiceDefaults.Storage.Postgres;
using MemoryMesh.Tests.Shared;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace MemoryMesh.Tests.Integration.Storage;

/// <summary>What a store on a Postgres server does when things go wrong.</summary>
[SuppressMessage("Design", "CA1001", Justification = "Everything is disposed in TearDown.")]
public class PostgresStoreTests
{
    private static readonly Migration Notes = new("0001_notes.sql", "CREATE TABLE notes (id bigint PRIMARY KEY, body text NOT NULL)");

    private readonly KeyRing _ring = new(RandomNumberGenerator.GetBytes(32), RandomNumberGenerator.GetBytes(32));
    private PostgresServer _server = null!;
    private string _address = null!;
    private PostgresModuleStore _store = null!;

    [SetUp]
    public async Task OpenAsync()
    {
        _server = await PostgresServer.SharedAsync();
        _address = await _server.CreateDatabaseAsync();
        _store = New(_address, _ring, Notes);
        await _store.OpenAsync(default);
    }

    [TearDown]
    public async Task CloseAsync() => await _store.DisposeAsync();

    [Test]
    public async Task Of_writes_that_share_a_commit_one_that_fails_undoes_itself_alone()
    {
        var data = _store.Data;
        var writes = Enumerable.Range(0, 200).Select(i => data.WriteAsync(
            session =>
            {
                session.Execute("INSERT INTO notes (id, body) VALUES ($1, $2)", i % 100, "x");
                session.Publish(Event(), DateTimeOffset.UtcNow);
                return i;
            },
            default)).ToList();
        await ((Task)Task.WhenAll(writes)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        Assert.That(writes.Count(write => write.IsCompletedSuccessfully), Is.EqualTo(100));
        Assert.That(writes.Where(write => write.IsFaulted).Select(write => write.Exception!.InnerException), Is.All.InstanceOf<PostgresException>());
        var events = await data.ReadAsync(session => Outbox.Read(session, 0, 1_000), default);
        Assert.That(events.Select(item => item.Position), Is.EqualTo(Enumerable.Range(1, 100).Select(place => (long)place)), "Places have no gaps.");
        await data.WriteAsync(session => Outbox.Delete(session, events), default);
        Assert.That(await data.ReadAsync(Outbox.PositionBeforeOldest, default), Is.EqualTo(100));
    }

    [Test]
    public async Task A_server_that_is_killed_refuses_work_and_the_store_recovers_by_itself_with_all_it_answered_for()
    {
        await using var server = await PostgresServer.StartAsync();
        await using var store = New(await server.CreateDatabaseAsync(), _ring, Notes);
        await store.OpenAsync(default);
        await WriteAsync(store, 1);
        await store.Data.ReadAsync(session => session.Scalar("SELECT count(*) FROM notes"), default);

        server.Kill();
        Assert.That(async () => await WriteAsync(store, 2), Throws.InstanceOf<StorageUnavailableException>());
        Assert.That(async () => await store.Data.ReadAsync(session => session.Scalar("SELECT 1"), default), Throws.InstanceOf<StorageUnavailableException>());
        Assert.That(async () => await store.Keys.FindAsync(Guid.NewGuid(), Guid.NewGuid(), default), Throws.InstanceOf<StorageUnavailableException>());

        await server.StartAgainAsync();
        await Eventually.TrueAsync(() => SucceedsAsync(() => WriteAsync(store, 3)), Eventually.Patience, () => "The store did not recover.");
        Assert.That(await store.Data.ReadAsync(session => session.Query("SELECT id FROM notes ORDER BY id", row => row.Int64(0)), default), Is.EqualTo((long[])[1, 3]));
    }

    [Test]
    public async Task A_connection_that_the_server_closed_since_its_last_use_is_not_seen()
    {
        await WriteAsync(_store, 1);
        await _store.Data.ReadAsync(session => session.Scalar("SELECT 1"), default);
        await _server.RunSqlAsync("postgres", $"SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE datname = '{new NpgsqlConnectionStringBuilder(_address).Database}'");

        // A reader may be one of several, each with its own connection.
        for (var i = 0; i < 20; i++)
        {
            Assert.That(await _store.Data.ReadAsync(session => session.Scalar("SELECT count(*) FROM notes"), default), Is.EqualTo(1));
        }

        await Eventually.TrueAsync(() => SucceedsAsync(() => WriteAsync(_store, 2)), Eventually.Patience, () => "The writer did not come back.");
    }

    [Test]
    public async Task A_second_process_waits_until_the_first_has_ended()
    {
        await using var second = New(_address, _ring, Notes);
        Assert.That(async () => await WriteAsync(second, 1), Throws.InstanceOf<StorageUnavailableException>());
        await WriteAsync(_store, 2);
        await _store.DisposeAsync();
        await Eventually.TrueAsync(() => SucceedsAsync(() => WriteAsync(second, 3)), Eventually.Patience, () => "The second did not take over.");
        Assert.That(await second.Data.ReadAsync(session => session.Scalar("SELECT count(*) FROM notes"), default), Is.EqualTo(2));
    }

    [Test]
    public async Task Another_root_key_stops_the_start()
    {
        await _store.DisposeAsync();
        await using var other = New(_address, new KeyRing(RandomNumberGenerator.GetBytes(32), RandomNumberGenerator.GetBytes(32)), Notes);
        Assert.That(async () => await other.OpenAsync(default), Throws.InstanceOf<StartupException>().With.Message.Contains("ENCRYPTION_KEY"));
    }

    [Test]
    public async Task A_migration_that_fails_leaves_nothing_behind_and_a_later_one_continues()
    {
        await _store.DisposeAsync();
        await using (var broken = New(_address, _ring, Notes, new Migration("0002_more.sql", "CREATE TABLE more (id bigint); SELECT 1 / 0")))
        {
            Assert.That(async () => await WriteAsync(broken, 1), Throws.InstanceOf<StorageUnavailableException>());
        }

        await using var mended = New(_address, _ring, Notes, new Migration("0002_more.sql", "CREATE TABLE more (id bigint)"));
        await Eventually.TrueAsync(() => SucceedsAsync(() => WriteAsync(mended, 1)), Eventually.Patience, () => "It was not opened.");
        Assert.That(await mended.Data.ReadAsync(session => session.Scalar("SELECT count(*) FROM more"), default), Is.Zero);
    }

    [Test]
    public async Task Events_are_parked_listed_and_marked_for_another_try()
    {
        var parked = new LocalParkedEvents([_store], new ParkedBell(), TimeProvider.System);
        var now = DateTimeOffset.FromUnixTimeMilliseconds(1_800_000_000_000);
        await _store.Data.WriteAsync(
            session =>
            {
                for (var i = 0; i < 5; i++)
                {
                    session.Publish(Event(), now);
                }

                foreach (var item in Outbox.Read(session, 0, 10))
                {
                    Outbox.Park(session, item, item.Position % 2 == 0 ? "Upper" : "lower", "auth", "Oops", 8, now);
                    Outbox.Park(session, item, item.Position % 2 == 0 ? "Upper" : "lower", "auth", "Oops", 9, now);
                }
            },
            default);

        var first = await parked.ListAsync(new ParkedQuery(null, null, 3), default);
        var last = first[^1];
        var rest = await parked.ListAsync(new ParkedQuery(null, new ParkedPlace(last.ParkedAt, last.EventId, last.Subscription), 10), default);
        Assert.That(first.Concat(rest).Select(item => item.EventId).Distinct().Count(), Is.EqualTo(5));
        Assert.That(first.Concat(rest).Select(item => item.Attempts), Is.All.EqualTo(9));
        Assert.That(await parked.ListAsync(new ParkedQuery("Upper", null, 10), default), Has.Count.EqualTo(2));
        Assert.That(await parked.RetryAsync(new ParkedRetry([first[0].EventId], null), default), Is.EqualTo(1));
        Assert.That(await parked.RetryAsync(new ParkedRetry(null, null), default), Is.EqualTo(4));
    }

    [Test]
    public async Task A_destroyed_key_and_deleted_rows_are_gone_from_the_tables_files()
    {
        var (tenant, owner) = (Guid.NewGuid(), Guid.NewGuid());
        await _store.Keys.GetOrCreateAsync(tenant, owner, default);
        await _store.Data.WriteAsync(session => session.Execute("INSERT INTO notes (id, body) VALUES (1, 'forget-this-note')"), default);
        await _store.Keys.DestroyAsync(tenant, owner, default);
        await _store.Data.WriteAsync(session => session.Execute("DELETE FROM notes"), default);
        await _store.Keys.ScrubAsync(TimeSpan.FromSeconds(10), default);
        await _store.Data.RewriteAsync(long.MaxValue, TimeSpan.FromSeconds(10), default);

        Assert.That(await _store.Keys.FindAsync(tenant, owner, default), Is.Null);
        var relations = await _store.Data.ReadAsync(
            session => session.Scalar("SELECT sum(pg_relation_size(oid)) FROM pg_class WHERE oid IN ('notes'::regclass, 'auth_keys.data_keys'::regclass)"), default);
        Assert.That(relations, Is.Zero, "A table that was written anew without rows has no page.");
    }

    [Test]
    public async Task An_idempotent_answer_is_found_replaced_and_purged()
    {
        var names = new KeyedNames(_ring);
        var request = new IdempotentRequest(Guid.NewGuid(), Guid.NewGuid(), "key", [1]);
        var claim = await _store.PrepareAsync(names, request, default);
        var now = DateTimeOffset.UtcNow;
        await _store.Data.WriteAsync(session => IdempotencyTable.Add(session, claim, [1, 2], now, Guid.NewGuid()), default);
        await _store.Data.WriteAsync(session => IdempotencyTable.Add(session, claim, [3], now, Guid.NewGuid()), default);
        var found = await _store.Data.ReadAsync(session => IdempotencyTable.Find(session, claim, now), default);
        Assert.That(found!.Answer, Is.EqualTo((byte[])[3]));
        Assert.That(await _store.Data.WriteAsync(session => IdempotencyTable.Purge(session, now.AddDays(2), 10), default), Is.EqualTo(1));
        Assert.That(await _store.Data.ReadAsync(session => session.Scalar("SELECT count(*) FROM idempotency_subjects"), default), Is.Zero);
    }

    private static PostgresModuleStore New(string address, KeyRing ring, params Migration[] migrations)
        => new("auth", migrations, schema => new(PostgresSchema.Complete(address, schema)), ring, NullLoggerFactory.Instance);

    private static Task WriteAsync(ModuleStore store, long id)
        => store.Data.WriteAsync(session => session.Execute("INSERT INTO notes (id, body) VALUES ($1, 'x')", id), default);

    private static TenantDeleted Event() => new() { TenantId = Guid.NewGuid(), ActorId = Guid.NewGuid(), DeletedAt = DateTimeOffset.UtcNow };

    private static async Task<bool> SucceedsAsync(Func<Task> work)
    {
        try
        {
            await work();
            return true;
        }
        catch (StorageUnavailableException)
        {
            return false;
        }
    }
}

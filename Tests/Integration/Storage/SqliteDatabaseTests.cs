using System.Text;
using MemoryMesh.ServiceDefaults.Storage;
using MemoryMesh.Tests.Shared;
using Microsoft.Extensions.Logging.Abstractions;

namespace MemoryMesh.Tests.Integration.Storage;

public class SqliteDatabaseTests
{
    private static readonly Migration[] Schema =
    [
        new("0001_rows.sql", "CREATE TABLE rows (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE); CREATE VIRTUAL TABLE words USING fts5(body);"),
    ];

    private string _folder = null!;
    private SqliteDatabase _database = null!;

    [SetUp]
    public void Open()
    {
        _folder = Directory.CreateTempSubdirectory("memorymesh-sqlite-").FullName;
        _database = SqliteDatabase.Open(Path.Combine(_folder, "rows.db"), Schema, NullLogger.Instance);
    }

    [TearDown]
    public async Task CloseAsync()
    {
        await _database.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Test]
    public async Task Concurrent_writes_are_all_kept()
    {
        await Task.WhenAll(Enumerable.Range(0, 2_000).Select(i => Task.Run(() => InsertAsync($"row {i}"))));
        Assert.That(await CountAsync(), Is.EqualTo(2_000));
        Assert.That(await _database.CheckIntegrityAsync(default), Is.EqualTo("ok"));
    }

    [Test]
    public async Task More_readers_than_processors_keep_few_pages_and_are_used_when_no_other_is_idle()
    {
        const int AtOnce = 8;
        var firsts = Math.Clamp(Environment.ProcessorCount, 2, AtOnce);
        for (var round = 0; round < 2; round++)
        {
            using var all = new Barrier(AtOnce);
            var sizes = await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => Task.Factory.StartNew(
                () => _database.ReadAsync(
                    session =>
                    {
                        Assert.That(all.SignalAndWait(TimeSpan.FromSeconds(30)));
                        return session.Scalar("PRAGMA cache_size");
                    },
                    default),
                CancellationToken.None,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default).Unwrap()));
            Assert.That(sizes.Order(), Is.EqualTo(Enumerable.Repeat(-8_192L, firsts).Concat(Enumerable.Repeat(-1_024L, AtOnce - firsts))));
            Assert.That(await _database.ReadAsync(session => session.Scalar("PRAGMA cache_size"), default), Is.EqualTo(-8_192));
            await _database.ReleaseMemoryAsync(default);
        }
    }

    [Test]
    [Platform("Linux")]
    public async Task Readers_that_nobody_uses_can_be_closed_and_come_back_when_they_are_needed()
    {
        await InsertAsync("one");
        Assert.That(await CountAsync(), Is.EqualTo(1));
        var withReader = OpenFiles();
        await _database.ReleaseMemoryAsync(default);
        Assert.That(OpenFiles(), Is.LessThan(withReader));
        Assert.That(await CountAsync(), Is.EqualTo(1));
        await InsertAsync("two");
        Assert.That(await CountAsync(), Is.EqualTo(2));

        int OpenFiles() => new DirectoryInfo("/proc/self/fd").EnumerateFileSystemInfos().Count(file => file.LinkTarget?.StartsWith(_folder, StringComparison.Ordinal) == true);
    }

    [Test]
    public async Task A_write_may_change_many_pages_between_statements_that_can_be_undone()
    {
        // A statement with a trigger has a savepoint of its own, which is cut back to what the write has changed before: here at every number of pages, by
        // one that finds no row and so adds nothing.
        await _database.WriteAsync(
            session =>
            {
                session.Execute("CREATE TABLE pages (id INTEGER PRIMARY KEY, content BLOB NOT NULL)");
                session.Execute("CREATE TABLE counts (id INTEGER PRIMARY KEY, changes INTEGER NOT NULL CHECK (changes < 10000))");
                session.Execute("INSERT INTO counts (id, changes) VALUES (1, 0), (2, 0)");
                session.Execute("CREATE TRIGGER counted AFTER UPDATE ON counts WHEN NEW.id = 1 BEGIN UPDATE counts SET changes = changes + 1 WHERE id = 2; END");
                for (var page = 1; page <= 1_100; page++)
                {
                    session.Execute("INSERT INTO pages (id, content) VALUES ($1, $2)", page, new byte[3_000]);
                }
            },
            default);
        await _database.WriteAsync(
            session =>
            {
                for (var page = 1; page <= 1_100; page++)
                {
                    session.Execute("UPDATE pages SET content = $2 WHERE id = $1", page, Enumerable.Repeat((byte)7, 3_000).ToArray());
                    session.Execute("UPDATE counts SET changes = changes + 1 WHERE id = 3");
                }
            },
            default);
        Assert.That(await _database.ReadAsync(session => session.Scalar("SELECT COUNT(*) FROM pages WHERE substr(content, 1, 1) = x'07'"), default), Is.EqualTo(1_100));
        Assert.That(await _database.CheckIntegrityAsync(default), Is.EqualTo("ok"));
    }

    [Test]
    public async Task A_write_that_throws_undoes_itself_and_nothing_else()
    {
        var good = Enumerable.Range(0, 100).Select(i => InsertAsync($"good {i}")).ToList();
        var bad = Enumerable.Range(0, 100).Select(i => _database.WriteAsync(
            session =>
            {
                session.Execute("INSERT INTO rows (text) VALUES ($1)", $"bad {i}");
                throw new InvalidOperationException("no");
            },
            default)).ToList();
        await Task.WhenAll(good);
        foreach (var task in bad)
        {
            Assert.That(async () => await task, Throws.InstanceOf<InvalidOperationException>());
        }

        Assert.That(await CountAsync(), Is.EqualTo(100));
    }

    [Test]
    public async Task A_broken_rule_of_the_schema_fails_that_write_alone()
    {
        await InsertAsync("tea");
        var twice = InsertAsync("tea");
        var other = InsertAsync("coffee");
        await other;
        Assert.That(async () => await twice, Throws.InstanceOf<Microsoft.Data.Sqlite.SqliteException>());
        Assert.That(await CountAsync(), Is.EqualTo(2));
    }

    [Test]
    public async Task A_read_sees_every_write_that_was_answered()
    {
        for (var i = 0; i < 200; i++)
        {
            await InsertAsync($"row {i}");
            Assert.That(await CountAsync(), Is.EqualTo(i + 1));
        }
    }

    [Test]
    public async Task Migrations_run_once()
    {
        await InsertAsync("tea");
        await _database.DisposeAsync();
        _database = SqliteDatabase.Open(
            Path.Combine(_folder, "rows.db"), [.. Schema, new("0002_more.sql", "ALTER TABLE rows ADD COLUMN extra TEXT")], NullLogger.Instance);
        Assert.That(await CountAsync(), Is.EqualTo(1));
        Assert.That(await _database.ReadAsync(session => session.Scalar("SELECT count(*) FROM schema_migrations"), default), Is.EqualTo(2));
    }

    [Test]
    public async Task Deleted_text_leaves_every_file_after_a_scrub()
    {
        for (var i = 0; i < 500; i++)
        {
            var text = $"{(i % 5 == 0 ? "zqxcanary" : "ordinary")} number {i}";
            await _database.WriteAsync(
                session =>
                {
                    session.Execute("INSERT INTO rows (text) VALUES ($1)", text);
                    session.Execute("INSERT INTO words (body) VALUES ($1)", text);
                },
                default);
        }

        Assert.That(Occurrences("zqxcanary"), Is.Positive);
        await _database.WriteAsync(
            session =>
            {
                session.Execute("DELETE FROM rows WHERE text LIKE 'zqxcanary%'");
                session.Execute("DELETE FROM words WHERE words MATCH 'zqxcanary'");
                session.Execute("INSERT INTO words (words) VALUES ('optimize')");
            },
            default);
        _database.RequestScrub();
        await Eventually.TrueAsync(
            () => Task.FromResult(Occurrences("zqxcanary") == 0), TimeSpan.FromSeconds(20), () => $"{Occurrences("zqxcanary")} occurrences are left");
        Assert.That(Occurrences("ordinary"), Is.Positive);
    }

    [Test]
    public async Task A_scrub_waits_for_readers()
    {
        await InsertAsync("tea");
        using var entered = new ManualResetEventSlim();
        using var leave = new ManualResetEventSlim();
        var reading = Task.Run(() => _database.ReadAsync(
            session => session.Query(
                "SELECT text FROM rows",
                row =>
                {
                    entered.Set();
                    leave.Wait();
                    return row.Text(0);
                }),
            default));
        entered.Wait();
        await InsertAsync("coffee");
        Assert.That(async () => await _database.ScrubAsync(TimeSpan.FromMilliseconds(100), default), Throws.InstanceOf<TimeoutException>());
        leave.Set();
        await reading;
        await _database.ScrubAsync(TimeSpan.FromSeconds(10), default);
    }

    [Test]
    public async Task Closing_finishes_the_writes_that_wait()
    {
        var writes = Enumerable.Range(0, 500).Select(i => InsertAsync($"row {i}")).ToList();
        await _database.DisposeAsync();
        await Task.WhenAll(writes);
        _database = SqliteDatabase.Open(Path.Combine(_folder, "rows.db"), Schema, NullLogger.Instance);
        Assert.That(await CountAsync(), Is.EqualTo(500));
    }

    [Test]
    public async Task A_closed_store_refuses_writes_as_unavailable()
    {
        await _database.DisposeAsync();
        Assert.That(async () => await InsertAsync("late"), Throws.InstanceOf<StorageUnavailableException>());
    }

    private Task InsertAsync(string text) => _database.WriteAsync(session => session.Execute("INSERT INTO rows (text) VALUES ($1)", text), default);

    private Task<long> CountAsync() => _database.ReadAsync(session => session.Scalar("SELECT count(*) FROM rows"), default);

    private int Occurrences(string word)
    {
        var needle = Encoding.UTF8.GetBytes(word);
        var count = 0;
        foreach (var file in Directory.EnumerateFiles(_folder))
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var copy = new MemoryStream();
            stream.CopyTo(copy);
            var rest = copy.ToArray().AsSpan();
            for (int at; (at = rest.IndexOf(needle)) >= 0; rest = rest[(at + needle.Length)..])
            {
                count++;
            }
        }

        return count;
    }
}

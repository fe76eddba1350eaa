using System.Diagnostics.CodeAnalysis;
using MemoryMesh.Memory.Storage;
using MemoryMesh.Memory.Summaries;
using MemoryMesh.Tests.Integration.Storage;

namespace MemoryMesh.Tests.Integration.Memory;

/// <summary>Summaries of conversations whose subject is erased, or whose messages are deleted, at every moment of their making.</summary>
[TestFixtureSource(typeof(MemoryEngines), nameof(MemoryEngines.All))]
[SuppressMessage("Design", "CA1001", Justification = "Everything is disposed in TearDown.")]
public class SummaryStoreTests(StoreEngine engine)
{
    private static readonly Guid Tenant = Guid.NewGuid();
    private static readonly DateTimeOffset Noon = new(2026, 5, 4, 12, 0, 0, TimeSpan.Zero);
    private static readonly RollingSummary Made = RollingSummary.Empty with { Messages = 3, UpdatedAt = Noon };

    private readonly Guid _conversation = Guid.NewGuid();
    private readonly Guid _subject = Guid.NewGuid();
    private MemoryStorage _storage = null!;
    private ISummaryStore _store = null!;

    [SetUp]
    public void Open()
    {
        _storage = new MemoryStorage(engine, TimeProvider.System);
        _store = _storage.Get<ISummaryStore>();
    }

    [TearDown]
    public async Task CloseAsync()
    {
        if (_storage is not null)
        {
            await _storage.DisposeAsync();
        }
    }

    [Test]
    public async Task A_change_of_before_an_erasure_that_is_told_after_it_writes_nothing_of_the_subject()
    {
        await ForgetAsync(Noon);
        foreach (var at in new[] { Noon.AddMinutes(-1), Noon, Noon.AddMilliseconds(1) })
        {
            await ChangeAsync(at);
        }

        Assert.That(await RowsAsync(), Is.Zero);
        await ChangeAsync(Noon.AddSeconds(1));
        Assert.That(await RowsAsync(), Is.EqualTo(1), "a change of after the erasure");
    }

    [Test]
    public async Task What_was_in_the_making_when_the_subject_was_erased_is_not_kept()
    {
        var (stamp, _) = await _store.FindAsync(Tenant, _conversation, _subject, CancellationToken.None);
        await ForgetAsync(Noon);
        Assert.That(await SaveAsync(stamp), Is.False);
        Assert.That(await RowsAsync(), Is.Zero);

        (stamp, _) = await _store.FindAsync(Tenant, _conversation, _subject, CancellationToken.None);
        Assert.That(await SaveAsync(stamp), Is.True, "made of what was read after the erasure");
    }

    [Test]
    public async Task What_was_in_the_making_when_a_message_was_deleted_is_not_kept()
    {
        var (stamp, _) = await _store.FindAsync(Tenant, _conversation, _subject, CancellationToken.None);
        await ChangeAsync(Noon);
        Assert.That(await SaveAsync(stamp), Is.False);

        (stamp, _) = await _store.FindAsync(Tenant, _conversation, _subject, CancellationToken.None);
        Assert.That(await SaveAsync(stamp), Is.True);
        await ChangeAsync(Noon);
        Assert.That((await _store.FindAsync(Tenant, _conversation, _subject, CancellationToken.None)).Summary.Messages, Is.Zero);
    }

    private Task<bool> SaveAsync(SummaryStamp stamp) => _store.SaveAsync(Tenant, _conversation, _subject, stamp, Made, CancellationToken.None);

    private Task ChangeAsync(DateTimeOffset at) => _store.DeleteAsync(Tenant, [new SummaryChange(_conversation, _subject, at)], CancellationToken.None);

    private Task ForgetAsync(DateTimeOffset until) => _storage.Engine.ForgetAsync(Tenant, _subject, until);

    private Task<long> RowsAsync() => _storage.Engine.CountAsync("conversation_summaries");
}

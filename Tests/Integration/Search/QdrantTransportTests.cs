using MemoryMesh.Search.Storage.Qdrant;
using MemoryMesh.Tests.Shared;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Tests.Integration.Search;

/// <summary>What the transport of this build promises, whichever of Qdrant's interfaces it asks over.</summary>
public class QdrantTransportTests
{
    private static readonly QdrantCollection Collection = new("items", 4);
    private static readonly QdrantScope Ann = new(new("0a000000-0000-7000-8000-000000000001"), new("0b000000-0000-7000-8000-000000000001"));
    private static readonly float[] Vector = [1, 0, 0, 0];

    private static readonly QdrantFilter OfAnn = new() { TenantId = Ann.TenantId, Kinds = [1], Owners = [Ann.OwnerKey] };

    private QdrantStandIn _server = null!;
    private ServiceProvider _services = null!;
    private IQdrantTransport _transport = null!;

    [SetUp]
    public async Task OpenAsync()
    {
        _server = await QdrantStandIn.StartAsync("key");
        var limits = Options.Create(new QdrantOptions { QuestionTimeout = TimeSpan.FromSeconds(60), WriteTimeout = TimeSpan.FromSeconds(60) });
        _services = QdrantWorld.Connect(_server.Place, limits);
        _transport = _services.GetRequiredService<IQdrantTransport>();
    }

    [TearDown]
    public async Task CloseAsync()
    {
        await _services.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Test]
    public async Task A_collection_that_is_not_there_is_an_empty_one()
    {
        Assert.That(await _transport.QueryAsync(Collection, Vector, OfAnn, 10, default), Is.Empty);
        Assert.That(await _transport.SampleAsync(Collection, OfAnn, 10, default), Is.Empty);
        Assert.That(await _transport.FindAsync(Collection, OfAnn, [Guid.NewGuid()], default), Is.Empty);
        Assert.That(await _transport.CountAsync(Collection, OfAnn, default), Is.Zero);
        Assert.That(await _transport.ListSnapshotsAsync(Collection, default), Is.Empty);
        await _transport.DeleteAsync(Collection, Ann, [Guid.NewGuid()], default);
        await _transport.DropCollectionAsync(Collection, default);
        Assert.That(_server.Collections.All, Is.Empty);
        Assert.That(
            async () => await _transport.UpsertAsync(Collection, [Point()], default),
            Throws.TypeOf<QdrantUnavailableException>().With.Property(nameof(QdrantUnavailableException.IsLasting)).True, "what is to be kept is not lost");
    }

    [Test]
    public async Task Several_that_make_a_collection_or_drop_it_at_once_all_have_it_so()
    {
        await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => _transport.EnsureCollectionAsync(Collection, default))));
        Assert.That(_server.Collections.All[Collection.Name].Schema, Has.Count.EqualTo(8));
        Assert.That(await _transport.EnsureCollectionAsync(Collection, default), Is.False);
        await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => _transport.DropCollectionAsync(Collection, default))));
        Assert.That(_server.Collections.All, Is.Empty);
    }

    [Test]
    public async Task What_Qdrant_has_not_done_while_it_waited_is_not_taken_for_done()
    {
        await _transport.EnsureCollectionAsync(Collection, default);
        _server.Collections.All[Collection.Name].IsLate = true;
        foreach (var change in (Func<Task>[])
        [
            () => _transport.UpsertAsync(Collection, [Point()], default),
            () => _transport.DeleteAsync(Collection, Ann, [Guid.NewGuid()], default),
            () => _transport.FillLogAsync(Collection, default),
        ])
        {
            var unfinished = Assert.ThrowsAsync<QdrantUnavailableException>(() => change())!;
            Assert.That((unfinished.Reason, unfinished.IsLasting), Is.EqualTo(("not_completed", false)));
        }
    }

    [Test]
    public async Task A_point_that_cannot_be_read_is_no_answer()
    {
        await _transport.EnsureCollectionAsync(Collection, default);
        var point = Point();
        await _transport.UpsertAsync(Collection, [point], default);
        var hit = (await _transport.QueryAsync(Collection, Vector, OfAnn, 10, default)).Single();
        Assert.That((hit.Id, hit.Scope, hit.Kind, hit.Version, hit.Score), Is.EqualTo((point.Id, Ann, 1, 3, (double?)1)));
        Assert.That(hit.Sealed, Is.EqualTo(point.Sealed));
        _server.Collections.All[Collection.Name].Points[point.Id.ToString()].Payload["sealed"] = "no base64!";
        Assert.That(
            async () => await _transport.QueryAsync(Collection, Vector, OfAnn, 10, default),
            Throws.TypeOf<QdrantUnavailableException>().With.Property(nameof(QdrantUnavailableException.Reason)).EqualTo("malformed"));
        _server.Collections.All[Collection.Name].Points[point.Id.ToString()].Payload.Remove("sealed");
        Assert.That(await _transport.QueryAsync(Collection, Vector, OfAnn, 10, default), Is.Empty, "no point of an item");
    }

    [Test]
    public async Task Every_filter_lets_through_what_it_says()
    {
        await _transport.EnsureCollectionAsync(Collection, default);
        var conversation = Guid.NewGuid();
        var other = new QdrantScope(Ann.TenantId, Guid.NewGuid());
        QdrantPoint first = Point(createdAt: 1_000, role: 1, conversation: conversation, importance: 1), second = Point(createdAt: 2_000, role: 2, category: "c1"), third = Point(scope: other, kind: 2);
        await _transport.UpsertAsync(Collection, [first, second, third], default);
        foreach (var (filter, expected) in new (QdrantFilter, QdrantPoint[])[]
        {
            (OfAnn, [first, second]),
            (OfAnn with { Owners = null, Kinds = [1, 2] }, [first, second, third]),
            (OfAnn with { Owners = [] }, []),
            (OfAnn with { Owners = [other.OwnerKey], Kinds = [2] }, [third]),
            (OfAnn with { TenantId = Guid.NewGuid() }, []),
            (OfAnn with { Conversation = conversation }, [first]),
            (OfAnn with { Roles = [2, 3] }, [second]),
            (OfAnn with { Categories = ["c0", "c1"] }, [second]),
            (OfAnn with { From = 1_001 }, [second]),
            (OfAnn with { From = 1_000, To = 1_999 }, [first]),
            (OfAnn with { MinImportance = 0.5 }, [first]),
            (OfAnn with { MinImportance = 0.5, RolesImportantEnough = [2] }, [first, second]),
        })
        {
            var ids = expected.Select(point => point.Id).ToList();
            Assert.That(await _transport.CountAsync(Collection, filter, default), Is.EqualTo(ids.Count), $"{filter}");
            Assert.That((await _transport.QueryAsync(Collection, Vector, filter, 10, default)).Select(hit => hit.Id), Is.EquivalentTo(ids), $"{filter}");
            Assert.That((await _transport.SampleAsync(Collection, filter, 10, default)).Select(hit => hit.Id), Is.EquivalentTo(ids), $"{filter}");
            Assert.That((await _transport.FindAsync(Collection, filter, [first.Id, second.Id, third.Id], default)).Select(hit => hit.Id), Is.EquivalentTo(ids), $"{filter}");
        }

        await _transport.DeleteAsync(Collection, Ann, [first.Id, third.Id], default);
        Assert.That(_server.Collections.All[Collection.Name].Points.Keys, Is.EquivalentTo((string[])[second.Id.ToString(), third.Id.ToString()]), "another's stays");
    }

    [Test]
    public async Task A_status_that_passes_is_asked_again_and_one_that_lasts_is_not()
    {
        await _transport.EnsureCollectionAsync(Collection, default);
        foreach (var (fault, isLasting) in new[] { (1, false), (429, false), (500, false), (503, false), (400, true), (403, true) })
        {
            // Each with a circuit breaker of its own.
            await using var services = QdrantWorld.Connect(_server.Place, Options.Create(new QdrantOptions { QuestionTimeout = TimeSpan.FromSeconds(60), WriteTimeout = TimeSpan.FromSeconds(60) }));
            _server.FaultStatus = fault;
            Assert.That(
                async () => await services.GetRequiredService<IQdrantTransport>().CountAsync(Collection, OfAnn, default),
                Throws.TypeOf<QdrantUnavailableException>().With.Property(nameof(QdrantUnavailableException.IsLasting)).EqualTo(isLasting),
                $"{fault}");
            Assert.That(
                async () => await services.GetRequiredService<IQdrantTransport>().CountAsync(Collection, OfAnn, default),
                fault == 1 ? Throws.TypeOf<QdrantUnavailableException>().With.Property(nameof(QdrantUnavailableException.Reason)).EqualTo(QdrantUnavailableException.Network) : Throws.Exception);
            _server.FaultStatus = 0;
        }
    }

    private static QdrantPoint Point(
        QdrantScope? scope = null, int kind = 1, int role = 1, long createdAt = 1_767_355_200_123, Guid? conversation = null, string? category = null, double? importance = null) => new()
    {
        Id = Guid.NewGuid(),
        Scope = scope ?? Ann,
        Kind = kind,
        Role = role,
        CreatedAt = createdAt,
        Conversation = conversation,
        Category = category,
        Importance = importance,
        Version = 3,
        Sealed = [1, 2, 3, 250, 251],
        Vector = Vector,
    };
}

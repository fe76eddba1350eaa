using System.Net;
using System.Text;
using MemoryMesh.Search.Embedding;
using MemoryMesh.Search.Index;
using MemoryMesh.Search.Index.Vectors;
using MemoryMesh.Search.Storage.Qdrant;
using MemoryMesh.ServiceDefaults.Configuration;
using MemoryMesh.Tests.Shared;
using Microsoft.Extensions.DependencyInjection;

namespace MemoryMesh.Tests.Integration.Search;

/// <summary>Vectors in Qdrant: what is written there, what leaves it, and what happens while it is away.</summary>
public class QdrantStoreTests
{
    private const int Dimensions = 32;
    private static readonly Guid Tenant = new("0a000000-0000-7000-8000-000000000001");
    private static readonly Guid Ann = new("0b000000-0000-7000-8000-000000000001");
    private static readonly Guid Ben = new("0b000000-0000-7000-8000-000000000002");

    private QdrantStandIn _server = null!;
    private QdrantWorld _world = null!;
    private ModelInUse _model = null!;

    private QdrantStandInCollection Collection => _server.Collections.All[_world.Points.CollectionOf(_model.Stored).Name];

    [SetUp]
    public async Task OpenAsync()
    {
        _server = await QdrantStandIn.StartAsync("key");
        _world = new QdrantWorld(_server.Place, Dimensions);
        _model = await _world.OpenAsync();
    }

    [TearDown]
    public async Task CloseAsync()
    {
        await _world.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Test]
    public async Task A_point_holds_ids_hashes_and_numbers_and_nothing_that_can_be_read()
    {
        var item = Item(Ann, ItemKind.Memory);
        var vectors = Vectors(1, speaker: "Annabel", category: "allergies");
        await _world.StoreAsync(_model, [(item, vectors)]);
        var point = Collection.Points[item.Id.ToString()];
        Assert.That(
            point.Payload.Select(field => field.Key), Is.EquivalentTo((string[])["tenant", "subject", "kind", "role", "created_at", "version", "category", "sealed"]));
        var text = point.Payload.ToJsonString() + Encoding.Latin1.GetString(Convert.FromBase64String((string)point.Payload["sealed"]!));
        Assert.That(text, Does.Not.Contain("Annabel").And.Not.Contain("allergies"));
        var stored = point.Vectors["dense"]!.AsArray().Select(value => (float)value!).ToArray();
        Assert.That(stored, Is.Not.EqualTo(vectors.Pooled.ToSingle()).Within(0.01f), "it is turned by a rotation of the tenant's own");
        Assert.That(stored.Sum(value => value * value), Is.EqualTo(1).Within(1e-3));
        Assert.That(Collection.Schema["tenant"]!["params"]!["is_tenant"]!.GetValue<bool>());
        Assert.That(Collection.Schema, Has.Count.EqualTo(8));
        Assert.That(Collection.WalCapacityMegabytes, Is.EqualTo(1));
    }

    [Test]
    public async Task Removed_and_changed_items_leave_and_those_of_others_stay()
    {
        var (removed, changed, kept, other) = (Item(Ann), Item(Ann), Item(Ann), Item(Ben));
        await _world.StoreAsync(_model, [(removed, Vectors(1)), (changed, Vectors(2)), (kept, Vectors(3)), (other, Vectors(4))]);
        Assert.That(await _world.CountAsync("point_removals"), Is.Zero, "what was written has rows");
        await _world.RemoveAsync([removed]);
        await _world.Items.ApplyAsync([new IndexEntry(changed with { Version = 2 }, [])], [], default);
        await PurgeAsync();
        Assert.That(Collection.Points.Keys, Is.EquivalentTo((string[])[kept.Id.ToString(), other.Id.ToString()]));
        Assert.That(await _world.CountAsync("point_removals"), Is.Zero);
    }

    [Test]
    public async Task An_item_that_left_while_its_vectors_were_written_leaves_no_point()
    {
        var (gone, stays) = (Item(Ann), Item(Ann));
        await _world.Items.ApplyAsync([new IndexEntry(gone, []), new IndexEntry(stays, [])], [], default);
        var embedded = await _world.EmbeddedAsync(_model, [(gone, Vectors(1)), (stays, Vectors(2))]);
        await _world.RemoveAsync([gone]);
        var saved = await _world.Store.SaveAsync(_model.Stored, embedded, default);
        Assert.That((saved.Saved, saved.LeftTraces), Is.EqualTo(((IReadOnlyList<bool>)[false, true], true)));
        await PurgeAsync();
        Assert.That(Collection.Points.Keys, Is.EqualTo((string[])[stays.Id.ToString()]));
    }

    [Test]
    public async Task While_Qdrant_is_away_nothing_is_lost_and_what_was_removed_leaves_later()
    {
        var (first, second) = (Item(Ann), Item(Ann));
        await _world.StoreAsync(_model, [(first, Vectors(1))]);
        await _world.Items.ApplyAsync([new IndexEntry(second, [])], [], default);
        var embedded = await _world.EmbeddedAsync(_model, [(second, Vectors(2))]);
        _server.FaultStatus = 1;
        Assert.That(async () => await _world.Store.SaveAsync(_model.Stored, embedded, default), Throws.TypeOf<QdrantUnavailableException>());
        await _world.RemoveAsync([first]);
        Assert.That(async () => await _world.Store.PurgeStepAsync(default), Throws.TypeOf<QdrantUnavailableException>());
        Assert.That(await _world.CountAsync("embedding_jobs"), Is.EqualTo(1), "it waits to be embedded still");
        _server.FaultStatus = 0;
        await Eventually.TrueAsync(
            async () =>
            {
                try
                {
                    await PurgeAsync();
                    return true;
                }
                catch (QdrantUnavailableException)
                {
                    return false;
                }
            },
            Eventually.Patience,
            () => "Qdrant was not asked again.");
        Assert.That(Collection.Points, Is.Empty);
        await _world.Store.SaveAsync(_model.Stored, embedded, default);
        Assert.That(Collection.Points.Keys, Is.EqualTo((string[])[second.Id.ToString()]));
    }

    [Test]
    public async Task A_lost_collection_has_everything_embedded_again()
    {
        var item = Item(Ann);
        var embedded = await _world.StoreAsync(_model, [(item, Vectors(1))]);
        Assert.That((embedded.Saved[0], await _world.CountAsync("embedding_jobs")), Is.EqualTo((true, 0L)));
        await _world.Transport.DropCollectionAsync(_world.Points.CollectionOf(_model.Stored), default);
        await _world.Store.ReadyAsync(_model.Stored, default);
        Assert.That(await _world.CountAsync("embedding_jobs"), Is.EqualTo(1));
        await _world.Store.ReadyAsync(_model.Stored, default);
        Assert.That(Collection.Points, Is.Empty);
    }

    [Test]
    public async Task The_end_of_an_erasure_has_segments_written_anew_and_the_log_turned_over_and_names_snapshots()
    {
        var (erased, kept) = (Item(Ann), Item(Ben));
        await _world.StoreAsync(_model, [(erased, Vectors(1)), (kept, Vectors(2))]);
        var name = _world.Points.CollectionOf(_model.Stored).Name;
        using var client = new HttpClient { BaseAddress = _server.Address };
        client.DefaultRequestHeaders.Add("api-key", "key");
        using var taken = await client.PostAsync(new Uri($"collections/{name}/snapshots?wait=true", UriKind.Relative), null);
        Assert.That(taken.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        await _world.RemoveAsync([erased]);
        await PurgeAsync();
        Assert.That(Collection.InSegments, Does.Contain(erased.Id.ToString()), "deleting only marks a point");
        var written = Collection.BytesWritten;
        var copies = await _world.Store.ScrubAsync(default);
        Assert.That(copies, Has.Count.EqualTo(1).And.All.StartsWith(name));
        Assert.That(Collection.InSegments, Does.Not.Contain(erased.Id.ToString()));
        Assert.That(Collection.PayloadOnDisk, "as it was before");
        Assert.That(Collection.BytesWritten - written, Is.GreaterThan(3 * 1_048_576L), "more than the log holds, with the closed part that it keeps");
        Assert.That(Collection.Points.Keys, Is.EqualTo((string[])[kept.Id.ToString()]), "what filled the log has left");
    }

    [Test]
    public async Task Equal_texts_share_the_vectors_of_their_owner_alone()
    {
        var item = Item(Ann);
        await _world.Items.ApplyAsync([new IndexEntry(item, [])], [], default);
        var hash = _world.Store.HashText(new(Tenant, ItemKind.Message, Ann), "tea", null);
        var embedded = (await _world.EmbeddedAsync(_model, [(item, Vectors(1))]))[0] with { TextHash = hash };
        await _world.Store.SaveAsync(_model.Stored, [embedded], default);
        var found = await _world.Store.FindEqualAsync(new(Tenant, ItemKind.Message, Ann), _model.Stored, [hash], default);
        Assert.That(found[hash].Pooled.Values, Is.EqualTo(embedded.Vectors.Pooled.Values));
        Assert.That(await _world.Store.FindEqualAsync(new(Tenant, ItemKind.Message, Ben), _model.Stored, [hash], default), Is.Empty);
    }

    [Test]
    public async Task What_Qdrant_holds_of_another_key_or_version_is_not_found()
    {
        var item = Item(Ann);
        await _world.StoreAsync(_model, [(item, Vectors(1))]);
        var point = Collection.Points[item.Id.ToString()];
        var before = (string)point.Payload["sealed"]!;
        Assert.That(await CosineAsync(), Is.EqualTo(1).Within(1e-3));
        point.Payload["sealed"] = Convert.ToBase64String(new byte[600]);
        Assert.That(await CosineAsync(), Is.Null);
        point.Payload["sealed"] = before;
        point.Payload["version"] = 2;
        Assert.That(await CosineAsync(), Is.Null);
        await _world.RemoveAsync([item]);
        Assert.That((await FindAsync()).Items, Is.Empty, "gone here, though Qdrant has it");

        async Task<double?> CosineAsync() => (await FindAsync()).Items.Single(match => match.Item.Id == item.Id).Cosine;
    }

    [Test]
    public async Task A_question_while_Qdrant_is_away_is_answered_by_words()
    {
        var item = Item(Ann);
        await _world.StoreAsync(_model, [(item, Vectors(1))]);
        var candidate = new Candidate(item.Id, Ann, item.Role, item.CreatedAt, null);
        foreach (var fault in (int[])[1, 500, 503, 429])
        {
            _server.FaultStatus = fault;
            var found = await FindAsync([new(candidate, 3)]);
            Assert.That(found.Items.Single().Lexical, Is.EqualTo(3), $"{fault}");
            Assert.That(found.Items.Single().Cosine, Is.Null);
            Assert.That(await _world.Transport.IsReadyAsync(default), Is.False);
        }

        _server.FaultStatus = 0;
        Assert.That(await _world.Transport.IsReadyAsync(default), Is.True);
        await Eventually.TrueAsync(
            async () => (await FindAsync([new(candidate, 3)])).Items.Single().Cosine > 0.99, Eventually.Patience, () => "Qdrant was not asked again.");
    }

    [Test]
    public async Task A_wrong_key_and_values_that_are_no_numbers_are_refused()
    {
        await using var connected = QdrantWorld.Connect(_server.Place with { Key = "other" }, Microsoft.Extensions.Options.Options.Create(new QdrantOptions()));
        var wrong = connected.GetRequiredService<IQdrantTransport>();
        Assert.That(await wrong.IsReadyAsync(default), Is.False);
        Assert.That(
            async () => await wrong.EnsureCollectionAsync(new("another", 4), default),
            Throws.TypeOf<QdrantUnavailableException>().With.Property(nameof(QdrantUnavailableException.Reason)).AnyOf("http_401", "grpc_Unauthenticated"));
        var collection = _world.Points.CollectionOf(_model.Stored);
        var vector = new float[Dimensions];
        vector[3] = float.NaN;
        var filter = new QdrantFilter { TenantId = Tenant, Kinds = [1], Owners = null };
        Assert.That(async () => await _world.Transport.QueryAsync(collection, vector, filter, 10, default), Throws.ArgumentException);
    }

    [Test]
    public async Task Many_points_go_in_several_requests_and_come_back_whole()
    {
        var items = Enumerable.Range(0, 130).Select(number => (Item(Ann), (ItemVectors?)Vectors(number))).ToList();
        await _world.StoreAsync(_model, items);
        Assert.That(Collection.Points, Has.Count.EqualTo(130));
        Assert.That((await FindAsync()).Items, Has.Count.EqualTo(50), "the nearest of more than were asked for");
        Assert.That((await FindAsync()).Total, Is.EqualTo(130));
    }

    [Test]
    public async Task An_answer_that_is_larger_than_a_client_takes_at_once_comes_in_parts()
    {
        // Of texts of eight thousand tokens there are 128 kB a point: more than 4 MB of the fifty nearest, and of those that are asked for by their ids.
        var signs = new byte[8_000 * Dimensions / 8];
        var items = Enumerable.Range(0, 70).Select(number => (Item(Ann), (ItemVectors?)(Vectors(number) with { Signs = [.. signs, .. signs, .. signs] }))).ToList();
        await _world.StoreAsync(_model, items);
        var found = (await FindAsync()).Items;
        Assert.That(found, Has.Count.EqualTo(50));
        Assert.That(found.Select(match => match.Cosine), Has.All.Not.Null);
        Assert.That(found.MaxBy(match => match.Cosine)!.Item.Id, Is.EqualTo(items[1].Item1.Id), "scores go with their points");
        var filter = new QdrantFilter { TenantId = Tenant, Kinds = [(int)ItemKind.Message], Owners = [Ann] };
        var hits = await _world.Transport.FindAsync(_world.Points.CollectionOf(_model.Stored), filter, items.ConvertAll(row => row.Item1.Id), default);
        Assert.That(hits.Select(hit => hit.Id), Is.EquivalentTo(items.Select(row => row.Item1.Id)));
    }

    private async Task PurgeAsync()
    {
        while (await _world.Store.PurgeStepAsync(default))
        {
        }
    }

    private Task<VectorMatches> FindAsync(IReadOnlyList<ScoredItem>? lexical = null)
        => _world.Index.FindAsync(
            new()
            {
                Filter = new ItemFilter { TenantId = Tenant, Kind = ItemKind.Message, OwnerKeys = [Ann] },
                Vectors = QueryVectors.Create(_model.Stored.Id, Unit(1), [], null),
                Lexical = lexical ?? [],
                IsNamed = _ => false,
                Limit = 50,
            },
            default);

    private static IndexedItem Item(Guid owner, ItemKind kind = ItemKind.Message) => new()
    {
        Id = Guid.NewGuid(),
        Kind = kind,
        TenantId = Tenant,
        OwnerKey = owner,
        Version = 1,
        CreatedAt = new(2026, 1, 2, 12, 0, 0, TimeSpan.Zero),
    };

    private static ItemVectors Vectors(int seed, string? speaker = null, string? category = null)
        => new(speaker, category, TextTraits.None, RoundedVector.Round(Unit(seed)), []);

    private static float[] Unit(int seed)
    {
        var random = new Random(seed);
        var vector = Enumerable.Range(0, Dimensions).Select(_ => (float)(random.NextDouble() - 0.5)).ToArray();
        var length = MathF.Sqrt(vector.Sum(value => value * value));
        return [.. vector.Select(value => value / length)];
    }
}

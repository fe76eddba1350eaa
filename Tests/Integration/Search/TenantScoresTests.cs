using System.Security.Cryptography;
using MemoryMesh.Search;
using MemoryMesh.Search.Index;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace MemoryMesh.Tests.Integration.Search;

/// <summary>BM25 counts the items and words of one tenant.</summary>
public class TenantScoresTests : SearchFixture
{
    private static readonly string[] Words = [.. Enumerable.Range(0, 12).Select(number => $"w{number}")];
    private static readonly Guid Other = Guid.NewGuid();

    [Test]
    public async Task Scores_are_those_of_the_textbook_over_the_tenant_alone()
    {
        var random = new Random(1);
        var mine = Entries(random, Tenant, 60);
        await Index.ApplyAsync(mine, [], default);
        await Index.ApplyAsync(Entries(random, Other, 300), [], default);
        string[] query = ["w0", "w3", "w11", "absent"];
        var found = await FindAsync(query);
        var average = mine.Average(entry => entry.Terms.Count);
        var expected = mine.ToDictionary(entry => entry.Item.Id, entry => query.Sum(term =>
        {
            double frequency = entry.Terms.Count(other => other == term);
            var holding = mine.Count(other => other.Terms.Contains(term));
            var idf = Math.Log(1 + ((mine.Count - holding + .5) / (holding + .5)));
            return idf * frequency * 2.2 / (frequency + (1.2 * (.25 + (.75 * entry.Terms.Count / average))));
        }));
        Assert.That(found.Keys, Is.EquivalentTo(expected.Where(row => row.Value > 0).Select(row => row.Key)));
        foreach (var (id, score) in found)
        {
            Assert.That(score, Is.EqualTo(expected[id]).Within(1e-9));
        }
    }

    [Test]
    public async Task Scores_of_a_tenant_stay_as_they_are_while_another_grows_by_a_thousand_messages()
    {
        var random = new Random(2);
        await Index.ApplyAsync(Entries(random, Tenant, 40), [], default);
        var before = await FindAsync(["w1", "w2"]);
        await Index.ApplyAsync(Entries(random, Other, 1_000), [], default);
        var after = await FindAsync(["w1", "w2"]);
        Assert.That(after.Keys, Is.EquivalentTo(before.Keys));
        foreach (var (id, score) in before)
        {
            Assert.That(after[id], Is.EqualTo(score).Within(1e-6));
        }
    }

    [Test]
    public async Task What_changes_or_leaves_counts_no_more()
    {
        var random = new Random(3);
        var entries = Entries(random, Tenant, 40);
        await Index.ApplyAsync(entries, [], default);
        var before = await FindAsync(["w1", "w2"]);
        var added = Entries(random, Tenant, 30);
        await Index.ApplyAsync(added, [], default);
        await Index.ApplyAsync([entries[0] with { Item = entries[0].Item with { Version = 2 }, Terms = [.. Enumerable.Repeat("w1", 40)] }], [], default);
        Assert.That(await FindAsync(["w1", "w2"]), Is.Not.EquivalentTo(before));
        await Index.ApplyAsync([entries[0] with { Item = entries[0].Item with { Version = 3 } }], [.. added.Select(entry => new ItemReference(Tenant, entry.Item.Id))], default);
        var after = await FindAsync(["w1", "w2"]);
        foreach (var (id, score) in before)
        {
            Assert.That(after[id], Is.EqualTo(score).Within(1e-9));
        }
    }

    [Test]
    public async Task Lengths_of_a_store_from_before_they_were_counted_are_read_from_the_full_text_table()
    {
        var folder = Directory.CreateTempSubdirectory("memorymesh-lengths-").FullName;
        try
        {
            var ring = new KeyRing(RandomNumberGenerator.GetBytes(32), RandomNumberGenerator.GetBytes(32));
            var migrations = Migration.FromResources(typeof(SearchModule).Assembly, "MemoryMesh.Search.Migrations.");
            int[] lengths = [0, 1, 127, 128, 300, 16_383, 16_384, 40_000];
            await using (var older = new ModuleDatabase(
                SearchModule.Name, [.. migrations.Where(migration => string.CompareOrdinal(migration.Name, "0055") < 0)], folder, ring, NullLoggerFactory.Instance))
            {
                await older.Data.WriteAsync(
                    session =>
                    {
                        for (var row = 0; row < lengths.Length; row++)
                        {
                            session.Execute(
                                "INSERT INTO indexed_items (id, item_id, kind, tenant_id, owner_key, version, role, created_at) VALUES ($1, $2, 1, $3, $3, 1, 1, 0)",
                                row + 1,
                                Guid.NewGuid(),
                                Tenant);
                            session.Execute("INSERT INTO terms (rowid, scope, body) VALUES ($1, 'o c r', $2)", row + 1, string.Join(' ', Enumerable.Repeat("a", lengths[row])));
                        }
                    },
                    default);
            }

            await using var newer = new ModuleDatabase(SearchModule.Name, migrations, folder, ring, NullLoggerFactory.Instance);
            Assert.That(
                await newer.Data.ReadAsync(session => session.Query("SELECT term_count FROM indexed_items ORDER BY id", row => row.Int32(0)), default), Is.EqualTo(lengths));
            Assert.That(await newer.Data.ReadAsync(session => session.Scalar("SELECT term_count FROM index_totals"), default), Is.EqualTo(lengths.Sum()));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task<Dictionary<Guid, double>> FindAsync(string[] terms)
        => (await Index.FindAsync(new ItemFilter { TenantId = Tenant, Kind = ItemKind.Message, OwnerKeys = null }, terms, 1_000, default))
            .ToDictionary(found => found.Item.Id, found => found.Score);

    private static List<IndexEntry> Entries(Random random, Guid tenant, int count)
        => [.. Enumerable.Range(0, count).Select(_ => new IndexEntry(
            new IndexedItem
            {
                Id = Guid.CreateVersion7(), Kind = ItemKind.Message, TenantId = tenant, OwnerKey = Subject, ConversationKey = Subject, Version = 1, Role = MessageRole.User,
                CreatedAt = DateTimeOffset.UnixEpoch,
            },
            [.. Enumerable.Range(0, random.Next(1, 25)).Select(_ => Words[Math.Min(random.Next(12), random.Next(12))])]))];
}

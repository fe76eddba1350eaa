using MemoryMesh.AppHost.Moving;
using MemoryMesh.ServiceDefaults.Configuration;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage.Moving;

namespace MemoryMesh.Tests.Unit.Moving;

public class MigrateArgumentsTests
{
    private const string Postgres = "Host=db;Database=memorymesh;Username=u;Password=very-secret";

    [Test]
    public void Addresses_are_known_by_their_form_or_their_name()
    {
        var read = Parse("--from ./data --to /srv/target postgresql://u:very-secret@db/memorymesh http://vectors:6333");
        Assert.That(read.From.Folder, Is.EqualTo("./data"));
        Assert.That(read.From.Names, Is.Empty);
        Assert.That(read.To.Folder, Is.EqualTo("/srv/target"));
        Assert.That(read.To.Names, Is.EqualTo((string[])["auth", "qdrant", "retention"]));
        Assert.That(read.To.Describe(), Is.EqualTo("the folder /srv/target, auth in db:5432/memorymesh, qdrant in http://vectors:6333, retention in db:5432/memorymesh"));
        var vectors = Parse("--from data --to x qdrant=Endpoint=http://vectors:32802;Key=very-secret qdrant_http=http://vectors:32801");
        Assert.That(vectors.To.Describe(), Is.EqualTo("the folder x, qdrant in http://vectors:32801"));
        Assert.That(Parse($"--from=./data --to retention={Postgres}").To.Names, Is.EqualTo((string[])["retention"]));
    }

    [Test]
    public void Without_a_folder_the_target_is_beside_the_source()
        => Assert.That(Parse($"--from data/ --to {Postgres}").To.Folder, Is.EqualTo("data-migrated"));

    [Test]
    public void Addresses_come_from_the_environment_so_that_they_stand_in_no_list_of_processes()
    {
        var read = MigrateArguments.Parse(["--from", "data", "--to", "env:A", "qdrant=env:B"], name => name == "A" ? Postgres : "http://q:6333");
        Assert.That(read.To.Names, Is.EqualTo((string[])["auth", "qdrant", "retention"]));
        Assert.That(read.To.Settings().Select(setting => setting.Value), Has.Some.Contains("very-secret"));
    }

    [Test]
    public void Conversations_and_memories_move_to_MongoDB_in_builds_that_have_it()
    {
        const string Arguments = "--from data --to x mongodb://u:very-secret@m-1:27017,m-2/documents?replicaSet=rs0&authSource=admin";
        if (!DocumentStores.InMongo.Contains("chat"))
        {
            Assert.That(() => Parse(Arguments), Throws.TypeOf<StartupException>().With.Message.Contains("Stack=aspire").And.Message.Not.Contains("very-secret"));
            return;
        }

        var read = Parse(Arguments);
        Assert.That(read.To.Names, Is.EqualTo((string[])["chat", "memory"]));
        Assert.That(read.To.IsInMongo("chat") && read.To.IsInMongo("memory"), Is.True);
        Assert.That(read.To.Describe(), Is.EqualTo("the folder x, chat in m-1:27017,m-2/documents, memory in m-1:27017,m-2/documents"));
        Assert.That(Parse("--from data --to memory=mongodb://m/own").To.Names, Is.EqualTo((string[])["memory"]));
        Assert.That(Parse("--from data --to chat=mongodb+srv://very-secret@m/").To.Describe(), Is.EqualTo("the folder data-migrated, chat in m"));
    }

    [TestCase("", "--from")]
    [TestCase("--from data", "--to")]
    [TestCase("data --to x", "before")]
    [TestCase("--from data --too x", "--to only")]
    [TestCase("--from Host=db;Database=m --to x", "data folder")]
    [TestCase("--from data --to data", "apart")]
    [TestCase("--from data --to data/inside", "apart")]
    [TestCase("--from data/inside --to data", "apart")]
    [TestCase("--from data --to a b", "Two data folders")]
    [TestCase("--from data --to Host=db;Password=very-secret", "stands for no store")]
    [TestCase("--from data --to auth=http://very-secret", "auth is no address")]
    [TestCase("--from data --to chat=http://very-secret", "chat is no address")]
    [TestCase("--from data --to memory=http://very-secret", "memory is no address")]
    [TestCase("--from data --to gateway=mongodb://very-secret@m/db", "qdrant is no address")]
    [TestCase("--from data --to auth=Host=a;Database=b auth=Host=c;Database=d", "twice")]
    [TestCase("--from data --to qdrant_http=http://q:6333", "no qdrant")]
    [TestCase("--from data --to env:MISSING", "MISSING")]
    public void What_cannot_be_read_is_refused_without_its_secrets(string arguments, string reason)
        => Assert.That(() => Parse(arguments), Throws.TypeOf<StartupException>().With.Message.Contains(reason).And.Message.Not.Contains("very-secret"));

    [Test]
    public void A_place_is_told_from_others_by_everything_but_its_secrets()
    {
        var place = Parse($"--from data --to {Postgres}").To.Fingerprint();
        Assert.That(Parse("--from data --to Host=db;Database=memorymesh;Username=other;Password=changed").To.Fingerprint(), Is.EqualTo(place));
        Assert.That(Parse("--from data --to Host=db;Database=elsewhere").To.Fingerprint(), Is.Not.EqualTo(place));
        Assert.That(Parse($"--from data --to other {Postgres}").To.Fingerprint(), Is.Not.EqualTo(place));
    }

    [Test]
    public void Equal_rows_have_equal_digests_in_any_order_and_nothing_else_has()
    {
        var id = Guid.NewGuid();
        var first = Digest(("t", [id, 1L, null]), ("t", [Guid.Empty, 2L, "x"]));
        Assert.That(Digest(("t", [Guid.Empty, 2L, "x"]), ("t", [id, 1L, null])).IsSameAs(first), Is.True);
        foreach (var other in (RowDigest[])
        [
            Digest(("t", [id, 1L, null])), Digest(("u", [id, 1L, null]), ("t", [Guid.Empty, 2L, "x"])), Digest(("t", [id, 1L, ""]), ("t", [Guid.Empty, 2L, "x"])),
            Digest(("t", [id, 1.0, null]), ("t", [Guid.Empty, 2L, "x"])), Digest(("t", [id, 1L, "x"]), ("t", [Guid.Empty, 2L, null])),
        ])
        {
            Assert.That(other.IsSameAs(first), Is.False);
        }
    }

    private static RowDigest Digest(params (string Place, object?[] Values)[] rows)
    {
        var digest = new RowDigest();
        foreach (var (place, values) in rows)
        {
            digest.Add(place, values);
        }

        return digest;
    }

    private static MigrateArguments Parse(string arguments) => MigrateArguments.Parse(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries), _ => null);
}

using MemoryMesh.Search.Embedding;
using MemoryMesh.Search.Storage;

namespace MemoryMesh.Tests.Unit.Embedding;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public class EmbeddingClaimsTests
{
    private readonly EmbeddingClaims _claims = new();

    [Test]
    public void Nobody_takes_what_somebody_works_on()
    {
        var (first, isMore) = _claims.Take(Due(1, 2, 3), 2, elsewhere: false);
        Assert.That((Rows(first), isMore), Is.EqualTo(((long[])[1, 2], true)).AsCollection);
        var (second, isMoreLeft) = _claims.Take(Due(1, 2, 3), 2, elsewhere: true);
        Assert.That((Rows(second), isMoreLeft), Is.EqualTo(((long[])[3], false)).AsCollection);
        Assert.That(_claims.Take(Due(1, 2, 3), 2, elsewhere: true).Claim, Is.Null);
        Assert.That(_claims.Hidden, Is.EqualTo(3));
        first!.Dispose();
        Assert.That(Rows(_claims.Take(Due(1, 2, 3), 2, elsewhere: true).Claim), Is.EqualTo((long[])[1, 2]));
    }

    [Test]
    public void What_was_given_back_is_taken_here_and_sent_nowhere()
    {
        var (claim, _) = _claims.Take(Due(1, 2), 2, elsewhere: true);
        _claims.KeepHere(claim!);
        claim!.Dispose();
        Assert.That(_claims.Take(Due(1, 2), 2, elsewhere: true).Claim, Is.Null);
        Assert.That(Rows(_claims.Take(Due(1, 2, 3), 3, elsewhere: true).Claim), Is.EqualTo((long[])[3]));
        var (here, _) = _claims.Take(Due(1, 2), 2, elsewhere: false);
        Assert.That(Rows(here), Is.EqualTo((long[])[1, 2]));
        here!.Dispose();
        Assert.That(Rows(_claims.Take(Due(1, 2), 2, elsewhere: true).Claim), Is.EqualTo((long[])[1, 2]), "they come again with another change");
    }

    [Test]
    public void Who_waits_for_the_end_of_work_waits_for_all_that_is_open()
    {
        var (here, _) = _claims.Take(Due(1), 1, elsewhere: false);
        var (there, _) = _claims.Take(Due(1, 2), 1, elsewhere: true);
        var all = Task.WhenAll(_claims.Open);
        here!.Dispose();
        here.Dispose();
        Assert.That(all.IsCompleted, Is.False);
        there!.Dispose();
        Assert.That(async () => await all.WaitAsync(TimeSpan.FromSeconds(60)), Throws.Nothing);
        Assert.That(_claims.Open, Is.Empty);
    }

    private static long[]? Rows(EmbeddingClaim? claim) => claim?.Tasks.Select(task => task.RowId).ToArray();

    private static List<EmbeddingTask> Due(params long[] rows)
        => [.. rows.Select(row => new EmbeddingTask(row, 0, null!, 0, 0))];
}

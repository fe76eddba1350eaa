using MemoryMesh.Search.Embedding.Replicas;

namespace MemoryMesh.Tests.Unit.Embedding;

public class AdaptiveLimitTests
{
    [Test]
    public void It_begins_with_one_call_and_doubles_each_round_until_one_is_refused()
    {
        var limit = new AdaptiveLimit(16);
        var rounds = new List<int> { limit.Current };
        for (var round = 0; round < 4; round++)
        {
            Round(limit);
            rounds.Add(limit.Current);
        }

        Assert.That(rounds, Is.EqualTo((int[])[1, 2, 4, 8, 16]));
        Round(limit);
        Assert.That(limit.Current, Is.EqualTo(16), "it never passes its most");
    }

    [Test]
    public void A_refusal_halves_it_and_then_each_round_adds_one()
    {
        var limit = Grown(8);
        limit.Refused(limit.Epoch);
        Assert.That(limit.Current, Is.EqualTo(4));
        Round(limit);
        Assert.That(limit.Current, Is.EqualTo(5));
        Round(limit);
        Assert.That(limit.Current, Is.EqualTo(6));
    }

    [Test]
    public void Calls_that_were_refused_together_halve_it_once()
    {
        var limit = Grown(8);
        var epoch = limit.Epoch;
        for (var call = 0; call < 8; call++)
        {
            limit.Refused(epoch);
        }

        Assert.That(limit.Current, Is.EqualTo(4));
    }

    [Test]
    public void It_never_falls_below_one()
    {
        var limit = new AdaptiveLimit(4);
        for (var call = 0; call < 5; call++)
        {
            limit.Refused(limit.Epoch);
        }

        Assert.That(limit.Current, Is.EqualTo(1));
    }

    [Test]
    public void Calls_that_did_not_fill_it_do_not_raise_it()
    {
        var limit = Grown(4);
        for (var call = 0; call < 100; call++)
        {
            limit.Taken(underWay: 3);
        }

        Assert.That(limit.Current, Is.EqualTo(4));
    }

    [Test]
    public void After_a_restart_one_call_goes_alone_and_what_began_before_does_not_count()
    {
        var limit = Grown(8);
        var epoch = limit.Epoch;
        limit.Restart();
        Round(limit);
        limit.Refused(epoch);
        Assert.That(limit.Current, Is.EqualTo(2));
    }

    private static AdaptiveLimit Grown(int to)
    {
        var limit = new AdaptiveLimit(64);
        while (limit.Current < to)
        {
            Round(limit);
        }

        return limit;
    }

    /// <summary>As many calls as are allowed begin together, and all are taken.</summary>
    private static void Round(AdaptiveLimit limit)
    {
        for (var (call, calls) = (0, limit.Current); call < calls; call++)
        {
            limit.Taken(underWay: Math.Max(calls, limit.Current));
        }
    }
}

using MemoryMesh.ServiceDefaults.Hosting;

namespace MemoryMesh.Tests.Unit.Hosting;

public class QuietMomentsTests
{
    private const long Start = 40_000_000;

    [Test]
    public void What_starting_took_goes_back_once()
    {
        var moments = new QuietMoments();
        Assert.That(moments.Look(Start), Is.EqualTo(QuietMoment.LongWork), "it still starts");
        Assert.That(moments.Look(Start + 1), Is.EqualTo(QuietMoment.Rest));
        Assert.That(Enumerable.Range(2, 5).Select(look => moments.Look(Start + look)), Is.All.EqualTo(QuietMoment.None));
    }

    [Test]
    public void Memory_goes_back_once_when_work_has_ended()
    {
        var moments = Rested();
        var allocated = Start + (3 * QuietMoments.Work);
        Assert.That(moments.Look(allocated), Is.EqualTo(QuietMoment.Work), "it still works");
        Assert.That(moments.Look(allocated += QuietMoments.Rest), Is.EqualTo(QuietMoment.Rest));
        Assert.That(moments.Look(allocated + QuietMoments.Rest), Is.EqualTo(QuietMoment.None), "nothing has come since");
    }

    [Test]
    public void While_it_works_little_goes_back_often_and_more_every_minute()
    {
        var moments = Rested();
        var looks = Enumerable.Range(1, 13).Select(look => moments.Look(Start + (look * QuietMoments.Work))).ToList();
        Assert.That(
            looks.Select(moment => moment == QuietMoment.LongWork),
            Is.EqualTo(Enumerable.Range(1, 13).Select(look => look % QuietMoments.LongWork == 0)));
        Assert.That(looks.Where(moment => moment != QuietMoment.LongWork), Is.All.EqualTo(QuietMoment.Work));
    }

    [Test]
    public void While_it_works_a_little_nothing_goes_back()
    {
        var moments = Rested();
        var allocated = Start;
        Assert.That(moments.Look(allocated += QuietMoments.Rest + 1), Is.EqualTo(QuietMoment.None));
        Assert.That(moments.Look(allocated + QuietMoments.Rest + 1), Is.EqualTo(QuietMoment.None));
    }

    [Test]
    public void Slow_work_counts_as_soon_as_it_has_come_to_enough()
    {
        var moments = Rested();
        var looks = Enumerable.Range(1, (int)(QuietMoments.Work / QuietMoments.Rest)).Select(look => moments.Look(Start + (look * QuietMoments.Rest))).ToList();
        Assert.That(looks.SkipLast(1), Is.All.EqualTo(QuietMoment.None));
        Assert.That(looks[^1], Is.EqualTo(QuietMoment.Rest));
    }

    /// <summary>As it is after a start, which gave everything back.</summary>
    private static QuietMoments Rested()
    {
        var moments = new QuietMoments();
        moments.Look(Start);
        moments.Look(Start);
        return moments;
    }
}

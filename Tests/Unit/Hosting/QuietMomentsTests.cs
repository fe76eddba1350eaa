using MemoryMesh.ServiceDefaults.Hosting;

namespace MemoryMesh.Tests.Unit.Hosting;

public class QuietMomentsTests
{
    private const long Start = 40_000_000;

    [Test]
    public void What_starting_took_goes_back_once()
    {
        var moments = new QuietMoments();
        Assert.That(moments.IsNow(Start), Is.False, "it still starts");
        Assert.That(moments.IsNow(Start + 1), Is.True);
        Assert.That(Enumerable.Range(2, 5).Select(look => moments.IsNow(Start + look)), Is.All.False);
    }

    [Test]
    public void Memory_goes_back_once_when_work_has_ended()
    {
        var moments = Rested();
        var allocated = Start + (3 * QuietMoments.Work);
        Assert.That(moments.IsNow(allocated), Is.False, "it still works");
        Assert.That(moments.IsNow(allocated += QuietMoments.Rest), Is.True);
        Assert.That(moments.IsNow(allocated + QuietMoments.Rest), Is.False, "nothing has come since");
    }

    [Test]
    public void Slow_work_counts_as_soon_as_it_has_come_to_enough()
    {
        var moments = Rested();
        var looks = Enumerable.Range(1, (int)(QuietMoments.Work / QuietMoments.Rest)).Select(look => moments.IsNow(Start + (look * QuietMoments.Rest))).ToList();
        Assert.That(looks.SkipLast(1), Is.All.False);
        Assert.That(looks[^1], Is.True);
    }

    /// <summary>As it is after a start, which gave everything back.</summary>
    private static QuietMoments Rested()
    {
        var moments = new QuietMoments();
        moments.IsNow(Start);
        moments.IsNow(Start);
        return moments;
    }
}

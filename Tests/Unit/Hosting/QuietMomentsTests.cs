using MemoryMesh.ServiceDefaults.Hosting;

namespace MemoryMesh.Tests.Unit.Hosting;

public class QuietMomentsTests
{
    private const long Start = 1_000_000;

    [Test]
    public void A_process_that_never_worked_gives_nothing_back()
    {
        var moments = new QuietMoments(Start);
        Assert.That(Enumerable.Range(1, 5).Select(look => moments.IsNow(Start + look)), Is.All.False);
    }

    [Test]
    public void Memory_goes_back_once_when_work_has_ended()
    {
        var moments = new QuietMoments(Start);
        var allocated = Start + (3 * QuietMoments.Work);
        Assert.That(moments.IsNow(allocated), Is.False, "it still works");
        Assert.That(moments.IsNow(allocated += QuietMoments.Rest), Is.True);
        Assert.That(moments.IsNow(allocated + QuietMoments.Rest), Is.False, "nothing has come since");
    }

    [Test]
    public void Slow_work_counts_as_soon_as_it_has_come_to_enough()
    {
        var moments = new QuietMoments(Start);
        var looks = Enumerable.Range(1, (int)(QuietMoments.Work / QuietMoments.Rest)).Select(look => moments.IsNow(Start + (look * QuietMoments.Rest))).ToList();
        Assert.That(looks.SkipLast(1), Is.All.False);
        Assert.That(looks[^1], Is.True);
    }
}

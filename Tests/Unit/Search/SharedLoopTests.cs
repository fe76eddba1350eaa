using MemoryMesh.Search.Index.Vectors;

namespace MemoryMesh.Tests.Unit.Search;

public class SharedLoopTests
{
    [Test]
    public void Each_number_has_its_turn_once([Values(0, 1, 15, 16, 17, 1_000)] int count, [Values(1, 16, 2_000)] int part)
    {
        var calls = new int[count];
        for (var round = 0; round < 50; round++)
        {
            SharedLoop.Run(count, part, at => Interlocked.Increment(ref calls[at]));
        }

        Assert.That(calls, Is.All.EqualTo(50));
    }

    [Test]
    public void All_is_done_when_it_returns()
    {
        for (var round = 0; round < 2_000; round++)
        {
            var done = new int[200];
            SharedLoop.Run(done.Length, 4, at =>
            {
                Thread.SpinWait(at % 7 * 20);
                done[at] = 1;
            });
            Assert.That(done, Is.All.EqualTo(1));
        }
    }

    [Test]
    public void It_goes_on_while_every_thread_is_busy()
    {
        using var release = new ManualResetEventSlim();
        ThreadPool.GetMinThreads(out var threads, out _);
        var busy = Enumerable.Range(0, 4 * threads).Select(_ => Task.Run(release.Wait)).ToArray();
        try
        {
            var calls = 0;
            SharedLoop.Run(100, 1, _ => Interlocked.Increment(ref calls));
            Assert.That(calls, Is.EqualTo(100));
        }
        finally
        {
            release.Set();
            Task.WaitAll(busy);
        }
    }

    [Test]
    public void What_goes_wrong_is_told_to_the_caller([Values(0, 50, 99)] int at)
    {
        var failure = Assert.Throws<InvalidOperationException>(() => SharedLoop.Run(100, 4, step =>
        {
            if (step == at)
            {
                throw new InvalidOperationException($"at {step}");
            }
        }));
        Assert.That(failure.Message, Is.EqualTo($"at {at}"));
    }
}

using System.Net;
using MemoryMesh.Gateway.Limits;
using MemoryMesh.Gateway.Pipeline;

namespace MemoryMesh.Tests.Unit.Gateway;

public class RateLimitTests
{
    private readonly StandingClock _clock = new();

    [TestCase("200/minute", 200, 60)]
    [TestCase("1/second", 1, 1)]
    [TestCase(" 5 / Hour ", 5, 3_600)]
    [TestCase("10000000/DAY", 10_000_000, 86_400)]
    public void A_limit_is_read(string text, int permits, int seconds)
    {
        Assert.That(RateLimit.TryParse(text, out var limit));
        Assert.That(limit, Is.EqualTo(new RateLimit(permits, TimeSpan.FromSeconds(seconds))));
    }

    [TestCase("")]
    [TestCase("200")]
    [TestCase("/minute")]
    [TestCase("0/minute")]
    [TestCase("-1/minute")]
    [TestCase("1.5/minute")]
    [TestCase("1,000/minute")]
    [TestCase("99999999999/minute")]
    [TestCase("200/fortnight")]
    [TestCase("200/minute/second")]
    [TestCase(null)]
    public void What_is_not_a_limit_is_refused(string? text) => Assert.That(RateLimit.TryParse(text, out _), Is.False);

    [Test]
    public void None_is_no_limit()
    {
        Assert.That(RateLimit.TryParse("none", out var limit));
        Assert.That(limit, Is.Null);
    }

    [Test]
    public void As_many_requests_as_the_limit_pass_and_the_next_one_does_not()
    {
        var limiter = Limiter(3);
        var remaining = Enumerable.Range(0, 3).Select(_ => limiter.Take("a").Remaining).ToList();
        var refused = limiter.Take("a");
        Assert.Multiple(() =>
        {
            Assert.That(remaining, Is.EqualTo((int[])[2, 1, 0]));
            Assert.That(refused.Allowed, Is.False);
            Assert.That(refused.Limit, Is.EqualTo(3));
            Assert.That(refused.Remaining, Is.Zero);
            Assert.That(refused.ResetSeconds, Is.EqualTo(60));
            Assert.That(limiter.Take("b").Allowed, "another key has a count of its own");
        });
    }

    [Test]
    public void A_refused_request_is_not_counted()
    {
        var limiter = Limiter(1);
        limiter.Take("a");
        for (var i = 0; i < 100; i++)
        {
            limiter.Take("a");
        }

        _clock.Advance(120);
        Assert.That(limiter.Take("a").Allowed);
    }

    [TestCase(1)]
    [TestCase(5)]
    [TestCase(120)]
    public void Whoever_waits_as_long_as_told_gets_through(int permits)
    {
        var limiter = Limiter(permits);
        for (var burst = 0; burst < 3; burst++)
        {
            while (limiter.Take("a").Allowed)
            {
                _clock.Advance(0.01);
            }

            var wait = limiter.Take("a").RetryAfterSeconds;
            Assert.That(wait, Is.InRange(1, 120));
            _clock.Advance(wait);
            Assert.That(limiter.Take("a").Allowed, $"after {wait} s");
        }
    }

    [Test]
    public void The_border_of_a_window_does_not_let_twice_the_limit_through()
    {
        var limiter = Limiter(100);
        limiter.Take("a");
        _clock.Advance(59);
        var before = Enumerable.Range(0, 99).Count(_ => limiter.Take("a").Allowed);
        _clock.Advance(2);
        var after = Enumerable.Range(0, 100).Count(_ => limiter.Take("a").Allowed);
        Assert.That((before, after), Is.EqualTo((99, 1)), "one second of sixty has slid out of the window");
    }

    [Test]
    public void In_any_minute_of_a_steady_flood_about_the_limit_passes()
    {
        var limiter = Limiter(60);
        var passed = new List<double>();
        for (var i = 0; i < 6_000; i++)
        {
            if (limiter.Take("a").Allowed)
            {
                passed.Add(_clock.Seconds);
            }

            _clock.Advance(0.1);
        }

        Assert.That(passed.Max(time => passed.Count(other => other >= time && other < time + 60)), Is.InRange(60, 66));
        Assert.That(passed, Has.Count.InRange(550, 660), "ten minutes");
    }

    [Test]
    public void Idle_keys_are_forgotten()
    {
        var limiter = Limiter(5);
        for (var i = 0; i < 1_000; i++)
        {
            limiter.Take($"key {i}");
        }

        _clock.Advance(121);
        limiter.Take("new");
        Assert.That(limiter.Count, Is.EqualTo(1));
    }

    [Test]
    public void Too_many_keys_share_one_count()
    {
        var limiter = new LocalRateLimiter<string>(new RateLimit(2, TimeSpan.FromMinutes(1)), _clock, maxKeys: 10);
        var allowed = Enumerable.Range(0, 1_000).Count(i => limiter.Take($"key {i}").Allowed);
        Assert.That(allowed, Is.EqualTo(12), "ten keys of their own, and two requests of all others");
        Assert.That(limiter.Count, Is.EqualTo(10));
        Assert.That(limiter.Take("key 3").Allowed, "a known key keeps its count");
    }

    [Test]
    public void Threads_at_once_do_not_pass_more_than_the_limit()
    {
        var limiter = Limiter(500);
        var allowed = 0;
        Parallel.For(0, 5_000, _ =>
        {
            if (limiter.Take("a").Allowed)
            {
                Interlocked.Increment(ref allowed);
            }
        });
        Assert.That(allowed, Is.EqualTo(500));
    }

    [TestCase("192.0.2.1", "192.0.2.1")]
    [TestCase("::ffff:192.0.2.1", "192.0.2.1")]
    [TestCase("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::")]
    public void A_client_counts_by_its_address_or_network(string address, string counted)
        => Assert.That(GatewayPipeline.ClientNetwork(IPAddress.Parse(address)), Is.EqualTo(IPAddress.Parse(counted)));

    private LocalRateLimiter<string> Limiter(int permits) => new(new RateLimit(permits, TimeSpan.FromMinutes(1)), _clock);

    private sealed class StandingClock : TimeProvider
    {
        private long _ticks = TimeSpan.TicksPerDay;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public double Seconds => (double)_ticks / TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _ticks;

        public void Advance(double seconds) => _ticks += (long)(seconds * TimeSpan.TicksPerSecond);
    }
}

using System.Security.Cryptography;
using System.Text;
using MemoryMesh.Gateway.Limits;
using MemoryMesh.ServiceDefaults.Redis;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.Integration.Redis;

/// <summary>What every limiter does, whatever it counts in.</summary>
public abstract class RateLimiterContract
{
    private protected static readonly TimeSpan Day = TimeSpan.FromDays(1);

    private protected abstract IRateLimiter<string> Create(RateLimit limit);

    [Test]
    public async Task As_many_requests_as_the_limit_pass_and_the_next_one_does_not()
    {
        var limiter = Create(new RateLimit(3, Day));
        var remaining = new List<int>();
        for (var i = 0; i < 3; i++)
        {
            var passed = await limiter.TakeAsync("a");
            Assert.That(passed.Allowed);
            Assert.That(passed.RetryAfterSeconds, Is.Zero);
            Assert.That(passed.ResetSeconds, Is.InRange(1, 86_400));
            remaining.Add(passed.Remaining);
        }

        var refused = await limiter.TakeAsync("a");
        var other = await limiter.TakeAsync("b");
        Assert.Multiple(() =>
        {
            Assert.That(remaining, Is.EqualTo((int[])[2, 1, 0]));
            Assert.That((refused.Allowed, refused.Limit, refused.Remaining), Is.EqualTo((false, 3, 0)));
            Assert.That(refused.RetryAfterSeconds, Is.InRange(1, 2 * 86_400));
            Assert.That((other.Allowed, other.Remaining), Is.EqualTo((true, 2)), "another key has a count of its own");
        });
    }

    [Test]
    public async Task Many_at_once_do_not_pass_more_than_the_limit()
    {
        var limiter = Create(new RateLimit(50, Day));
        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => Task.Run(async () => await limiter.TakeAsync("a"))));
        Assert.That(answers.Count(answer => answer.Allowed), Is.EqualTo(50));
    }

    [Test]
    public async Task Whoever_waits_gets_through_however_often_it_was_refused()
    {
        var limiter = Create(new RateLimit(2, TimeSpan.FromSeconds(1)));
        RateLimitDecision refused;
        do
        {
            refused = await limiter.TakeAsync("a");
        }
        while (refused.Allowed);

        for (var i = 0; i < 20; i++)
        {
            await limiter.TakeAsync("a");
        }

        Assert.That(refused.RetryAfterSeconds, Is.InRange(1, 2));
        await Eventually.TrueAsync(async () => (await limiter.TakeAsync("a")).Allowed, Eventually.Patience, () => "Nothing gets through any more.");
    }

    [Test]
    public async Task A_limit_of_very_many_counts_each_of_them()
    {
        var limiter = Create(new RateLimit(RateLimit.MaxPermits, Day));
        await limiter.TakeAsync("a");
        Assert.That((await limiter.TakeAsync("a")).Remaining, Is.InRange(RateLimit.MaxPermits - 2, RateLimit.MaxPermits - 1));
    }
}

[TestFixture]
public class LocalRateLimiterTests : RateLimiterContract
{
    private protected override IRateLimiter<string> Create(RateLimit limit) => new LocalRateLimiter<string>(limit, TimeProvider.System);
}

[TestFixture]
public class RedisRateLimiterTests : RateLimiterContract
{
    private RedisWorld _world = null!;
    private RedisConnection _first = null!;
    private RedisConnection _second = null!;
    private int _limits;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _world = await RedisWorld.StartAsync();
        _first = _world.Connect();
        _second = _world.Connect();
        await _world.JoinAsync();
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        _first?.Dispose();
        _second?.Dispose();
        if (_world is not null)
        {
            await _world.DisposeAsync();
        }
    }

    private protected override IRateLimiter<string> Create(RateLimit limit) => Create(_first, $"test{++_limits}", limit);

    [Test]
    public async Task Two_Gateways_share_a_limit()
    {
        var limit = new RateLimit(40, Day);
        IRateLimiter<string>[] gateways = [Create(_first, "shared", limit), Create(_second, "shared", limit)];
        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => Task.Run(async () => await gateways[i % 2].TakeAsync("client"))));
        Assert.That(answers.Count(answer => answer.Allowed), Is.EqualTo(40));
        Assert.That(answers.Where(answer => answer.Allowed).Select(answer => answer.Remaining).Order(), Is.EqualTo(Enumerable.Range(0, 40)), "each token was taken once");
    }

    [Test]
    public async Task A_bucket_expires_when_it_would_be_full_again_and_its_name_tells_nothing()
    {
        var limiter = Create(_first, "expiry", new RateLimit(10, TimeSpan.FromHours(1)));
        await limiter.TakeAsync("203.0.113.77");
        var (names, left) = await _world.LookAsync(async (database, server) =>
        {
            var keys = server.Keys(pattern: "*limit:expiry*").ToList();
            return (keys.ConvertAll(key => (string)key!), await database.KeyTimeToLiveAsync(keys[0]));
        });
        Assert.That(names.Single(), Does.StartWith("memorymesh:").And.Not.Contain("203.0.113.77"));
        Assert.That(left, Is.GreaterThan(TimeSpan.Zero).And.LessThanOrEqualTo(TimeSpan.FromMinutes(6) + TimeSpan.FromSeconds(2)), "one token of ten in an hour");
    }

    [Test]
    public async Task Without_Redis_each_Gateway_counts_for_itself_and_with_it_they_share_again()
    {
        var limit = new RateLimit(5, Day);
        IRateLimiter<string>[] gateways = [Create(_first, "away", limit), Create(_second, "away", limit)];
        Assert.That(await AllowedAsync(gateways, 20), Is.EqualTo(5));

        _world.Server.Kill();
        Assert.That(await AllowedAsync(gateways, 40), Is.EqualTo(10), "five for each");
        await _world.EachAsync(joined: false);

        // A new server has no scripts and no buckets.
        await _world.Server.StartAgainAsync();
        await _world.EachAsync(joined: true);
        Assert.That(await AllowedAsync(gateways, 20), Is.EqualTo(5));
    }

    [Test]
    public async Task A_bucket_that_is_no_bucket_lets_the_Gateway_count_for_itself()
    {
        var limiter = Create(_first, "broken", new RateLimit(2, Day));
        await limiter.TakeAsync("a");
        await _world.LookAsync(async (database, server) =>
        {
            foreach (var key in server.Keys(pattern: "*limit:broken*").ToList())
            {
                await database.KeyDeleteAsync(key);
                await database.StringSetAsync(key, "something else");
            }

            return true;
        });
        Assert.That(await AllowedAsync([limiter], 10), Is.EqualTo(2));
        Assert.That(_first.IsJoined, "an error of one command says nothing about the connection");
    }

    private static async Task<int> AllowedAsync(IRateLimiter<string>[] gateways, int requests)
    {
        var allowed = 0;
        for (var i = 0; i < requests; i++)
        {
            allowed += (await gateways[i % gateways.Length].TakeAsync("client")).Allowed ? 1 : 0;
        }

        return allowed;
    }

    private static RedisRateLimiter<string> Create(RedisConnection redis, string kind, RateLimit limit)
        => new(kind, limit, redis, NameOf, new LocalRateLimiter<string>(limit, TimeProvider.System));

    private static Guid NameOf(string key) => new(SHA256.HashData(Encoding.UTF8.GetBytes(key)).AsSpan(0, 16));
}

using System.Net;
using MemoryMesh.Auth;
using MemoryMesh.Auth.Passwords;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Tests.Unit.Auth;

public class LoginThrottleTests
{
    private static readonly IPAddress Attacker = IPAddress.Parse("203.0.113.7");
    private static readonly IPAddress Home = IPAddress.Parse("198.51.100.1");

    private readonly Guid _account = Guid.NewGuid();
    private SteppingClock _clock = null!;
    private LoginThrottle _throttle = null!;

    [SetUp]
    public void Start()
    {
        _clock = new SteppingClock();
        _throttle = new LoginThrottle(Options.Create(new AuthOptions { FailuresPerAccount = 3, FailuresPerAddress = 6 }), _clock);
    }

    [Test]
    public void Waits_double_with_each_further_failure()
    {
        Fail(3);
        var waits = new List<double>();
        for (var i = 0; i < 4; i++)
        {
            var wait = _throttle.Begin(_account, Attacker);
            Assert.That(wait, Is.Not.Null);
            waits.Add(wait!.Value.TotalSeconds);
            _clock.Advance(wait.Value);
            Fail(1);
        }

        // The address has had six failures by the third of these, so its own wait begins.
        Assert.That(waits, Is.EqualTo(new[] { 1d, 2d, 4d, 8d }));
    }

    [Test]
    public void A_wait_is_at_most_a_quarter_of_an_hour()
    {
        for (var i = 0; i < 40; i++)
        {
            if (_throttle.Begin(_account, Attacker) is { } wait)
            {
                Assert.That(wait, Is.LessThanOrEqualTo(TimeSpan.FromMinutes(15)));
                _clock.Advance(wait);
            }
        }
    }

    [Test]
    public void The_owner_gets_in_from_another_address()
    {
        Fail(4);
        Assert.Multiple(() =>
        {
            Assert.That(_throttle.Begin(_account, Attacker), Is.Not.Null);
            Assert.That(_throttle.Begin(_account, Home), Is.Null);
        });
    }

    [Test]
    public void An_address_that_tries_many_accounts_must_wait_too()
    {
        for (var i = 0; i < 6; i++)
        {
            Assert.That(_throttle.Begin(Guid.NewGuid(), Attacker), Is.Null);
        }

        Assert.That(_throttle.Begin(Guid.NewGuid(), Attacker), Is.Not.Null);
    }

    [Test]
    public void Attempts_at_the_same_time_do_not_slip_through()
    {
        var admitted = Enumerable.Range(0, 50).AsParallel().Count(_ => _throttle.Begin(_account, Attacker) is null);
        Assert.That(admitted, Is.EqualTo(3));
    }

    [Test]
    public void A_right_password_clears_the_account_from_that_address()
    {
        Fail(2);
        Assert.That(_throttle.Begin(_account, Attacker), Is.Null);
        _throttle.Undo(_account, Attacker, succeeded: true);
        Assert.That(_throttle.Begin(_account, Attacker), Is.Null);
        Assert.That(_throttle.Begin(_account, Attacker), Is.Null);
    }

    [Test]
    public void A_right_password_to_an_own_account_does_not_clear_the_address()
    {
        for (var i = 0; i < 5; i++)
        {
            _throttle.Begin(Guid.NewGuid(), Attacker);
        }

        var own = Guid.NewGuid();
        Assert.That(_throttle.Begin(own, Attacker), Is.Null);
        _throttle.Undo(own, Attacker, succeeded: true);
        Assert.That(_throttle.Begin(Guid.NewGuid(), Attacker), Is.Null, "the sixth failure");
        Assert.That(_throttle.Begin(Guid.NewGuid(), Attacker), Is.Not.Null);
    }

    [Test]
    public void An_attempt_that_was_not_carried_out_does_not_count()
    {
        for (var i = 0; i < 20; i++)
        {
            Assert.That(_throttle.Begin(_account, Attacker), Is.Null);
            _throttle.Undo(_account, Attacker, succeeded: false);
        }
    }

    [Test]
    public void Failures_are_forgotten_after_half_an_hour()
    {
        Fail(4);
        _clock.Advance(TimeSpan.FromMinutes(31));
        Assert.That(_throttle.Begin(_account, Attacker), Is.Null);
        Assert.That(_throttle.Begin(_account, Attacker), Is.Null);
    }

    [Test]
    public void Addresses_of_one_IPv6_network_count_as_one()
    {
        for (var i = 1; i <= 3; i++)
        {
            _throttle.Begin(_account, IPAddress.Parse($"2001:db8:1:2::{i}"));
        }

        Assert.Multiple(() =>
        {
            Assert.That(_throttle.Begin(_account, IPAddress.Parse("2001:db8:1:2:ffff::1")), Is.Not.Null);
            Assert.That(_throttle.Begin(_account, IPAddress.Parse("2001:db8:1:3::1")), Is.Null);
        });
    }

    private void Fail(int times)
    {
        for (var i = 0; i < times; i++)
        {
            _throttle.Begin(_account, Attacker);
        }
    }
}

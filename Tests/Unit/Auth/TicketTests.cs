using System.Security.Cryptography;
using System.Text;
using MemoryMesh.Auth.Tokens;
using MemoryMesh.Contracts.Auth;

namespace MemoryMesh.Tests.Unit.Auth;

public class TicketTests
{
    private readonly SteppingClock _clock = new();
    private Tickets _tickets = null!;

    [SetUp]
    public void Create() => _tickets = new Tickets(_clock);

    [Test]
    public void A_ticket_works_once_and_for_half_a_minute()
    {
        var holder = Holder();
        var (once, _) = _tickets.Create(holder)!.Value;
        var (late, expiresAt) = _tickets.Create(holder)!.Value;
        Assert.Multiple(() =>
        {
            Assert.That(once, Does.Match("^mmt_[A-Za-z0-9_-]{43}$"));
            Assert.That(late, Is.Not.EqualTo(once));
            Assert.That(expiresAt, Is.EqualTo(_clock.GetUtcNow() + TimeSpan.FromSeconds(30)));
            Assert.That(_tickets.Take(once), Is.Null, "the hash takes it, not the text");
            Assert.That(_tickets.Take(Hash(once)), Is.SameAs(holder));
            Assert.That(_tickets.Take(Hash(once)), Is.Null);
        });
        _clock.Advance(TimeSpan.FromSeconds(30));
        Assert.That(_tickets.Take(Hash(late)), Is.Null);
    }

    [Test]
    public void An_account_has_so_many_at_a_time_and_more_when_some_are_taken_or_old()
    {
        var holder = Holder();
        var made = Enumerable.Range(0, Tickets.MaxOfAccount).Select(_ => _tickets.Create(holder)!.Value.Ticket).ToList();
        Assert.That(_tickets.Create(holder), Is.Null);
        Assert.That(_tickets.Create(Holder()), Is.Not.Null, "another account is not concerned");
        _tickets.Take(Hash(made[7]));
        Assert.That(_tickets.Create(holder), Is.Not.Null);
        Assert.That(_tickets.Create(holder), Is.Null);
        _clock.Advance(TimeSpan.FromSeconds(31));
        Assert.That(Enumerable.Range(0, Tickets.MaxOfAccount).Select(_ => _tickets.Create(holder)), Is.All.Not.Null);
    }

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static TicketHolder Holder() => new()
    {
        Principal = new PrincipalInfo { AccountId = Guid.NewGuid(), DefaultTenantId = Guid.NewGuid(), AllTenants = true, Scopes = KeyScopes.All },
        SessionId = Guid.NewGuid(),
        TenantId = Guid.NewGuid(),
    };
}

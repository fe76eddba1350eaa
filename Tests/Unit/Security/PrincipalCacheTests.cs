using MemoryMesh.Contracts.Auth;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;
using MemoryMesh.Tests.Unit.Auth;

namespace MemoryMesh.Tests.Unit.Security;

/// <summary>What is remembered of Auth's answers, and for how long.</summary>
public class PrincipalCacheTests
{
    private const string Key = "mm_key";

    private static readonly IEnumerable<Exception> Outages =
        [new StorageUnavailableException("The store is away."), new DependencyUnavailableException("Auth is away.")];

    private SteppingClock _clock = null!;
    private StubAuth _auth = null!;
    private PrincipalCache _principals = null!;

    [SetUp]
    public void Create()
    {
        _clock = new SteppingClock();
        _auth = new StubAuth();
        _principals = new PrincipalCache(_auth, _clock);
    }

    [TearDown]
    public void Destroy() => _principals.Dispose();

    [Test]
    public async Task An_answer_counts_for_15_seconds()
    {
        await FindAsync();
        _clock.Advance(PrincipalCache.Lifetime - TimeSpan.FromSeconds(1));
        _auth.Revoked = true;
        Assert.That(await FindAsync(), Is.Not.Null);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.That(await FindAsync(), Is.Null);
        Assert.That(_auth.Asked, Is.EqualTo(2));
    }

    [TestCaseSource(nameof(Outages))]
    public async Task While_Auth_cannot_be_asked_its_last_answer_counts_for_two_minutes(Exception outage)
    {
        await FindAsync();
        _auth.Outage = outage;
        _clock.Advance(PrincipalCache.LifetimeWithoutAuth - TimeSpan.FromSeconds(2));
        Assert.That(await FindAsync(), Is.Not.Null);
        _clock.Advance(TimeSpan.FromSeconds(3));
        Assert.That(FindAsync, Throws.Exception.SameAs(outage));
    }

    [Test]
    public async Task While_it_cannot_be_asked_it_is_asked_once_a_second_and_a_refusal_then_counts_at_once()
    {
        await FindAsync();
        _auth.Outage = Outages.First();
        _clock.Advance(TimeSpan.FromSeconds(20));
        for (var i = 0; i < 10; i++)
        {
            await FindAsync();
        }

        Assert.That(_auth.Asked, Is.EqualTo(2));
        (_auth.Outage, _auth.Revoked) = (null, true);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.That(await FindAsync(), Is.Null);
    }

    [Test]
    public async Task An_outage_brings_back_nothing_that_was_refused_or_forgotten()
    {
        await FindAsync();
        _clock.Advance(PrincipalCache.Lifetime);
        _auth.Revoked = true;
        Assert.That(await FindAsync(), Is.Null);
        _auth.Outage = Outages.First();
        Assert.That(FindAsync, Throws.Exception.SameAs(_auth.Outage), "refused");

        (_auth.Outage, _auth.Revoked) = (null, false);
        Assert.That(await FindAsync(), Is.Not.Null);
        _principals.Clear();
        _auth.Outage = Outages.First();
        Assert.That(FindAsync, Throws.Exception.SameAs(_auth.Outage), "forgotten");
    }

    [Test]
    public void Who_was_not_known_before_the_outage_stays_unknown()
    {
        _auth.Outage = Outages.First();
        Assert.That(FindAsync, Throws.Exception.SameAs(_auth.Outage));
    }

    private Task<Caller?> FindAsync() => _principals.FindApiKeyAsync(Key, default);

    private sealed class StubAuth : IAuthClient
    {
        private readonly PrincipalInfo _principal = new() { AccountId = Guid.NewGuid(), DefaultTenantId = Guid.NewGuid(), AllTenants = false, ApiKeyId = Guid.NewGuid(), Scopes = KeyScopes.All };

        public int Asked { get; private set; }

        public bool Revoked { get; set; }

        public Exception? Outage { get; set; }

        public Task<PrincipalInfo?> FindApiKeyAsync(string keyHash, CancellationToken cancellationToken)
        {
            Asked++;
            return Outage is null ? Task.FromResult(Revoked ? null : _principal) : Task.FromException<PrincipalInfo?>(Outage);
        }

        public Task<TenantMembership?> FindMembershipAsync(MembershipQuery query, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<string> GetSigningKeysAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<PrincipalInfo?> FindSessionAsync(Guid accountId, Guid sessionId, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<PrincipalInfo?> FindApiKeyByIdAsync(Guid apiKeyId, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<TicketHolder?> RedeemTicketAsync(string ticketHash, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<PrincipalInfo?> FindLocalOwnerAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IReadOnlyList<Guid>> ListTenantsAsync(Guid? after, int limit, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}

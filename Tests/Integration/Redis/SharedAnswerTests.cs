using MemoryMesh.Contracts.Auth;
using MemoryMesh.ServiceDefaults.Redis;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.Tests.Shared;
using StackExchange.Redis;

namespace MemoryMesh.Tests.Integration.Redis;

/// <summary>Two processes that share answers of Auth over Redis.</summary>
public class SharedAnswerTests
{
    private const string Key = "mm_key";

    private RedisWorld _world = null!;
    private CountingAuth _auth = null!;
    private PrincipalCache _first = null!;
    private PrincipalCache _second = null!;

    [OneTimeSetUp]
    public async Task StartServerAsync() => _world = await RedisWorld.StartAsync();

    [OneTimeTearDown]
    public async Task StopServerAsync()
    {
        if (_world is not null)
        {
            await _world.DisposeAsync();
        }
    }

    [SetUp]
    public async Task CreateAsync()
    {
        _auth = new CountingAuth();
        _first = Process();
        _second = Process();
        await _world.JoinAsync();
        await _world.LookAsync(async (database, server) => await database.KeyDeleteAsync([.. server.Keys(pattern: "*answers*")]));
    }

    [TearDown]
    public async Task DestroyAsync()
    {
        await _world.DisconnectAsync();
        _first.Dispose();
        _second.Dispose();
    }

    [Test]
    public async Task What_one_process_was_told_the_other_need_not_ask()
    {
        var query = new MembershipQuery { AccountId = _auth.Account, TenantIdOrSlug = "some-slug" };
        var known = await _first.FindMembershipAsync(query, default);
        await _first.FindApiKeyAsync(Key, default);
        await KeptAsync(2);

        var membership = await _second.FindMembershipAsync(query, default);
        var caller = await _second.FindApiKeyAsync(Key, default);
        Assert.Multiple(() =>
        {
            Assert.That(_auth.Asked, Is.EqualTo(2));
            Assert.That(membership!.TenantId, Is.EqualTo(known!.TenantId));
            Assert.That(membership.Role, Is.EqualTo(TenantRole.Admin));
            Assert.That(membership.Teams, Is.EqualTo(known.Teams));
            Assert.That(caller!.Principal.Scopes, Is.EqualTo(KeyScopes.All));
            Assert.That(caller.Principal.ApiKeyId, Is.EqualTo(_auth.ApiKey));
        });
    }

    [Test]
    public async Task What_one_process_forgets_all_forget()
    {
        await _first.FindApiKeyAsync(Key, default);
        await KeptAsync(1);
        Assert.That(await _second.FindApiKeyAsync(Key, default), Is.Not.Null);

        _auth.Revoked = true;
        _first.Clear();
        await Eventually.TrueAsync(async () => await _second.FindApiKeyAsync(Key, default) is null, Eventually.Patience, () => "The key still opens.");
        Assert.That(await _first.FindApiKeyAsync(Key, default), Is.Null);
    }

    [Test]
    public async Task Redis_holds_no_name_and_whoever_writes_to_it_gains_nothing()
    {
        await _first.FindMembershipAsync(new MembershipQuery { AccountId = _auth.Account, TenantIdOrSlug = "canary-slug" }, default);
        await _first.FindApiKeyAsync(Key, default);
        var kept = await KeptAsync(2);
        Assert.That(kept.Keys, Has.None.Contains("canary").And.None.Contains(Key));
        Assert.That(kept.Values.Select(value => System.Text.Encoding.UTF8.GetString(value)), Has.None.Contains("canary"));

        // Answers of others, moved; an answer with more rights; and one that is no answer.
        var values = kept.Values.ToArray();
        foreach (var forged in (byte[][])[values[1], [.. values[0][..^1], (byte)' '], [1, 2, 3], new byte[500]])
        {
            await _world.LookAsync(async (database, _) => await database.StringSetAsync((RedisKey)kept.Keys.First(), forged));
            using var process = Process();
            await _world.JoinAsync();
            var asked = _auth.Asked;
            await process.FindMembershipAsync(new MembershipQuery { AccountId = _auth.Account, TenantIdOrSlug = "canary-slug" }, default);
            await process.FindApiKeyAsync(Key, default);
            Assert.That(_auth.Asked, Is.EqualTo(asked + 1), "who has no answer that is proven asks Auth");
        }
    }

    [Test]
    public async Task An_answer_from_before_rights_changed_is_not_taken_afterwards()
    {
        await _first.FindApiKeyAsync(Key, default);
        var kept = await KeptAsync(1);
        _first.Clear();
        await Eventually.TrueAsync(
            async () => await _world.LookAsync(async (database, server) => (int?)await database.StringGetAsync(server.Keys(pattern: "*age").Single()) == 1), Eventually.Patience, () => "Not counted.");
        await _world.LookAsync(async (database, _) => await database.StringSetAsync((RedisKey)kept.Keys.Single(), kept.Values.Single()));
        _auth.Revoked = true;
        Assert.That(await _second.FindApiKeyAsync(Key, default), Is.Null);
    }

    [Test]
    public async Task Without_Redis_each_process_asks_for_itself()
    {
        _world.Server.Kill();
        Assert.That(await _first.FindApiKeyAsync(Key, default), Is.Not.Null);
        Assert.That(await _second.FindApiKeyAsync(Key, default), Is.Not.Null);
        Assert.That(_auth.Asked, Is.EqualTo(2));
        _first.Clear();
        await _world.EachAsync(joined: false);
        await _world.Server.StartAgainAsync();
        await _world.EachAsync(joined: true);
        await _first.FindApiKeyAsync(Key, default);
        await KeptAsync(1);
    }

    private PrincipalCache Process()
        => new(_auth, TimeProvider.System, new RedisAnswers(_world.Connect(), _world.Keys, TimeProvider.System));

    /// <summary>Waits until so many answers are in Redis.</summary>
    private async Task<Dictionary<string, byte[]>> KeptAsync(int count)
    {
        var kept = new Dictionary<string, byte[]>();
        await Eventually.TrueAsync(
            async () =>
            {
                kept = await _world.LookAsync(async (database, server) =>
                {
                    var found = new Dictionary<string, byte[]>();
                    foreach (var key in server.Keys(pattern: "*answers*").Where(key => !((string)key!).EndsWith("age", StringComparison.Ordinal)).ToList())
                    {
                        found[key!] = (await database.StringGetAsync(key))!;
                    }

                    return found;
                });
                return kept.Count == count;
            },
            Eventually.Patience,
            () => $"{kept.Count} answers are kept.");
        return kept;
    }

    private sealed class CountingAuth : IAuthClient
    {
        private readonly Guid _tenant = Guid.NewGuid();
        private int _asked;

        public Guid Account { get; } = Guid.NewGuid();

        public Guid ApiKey { get; } = Guid.NewGuid();

        public int Asked => _asked;

        public bool Revoked { get; set; }

        public Task<PrincipalInfo?> FindApiKeyAsync(string keyHash, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _asked);
            return Task.FromResult(
                Revoked ? null : new PrincipalInfo { AccountId = Account, DefaultTenantId = _tenant, AllTenants = false, ApiKeyId = ApiKey, Scopes = KeyScopes.All });
        }

        public Task<TenantMembership?> FindMembershipAsync(MembershipQuery query, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _asked);
            return Task.FromResult<TenantMembership?>(
                new TenantMembership { TenantId = _tenant, Role = TenantRole.Admin, Teams = new Dictionary<Guid, TenantRole> { [ApiKey] = TenantRole.Viewer }, AllTeams = [ApiKey] });
        }

        public Task<string> GetSigningKeysAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<PrincipalInfo?> FindSessionAsync(Guid accountId, Guid sessionId, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<PrincipalInfo?> FindApiKeyByIdAsync(Guid apiKeyId, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<TicketHolder?> RedeemTicketAsync(string ticketHash, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<PrincipalInfo?> FindLocalOwnerAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IReadOnlyList<Guid>> ListTenantsAsync(Guid? after, int limit, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}

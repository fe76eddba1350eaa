using System.Net;
using System.Text;
using MemoryMesh.Auth.Features;
using MemoryMesh.Auth.Passwords;
using MemoryMesh.Auth.Storage;
using MemoryMesh.Auth.Tokens;
using MemoryMesh.Contracts.Auth;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;
using MemoryMesh.Tests.Integration.Storage;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.Integration.Auth;

/// <summary>What the stores of Auth promise, on each engine.</summary>
[TestFixture(StoreEngine.Embedded)]
[TestFixture(StoreEngine.Postgres)]
public class AuthStoreTests(StoreEngine engine)
{
    private string? _address;

    [SetUp]
    public async Task MakeDatabaseAsync() => _address = engine == StoreEngine.Postgres ? await (await PostgresServer.SharedAsync()).CreateDatabaseAsync() : null;

    [Test]
    public async Task Of_fifty_uses_of_a_refresh_token_at_once_one_succeeds_and_the_session_ends()
    {
        await using var world = Start();
        var tokens = await world.RegisterAndLogInAsync("ada@example.com");
        var refresh = world.Get<RefreshSession>();

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(() => refresh.HandleAsync(tokens.RefreshToken, default))));

        var winner = answers.OfType<SessionTokens>().Single();
        Assert.That(await refresh.HandleAsync(winner.RefreshToken, default), Is.Null, "The family was revoked.");
    }

    [Test]
    public async Task A_refresh_token_works_for_seven_days_and_each_use_gives_seven_more()
    {
        await using var world = Start();
        var tokens = await world.RegisterAndLogInAsync("ada@example.com");
        var refresh = world.Get<RefreshSession>();
        for (var i = 0; i < 3; i++)
        {
            world.Clock.Advance(TimeSpan.FromDays(6.9));
            tokens = (await refresh.HandleAsync(tokens.RefreshToken, default))!;
            Assert.That(tokens, Is.Not.Null);
        }

        world.Clock.Advance(TimeSpan.FromDays(7));
        Assert.That(await refresh.HandleAsync(tokens.RefreshToken, default), Is.Null);
        await world.Get<ISessionStore>().RemoveExpiredAsync(world.Clock.GetUtcNow(), default);
        Assert.That(await CountAsync(world, "SELECT COUNT(*) FROM sessions"), Is.Zero);
        Assert.That(await CountAsync(world, "SELECT COUNT(*) FROM refresh_tokens"), Is.Zero);
    }

    [Test]
    public async Task An_unknown_account_costs_as_much_as_a_wrong_password()
    {
        await using var world = Start();
        await world.RegisterAndLogInAsync("ada@example.com");
        var (logIn, hasher) = (world.Get<LogIn>(), world.Get<PasswordHasher>());
        var work = new List<long>();
        foreach (var email in new[] { "ada@example.com", "nobody@example.com" })
        {
            var before = hasher.IterationsRun;
            var result = await logIn.HandleAsync(email, "another password", IPAddress.Loopback, null, default);
            Assert.That(result.Outcome, Is.EqualTo(LogInOutcome.Refused));
            work.Add(hasher.IterationsRun - before);
        }

        Assert.That(work, Is.EqualTo(new[] { 600_000L, 600_000L }));
    }

    [Test]
    public async Task A_hash_with_fewer_iterations_is_replaced_at_the_next_login()
    {
        await using var world = Start();
        await world.RegisterAndLogInAsync("ada@example.com");
        await world.CloseAsync();

        var raised = Start(world.Folder, settings: ("Auth:PasswordIterations", "600001"));
        var accounts = raised.Get<IAccountStore>();
        Assert.That((await accounts.FindLoginAsync("ada@example.com", default))!.PasswordHash, Does.StartWith("pbkdf2-sha256$600000$"));
        var result = await raised.Get<LogIn>().HandleAsync("ada@example.com", AuthWorld.Password, null, null, default);
        Assert.That(result.Outcome, Is.EqualTo(LogInOutcome.Started));
        Assert.That((await accounts.FindLoginAsync("ada@example.com", default))!.PasswordHash, Does.StartWith("pbkdf2-sha256$600001$"));
        await raised.CloseAsync();
    }

    [Test]
    public async Task Two_registrations_of_one_address_at_once_make_one_account()
    {
        await using var world = Start();
        var accounts = world.Get<IAccountStore>();
        var now = world.Clock.GetUtcNow();
        var added = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => Task.Run(() => accounts.AddAsync(
            new AccountRecord(Guid.NewGuid(), i % 2 == 0 ? "ada@example.com" : "ADA@example.com", $"ada{i}", Guid.NewGuid(), now), "hash", default))));
        Assert.That(added.Count(done => done), Is.EqualTo(1));
        Assert.That(await CountAsync(world, "SELECT COUNT(*) FROM tenants"), Is.EqualTo(1));
    }

    [Test]
    public async Task Of_two_owners_who_remove_each_other_at_once_one_stays()
    {
        await using var world = Start();
        var members = world.Get<IMemberStore>();
        for (var round = 0; round < 20; round++)
        {
            var (first, second, tenantId) = await TenantWithTwoOwnersAsync(world);
            var now = world.Clock.GetUtcNow();
            var outcomes = await Task.WhenAll(
                Task.Run(() => members.SetRoleAsync(tenantId, first, second, TenantRole.Viewer, now, default)),
                Task.Run(() => members.SetRoleAsync(tenantId, second, first, TenantRole.Viewer, now, default)));

            Assert.That(outcomes, Is.EquivalentTo(new[] { Change.Done, Change.Forbidden }));
            Assert.That((await members.ListAsync(tenantId, null, 10, default)).Count(member => member.Role == TenantRole.Owner), Is.EqualTo(1));
        }
    }

    [Test]
    public async Task Of_two_owners_who_leave_at_once_one_stays()
    {
        await using var world = Start();
        var members = world.Get<IMemberStore>();
        for (var round = 0; round < 20; round++)
        {
            var (first, second, tenantId) = await TenantWithTwoOwnersAsync(world);
            var now = world.Clock.GetUtcNow();
            var outcomes = await Task.WhenAll(
                Task.Run(() => members.RemoveAsync(tenantId, first, first, now, default)),
                Task.Run(() => members.RemoveAsync(tenantId, second, second, now, default)));

            Assert.That(outcomes, Is.EquivalentTo(new[] { Change.Done, Change.LastOwner }));
        }
    }

    [Test]
    public async Task Of_many_who_claim_a_slug_at_once_one_gets_it()
    {
        await using var world = Start(settings: ("Tenants:ClaimOnFirstUse", "true"));
        var people = new List<AccountRecord>();
        for (var i = 0; i < 8; i++)
        {
            people.Add(await world.AddAccountAsync());
        }

        for (var round = 0; round < 10; round++)
        {
            var slug = $"app-{round}";
            var answers = await Task.WhenAll(people.Select(person => Task.Run(() => world.Auth.FindMembershipAsync(
                new MembershipQuery { AccountId = person.Id, TenantIdOrSlug = slug, MayClaim = true }, default))));

            Assert.That(answers.OfType<TenantMembership>().Single().Role, Is.EqualTo(TenantRole.Owner));
        }
    }

    [Test]
    public async Task One_account_that_claims_a_slug_twice_at_once_gets_it_both_times()
    {
        await using var world = Start(settings: ("Tenants:ClaimOnFirstUse", "true"));
        var person = await world.AddAccountAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => world.Auth.FindMembershipAsync(
            new MembershipQuery { AccountId = person.Id, TenantIdOrSlug = "my-app", MayClaim = true }, default))));
        Assert.That(answers.Select(answer => answer?.TenantId).Distinct().Single(), Is.Not.Null);
    }

    [TestCase("my-app", false, true)]
    [TestCase("my-app", true, false)]
    [TestCase("My App", true, true)]
    [TestCase("", true, true)]
    [TestCase("0f8fad5b-d9cb-469f-a165-70867728950e", true, true)]
    public async Task A_slug_is_claimed_only_where_that_is_switched_on_and_for_a_valid_name(string slug, bool switchedOn, bool mayClaim)
    {
        await using var world = Start(settings: ("Tenants:ClaimOnFirstUse", switchedOn ? "true" : "false"));
        var person = await world.AddAccountAsync();
        var answer = await world.Auth.FindMembershipAsync(
            new MembershipQuery { AccountId = person.Id, TenantIdOrSlug = slug, MayClaim = mayClaim }, default);
        Assert.That(answer, Is.Null);
        Assert.That(await CountAsync(world, "SELECT COUNT(*) FROM tenants"), Is.EqualTo(1));
    }

    [Test]
    public async Task The_slug_of_a_deleted_tenant_cannot_be_claimed()
    {
        await using var world = Start(settings: ("Tenants:ClaimOnFirstUse", "true"));
        var (first, second) = (await world.AddAccountAsync(), await world.AddAccountAsync());
        var query = new MembershipQuery { AccountId = first.Id, TenantIdOrSlug = "my-app", MayClaim = true };
        var tenantId = (await world.Auth.FindMembershipAsync(query, default))!.TenantId;
        Assert.That(await world.Get<ITenantStore>().DeleteAsync(tenantId, first.Id, world.Clock.GetUtcNow(), default), Is.EqualTo(Change.Done));
        Assert.Multiple(async () =>
        {
            Assert.That(await world.Auth.FindMembershipAsync(query, default), Is.Null);
            Assert.That(await world.Auth.FindMembershipAsync(query with { AccountId = second.Id }, default), Is.Null);
            Assert.That(await world.Auth.ListTenantsAsync(null, 100, default), Is.EquivalentTo(new[] { first.OwnTenantId, second.OwnTenantId }));
        });
    }

    [Test]
    public async Task An_API_key_ends_with_its_expiry_and_with_its_creators_membership()
    {
        await using var world = Start();
        var (owner, member) = (await world.AddAccountAsync(), await world.AddAccountAsync());
        var now = StoredTime.Of(world.Clock.GetUtcNow());
        await world.Get<IMemberStore>().AddAsync(owner.OwnTenantId, owner.Id, new MemberRecord(member.Id, TenantRole.Member, now), default);
        var (lasting, expiring) = (await AddKeyAsync(null), await AddKeyAsync(now.AddMinutes(5)));

        Assert.That((await world.Auth.FindApiKeyAsync(lasting, default))!.DefaultTenantId, Is.EqualTo(owner.OwnTenantId));
        Assert.That((await world.Auth.FindApiKeyAsync(expiring, default))!.AllTenants, Is.False);

        world.Clock.Advance(TimeSpan.FromMinutes(5));
        Assert.That(await world.Auth.FindApiKeyAsync(expiring, default), Is.Null);

        await world.Get<IMemberStore>().RemoveAsync(owner.OwnTenantId, owner.Id, member.Id, now, default);
        Assert.That(await world.Auth.FindApiKeyAsync(lasting, default), Is.Null);
        Assert.That(await CountAsync(world, "SELECT COUNT(*) FROM api_keys"), Is.Zero);

        async Task<string> AddKeyAsync(DateTimeOffset? expiresAt)
        {
            var hash = SecretTokens.Hash(SecretTokens.NewApiKey());
            var key = new ApiKeyRecord(Guid.NewGuid(), member.Id, owner.OwnTenantId, "mm_12345", "key", [KeyScopes.Read], now, expiresAt, null);
            Assert.That(await world.Get<IApiKeyStore>().AddAsync(key, hash, 100, default), Is.True);
            return Convert.ToHexStringLower(hash);
        }
    }

    [Test]
    public async Task A_signing_key_lasts_over_restarts_and_changes_with_the_secret_that_wraps_it()
    {
        const string Secret = "0123456789abcdef0123456789abcdef";
        await using var world = Start();
        var plain = await world.Auth.GetSigningKeysAsync(default);
        await world.CloseAsync();

        var again = await KeysAsync();
        var withSecret = await KeysAsync((SigningKeys.SecretName, Secret));
        var withSecretAgain = await KeysAsync((SigningKeys.SecretName, Secret));
        var withAnother = await KeysAsync((SigningKeys.SecretName, Secret + "x"));
        var without = await KeysAsync();
        Assert.Multiple(() =>
        {
            Assert.That(again, Is.EqualTo(plain));
            Assert.That(withSecret, Is.Not.EqualTo(plain));
            Assert.That(withSecretAgain, Is.EqualTo(withSecret));
            Assert.That(new[] { plain, withSecret, withAnother, without }.Distinct().Count(), Is.EqualTo(4));
        });

        var wrong = Start(world.Folder, settings: (SigningKeys.SecretName, "too short"));
        var failure = Assert.ThrowsAsync<StartupException>(() => wrong.Get<SigningKeys>().StartAsync(default));
        Assert.That(failure!.Message, Does.Contain(SigningKeys.SecretName).And.Not.Contain("too short"));
        await wrong.CloseAsync();

        async Task<string> KeysAsync(params (string, string)[] settings)
        {
            var next = Start(world.Folder, settings: settings);
            var keys = await next.Auth.GetSigningKeysAsync(default);
            await next.CloseAsync();
            return keys;
        }
    }

    [Test]
    public async Task Nothing_a_person_typed_stands_in_a_file()
    {
        await using var world = Start(settings: ("Tenants:ClaimOnFirstUse", "true"));
        var tokens = await world.RegisterAndLogInAsync("qanaryemail@qanarydomain.example");
        var accountId = (await world.Get<IAccountStore>().FindIdAsync("qanaryemail@qanarydomain.example", null, default))!.Value;
        var now = StoredTime.Of(world.Clock.GetUtcNow());
        await world.Get<LogIn>().HandleAsync("qanaryemail@qanarydomain.example", AuthWorld.Password, null, "QanaryBrowser", default);
        await world.Auth.FindMembershipAsync(new MembershipQuery { AccountId = accountId, TenantIdOrSlug = "qanaryslug", MayClaim = true }, default);
        var tenant = new TenantRecord(Guid.NewGuid(), "QanaryName", "qanaryother", now);
        await world.Get<ITenantStore>().AddAsync(tenant, accountId, 100, AuditActions.TenantCreated, default);
        await world.Get<ITeamStore>().AddAsync(tenant.Id, accountId, new TeamRecord(Guid.NewGuid(), "QanaryTeam", now), default);
        var apiKey = SecretTokens.NewApiKey();
        var key = new ApiKeyRecord(Guid.NewGuid(), accountId, tenant.Id, apiKey[..8], "QanaryKey", [KeyScopes.Read], now, null, null);
        await world.Get<IApiKeyStore>().AddAsync(key, SecretTokens.Hash(apiKey), 100, default);

        var files = Encoding.Latin1.GetString(
        [
            .. await world.CloseAndReadAllAsync(),
            .. engine == StoreEngine.Postgres ? await (await PostgresServer.SharedAsync()).ReadAllAsync() : [],
        ]);

        Assert.That(files, Has.Length.GreaterThan(10_000));
        foreach (var canary in new[] { "qanary", AuthWorld.Password, "pbkdf2", tokens.RefreshToken, apiKey, "PRIVATE KEY" })
        {
            Assert.That(files.Contains(canary, StringComparison.OrdinalIgnoreCase), Is.False, canary);
        }
    }

    [Test]
    public async Task Every_table_is_listed()
    {
        await using var world = Start();
        var tables = await Database(world).Data.ReadAsync(
            session => session.Query(
                engine == StoreEngine.Postgres
                    ? "SELECT tablename FROM pg_tables WHERE schemaname = 'auth'"
                    : "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
                row => row.Text(0)),
            default);
        var listed = AuthTables.All.Concat(TableRule.Shared("auth")).Select(rule => rule.Name);
        Assert.That(tables, Is.SubsetOf(listed));
        Assert.That(AuthTables.All.Select(rule => rule.Name), Is.SubsetOf(tables));
    }

    private AuthWorld Start(string? folder = null, params (string Key, string Value)[] settings)
        => AuthWorld.Start(folder, settings: _address is null ? settings : [("ConnectionStrings:auth", _address), .. settings]);

    private static async Task<(Guid First, Guid Second, Guid TenantId)> TenantWithTwoOwnersAsync(AuthWorld world)
    {
        var (first, second) = (await world.AddAccountAsync(), await world.AddAccountAsync());
        var now = StoredTime.Of(world.Clock.GetUtcNow());
        var tenant = new TenantRecord(Guid.NewGuid(), "Acme", null, now);
        await world.Get<ITenantStore>().AddAsync(tenant, first.Id, 100, AuditActions.TenantCreated, default);
        await world.Get<IMemberStore>().AddAsync(tenant.Id, first.Id, new MemberRecord(second.Id, TenantRole.Owner, now), default);
        return (first.Id, second.Id, tenant.Id);
    }

    private static ModuleStore Database(AuthWorld world) => world.Get<IEnumerable<ModuleStore>>().Single();

    private static Task<long> CountAsync(AuthWorld world, string sql) => Database(world).Data.ReadAsync(session => session.Scalar(sql), default);
}

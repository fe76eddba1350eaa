using System.Security.Cryptography;
using System.Text;
using MemoryMesh.Auth.Features;
using MemoryMesh.Auth.Storage;
using MemoryMesh.Auth.Tokens;
using MemoryMesh.Contracts.Auth;
using MemoryMesh.ServiceDefaults.Security;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace MemoryMesh.Tests.Integration.Auth;

/// <summary>Access tokens that the right key signed, but that say something else than they should.</summary>
public class TokenTests
{
    private AuthWorld _world = null!;
    private Guid _accountId;
    private Guid _sessionId;
    private SessionTokens _tokens = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _world = AuthWorld.Start();
        _tokens = await _world.RegisterAndLogInAsync("ada@example.com");
        var token = new JsonWebToken(_tokens.AccessToken);
        _accountId = Guid.Parse(token.Subject);
        _sessionId = Guid.Parse(token.GetClaim(AccessTokens.SessionClaim).Value);
    }

    [OneTimeTearDown]
    public async Task StopAsync() => await _world.DisposeAsync();

    [Test]
    public async Task A_token_is_good_as_it_was_issued()
    {
        var caller = await FindAsync(_tokens.AccessToken);
        Assert.Multiple(() =>
        {
            Assert.That(caller?.AccountId, Is.EqualTo(_accountId));
            Assert.That(caller?.SessionId, Is.EqualTo(_sessionId));
            Assert.That(caller?.Principal.AllTenants, Is.True);
            Assert.That(caller?.Principal.Scopes, Is.EqualTo(KeyScopes.All));
        });
        Assert.That(await FindAsync(await SignAsync(_ => { })), Is.Not.Null, "What the others change is all that is wrong with them.");
    }

    [Test]
    public void A_token_carries_ids_and_nothing_about_the_person()
    {
        var token = new JsonWebToken(_tokens.AccessToken);
        Assert.Multiple(() =>
        {
            Assert.That(token.Claims.Select(claim => claim.Type), Is.EquivalentTo(new[] { "sub", "sid", "iss", "aud", "iat", "exp", "jti" }));
            Assert.That(token.Typ, Is.EqualTo("at+jwt"));
            Assert.That(token.Alg, Is.EqualTo("ES256"));
            Assert.That(token.ValidTo - token.IssuedAt, Is.EqualTo(TimeSpan.FromMinutes(30)));
        });
    }

    private static IEnumerable<TestCaseData> Wrong()
    {
        yield return Case("expired", token => token.Expires = token.IssuedAt!.Value.AddSeconds(-1));
        yield return Case("no expiry", token => token.Expires = null);
        yield return Case("not yet valid", token => token.NotBefore = token.IssuedAt!.Value.AddMinutes(5));
        yield return Case("another audience", token => token.Audience = "another-api");
        yield return Case("no audience", token => token.Audience = null);
        yield return Case("another issuer", token => token.Issuer = "somebody");
        yield return Case("no issuer", token => token.Issuer = null);
        yield return Case("another type", token => token.TokenType = "JWT");
        yield return Case("type of an id token", token => token.TokenType = "id+jwt");
        yield return Case("another account", token => token.Claims["sub"] = Guid.NewGuid().ToString());
        yield return Case("another session", token => token.Claims[AccessTokens.SessionClaim] = Guid.NewGuid().ToString());
        yield return Case("no session", token => token.Claims.Remove(AccessTokens.SessionClaim));
        yield return Case("an account that is no id", token => token.Claims["sub"] = "admin");

        static TestCaseData Case(string name, Action<SecurityTokenDescriptor> change) => new TestCaseData(change).SetArgDisplayNames(name);
    }

    [TestCaseSource(nameof(Wrong))]
    public async Task A_token_that_says_something_else_is_refused(Action<SecurityTokenDescriptor> change)
        => Assert.That(await FindAsync(await SignAsync(change)), Is.Null);

    [Test]
    public async Task A_token_ends_with_its_session()
    {
        await using var world = AuthWorld.Start();
        var tokens = await world.RegisterAndLogInAsync("bob@example.com");
        var token = new JsonWebToken(tokens.AccessToken);
        var (accountId, sessionId) = (Guid.Parse(token.Subject), Guid.Parse(token.GetClaim(AccessTokens.SessionClaim).Value));
        Assert.That(await world.Get<PrincipalCache>().FindTokenAsync(tokens.AccessToken, default), Is.Not.Null);

        var audit = new AuditEvent(world.Clock.GetUtcNow(), accountId, null, AuditActions.LoggedOut, sessionId);
        await world.Get<ISessionStore>().EndAsync(accountId, sessionId, audit, default);
        world.Get<PrincipalCache>().Clear();
        Assert.That(await world.Get<PrincipalCache>().FindTokenAsync(tokens.AccessToken, default), Is.Null);
    }

    [Test]
    public async Task A_token_ends_after_half_an_hour()
    {
        await using var world = AuthWorld.Start();
        var tokens = await world.RegisterAndLogInAsync("bob@example.com");
        world.Clock.Advance(TimeSpan.FromMinutes(29));
        Assert.That(await world.Get<PrincipalCache>().FindTokenAsync(tokens.AccessToken, default), Is.Not.Null);
        world.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.That(await world.Get<PrincipalCache>().FindTokenAsync(tokens.AccessToken, default), Is.Null);
    }

    private static readonly string[] Algorithms = ["HS256", "none", "ES384", "RS256"];

    [TestCaseSource(nameof(Algorithms))]
    public async Task Another_algorithm_is_refused_whatever_key_it_uses(string algorithm)
    {
        var keys = await _world.Auth.GetSigningKeysAsync(default);
        var key = new JsonWebKeySet(keys).Keys.Single();
        var (x, y) = (Base64UrlEncoder.DecodeBytes(key.X), Base64UrlEncoder.DecodeBytes(key.Y));
        using var point = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = x, Y = y } });
        foreach (var secret in new[] { Encoding.UTF8.GetBytes(keys), [.. x, .. y], point.ExportSubjectPublicKeyInfo(), Encoding.ASCII.GetBytes(point.ExportSubjectPublicKeyInfoPem()) })
        {
            var payload = _tokens.AccessToken.Split('.')[1];
            var header = Base64UrlEncoder.Encode($$"""{"alg":"{{algorithm}}","kid":"{{key.Kid}}","typ":"at+jwt"}""");
            var signature = algorithm == "none" ? "" : Base64UrlEncoder.Encode(HMACSHA256.HashData(secret, Encoding.ASCII.GetBytes($"{header}.{payload}")));
            Assert.That(await FindAsync($"{header}.{payload}.{signature}"), Is.Null);
        }
    }

    private Task<Caller?> FindAsync(string token) => _world.Get<PrincipalCache>().FindTokenAsync(token, default);

    private Task<string> SignAsync(Action<SecurityTokenDescriptor> change)
    {
        var now = _world.Clock.GetUtcNow().UtcDateTime;
        var token = new SecurityTokenDescriptor
        {
            TokenType = AccessTokens.TokenType,
            Issuer = AccessTokens.Issuer,
            Audience = AccessTokens.Audience,
            IssuedAt = now,
            Expires = now.AddMinutes(30),
            Claims = new Dictionary<string, object> { ["sub"] = _accountId.ToString(), [AccessTokens.SessionClaim] = _sessionId.ToString() },
        };
        change(token);
        return _world.Get<SigningKeys>().SignAsync(token, default);
    }
}

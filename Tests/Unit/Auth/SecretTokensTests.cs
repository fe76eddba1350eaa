using System.Security.Cryptography;
using System.Text;
using MemoryMesh.Auth;
using MemoryMesh.Auth.Tokens;
using MemoryMesh.Tests.Unit.Hosting;

namespace MemoryMesh.Tests.Unit.Auth;

public class SecretTokensTests
{
    [Test]
    public void An_API_key_can_be_told_from_other_text()
    {
        var key = SecretTokens.NewApiKey();
        Assert.Multiple(() =>
        {
            Assert.That(key, Does.Match("^mm_[0-9a-f]{70}$"));
            Assert.That(key[^6..], Is.EqualTo(Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(key[3..^6])))[..6]), "the checksum");
            Assert.That(SecretTokens.NewApiKey(), Is.Not.EqualTo(key));
        });
    }

    [Test]
    public void A_refresh_token_has_256_random_bits()
        => Assert.That(Enumerable.Range(0, 100).Select(_ => SecretTokens.NewRefreshToken()).Distinct().Count(token => token.Length == 43), Is.EqualTo(100));

    [TestCase(nameof(AuthOptions.AccessTokenMinutes), 0)]
    [TestCase(nameof(AuthOptions.AccessTokenMinutes), 1_441)]
    [TestCase(nameof(AuthOptions.RefreshTokenDays), 0)]
    [TestCase(nameof(AuthOptions.PasswordIterations), 0)]
    [TestCase(nameof(AuthOptions.HashingConcurrency), 0)]
    [TestCase(nameof(AuthOptions.HashingQueue), -1)]
    public void A_setting_out_of_bounds_is_named(string name, int value)
    {
        var options = new AuthOptions();
        typeof(AuthOptions).GetProperty(name)!.SetValue(options, value);
        var result = new AuthOptionsValidator().Validate(null, options);
        Assert.Multiple(() =>
        {
            Assert.That(result.Failed, Is.True);
            Assert.That(result.FailureMessage, Does.Contain($"AuthOptions.{name}"));
            Assert.That(new AuthOptionsValidator().Validate(null, new AuthOptions()).Succeeded, Is.True);
        });
    }

    [TestCase(600_000, "Production", true)]
    [TestCase(599_999, "Production", false)]
    [TestCase(599_999, "Development", false)]
    [TestCase(599_999, null, false)]
    [TestCase(1, "Testing", true)]
    public void Passwords_are_hashed_with_little_work_in_tests_only(int iterations, string? environment, bool allowed)
    {
        var result = new PasswordWorkValidator(environment is null ? null : new Surroundings(environment)).Validate(null, new AuthOptions { PasswordIterations = iterations });
        Assert.That(result.Succeeded, Is.EqualTo(allowed));
        Assert.That(result.FailureMessage, allowed ? Is.Null : Does.StartWith("Auth:PasswordIterations must be at least 600000"));
    }
}

using MemoryMesh.Gateway;
using MemoryMesh.Tests.Unit.Hosting;
using Microsoft.Extensions.Hosting;

namespace MemoryMesh.Tests.Unit.Gateway;

public class GatewayOptionsTests
{
    [Test]
    public void The_defaults_are_valid() => Assert.That(Check(new GatewayOptions()), Is.Empty);

    [TestCase("200 a minute")]
    [TestCase("0/minute")]
    public void A_limit_that_cannot_be_read_is_named_with_both_of_its_names(string limit)
    {
        var failures = Check(new GatewayOptions { GlobalRateLimit = limit, TenantRateLimit = limit });
        Assert.That(failures, Has.Count.EqualTo(2));
        Assert.That(failures[0], Does.Contain("Gateway:GlobalRateLimit").And.Contain("MEMORY_GLOBAL_RATE_LIMIT").And.Contain("200/minute"));
        Assert.That(failures[1], Does.Contain("Gateway:TenantRateLimit").And.Contain("MEMORY_TENANT_RATE_LIMIT"));
    }

    [Test]
    public void Every_origin_may_be_allowed_in_development_only()
    {
        var options = new GatewayOptions { AllowedOrigins = ["*"] };
        Assert.That(Check(options, Environments.Development), Is.Empty);
        Assert.That(Check(options, Environments.Production), Has.One.Contains("MEMORY_ALLOWED_ORIGINS"));
        Assert.That(Check(options, Environments.Staging), Has.Count.EqualTo(1));
    }

    [TestCase("https://app.example.com", true)]
    [TestCase("http://localhost:3000", true)]
    [TestCase("https://app.example.com/", false)]
    [TestCase("https://app.example.com/path", false)]
    [TestCase("app.example.com", false)]
    [TestCase("null", false)]
    [TestCase("file:///tmp", false)]
    [TestCase("https://*.example.com", false)]
    public void An_origin_is_scheme_host_and_port(string origin, bool valid)
        => Assert.That(Check(new GatewayOptions { AllowedOrigins = [origin] }), valid ? Is.Empty : Has.Count.EqualTo(1));

    [TestCase("10.0.0.5", true)]
    [TestCase("10.0.0.0/8", true)]
    [TestCase("2001:db8::/32", true)]
    [TestCase("proxy.example.com", false)]
    [TestCase("10.0.0.0/64", false)]
    public void A_trusted_proxy_is_an_address_or_a_network(string proxy, bool valid)
        => Assert.That(Check(new GatewayOptions { TrustedProxies = [proxy] }), valid ? Is.Empty : Has.Count.EqualTo(1));

    private static List<string> Check(GatewayOptions options, string environment = "Production")
        => [.. new GatewayOptionsValidator(new Surroundings(environment)).Validate(null, options).Failures ?? []];
}

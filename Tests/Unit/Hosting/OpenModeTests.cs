using System.Net;
using MemoryMesh.Gateway.Pipeline;
using MemoryMesh.ServiceDefaults.Security;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

namespace MemoryMesh.Tests.Unit.Hosting;

public class OpenModeTests
{
    [TestCase("http://localhost:8000")]
    [TestCase("http://LOCALHOST:8000")]
    [TestCase("http://127.0.0.1:8000;http://[::1]:8000")]
    [TestCase("http://127.1.2.3:0")]
    public void This_machines_own_addresses_are_fine(string urls) => Assert.DoesNotThrow(() => Announce(("urls", urls)));

    [TestCase("http://0.0.0.0:8000")]
    [TestCase("http://[::]:8000")]
    [TestCase("http://*:8000")]
    [TestCase("http://+:8000")]
    [TestCase("http://10.0.0.5:8000")]
    [TestCase("http://example.com:8000")]
    [TestCase("http://app.localhost:8000")]
    [TestCase("http://[127.0.0.1]:8000")]
    [TestCase("http://localhost:8000;http://0.0.0.0:8001")]
    [TestCase("http://unix:/tmp/memorymesh.sock")]
    [TestCase("nonsense")]
    public void Every_other_address_stops_the_start(string urls)
    {
        var failure = Assert.Throws<StartupException>(() => Announce(("urls", urls)));
        Assert.That(failure!.Message, Does.Contain("--urls").And.Contain("ASPNETCORE_URLS").And.Contain("127.0.0.1").And.Contain("--open"));
    }

    [TestCase("Kestrel:Endpoints:Web:Url", "http://*:80", "Kestrel:Endpoints:Web:Url")]
    [TestCase("http_ports", "8080", "ASPNETCORE_HTTP_PORTS")]
    [TestCase("https_ports", "8443", "ASPNETCORE_HTTPS_PORTS")]
    [TestCase("Gateway:TrustedProxies:0", "127.0.0.1", "Gateway__TrustedProxies__0")]
    public void Other_settings_that_would_let_others_in_stop_the_start(string key, string value, string named)
        => Assert.That(Assert.Throws<StartupException>(() => Announce((key, value)))!.Message, Does.Contain(named));

    [Test]
    public void A_server_that_is_not_open_listens_where_it_likes()
        => Assert.DoesNotThrow(() => OpenMode.Announce(Configuration(("urls", "http://0.0.0.0:8000"))));

    [Test]
    public void A_local_request_is_let_in_and_marked()
    {
        var context = Request();
        Assert.That(Door.LetsIn(context), Is.True);
        Assert.That(context.Features.Get<LocalRequest>(), Is.Not.Null);
    }

    [TestCase("10.0.0.5")]
    [TestCase("2001:db8::1")]
    [TestCase("::ffff:10.0.0.5")]
    public void Another_machine_is_not_let_in(string address) => Refused(context => context.Connection.RemoteIpAddress = IPAddress.Parse(address));

    [Test]
    public void A_connection_without_an_address_is_not_let_in() => Refused(context => context.Connection.RemoteIpAddress = null);

    [TestCase("localhost:8000", true)]
    [TestCase("LocalHost", true)]
    [TestCase("app.localhost:8000", true)]
    [TestCase("127.0.0.1:8000", true)]
    [TestCase("[::1]:8000", true)]
    [TestCase("evil.example:8000", false)]
    [TestCase("localhost.evil.example", false)]
    [TestCase("127.0.0.1.evil.example", false)]
    [TestCase("notlocalhost", false)]
    [TestCase("10.0.0.5", false)]
    [TestCase("", false)]
    public void The_host_is_a_name_of_the_loopback_address(string host, bool local)
        => Assert.That(Door.LetsIn(Request(context => context.Request.Host = new HostString(host))), Is.EqualTo(local));

    [TestCase("X-Forwarded-For")]
    [TestCase("x-forwarded-host")]
    [TestCase("X-Forwarded-Proto")]
    [TestCase("X-Forwarded-Port")]
    [TestCase("X-Real-IP")]
    [TestCase("Forwarded")]
    [TestCase("Via")]
    [TestCase("X-Original-For")]
    [TestCase("CF-Connecting-IP")]
    public void A_forwarded_request_is_not_let_in(string field) => Refused(context => context.Request.Headers[field] = "127.0.0.1");

    [TestCase("http://localhost:8000", true)]
    [TestCase("http://localhost:3000", false)]
    [TestCase("https://localhost:8000", false)]
    [TestCase("https://evil.example", false)]
    [TestCase("null", false)]
    [TestCase("*", false)]
    [TestCase("https://app.example", true)]
    public void A_page_is_let_in_from_the_server_itself_and_from_allowed_origins(string origin, bool local)
        => Assert.That(new OpenDoor(["https://app.example"]).LetsIn(Request(context => context.Request.Headers.Origin = origin)), Is.EqualTo(local));

    [Test]
    public void A_wildcard_allows_no_page() => Assert.That(new OpenDoor(["*"]).LetsIn(Request(context => context.Request.Headers.Origin = "https://evil.example")), Is.False);

    [TestCase("same-origin", true)]
    [TestCase("none", true)]
    [TestCase("same-site", false)]
    [TestCase("cross-site", false)]
    public void A_request_that_a_page_of_another_origin_caused_is_not_let_in(string site, bool local)
        => Assert.That(Door.LetsIn(Request(context => context.Request.Headers["Sec-Fetch-Site"] = site)), Is.EqualTo(local));

    private static OpenDoor Door => new([]);

    private static void Refused(Action<HttpContext> change)
    {
        var context = Request(change);
        Assert.That(Door.LetsIn(context), Is.False);
        Assert.That(context.Features.Get<LocalRequest>(), Is.Null);
    }

    private static DefaultHttpContext Request(Action<HttpContext>? change = null)
    {
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = IPAddress.Loopback;
        context.Request.Scheme = "http";
        context.Request.Host = new HostString("localhost:8000");
        change?.Invoke(context);
        return context;
    }

    private static void Announce(params (string Key, string Value)[] settings) => OpenMode.Announce(Configuration([.. settings, ("Open:Enabled", "true")]));

    private static IConfigurationRoot Configuration(params (string Key, string Value)[] settings)
        => new ConfigurationBuilder().AddInMemoryCollection(settings.ToDictionary(setting => setting.Key, setting => (string?)setting.Value)).Build();
}

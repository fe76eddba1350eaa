using MemoryMesh.ServiceDefaults.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Tests.Unit.Hosting;

public class OperatorTests
{
    private const string Token = "0123456789abcdef0123456789abcdef";

    [TestCase(Token, $"Bearer {Token}", true)]
    [TestCase(Token, $"bearer {Token}", true)]
    [TestCase(Token, $"Bearer {Token}0", false)]
    [TestCase(Token, "Bearer 0123456789abcdef", false)]
    [TestCase(Token, Token, false)]
    [TestCase(Token, $"Basic {Token}", false)]
    [TestCase(Token, "Bearer ", false)]
    [TestCase(Token, null, false)]
    [TestCase("", "Bearer ", false)]
    [TestCase(null, "Bearer ", false)]
    [TestCase(null, "Bearer null", false)]
    public void The_operator_is_who_sends_the_token(string? token, string? sent, bool known)
    {
        var services = new ServiceCollection().AddSingleton(Options.Create(new MonitoringOptions { Token = token })).BuildServiceProvider();
        var context = new DefaultHttpContext { RequestServices = services };
        if (sent is not null)
        {
            context.Request.Headers.Authorization = sent;
        }

        Assert.That(Operator.Sent(context), Is.EqualTo(known));
    }

    [TestCase(null, true)]
    [TestCase("", true)]
    [TestCase(Token, true)]
    [TestCase("short", false)]
    public void A_token_that_could_be_guessed_stops_the_start(string? token, bool allowed)
        => Assert.That(new MonitoringOptionsValidator().Validate(null, new MonitoringOptions { Token = token }).Succeeded, Is.EqualTo(allowed));
}

using MemoryMesh.ServiceDefaults.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace MemoryMesh.Tests.Unit.Gateway;

public class DeprecationTests
{
    private static readonly DateTimeOffset Since = new(2026, 1, 2, 3, 4, 5, TimeSpan.FromHours(1));

    [Test]
    public void The_fields_have_the_forms_of_their_standards()
    {
        var headers = new HeaderDictionary { ["Link"] = "<https://memory.example/next>; rel=\"next\"" };
        new Deprecation(Since, Since.AddDays(30), new Uri("https://memory.example/docs/v2")).AddTo(headers);
        Assert.Multiple(() =>
        {
            Assert.That(headers["Deprecation"].ToString(), Is.EqualTo("@1767319445"));
            Assert.That(headers["Sunset"].ToString(), Is.EqualTo("Sun, 01 Feb 2026 02:04:05 GMT"));
            Assert.That(headers["Link"], Has.Count.EqualTo(2));
            Assert.That(headers["Link"][1], Is.EqualTo("<https://memory.example/docs/v2>; rel=\"deprecation\"; type=\"text/html\""));
        });
    }

    [Test]
    public void Without_a_decided_end_there_is_no_sunset()
    {
        var headers = new HeaderDictionary();
        new Deprecation(Since, null, null).AddTo(headers);
        Assert.That(headers.Keys, Is.EqualTo((string[])["Deprecation"]));
    }

    [Test]
    public void An_end_before_the_deprecation_is_refused()
        => Assert.That(() => new Conventions().WithDeprecation(Since, Since.AddSeconds(-1)), Throws.ArgumentException);

    private sealed class Conventions : IEndpointConventionBuilder
    {
        public void Add(Action<EndpointBuilder> convention)
        {
        }
    }
}

using MemoryMesh.ServiceDefaults.Http;
using Microsoft.AspNetCore.Http;

namespace MemoryMesh.Tests.Unit.Http;

public class EntityTagTests
{
    [TestCase("\"v3\"", true)]
    [TestCase("\"v2\", \"v3\"", true)]
    [TestCase("*", true)]
    [TestCase("\"v2\"", false)]
    [TestCase("W/\"v3\"", false)]
    [TestCase("\"3\"", false)]
    [TestCase("\"v+3\"", false)]
    [TestCase("\"v99999999999\"", false)]
    [TestCase("v3", false)]
    [TestCase("", false)]
    public void If_match_allows_the_versions_it_names(string header, bool allowed)
    {
        var http = new DefaultHttpContext();
        http.Request.Headers.IfMatch = header;
        Assert.That(EntityTags.ReadIfMatch(http.Request).Allows(3), Is.EqualTo(allowed));
    }

    [Test]
    public void Without_if_match_any_version_is_allowed()
        => Assert.That(EntityTags.ReadIfMatch(new DefaultHttpContext().Request).Allows(3), Is.True);

    [Test]
    public void A_tag_names_its_version()
    {
        var http = new DefaultHttpContext();
        http.Request.Headers.IfMatch = EntityTags.Of(7);
        Assert.That(EntityTags.ReadIfMatch(http.Request).Allows(7), Is.True);
        Assert.That(EntityTags.ReadIfMatch(http.Request).Allows(8), Is.False);
    }
}

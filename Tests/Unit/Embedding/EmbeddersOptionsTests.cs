using MemoryMesh.Search;
using MemoryMesh.Search.Embedding.Replicas;
using Microsoft.Extensions.Configuration;

namespace MemoryMesh.Tests.Unit.Embedding;

public class EmbeddersOptionsTests
{
    private const string Key = "0123456789abcdef0123456789abcdef";

    [TestCase("services:embedders:http:0", "http://embedders:8080")]
    [TestCase("Search:Role", "embedder")]
    public void Where_there_are_embedders_there_must_be_a_secret(string setting, string value)
    {
        Assert.That(Validate(null, (setting, value)), Does.Contain("Search:Embedders:Key"));
        Assert.That(Validate(Key, (setting, value)), Is.Null);
    }

    [Test]
    public void Without_embedders_none_is_needed() => Assert.That(Validate(null), Is.Null);

    [Test]
    public void An_address_that_is_none_is_named_by_its_setting_and_not_repeated()
        => Assert.That(Validate(null, ("services:embedders:http:1", "user:secret")), Does.Contain("services__embedders__http__1").And.Not.Contain("user:secret"));

    [Test]
    public void A_host_of_the_whole_service_is_no_embedder()
    {
        Assert.That(new SearchRoleValidator().Validate(null, new SearchOptions { Role = "embedder" }).Failed);
        Assert.That(new SearchRoleValidator().Validate(null, new SearchOptions { Role = "indexer" }).FailureMessage, Does.Contain("Search:Role"));
        Assert.That(new SearchRoleValidator().Validate(null, new SearchOptions()).Succeeded);
    }

    private static string? Validate(string? key, params (string Key, string Value)[] settings)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value))).Build();
        return new EmbeddersOptionsValidator(configuration).Validate(null, new EmbeddersOptions { Key = key }).FailureMessage;
    }
}

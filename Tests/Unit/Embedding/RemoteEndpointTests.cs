using MemoryMesh.Search.Embedding;
using MemoryMesh.Search.Embedding.Remote;

namespace MemoryMesh.Tests.Unit.Embedding;

public class RemoteEndpointTests
{
    [Test]
    public void Each_provider_has_its_address_model_length_and_key()
    {
        var openai = Resolve(new() { Provider = "openai", OpenAIApiKey = "k1", GeminiApiKey = "other" });
        Assert.That((openai.Source, openai.Model, openai.Dimensions, openai.AskedDimensions, openai.ApiKey), Is.EqualTo(("https://api.openai.com/v1/", "text-embedding-3-small", 1_536, (int?)null, "k1")));
        var gemini = Resolve(new() { Provider = "Google_Gemini", GeminiApiKey = "k2", Dimensions = 768 });
        Assert.That(
            (gemini.Source, gemini.Model, gemini.Dimensions, gemini.AskedDimensions, gemini.ApiKey),
            Is.EqualTo(("https://generativelanguage.googleapis.com/v1beta/openai/", "gemini-embedding-001", 768, (int?)768, "k2")));
        var ollama = Resolve(new() { Provider = "ollama" });
        Assert.That((ollama.Source, ollama.Model, ollama.Dimensions, ollama.ApiKey), Is.EqualTo(("http://localhost:11434/v1/", "nomic-embed-text", 768, (string?)null)));
        var custom = Resolve(new() { Provider = "custom", BaseUrl = "http://embedder:8080/v1", Model = "mine", Dimensions = 100, ApiKey = "k3", LeastCosine = .2 });
        Assert.That(
            (custom.Source, custom.Model, custom.Dimensions, custom.AskedDimensions, custom.ApiKey, custom.LeastCosine),
            Is.EqualTo(("http://embedder:8080/v1/", "mine", 100, (int?)null, "k3", .2)));
    }

    [Test]
    public void A_tag_of_a_known_model_and_a_key_of_ones_own_are_taken()
        => Assert.That(
            Resolve(new() { Provider = "openai", BaseUrl = "https://proxy.example/openai/v1/", Model = "mxbai-embed-large:latest", ApiKey = "own", OpenAIApiKey = "other" }),
            Has.Property("Dimensions").EqualTo(1_024).And.Property("ApiKey").EqualTo("own"));

    [TestCase("nobody", null, null, null, "Provider")]
    [TestCase("openai", null, null, null, "OPENAI_API_KEY")]
    [TestCase("google_gemini", null, null, null, "MEMORY_GEMINI_API_KEY")]
    [TestCase("custom", null, "mine", 64, "BaseUrl")]
    [TestCase("custom", "file:///etc/passwd", "mine", 64, "BaseUrl")]
    [TestCase("custom", "http://user:canary@host/v1", "mine", 64, "BaseUrl")]
    [TestCase("custom", "http://host/v1?key=canary", "mine", 64, "BaseUrl")]
    [TestCase("custom", "http://host/v1", null, 64, "Model")]
    [TestCase("custom", "http://host/v1", "mine", null, "Dimensions")]
    public void What_is_missing_or_wrong_is_named(string provider, string? baseUrl, string? model, int? dimensions, string name)
    {
        var options = new EmbeddingOptions { Provider = provider, BaseUrl = baseUrl, Model = model, Dimensions = dimensions };
        var result = new EmbeddingOptionsValidator().Validate(null, options);
        Assert.That(result.Failures, Has.Some.Contains(name).And.None.Contains("canary"));
    }

    [Test]
    public void The_built_in_model_needs_nothing_and_has_its_own_length_only()
    {
        var validator = new EmbeddingOptionsValidator();
        Assert.That(validator.Validate(null, new() { OpenAIApiKey = "another program's" }).Succeeded);
        Assert.That(validator.Validate(null, new() { Dimensions = 384 }).Succeeded);
        Assert.That(validator.Validate(null, new() { Dimensions = 512 }).Failures, Has.Some.Contains("384"));
    }

    [Test]
    public void Bounds_are_checked()
        => Assert.That(
            new EmbeddingOptionsBoundsValidator().Validate(null, new() { BatchSize = 0, Timeout = TimeSpan.Zero, ModelVersion = "" }).Failures,
            Has.Some.Contains("BatchSize").And.Some.Contains("Timeout").And.Some.Contains("ModelVersion"));

    private static RemoteEndpoint Resolve(EmbeddingOptions options)
    {
        var failures = new List<string>();
        var endpoint = RemoteEndpoint.Resolve(options, failures);
        Assert.That(failures, Is.Empty);
        return endpoint!;
    }
}

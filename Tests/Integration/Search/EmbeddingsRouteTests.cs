using System.Net;
using System.Net.Http.Headers;
using System.Runtime.InteropServices;
using System.Text.Json;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.Integration.Search;

public class EmbeddingsRouteTests
{
    private TestHost _host = null!;
    private Person _person = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _host = await TestHost.StartAsync(HostKind.Embedded, environment: new Dictionary<string, string> { ["Search__ServeEmbeddings"] = "true" });
        _person = await Person.RegisterAsync(_host);
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        _person.Dispose();
        await _host.DisposeAsync();
    }

    [Test]
    public async Task Texts_of_near_meaning_have_near_vectors()
    {
        var answer = await _person.PostAsync(
            "/v1/embeddings",
            new { input = new[] { "How do I cook rice?", "What is the way to boil rice?", "The invoice is due in March." }, model = "bge-small-en-v1.5" },
            HttpStatusCode.OK);
        var vectors = answer.GetProperty("data").EnumerateArray().Select(item => item.GetProperty("embedding").Deserialize<float[]>()!).ToArray();
        Assert.That(vectors.Select(vector => vector.Length), Is.All.EqualTo(384));
        Assert.That(vectors.Select(vector => Dot(vector, vector)), Is.All.EqualTo(1).Within(1e-3));
        Assert.That(Dot(vectors[0], vectors[1]), Is.GreaterThan(Dot(vectors[0], vectors[2]) + .1));
        Assert.That(answer.GetProperty("usage").GetProperty("prompt_tokens").GetInt32(), Is.Positive);
    }

    [Test]
    public async Task Base64_holds_the_same_numbers_and_an_API_key_may_come_as_a_bearer_token()
    {
        var key = (await _person.PostAsync("/v1/auth/api-keys", new { name = "embedder", scopes = new[] { "read" } })).GetProperty("key").GetString();
        using var client = _host.CreateClient();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        var numbers = await client.SendJsonAsync(HttpMethod.Post, "/v1/embeddings", new { input = "tea" }, HttpStatusCode.OK);
        var base64 = await client.SendJsonAsync(HttpMethod.Post, "/v1/embeddings", new { input = "tea", encoding_format = "base64" }, HttpStatusCode.OK);
        Assert.That(
            MemoryMarshal.Cast<byte, float>(VectorOf(base64).GetBytesFromBase64()).ToArray(), Is.EqualTo(VectorOf(numbers).Deserialize<float[]>()));
    }

    [TestCase("""{}""", "input")]
    [TestCase("""{"input":[]}""", "input")]
    [TestCase("""{"input":[1,2]}""", "input")]
    [TestCase("""{"input":" "}""", "input")]
    [TestCase("""{"input":"tea","model":"another"}""", "model")]
    [TestCase("""{"input":"tea","dimensions":100}""", "dimensions")]
    [TestCase("""{"input":"tea","encoding_format":"hex"}""", "encoding_format")]
    public async Task What_cannot_be_served_is_named(string body, string field)
    {
        var problem = await _person.PostAsync("/v1/embeddings", body, HttpStatusCode.BadRequest);
        Assert.That(problem.GetProperty("errors").TryGetProperty(field, out _), Is.True, problem.ToString());
    }

    [Test]
    public async Task It_is_off_unless_it_is_switched_on()
    {
        var host = await SharedHosts.GetAsync(HostKind.Embedded);
        using var person = await Person.RegisterAsync(host);
        await person.PostAsync("/v1/embeddings", new { input = "tea" }, HttpStatusCode.NotFound);
    }

    private static JsonElement VectorOf(JsonElement answer) => answer.GetProperty("data")[0].GetProperty("embedding");

    private static float Dot(float[] a, float[] b) => a.Zip(b, (x, y) => x * y).Sum();
}

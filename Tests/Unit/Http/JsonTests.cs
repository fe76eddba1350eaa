using System.Text.Json;
using MemoryMesh.ServiceDefaults.Http;

namespace MemoryMesh.Tests.Unit.Http;

public class JsonTests
{
    private static readonly JsonSerializerOptions Options = Create();

    [TestCase("2026-01-02T03:04:05", "2026-01-02T03:04:05Z")]
    [TestCase("2026-01-02T03:04:05.678Z", "2026-01-02T03:04:05.678Z")]
    [TestCase("2026-01-02T03:04:05+02:00", "2026-01-02T01:04:05Z")]
    [TestCase("2026-01-02", "2026-01-02T00:00:00Z")]
    public void A_time_without_an_offset_is_in_UTC(string sent, string meant)
        => Assert.That(
            JsonSerializer.Deserialize<DateTimeOffset?>($"\"{sent}\"", Options),
            Is.EqualTo(DateTimeOffset.Parse(meant, System.Globalization.CultureInfo.InvariantCulture)));

    [TestCase("\"tomorrow\"")]
    [TestCase("0")]
    [TestCase("\"2026-01-02T03:04:05+99:00\"")]
    [TestCase("\"0001-01-01T00:00:00+14:00\"")]
    public void What_is_no_time_is_malformed(string json)
        => Assert.That(() => JsonSerializer.Deserialize<DateTimeOffset?>(json, Options), Throws.InstanceOf<JsonException>());

    private static JsonSerializerOptions Create()
    {
        var options = new JsonSerializerOptions();
        ProblemDetailsSetup.Configure(options);
        return options;
    }
}

using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.Integration.Search;

/// <summary>Holds the server in this process against exchanges with a real one, where <c>MEMORYMESH_SHARED</c> names the folder that has a recording of them.</summary>
public class QdrantRecordingTests
{
    /// <summary>The exchanges that MemoryMesh could cause, in the order of the recording.</summary>
    private static readonly HashSet<string> Wanted =
    [
        "root", "healthz", "readyz", "livez", "collection_missing_info", "collection_exists_false", "points_on_missing_collection", "create_collection", "create_collection_again",
        "create_collection_bad_name", "create_collection_bad_distance", "collection_info", "index_tenant", "index_subject", "index_created_at", "index_bad_type", "upsert_one_wait",
        "upsert_one_nowait", "upsert_empty_points", "upsert_no_vectors", "upsert_missing_vector_key", "upsert_wrong_dim", "upsert_wrong_vector_name", "upsert_bad_uuid", "retrieve_default",
        "retrieve_payload_vectors", "get_single_missing", "query_dense_filter", "query_default_payload_limit", "query_no_using", "query_wrong_using", "query_wrong_dim", "query_multivector",
        "query_sample", "query_limit_0", "query_limit_negative", "filter_unknown_clause", "filter_unknown_condition", "filter_empty", "filter_empty_any", "filter_has_id", "filter_is_empty",
        "malformed_json", "empty_body", "unknown_path", "scroll_default", "scroll_page1", "scroll_limit_0", "count_exact", "snapshot_create", "snapshot_list", "patch_collection", "optimizations",
        "delete_by_ids", "delete_by_filter_subject", "delete_by_filter_nothing", "delete_empty_filter", "count_after_empty_filter", "delete_collection", "delete_collection_again", "x_create",
        "x_delete_no_selector", "x_delete_null_filter", "x_delete_filter_empty_must",
    ];

    [Test]
    public async Task Statuses_and_shapes_are_those_of_a_real_server()
    {
        var folder = Environment.GetEnvironmentVariable("MEMORYMESH_SHARED");
        var file = Path.Combine(folder ?? "", "data", "qdrant_recordings.jsonl");
        if (string.IsNullOrEmpty(folder) || !File.Exists(file))
        {
            Assert.Ignore("MEMORYMESH_SHARED names no folder with a recording.");
        }

        await using var server = await QdrantStandIn.StartAsync();
        using var client = new HttpClient { BaseAddress = server.Address };
        var seen = 0;
        using (Assert.EnterMultipleScope())
        {
            foreach (var line in await File.ReadAllLinesAsync(file))
            {
                var recorded = JsonNode.Parse(line)!;
                var name = (string)recorded["name"]!;
                if (!Wanted.Contains(name))
                {
                    continue;
                }

                seen++;
                using var request = new HttpRequestMessage(new HttpMethod((string)recorded["method"]!), (string)recorded["path"]!);
                if (recorded["request_body"] is { } body)
                {
                    var text = body is JsonValue value && value.GetValueKind() == JsonValueKind.String ? (string)value! : Whole(body).ToJsonString();
                    request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(text)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
                }

                using var response = await client.SendAsync(request);
                var answer = await response.Content.ReadAsStringAsync();
                Assert.That((int)response.StatusCode, Is.EqualTo((int)recorded["status"]!), $"{name}: {answer}");
                if (recorded["response_body"] is JsonObject expected)
                {
                    var given = JsonNode.Parse(answer)!.AsObject();
                    Assert.That(given.Select(member => member.Key), Is.EquivalentTo(expected.Select(member => member.Key)), $"{name}: {answer}");
                    Assert.That(ShapeOf(given["result"]), Is.EqualTo(ShapeOf(expected["result"])), $"{name}: {answer}");
                }
            }
        }

        Assert.That(seen, Is.EqualTo(Wanted.Count));
    }

    /// <summary>What a result is, and the names of an operation's or a list's members.</summary>
    private static string ShapeOf(JsonNode? result) => result switch
    {
        JsonObject one when one.ContainsKey("config") => "collection",
        JsonObject one => string.Join(',', one.Select(member => member.Key).Order()) + ((string?)(one["status"] as JsonValue) ?? ""),
        null => "",
        _ => result.GetValueKind() is JsonValueKind.True or JsonValueKind.False ? result.ToJsonString() : result.GetValueKind().ToString(),
    };

    /// <summary>The recording cuts long lists off, and says how long they were: numbers are filled up, other lists end where they were cut.</summary>
    private static JsonNode Whole(JsonNode node)
    {
        switch (node)
        {
            case JsonObject members:
                return new JsonObject(members.Select(member => KeyValuePair.Create(member.Key, member.Value is null ? null : Whole(member.Value))));
            case JsonArray { Count: > 0 } list when list[^1] is JsonValue last && last.GetValueKind() == JsonValueKind.String && ((string)last!).StartsWith("...", StringComparison.Ordinal):
                var rest = list.SkipLast(1).Select(item => Whole(item!)).ToList();
                var cut = (string)last!;
                if (cut.EndsWith(" numbers", StringComparison.Ordinal))
                {
                    var count = int.Parse(cut[3..^8], System.Globalization.CultureInfo.InvariantCulture);
                    var isWhole = rest.TrueForAll(item => item.ToJsonString().All(char.IsAsciiDigit));
                    while (rest.Count < count)
                    {
                        rest.Add(isWhole ? JsonValue.Create(100_000 + rest.Count) : JsonValue.Create(0.01));
                    }
                }

                return new JsonArray([.. rest]);
            case JsonArray list:
                return new JsonArray([.. list.Select(item => item is null ? null : Whole(item))]);
            default:
                return node.DeepClone();
        }
    }
}

using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Json.Schema;
using NUnit.Framework;

namespace MemoryMesh.Tests.Shared;

/// <summary>Holds every answer that a test gets against the API's description: its status, its media type and its body.</summary>
/// <remarks>Answers with members that the description does not have fail too. Paths that are not described (pages, probes) pass.</remarks>
internal sealed class DescribedAnswers : DelegatingHandler
{
    /// <summary>Answers of the server before it has chosen an operation: the verb, the length of the address or of the headers.</summary>
    private static readonly string[] Undescribed = ["405", "414", "431"];

    private static readonly Lazy<Task<Description>> Shared = new(ReadAsync);

    public DescribedAnswers()
        // A client that does not wait for the answer sends a body that is refused, and finds the connection closed: on a busy machine a second is short.
        : base(new SocketsHttpHandler { Expect100ContinueTimeout = TimeSpan.FromSeconds(30) })
    {
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        // The body is read after the answer was checked, so it must not be streamed away: event streams are left alone.
        var method = request.Method.Method;
        var path = request.RequestUri!.AbsolutePath;
        var response = await base.SendAsync(request, cancellationToken);
        if ((await Shared.Value).Find(method, path) is { } operation && response.Content.Headers.ContentType?.MediaType != "text/event-stream")
        {
            await operation.CheckAsync(response, $"{method} {path}", cancellationToken);
        }

        return response;
    }

    /// <summary>Every host of one build has the same description, so one is asked, apart from those that tests count requests of.</summary>
    private static async Task<Description> ReadAsync()
    {
        await using var host = await TestHost.StartAsync(HostKind.Embedded);
        using var client = new HttpClient { BaseAddress = host.Address };
        return new Description(await client.GetStringAsync(new Uri("/openapi/v1.json", UriKind.Relative)));
    }

    /// <summary>The operations of a description, by verb and path.</summary>
    private sealed class Description
    {
        private readonly ILookup<(string Verb, int Segments), Operation> _operations;

        public Description(string json)
        {
            // In the schemas of a single answer the shared ones stand under $defs.
            var document = JsonNode.Parse(json.Replace("#/components/schemas/", "#/$defs/", StringComparison.Ordinal))!;
            var shared = document["components"]!["schemas"]!.AsObject();
            foreach (var (_, schema) in shared)
            {
                Close(schema);
            }

            _operations = document["paths"]!.AsObject()
                .SelectMany(path => path.Value!.AsObject().Select(verb => new Operation(verb.Key.ToUpperInvariant(), path.Key, verb.Value!, shared)))
                .ToLookup(operation => (operation.Verb, operation.Segments.Length));
        }

        /// <summary>The operation of a path; of several, the one with the most fixed segments.</summary>
        public Operation? Find(string verb, string path)
        {
            var segments = path.Trim('/').Split('/');
            return _operations[(verb, segments.Length)]
                .Where(operation => operation.Segments.Zip(segments).All(pair => IsParameter(pair.First) || pair.First == pair.Second))
                .MinBy(operation => operation.Segments.Count(IsParameter));
        }

        private static bool IsParameter(string segment) => segment is ['{', .., '}'];

        /// <summary>An object with named members has no others, unless the description says so.</summary>
        private static void Close(JsonNode? schema)
        {
            if (schema is JsonObject map)
            {
                if (map.ContainsKey("properties") && !map.ContainsKey("additionalProperties") && map["allOf"] is null)
                {
                    map["additionalProperties"] = false;
                }

                foreach (var (_, inner) in map.ToList())
                {
                    Close(inner);
                }
            }
            else if (schema is JsonArray list)
            {
                foreach (var inner in list)
                {
                    Close(inner);
                }
            }
        }
    }

    /// <summary>What is said of one verb of one path.</summary>
    private sealed class Operation(string verb, string path, JsonNode description, JsonObject shared)
    {
        private readonly ConcurrentDictionary<(string Status, string Media), JsonSchema> _schemas = new();

        public string Verb => verb;

        public string[] Segments { get; } = path.Trim('/').Split('/');

        public async Task CheckAsync(HttpResponseMessage response, string sent, CancellationToken cancellationToken)
        {
            var status = ((int)response.StatusCode).ToString(CultureInfo.InvariantCulture);
            var name = $"{sent} ({verb} {path}) -> {status}";
            var answer = description["responses"]![status];
            if (answer is null)
            {
                // A path with %00 is refused by the web server; whether a 5xx is right is for the test itself to judge.
                if (status[0] == '5' || Undescribed.Contains(status) || IsBodyUncalledFor(status) || sent.Contains("%00", StringComparison.Ordinal))
                {
                    return;
                }

                Assert.Fail($"{name}: the description does not have this status. Body: {await response.Content.ReadAsStringAsync(cancellationToken)}");
            }

            await response.Content.LoadIntoBufferAsync(cancellationToken);
            var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            var media = response.Content.Headers.ContentType?.MediaType;
            if (body.Length == 0 || media is null)
            {
                return;
            }

            var content = answer!["content"]?[media];
            if (content is null)
            {
                Assert.Fail($"{name}: the description has no {media} for this status.");
            }

            // A file that is handed out is whatever was put in it.
            if (content!["schema"] is { } schema && media.EndsWith("json", StringComparison.Ordinal) && response.Content.Headers.ContentDisposition is null)
            {
                var result = _schemas.GetOrAdd((status, media), _ => Compile(schema))
                    .Evaluate(JsonNode.Parse(body), new EvaluationOptions { OutputFormat = OutputFormat.List });
                if (!result.IsValid)
                {
                    var errors = result.Details.Where(detail => detail.HasErrors)
                        .SelectMany(detail => detail.Errors!.Select(error => $"{detail.InstanceLocation}: {error.Value} ({detail.EvaluationPath})"));
                    Assert.Fail($"{name}: the body is not as described.\n{string.Join('\n', errors)}\n{System.Text.Encoding.UTF8.GetString(body)}");
                }
            }
        }

        /// <summary>A body that is too large or no JSON is refused even where no body belongs.</summary>
        private bool IsBodyUncalledFor(string status) => status is "413" or "415" && description["requestBody"] is null;

        private JsonSchema Compile(JsonNode schema)
        {
            var whole = schema.DeepClone().AsObject();
            whole["$defs"] = shared.DeepClone();
            return JsonSchema.FromText(whole.ToJsonString());
        }
    }
}

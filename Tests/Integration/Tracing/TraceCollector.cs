using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace MemoryMesh.Tests.Integration.Tracing;

/// <summary>A span as it was sent. Of its attributes those that are texts.</summary>
internal sealed record CollectedSpan(string Service, string TraceId, string SpanId, string ParentId, string Name, IReadOnlyDictionary<string, string> Attributes);

/// <summary>Takes spans by OTLP over HTTP, in protobuf.</summary>
internal sealed class TraceCollector : IAsyncDisposable
{
    private readonly WebApplication _app;

    private TraceCollector(WebApplication app) => _app = app;

    /// <summary>What came so far.</summary>
    public ConcurrentQueue<CollectedSpan> Spans { get; } = new();

    /// <summary>All bytes that came, as text.</summary>
    public ConcurrentQueue<string> Texts { get; } = new();

    /// <summary>Value for <c>OTEL_EXPORTER_OTLP_ENDPOINT</c>.</summary>
    public string Address => _app.Urls.First();

    public static async Task<TraceCollector> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var collector = new TraceCollector(app);
        app.MapPost("/v1/traces", async (HttpRequest request) =>
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body);
            collector.Take(body.ToArray());
            return Results.Bytes([], "application/x-protobuf");
        });
        app.MapPost("/v1/{kind}", (string kind) => Results.Bytes([], "application/x-protobuf"));
        await app.StartAsync();
        return collector;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    /// <summary>Reads an <c>ExportTraceServiceRequest</c>, by the numbers of its fields in opentelemetry-proto.</summary>
    private void Take(byte[] request)
    {
        Texts.Enqueue(Encoding.UTF8.GetString(request));
        foreach (var resourceSpans in Fields(request, 1))
        {
            var service = Attributes(Fields(resourceSpans, 1).SelectMany(resource => Fields(resource, 1))).GetValueOrDefault("service.name", "");
            foreach (var span in Fields(resourceSpans, 2).SelectMany(scope => Fields(scope, 2)))
            {
                Spans.Enqueue(new CollectedSpan(service, Hex(span, 1), Hex(span, 2), Hex(span, 4), Text(span, 5), Attributes(Fields(span, 9))));
            }
        }
    }

    private static Dictionary<string, string> Attributes(IEnumerable<byte[]> attributes)
    {
        var texts = new Dictionary<string, string>();
        foreach (var attribute in attributes)
        {
            texts[Text(attribute, 1)] = Text(Fields(attribute, 2).First(), 1);
        }

        return texts;
    }

    private static string Hex(byte[] message, int number) => Convert.ToHexStringLower(Fields(message, number).FirstOrDefault([]));

    private static string Text(byte[] message, int number) => Encoding.UTF8.GetString(Fields(message, number).FirstOrDefault([]));

    /// <summary>The values of a field of the wire type "length-delimited".</summary>
    private static List<byte[]> Fields(byte[] message, int number)
    {
        var found = new List<byte[]>();
        for (var at = 0; at < message.Length;)
        {
            var tag = Varint(message, ref at);
            switch (tag & 7)
            {
                case 0:
                    Varint(message, ref at);
                    break;
                case 1:
                    at += sizeof(long);
                    break;
                case 5:
                    at += sizeof(int);
                    break;
                default:
                    var length = (int)Varint(message, ref at);
                    if (tag >> 3 == (ulong)number)
                    {
                        found.Add(message[at..(at + length)]);
                    }

                    at += length;
                    break;
            }
        }

        return found;
    }

    private static ulong Varint(byte[] message, ref int at)
    {
        var value = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var next = message[at++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }
    }
}

using MemoryMesh.Search.Index.Vectors;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Internal;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Search.Embedding.Replicas;

/// <summary>The route of an embedder: texts in, what is kept of their vectors out. It takes a bounded number of calls at a time and keeps nothing.</summary>
internal sealed class EmbedderDoor(LocalTextEmbedder embedder, IOptions<EmbeddersOptions> options)
{
    private const string RetryAfterSeconds = "1";

    private readonly SignRotation _rotation = new(embedder.Dimensions);
    private readonly int _capacity = options.Value.Capacity > 0 ? options.Value.Capacity : 2 * embedder.Threads;
    private int _underWay;

    /// <summary>Calls that are being taken.</summary>
    public int UnderWay => Volatile.Read(ref _underWay);

    public static void Map(IEndpointRouteBuilder routes)
        => routes.MapInternalGroup(SearchModule.Embedders).MapPost("/encode", (HttpContext http, EmbedderDoor door) => door.EncodeAsync(http));

    private async Task<IResult> EncodeAsync(HttpContext http)
    {
        if (http.Request.Headers[EncodingFrames.IdentityHeader] is not [{ } wanted] || wanted != embedder.Identity)
        {
            return Problems.Conflict.ToResult("This embedder has another program, model or limits of tokens.");
        }

        if (Interlocked.Increment(ref _underWay) > _capacity)
        {
            Interlocked.Decrement(ref _underWay);
            SearchTelemetry.EmbedderRefused.Add(1);
            http.Response.Headers.RetryAfter = RetryAfterSeconds;
            return Problems.Unavailable.ToResult();
        }

        try
        {
            if (await EncodingFrames.ReadBytesAsync(http.Request.Body, http.Request.ContentLength, EncodingFrames.MostCallBytes, http.RequestAborted) is not { } body)
            {
                return Problems.TooLarge.ToResult();
            }

            if (EncodingFrames.ReadCall(body.Span) is not { } texts)
            {
                return Problems.Malformed.ToResult();
            }

            var encoded = await ItemEncoder.EncodeAsync(embedder, _rotation, texts, http.RequestAborted);
            SearchTelemetry.Computed.Add(texts.Count, new KeyValuePair<string, object?>("place", "here"));
            http.Response.Headers[EncodingFrames.IdentityHeader] = wanted;
            return Results.Bytes(EncodingFrames.WriteAnswer(encoded, embedder.Dimensions), EncodingFrames.MediaType);
        }
        finally
        {
            Interlocked.Decrement(ref _underWay);
        }
    }
}

using System.Runtime.InteropServices;
using System.Text.Json;
using MemoryMesh.Search.Embedding;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace MemoryMesh.Search.Endpoints;

/// <summary>Vectors for other programs, in the shape of OpenAI's embeddings API. Mapped only when <see cref="SearchOptions.ServeEmbeddings"/> is set.</summary>
internal static class EmbeddingEndpoints
{
    private const int MaxTexts = 256;
    private const int MaxTextBytes = 32 * 1024;
    private const string Floats = "float";
    private const string Base64 = "base64";

    public static void Map(IEndpointRouteBuilder routes)
        => routes.MapPost("/v1/embeddings", EmbedAsync).WithTags("Search").WithName("Search_Embed").WithSummary("Compute vectors of texts")
            .WithDescription("OpenAI's shape, with the built-in model. Texts are neither stored nor logged.")
            .ProducesProblem(400).ProducesProblem(401).ProducesProblem(403).ProducesProblem(404).ProducesProblem(429).ProducesProblem(503);

    private static async Task<Results<Ok<EmbeddingsResponse>, ProblemHttpResult>> EmbedAsync(
        EmbeddingsRequest request, Caller caller, TenantGuard guard, LocalTextEmbedder embedder, CancellationToken cancellationToken)
    {
        var (access, refusal) = await guard.EnterAsync(caller, null, Permission.Read, cancellationToken);
        if (access is null)
        {
            return refusal!;
        }

        if (ReadTexts(request.Input) is not { } texts)
        {
            return Problems.InvalidField("input", $"Must be a text or 1 to {MaxTexts} texts, each of at most {MaxTextBytes} bytes and not blank.");
        }

        if (request.Model is not null && request.Model != embedder.Model)
        {
            return Problems.InvalidField("model", $"Must be \"{embedder.Model}\" or absent.");
        }

        if (request.Dimensions is not null && request.Dimensions != embedder.Dimensions)
        {
            return Problems.InvalidField("dimensions", $"Must be {embedder.Dimensions} or absent.");
        }

        if (request.EncodingFormat is not (null or Floats or Base64))
        {
            return Problems.InvalidField("encoding_format", $"Must be \"{Floats}\" or \"{Base64}\".");
        }

        var vectors = await embedder.EmbedAsync(texts, cancellationToken);
        var tokens = texts.Sum(TokenEstimate.Count);
        return TypedResults.Ok(new EmbeddingsResponse
        {
            Object = "list",
            Model = embedder.Model,
            Data = [.. vectors.Select((vector, index) => new EmbeddingResponse
            {
                Object = "embedding",
                Index = index,
                Embedding = request.EncodingFormat == Base64
                    ? JsonSerializer.SerializeToElement(Convert.ToBase64String(MemoryMarshal.AsBytes(vector.Span)))
                    : JsonSerializer.SerializeToElement(vector.ToArray()),
            })],
            Usage = new EmbeddingUsage { PromptTokens = tokens, TotalTokens = tokens },
        });
    }

    private static List<string>? ReadTexts(JsonElement input)
    {
        var texts = new List<string>();
        switch (input.ValueKind)
        {
            case JsonValueKind.String:
                texts.Add(input.GetString()!);
                break;
            case JsonValueKind.Array when input.GetArrayLength() is >= 1 and <= MaxTexts:
                foreach (var item in input.EnumerateArray())
                {
                    if (item.ValueKind != JsonValueKind.String)
                    {
                        return null;
                    }

                    texts.Add(item.GetString()!);
                }

                break;
            default:
                return null;
        }

        return texts.TrueForAll(text => TextRules.Check(text, MaxTextBytes, allowControl: true) is null) ? texts : null;
    }
}

/// <summary>Texts to compute vectors of.</summary>
internal sealed record EmbeddingsRequest
{
    /// <summary>A text, or 1 to 256 texts, each of at most 32 KiB.</summary>
    public JsonElement Input { get; init; }

    /// <summary>Name of the model; only the built-in one is served.</summary>
    public string? Model { get; init; }

    /// <summary>Length of the vectors; only the model's own is served.</summary>
    public int? Dimensions { get; init; }

    /// <summary><c>float</c> (default) or <c>base64</c> of little-endian 32-bit floats.</summary>
    public string? EncodingFormat { get; init; }

    /// <summary>Taken for compatibility and not kept.</summary>
    public string? User { get; init; }
}

/// <summary>Vectors of texts.</summary>
internal sealed record EmbeddingsResponse
{
    /// <summary>Always <c>list</c>.</summary>
    public required string Object { get; init; }

    /// <summary>One a text, in their order.</summary>
    public required IReadOnlyList<EmbeddingResponse> Data { get; init; }

    /// <summary>The model that computed them.</summary>
    public required string Model { get; init; }

    /// <summary>How much was read.</summary>
    public required EmbeddingUsage Usage { get; init; }
}

/// <summary>A vector.</summary>
internal sealed record EmbeddingResponse
{
    /// <summary>Always <c>embedding</c>.</summary>
    public required string Object { get; init; }

    /// <summary>Place of the text in the request, from 0.</summary>
    public required int Index { get; init; }

    /// <summary>The vector of length 1: numbers, or a base64 text.</summary>
    public required JsonElement Embedding { get; init; }
}

/// <summary>How much was read.</summary>
internal sealed record EmbeddingUsage
{
    /// <summary>Tokens of the texts, estimated.</summary>
    public required int PromptTokens { get; init; }

    /// <summary>The same: nothing is generated.</summary>
    public required int TotalTokens { get; init; }
}

using MemoryMesh.Search.Embedding;
using MemoryMesh.Search.Embedding.Replicas;
using MemoryMesh.Search.Index.Vectors;
using MemoryMesh.Search.Ranking;
using MemoryMesh.Search.Storage;
using MemoryMesh.Search.Usage;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Internal;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace MemoryMesh.Search.Searchers;

/// <summary>What the process with the index answers searchers: candidates for a question, neighbours of messages; and it takes what they counted.</summary>
/// <remarks>
/// A question may come with its vectors. They are taken when what computed them is what serves here, to the build: every answer names that, so that a searcher of another build, or while another
/// model serves, sends none.
/// </remarks>
internal sealed class RankingDoor(ItemRanking ranking, EmbeddingModels models)
{
    /// <summary>Stands for the identity of a model that no searcher can compute with.</summary>
    public const string NoIdentity = "none";

    /// <summary>Name of the call for messages around others.</summary>
    public const string Around = "around";

    /// <summary>Name of the call that brings counted searches.</summary>
    public const string Counted = "counted";

    public static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapInternalGroup(SearchModule.Name);
        group.MapPost("/rank", (HttpContext http, RankingDoor door) => door.RankAsync(http));
        group.MapCall<IConversationOrder, AroundCall, IReadOnlyList<AroundMessage>>(Around, async (order, call, token) =>
            [.. (await order.ListAroundAsync(call.TenantId, call.MessageIds, call.Reach, token)).Select(pair => new AroundMessage(pair.Key, pair.Value.Before, pair.Value.After))]);
        group.MapCall<SearchCounter, CountedCall, bool>(Counted, (counter, call, token) => counter.TakeAsync(call.Batch, call.Searches, token));
    }

    private async Task<IResult> RankAsync(HttpContext http)
    {
        if (await EncodingFrames.ReadBytesAsync(http.Request.Body, http.Request.ContentLength, RankingFrames.MostCallBytes, http.RequestAborted) is not { } body)
        {
            return Problems.TooLarge.ToResult();
        }

        if (RankingFrames.ReadCall(body.Span) is not { } call)
        {
            return Problems.Malformed.ToResult();
        }

        var serving = (await models.GetAsync(http.RequestAborted)).Serving;
        var identity = IdentityOf(serving);
        QueryVectors? vectors = null;
        if (call.Vectors is { } encoding && identity != NoIdentity && http.Request.Headers[EncodingFrames.IdentityHeader] is [{ } computed] && computed == identity)
        {
            if (encoding.Pooled.Length != serving.Embedder.Dimensions || Read(encoding, serving) is not { } read)
            {
                return Problems.Malformed.ToResult();
            }

            vectors = read;
        }

        http.Response.Headers[EncodingFrames.IdentityHeader] = identity;
        var found = await ranking.FindAsync(call.Filter, call.Query, vectors, call.Limit, call.Settings, http.RequestAborted);
        SearchTelemetry.Ranked.Add(1, new KeyValuePair<string, object?>("vectors", vectors is null ? "here" : "searcher"));
        return Results.Bytes(RankingFrames.WriteAnswer(found, call.Settings.Explain), EncodingFrames.MediaType);
    }

    private static string IdentityOf(ModelInUse serving)
    {
        try
        {
            return (serving.Embedder as ITokenEmbedder)?.Identity ?? NoIdentity;
        }
        catch (DependencyUnavailableException)
        {
            // The files of the model cannot be read: words answer here, and there.
            return NoIdentity;
        }
    }

    private static QueryVectors? Read(TextEncoding encoding, ModelInUse serving)
    {
        try
        {
            return QueryEmbedding.Read(encoding, serving, (ITokenEmbedder)serving.Embedder);
        }
        catch (ArgumentOutOfRangeException)
        {
            return null;
        }
    }
}

/// <summary>Asks for the messages around others.</summary>
internal sealed record AroundCall(Guid TenantId, IReadOnlyList<Guid> MessageIds, int Reach);

/// <summary>The messages around one.</summary>
internal sealed record AroundMessage(Guid Id, IReadOnlyList<Guid> Before, IReadOnlyList<Guid> After);

/// <summary>Brings counted searches.</summary>
/// <param name="Batch">Id of the batch, the same when it is sent again.</param>
/// <param name="Searches">What was counted.</param>
internal sealed record CountedCall(Guid Batch, IReadOnlyList<CountedSearches> Searches);

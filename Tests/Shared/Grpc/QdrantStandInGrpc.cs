using System.Buffers.Binary;
using System.Globalization;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Qdrant.Client.Grpc;

namespace MemoryMesh.Tests.Shared;

/// <summary>The gRPC API of the server in this process: each call is turned into the request of the REST API that asks the same, and its answer back.</summary>
/// <remarks>
/// Unary calls without compression. Those that the product makes are here; another is <c>UNIMPLEMENTED</c>. Defaults and refusals are those of Qdrant's own conversion of messages; a field
/// that has no counterpart here is refused, though the real one might take it: it would be lost without anybody noticing.
/// </remarks>
internal static class QdrantStandInGrpc
{
    /// <summary>A flag for compression and a length stand before a message.</summary>
    private const int FrameHead = 5;

    /// <summary>Status of a call that the stand-in does not have, as HTTP says it.</summary>
    private const int NoSuchCall = 501;

    private static readonly Dictionary<string, Func<ReadOnlyMemory<byte>, Ask, IMessage>> Calls = new(StringComparer.Ordinal)
    {
        ["/qdrant.Collections/List"] = Call<ListCollectionsRequest>((_, ask) => QdrantGrpcAnswers.Collections(ask("GET", "collections", null))),
        ["/qdrant.Collections/CollectionExists"] = Call<CollectionExistsRequest>((request, ask) =>
            QdrantGrpcAnswers.Exists(ask("GET", $"{PathOf(request.CollectionName)}/exists", null))),
        ["/qdrant.Collections/Get"] = Call<GetCollectionInfoRequest>((request, ask) => QdrantGrpcAnswers.Info(ask("GET", PathOf(request.CollectionName), null))),
        ["/qdrant.Collections/Create"] = Call<CreateCollection>((request, ask) =>
            QdrantGrpcAnswers.Changed(ask("PUT", PathOf(request.CollectionName), QdrantGrpcRequests.ToJson(request)))),
        ["/qdrant.Collections/Update"] = Call<UpdateCollection>((request, ask) =>
            QdrantGrpcAnswers.Changed(ask("PATCH", PathOf(request.CollectionName), QdrantGrpcRequests.ToJson(request)))),
        ["/qdrant.Collections/Delete"] = Call<DeleteCollection>((request, ask) => QdrantGrpcAnswers.Changed(ask("DELETE", PathOf(request.CollectionName), null))),
        ["/qdrant.Points/CreateFieldIndex"] = Call<CreateFieldIndexCollection>((request, ask) =>
            QdrantGrpcAnswers.Done(ask("PUT", $"{PathOf(request.CollectionName)}/index{Waiting(request.Wait)}", QdrantGrpcRequests.ToJson(request)))),
        ["/qdrant.Points/Upsert"] = Call<UpsertPoints>((request, ask) =>
            QdrantGrpcAnswers.Done(ask("PUT", $"{PathOf(request.CollectionName)}/points{Waiting(request.Wait)}", QdrantGrpcRequests.ToJson(request)))),
        ["/qdrant.Points/Delete"] = Call<DeletePoints>((request, ask) =>
            QdrantGrpcAnswers.Done(ask("POST", $"{PathOf(request.CollectionName)}/points/delete{Waiting(request.Wait)}", QdrantGrpcRequests.ToJson(request)))),
        ["/qdrant.Points/Query"] = Call<QueryPoints>((request, ask) =>
            QdrantGrpcAnswers.Scored(ask("POST", $"{PathOf(request.CollectionName)}/points/query", QdrantGrpcRequests.ToJson(request)))),
        ["/qdrant.Points/Scroll"] = Call<ScrollPoints>((request, ask) =>
            QdrantGrpcAnswers.Page(ask("POST", $"{PathOf(request.CollectionName)}/points/scroll", QdrantGrpcRequests.ToJson(request)))),
        ["/qdrant.Points/Count"] = Call<CountPoints>((request, ask) =>
            QdrantGrpcAnswers.Counted(ask("POST", $"{PathOf(request.CollectionName)}/points/count", QdrantGrpcRequests.ToJson(request)))),
        ["/qdrant.Snapshots/List"] = Call<ListSnapshotsRequest>((request, ask) => QdrantGrpcAnswers.Snapshots(ask("GET", $"{PathOf(request.CollectionName)}/snapshots", null))),
    };

    /// <summary>Asks the server as over REST.</summary>
    /// <returns>What stands under <c>result</c>.</returns>
    private delegate JsonNode Ask(string method, string path, JsonObject? body);

    /// <summary>Answers a call.</summary>
    /// <param name="http">The call.</param>
    /// <param name="fault">The status of HTTP that it gets instead of an answer; 0 for its own.</param>
    /// <param name="ask">Asks the server as over REST: method, path, body. Its answer is <c>result</c>.</param>
    public static async Task AnswerAsync(HttpContext http, int fault, Func<string, string, JsonObject?, JsonNode?> ask)
    {
        if (http.Request.ContentType?.StartsWith("application/grpc", StringComparison.Ordinal) != true)
        {
            http.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
            return;
        }

        http.Response.ContentType = "application/grpc";
        try
        {
            using var body = new MemoryStream();
            await http.Request.Body.CopyToAsync(body);
            if (fault != 0)
            {
                throw new QdrantRefusal(fault, "Service internal error: as the test wants it");
            }

            if (!Calls.TryGetValue(http.Request.Path.Value!, out var call))
            {
                throw new QdrantRefusal(NoSuchCall, "");
            }

            var answer = call(
                MessageIn(body.GetBuffer().AsMemory(0, (int)body.Length)),
                (method, path, sent) => ask(method, path, sent) ?? throw new QdrantRefusal(NoSuchCall, $"{method} {path}"));
            await http.Response.Body.WriteAsync(Frame(answer));
            http.Response.AppendTrailer("grpc-status", "0");
        }
        catch (QdrantRefusal refusal)
        {
            // Without a body the headers are the trailers too.
            http.Response.Headers["grpc-status"] = ((int)StatusOf(refusal.Status)).ToString(CultureInfo.InvariantCulture);
            http.Response.Headers["grpc-message"] = Uri.EscapeDataString(refusal.Message);
        }
    }

    private static Func<ReadOnlyMemory<byte>, Ask, IMessage> Call<TRequest>(Func<TRequest, Ask, IMessage> answer)
        where TRequest : IMessage<TRequest>, new()
        => (sent, ask) =>
        {
            var request = new TRequest();
            try
            {
                request.MergeFrom(sent.Span);
            }
            catch (InvalidProtocolBufferException exception)
            {
                throw new QdrantRefusal(StatusCodes.Status500InternalServerError, $"failed to decode Protobuf message: {exception.Message}");
            }

            QdrantGrpcFields.Check(request);
            return answer(request, ask);
        };

    private static string PathOf(string collection)
        => collection.Length is > 0 and <= 255
            ? $"collections/{Uri.EscapeDataString(collection)}"
            : throw QdrantGrpcRequests.Refused("Validation error in body: [collection_name: must be from 1 to 255 characters]");

    private static string Waiting(bool wait) => wait ? "?wait=true" : "";

    private static ReadOnlyMemory<byte> MessageIn(ReadOnlyMemory<byte> body)
    {
        if (body.Length < FrameHead || BinaryPrimitives.ReadUInt32BigEndian(body.Span[1..]) != body.Length - FrameHead)
        {
            throw new QdrantRefusal(StatusCodes.Status500InternalServerError, "Unexpected EOF decoding stream.");
        }

        return body.Span[0] == 0 ? body[FrameHead..] : throw new QdrantRefusal(NoSuchCall, "Content is compressed, which the stand-in does not take");
    }

    private static byte[] Frame(IMessage message)
    {
        var length = message.CalculateSize();
        var frame = new byte[FrameHead + length];
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(1), (uint)length);
        message.WriteTo(frame.AsSpan(FrameHead));
        return frame;
    }

    /// <summary>What Qdrant makes of an error of its own, by what it makes of it over REST.</summary>
    private static StatusCode StatusOf(int http) => http switch
    {
        401 => StatusCode.Unauthenticated,
        403 => StatusCode.PermissionDenied,
        404 => StatusCode.NotFound,
        409 => StatusCode.AlreadyExists,
        429 => StatusCode.ResourceExhausted,
        NoSuchCall => StatusCode.Unimplemented,
        503 => StatusCode.Unavailable,
        >= 500 => StatusCode.Internal,
        _ => StatusCode.InvalidArgument,
    };
}

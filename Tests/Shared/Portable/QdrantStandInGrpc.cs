using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace MemoryMesh.Tests.Shared;

/// <summary>The gRPC API of the server in this process: in this build nothing asks for it.</summary>
internal static class QdrantStandInGrpc
{
    public static Task AnswerAsync(HttpContext http, int fault, Func<string, string, JsonObject?, JsonNode?> ask)
    {
        http.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }
}

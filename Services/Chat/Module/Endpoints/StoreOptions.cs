using MemoryMesh.Chat.Features;
using MemoryMesh.ServiceDefaults.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace MemoryMesh.Chat.Endpoints;

/// <summary>What a request that stores something asks for beside its body.</summary>
/// <param name="IdempotencyKey">The Idempotency-Key, or null.</param>
/// <param name="Wait">What the answer waits for.</param>
internal readonly record struct StoreOptions(string? IdempotencyKey, WaitFor Wait)
{
    /// <summary>Reads the Idempotency-Key and the query parameter <c>wait</c>.</summary>
    public static (StoreOptions Options, ProblemHttpResult? Problem) Read(HttpRequest request, string? wait)
    {
        if (StoredWait.Parse(wait) is not { } waitFor)
        {
            return (default, Problems.InvalidField("wait", "Must be one or more of \"indexed\", \"embedded\" and \"memories\", separated by commas, or absent."));
        }

        var (key, problem) = IdempotencyHeader.Read(request);
        return (new StoreOptions(key, waitFor), problem);
    }
}

/// <summary>Headers of answers.</summary>
internal static class ResponseHeaders
{
    /// <summary>Tells that the answer was given before.</summary>
    public static void MarkReplayed(this HttpContext http, bool replayed)
    {
        if (replayed)
        {
            http.Response.Headers[IdempotencyHeader.Replayed] = "true";
        }
    }
}

using MemoryMesh.Chat.Features;
using MemoryMesh.ServiceDefaults.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace MemoryMesh.Chat.Endpoints;

/// <summary>What a request that stores something asks for beside its body.</summary>
/// <param name="IdempotencyKey">The Idempotency-Key, or null.</param>
/// <param name="WaitIndexed">Whether to answer when it can be found only.</param>
internal readonly record struct StoreOptions(string? IdempotencyKey, bool WaitIndexed)
{
    /// <summary>Reads the Idempotency-Key and the query parameter <c>wait</c>.</summary>
    public static (StoreOptions Options, ProblemHttpResult? Problem) Read(HttpRequest request, string? wait)
    {
        if (wait is not (null or IndexWait.Indexed))
        {
            return (default, Problems.InvalidField("wait", "Must be \"indexed\" or absent."));
        }

        var (key, problem) = IdempotencyHeader.Read(request);
        return (new StoreOptions(key, wait is not null), problem);
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

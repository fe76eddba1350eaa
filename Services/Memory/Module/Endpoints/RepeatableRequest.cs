using System.Text;
using System.Text.Json;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace MemoryMesh.Memory.Endpoints;

/// <summary>Reads what makes a POST safe to repeat.</summary>
internal static class RepeatableRequest
{
    /// <summary>The request with its Idempotency-Key; both are null when it carries none.</summary>
    /// <param name="http">The request. Its path and its tenant are part of what must be equal.</param>
    /// <param name="caller">Who sends it: keys of two accounts never meet.</param>
    /// <param name="body">Its body.</param>
    /// <param name="tenantId">The tenant that its query names.</param>
    public static (IdempotentRequest? Request, ProblemHttpResult? Problem) Read<T>(HttpRequest http, Caller caller, T body, string? tenantId = null)
    {
        var (key, problem) = IdempotencyHeader.Read(http);
        return key is null
            ? (null, problem)
            : (new IdempotentRequest(
                caller.Principal.DefaultTenantId,
                caller.AccountId,
                key,
                [.. Encoding.UTF8.GetBytes($"{http.Method} {http.Path}?{tenantId}\n"), .. JsonSerializer.SerializeToUtf8Bytes(body)]), null);
    }

    /// <summary>Tells in the answer that it was given before.</summary>
    public static void MarkReplayed(HttpResponse response) => response.Headers[IdempotencyHeader.Replayed] = "true";
}

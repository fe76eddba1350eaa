using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace MemoryMesh.Client;

/// <summary>The server refused a request, or its answer cannot be read. A server that cannot be reached is an <see cref="HttpRequestException"/>.</summary>
public sealed class MemoryMeshException : Exception
{
    /// <summary>Creates the exception.</summary>
    public MemoryMeshException()
        : this("The request failed.")
    {
    }

    /// <summary>Creates the exception.</summary>
    public MemoryMeshException(string message)
        : this(message, null)
    {
    }

    /// <summary>Creates the exception.</summary>
    public MemoryMeshException(string message, Exception? innerException)
        : base(message, innerException)
        => (StatusCode, Problem) = (HttpStatusCode.InternalServerError, new MemoryMeshProblem { Status = 500, Title = message });

    /// <summary>Creates the exception.</summary>
    /// <param name="statusCode">Status of the answer.</param>
    /// <param name="problem">What the answer says.</param>
    /// <param name="retryAfter">How long to wait before the next try.</param>
    /// <param name="innerException">Why the answer could not be read.</param>
    public MemoryMeshException(HttpStatusCode statusCode, MemoryMeshProblem problem, TimeSpan? retryAfter = null, Exception? innerException = null)
        : base($"{(int)statusCode} {problem?.Title}: {problem?.Detail}", innerException)
    {
        ArgumentNullException.ThrowIfNull(problem);
        (StatusCode, Problem, RetryAfter) = (statusCode, problem, retryAfter);
    }

    /// <summary>Status of the answer.</summary>
    public HttpStatusCode StatusCode { get; }

    /// <summary>What the answer says.</summary>
    public MemoryMeshProblem Problem { get; }

    /// <summary>How long to wait before the next try, when the server says so (429, 503).</summary>
    public TimeSpan? RetryAfter { get; }

    /// <summary>The kind of error: the last part of the problem's type, for example <c>not-found</c>; null for an answer that is no problem of MemoryMesh.</summary>
    public string? Kind => Problem.Kind;
}

/// <summary>Problem details (RFC 9457). The kinds are listed in the server's docs/problems.md.</summary>
public sealed record MemoryMeshProblem
{
    /// <summary>Start of every type of MemoryMesh.</summary>
    public const string TypePrefix = "urn:memorymesh:problem:";

    /// <summary>Stable name of the kind of error.</summary>
    public string? Type { get; init; }

    /// <summary>What it is, the same each time.</summary>
    public string? Title { get; init; }

    /// <summary>The HTTP status.</summary>
    public int Status { get; init; }

    /// <summary>What it means and what to do.</summary>
    public string? Detail { get; init; }

    /// <summary>What is wrong with each field, when fields are wrong.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>>? Errors { get; init; }

    /// <summary>Finds the request in the server's logs and traces.</summary>
    public string? TraceId { get; init; }

    /// <summary>Members beside these.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Extensions { get; set; }

    /// <inheritdoc cref="MemoryMeshException.Kind"/>
    [JsonIgnore]
    public string? Kind => Type?.StartsWith(TypePrefix, StringComparison.Ordinal) == true ? Type[TypePrefix.Length..] : null;
}

using MemoryMesh.ServiceDefaults.Http;

namespace MemoryMesh.Search.Embedding;

/// <summary>No text can be embedded at the moment.</summary>
/// <param name="reason">A short code without personal text: <c>http_429</c>, <c>timeout</c>, <c>network</c>, <c>circuit_open</c>, <c>malformed</c>, <c>wrong_dimensions</c>.</param>
/// <param name="retryAfter">When trying again makes sense, as far as it is known.</param>
/// <param name="isLasting">Whether it needs somebody to change a setting: trying at once again is of no use.</param>
internal sealed class EmbedderUnavailableException(string reason, TimeSpan? retryAfter = null, bool isLasting = false)
    : DependencyUnavailableException($"The embedding model cannot be reached ({reason}).")
{
    /// <summary>The code.</summary>
    public string Reason => reason;

    /// <summary>When trying again makes sense, or null.</summary>
    public TimeSpan? RetryAfter => retryAfter;

    /// <summary>Whether it lasts until a setting is changed.</summary>
    public bool IsLasting => isLasting;
}

/// <summary>The model does not take a text of the call, whatever its state.</summary>
/// <param name="reason">A short code without personal text, for example <c>http_400</c>.</param>
internal sealed class EmbeddingRefusedException(string reason) : Exception($"The embedding model refuses a text ({reason}).")
{
    /// <summary>The code.</summary>
    public string Reason => reason;
}

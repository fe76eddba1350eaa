using MemoryMesh.ServiceDefaults.Http;

namespace MemoryMesh.Search.Storage;

/// <summary>The vectors lie in another server, which cannot be asked at the moment.</summary>
/// <param name="reason">A short code without personal text.</param>
/// <param name="message">What it is, for people.</param>
internal class VectorStoreUnavailableException(string reason, string message) : DependencyUnavailableException(message)
{
    /// <summary>The code.</summary>
    public string Reason => reason;
}

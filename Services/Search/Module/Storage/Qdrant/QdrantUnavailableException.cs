namespace MemoryMesh.Search.Storage.Qdrant;

/// <summary>Qdrant cannot be asked at the moment.</summary>
/// <param name="reason">A short code without personal text: <c>http_500</c>, <c>grpc_Internal</c>, <c>timeout</c>, <c>network</c>, <c>circuit_open</c>, <c>malformed</c>, <c>not_completed</c>, <c>busy</c>.</param>
/// <param name="isLasting">Whether trying again at once is of no use: the request or a setting is wrong.</param>
internal sealed class QdrantUnavailableException(string reason, bool isLasting = false) : VectorStoreUnavailableException(reason, $"Qdrant cannot be asked ({reason}).")
{
    /// <summary>The reason when the connection broke, or none could be made.</summary>
    public const string Network = "network";

    /// <summary>Whether trying again at once is of no use.</summary>
    public bool IsLasting => isLasting;
}

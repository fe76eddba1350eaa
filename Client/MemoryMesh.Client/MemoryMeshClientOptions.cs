namespace MemoryMesh.Client;

/// <summary>How a client says who it is. At most one of the three is set; with none, the headers of the <see cref="HttpClient"/> decide.</summary>
public sealed class MemoryMeshClientOptions
{
    /// <summary>An API key, sent as <c>x-api-key</c>.</summary>
    public string? ApiKey { get; init; }

    /// <summary>An access token of <see cref="AuthApi.LogInAsync"/>, sent as <c>Authorization: Bearer</c>.</summary>
    public string? AccessToken { get; init; }

    /// <summary>Gives the access token of each request, for callers that renew it. Null sends none.</summary>
    public Func<CancellationToken, ValueTask<string?>>? GetAccessToken { get; init; }
}

using Microsoft.AspNetCore.Http;

namespace MemoryMesh.Gateway.Forwarding;

/// <summary>Which service a path belongs to. The Gateway forwards these paths unchanged, and no others.</summary>
internal static class ServiceRoutes
{
    /// <summary>Prefixes of paths, each with its service. A longer prefix goes before a shorter one.</summary>
    public static readonly IReadOnlyList<(string Prefix, string Service)> All =
    [
        ("/.well-known/memorymesh-receipts.json", "retention"),
        ("/.well-known", "auth"),
        ("/v1/auth", "auth"),
        ("/v1/organizations", "auth"),
        ("/v1/messages", "chat"),
        ("/v1/conversations", "chat"),
        ("/v1/memory/search", "search"),
        ("/v1/searches", "search"),
        ("/v1/bookmarks", "search"),
        ("/v1/embeddings", "search"),
        ("/v1/memories/search", "search"),
        ("/v1/memories", "memory"),
        (Context, "memory"),
        ("/v1/blocks", "memory"),
        ("/v1/subjects", "memory"),
        ("/v1/admin/retention", "retention"),
        ("/v1/retention", "retention"),
        ("/v1/exports", "retention"),
        ("/v1/imports", "retention"),
        ("/v1/privacy", "retention"),
    ];

    private const string Context = "/v1/context";

    private static readonly string[] Searching = ["/v1/memory/search", "/v1/memory/search/batch", "/v1/memories/search", "/v1/memories/search/batch"];

    /// <summary>Whether a request searches and changes nothing: any searcher answers it as Search does, and it may be made twice.</summary>
    public static bool IsSearch(string method, PathString path)
        => (HttpMethods.IsGet(method) || HttpMethods.IsPost(method))
            && path.Value is { } value && Searching.Contains(value.Length > 1 && value[^1] == '/' ? value[..^1] : value, StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether a request asks for a context, which changes nothing: any reader answers it as Memory does, and it may be made twice.</summary>
    public static bool IsContext(string method, PathString path)
        => path.StartsWithSegments(Context, StringComparison.OrdinalIgnoreCase, out var rest) && (HttpMethods.IsGet(method) || (HttpMethods.IsPost(method) && rest.Value is null or "" or "/"));

    /// <summary>The service that has a path, or null.</summary>
    public static string? Find(PathString path)
        => All.FirstOrDefault(route => path.StartsWithSegments(route.Prefix, StringComparison.OrdinalIgnoreCase)).Service;
}

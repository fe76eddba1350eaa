using MemoryMesh.Gateway.Facades.Conversational;
using MemoryMesh.ServiceDefaults.Hosting;
using MemoryMesh.ServiceDefaults.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace MemoryMesh.Gateway.Pipeline;

/// <summary>What a request may look like before anybody reads it.</summary>
internal static class RequestLimits
{
    /// <summary>Largest body, but for batches (<see cref="MemoryMeshHost.MaxRequestBodySize"/>).</summary>
    public const long MaxBodySize = 1024 * 1024;

    /// <summary>Largest upload. The service that takes it has a limit of its own, and stores it as it comes.</summary>
    public const long MaxUploadSize = 1L << 40;

    /// <summary>Longest path and query together, in bytes.</summary>
    public const int MaxAddressSize = 8 * 1024;

    /// <summary>Largest header section, in bytes.</summary>
    public const int MaxHeadersSize = 32 * 1024;

    /// <summary>Most header fields.</summary>
    public const int MaxHeaders = 100;

    /// <summary>What is wrong with a request, or null. Sets the limit of its body.</summary>
    public static ProblemKind? Check(HttpContext context)
    {
        var request = context.Request;

        // Calls between services never come through the public door.
        if (request.Path.StartsWithSegments("/internal", StringComparison.OrdinalIgnoreCase))
        {
            return Problems.NotFound;
        }

        if ((context.Features.Get<IHttpRequestFeature>()?.RawTarget.Length ?? 0) > MaxAddressSize)
        {
            return GatewayProblems.AddressTooLong;
        }

        if (!HeadersFit(request.Headers))
        {
            return Problems.HeadersTooLarge;
        }

        // A small compressed body can unfold to a huge one, so none is taken.
        if (request.Headers.ContentEncoding is { Count: > 0 } encoding && !encoding.All(value => string.Equals(value, "identity", StringComparison.OrdinalIgnoreCase)))
        {
            context.Response.Headers.AcceptEncoding = "identity";
            return Problems.UnsupportedMediaType;
        }

        // JSON is UTF-8 (RFC 8259); reading another charset fails late, and one that nobody knows fails as a defect.
        if (request.ContentType is { } type
            && type.Contains("charset", StringComparison.OrdinalIgnoreCase)
            && !(MediaTypeHeaderValue.TryParse(type, out var media)
                && (media.Charset.Length == 0 || HeaderUtilities.RemoveQuotes(media.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase))))
        {
            return Problems.UnsupportedMediaType;
        }

        var maxBodySize = MaxBodySizeOf(request.Path);
        if (request.ContentLength > maxBodySize)
        {
            return Problems.TooLarge;
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } body)
        {
            body.MaxRequestBodySize = maxBodySize;
        }

        return null;
    }

    /// <summary>Largest body that a path takes.</summary>
    public static long MaxBodySizeOf(PathString path)
        => path.StartsWithSegments("/v1/messages/batch", StringComparison.OrdinalIgnoreCase)
            || path.StartsWithSegments(ConversationalEndpoints.StorePath, StringComparison.OrdinalIgnoreCase) ? MemoryMeshHost.MaxRequestBodySize
            : path.StartsWithSegments("/v1/imports", StringComparison.OrdinalIgnoreCase) ? MaxUploadSize
            : MaxBodySize;

    private static bool HeadersFit(IHeaderDictionary headers)
    {
        if (headers.Count > MaxHeaders)
        {
            return false;
        }

        var (size, fields) = (0, 0);
        foreach (var (name, values) in headers)
        {
            foreach (var value in values)
            {
                // The colon, the space and the line end count too.
                size += name.Length + (value?.Length ?? 0) + 4;
                fields++;
            }
        }

        return size <= MaxHeadersSize && fields <= MaxHeaders;
    }
}

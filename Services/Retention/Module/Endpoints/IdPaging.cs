using System.Globalization;
using MemoryMesh.ServiceDefaults.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace MemoryMesh.Retention.Endpoints;

/// <summary>Pages of what is listed by id, the newest first.</summary>
internal static class IdPaging
{
    private const int DefaultSize = 50;
    private const int MaxSize = 200;

    /// <summary>Reads <c>limit</c> and <c>cursor</c> of a request.</summary>
    public static (int Size, Guid? Before, ProblemHttpResult? Problem) Read(int? limit, string? cursor)
    {
        if (limit is < 1 or > MaxSize)
        {
            return (0, null, Problems.InvalidField("limit", string.Create(CultureInfo.InvariantCulture, $"Must be from 1 to {MaxSize}.")));
        }

        Guid? before = null;
        if (cursor is not null)
        {
            if (!Guid.TryParseExact(cursor, "N", out var id))
            {
                return (0, null, Problems.InvalidField("cursor", "Must be the next of an earlier page."));
            }

            before = id;
        }

        return (limit ?? DefaultSize, before, null);
    }

    /// <summary>The cursor of the page that follows an id.</summary>
    public static string CursorOf(Guid id) => id.ToString("N");
}

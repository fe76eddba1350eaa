using System.Globalization;
using MemoryMesh.ServiceDefaults.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace MemoryMesh.Retention.Endpoints;

/// <summary>Pages of what has ids in order of time, newest first.</summary>
internal static class Paging
{
    private const int DefaultPage = 50;
    private const int MaxPage = 200;

    /// <summary>Reads the parameters of a page.</summary>
    /// <param name="limit">Entries of a page.</param>
    /// <param name="cursor">The next of an earlier page.</param>
    /// <param name="size">How many entries to answer.</param>
    /// <param name="before">Only entries before this one; null for the first page.</param>
    /// <returns>What is wrong, or null.</returns>
    public static ProblemHttpResult? Read(int? limit, string? cursor, out int size, out Guid? before)
    {
        size = limit ?? DefaultPage;
        before = null;
        if (size is < 1 or > MaxPage)
        {
            return Problems.InvalidField("limit", string.Create(CultureInfo.InvariantCulture, $"Must be from 1 to {MaxPage}."));
        }

        if (cursor is not null)
        {
            if (!Guid.TryParseExact(cursor, "N", out var id))
            {
                return Problems.InvalidField("cursor", "Must be the next of an earlier page.");
            }

            before = id;
        }

        return null;
    }
}

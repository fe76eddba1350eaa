using MemoryMesh.ServiceDefaults.Filtering;

namespace MemoryMesh.Search.Endpoints;

/// <summary>A search for memories. What is given must all hold.</summary>
internal sealed record MemorySearchRequest
{
    /// <summary>Id or slug of the tenant; the caller's own when absent.</summary>
    public string? TenantId { get; init; }

    /// <summary>What to look for, 1 to 4,096 bytes.</summary>
    public string? Query { get; init; }

    /// <summary>Most results, 1 to 1,000. Default 10.</summary>
    public int? TopK { get; init; }

    /// <summary>The subject whose memories are meant; the caller's own when absent.</summary>
    public string? UserId { get; init; }

    /// <summary>Only these scopes: user, team, organization.</summary>
    public IReadOnlyList<string?>? Scope { get; init; }

    /// <summary>Only these categories, separated by commas.</summary>
    public string? Category { get; init; }

    /// <summary>Only memories of this time or later, ISO 8601; a date begins at midnight UTC.</summary>
    public string? From { get; init; }

    /// <summary>Only memories of this time or earlier, ISO 8601; a date includes its whole day in UTC.</summary>
    public string? To { get; init; }

    /// <summary>Only memories of at least this importance, 0 to 1.</summary>
    public double? MinImportance { get; init; }

    /// <summary>Conditions on the metadata as path:operator:value, for example <c>priority:gt:3</c>; all must hold.</summary>
    public IReadOnlyList<string?>? Metadata { get; init; }

    /// <summary>A tree of conditions on user_id, created_at, importance and metadata.</summary>
    public FilterRequest? Filter { get; init; }

    /// <summary>Whether the parts of each score are returned.</summary>
    public bool? Explain { get; init; }

    /// <summary>hybrid (default), fulltext or semantic.</summary>
    public string? Mode { get; init; }

    /// <summary>Weights for a purpose: balanced (default), recent or precise.</summary>
    public string? Preset { get; init; }

    /// <summary>Weights that differ from the preset's, by name, each 0 to 10.</summary>
    public Dictionary<string, double>? Weights { get; init; }

    /// <summary>current (default), superseded (those that a newer value superseded too) or all (whatever ended too); <c>state</c> tells them apart.</summary>
    public string? View { get; init; }

    /// <summary>
    /// Answers how it was at this time, ISO 8601, instead of <c>view</c>; age and words like "yesterday" are reckoned from it too. Now when absent.
    /// </summary>
    public string? AsOf { get; init; }

    /// <summary>With <c>as_of</c>: world (default), what was true then as far as is known now; or system, what was held for true here then, with the texts of then.</summary>
    public string? Basis { get; init; }

    /// <summary>Only results of at least this score.</summary>
    public double? MinScore { get; init; }

    /// <summary>The <c>next_cursor</c> of the page before, with the same query and filters.</summary>
    public string? Cursor { get; init; }

    /// <summary>Whether the words that matched are marked.</summary>
    public bool? Highlights { get; init; }
}

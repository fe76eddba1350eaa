using MemoryMesh.ServiceDefaults.Filtering;

namespace MemoryMesh.Search.Endpoints;

/// <summary>A search for messages. What is given must all hold.</summary>
internal sealed record MessageSearchRequest
{
    /// <summary>Id or slug of the tenant; the caller's own when absent.</summary>
    public string? TenantId { get; init; }

    /// <summary>What to look for, 1 to 4,096 bytes.</summary>
    public string? Query { get; init; }

    /// <summary>Most results, 1 to 1,000. Default 10.</summary>
    public int? TopK { get; init; }

    /// <summary>Only messages of this subject.</summary>
    public string? UserId { get; init; }

    /// <summary>Only messages of this conversation.</summary>
    public string? ConversationId { get; init; }

    /// <summary>Only messages of the thread that this message is in.</summary>
    public string? Thread { get; init; }

    /// <summary>Only these roles: user, assistant, system, tool.</summary>
    public IReadOnlyList<string?>? Role { get; init; }

    /// <summary>Only messages of this time or later, ISO 8601; a date begins at midnight UTC.</summary>
    public string? From { get; init; }

    /// <summary>Only messages of this time or earlier, ISO 8601; a date includes its whole day in UTC.</summary>
    public string? To { get; init; }

    /// <summary>Only messages of at least this importance, 0 to 1; those without one count with the importance of their role.</summary>
    public double? MinImportance { get; init; }

    /// <summary>A tree of conditions on role, conversation, subject, time, importance and metadata.</summary>
    public FilterRequest? Filter { get; init; }

    /// <summary>Whether the parts of each score are returned.</summary>
    public bool? Explain { get; init; }

    /// <summary>hybrid (default), fulltext or semantic.</summary>
    public string? Mode { get; init; }

    /// <summary>Weights for a purpose: balanced (default), recent or precise.</summary>
    public string? Preset { get; init; }

    /// <summary>Weights that differ from the preset's, by name, each 0 to 10.</summary>
    public Dictionary<string, double>? Weights { get; init; }

    /// <summary>The time that age and words like "yesterday" are reckoned from, ISO 8601; now when absent.</summary>
    public string? AsOf { get; init; }

    /// <summary>Only results of at least this score.</summary>
    public double? MinScore { get; init; }

    /// <summary>The <c>next_cursor</c> of the page before, with the same query and filters.</summary>
    public string? Cursor { get; init; }

    /// <summary><c>conversation</c>: the results are told by conversation too.</summary>
    public string? GroupBy { get; init; }

    /// <summary>How many messages before and after each result are returned with it, 0 to 5.</summary>
    public int? Expand { get; init; }

    /// <summary>Whether the words that matched are marked.</summary>
    public bool? Highlights { get; init; }
}

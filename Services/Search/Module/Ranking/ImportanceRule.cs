using MemoryMesh.Search.Index;

namespace MemoryMesh.Search.Ranking;

/// <summary>How the importance of an item changes its score.</summary>
internal static class ImportanceRule
{
    /// <summary>Importance of an item, 0 to 1: its own when one was set, else that of its role; 0.5 for an item without a role.</summary>
    public static double Of(Candidate item, SearchOptions options) => Math.Clamp(item.Importance ?? OfRole(item.Role, options), 0, 1);

    /// <summary>Importance of a message that has none of its own.</summary>
    public static double OfRole(MessageRole role, SearchOptions options) => role switch
    {
        MessageRole.User => options.UserImportance,
        MessageRole.Assistant => options.AssistantImportance,
        MessageRole.System => options.SystemImportance,
        MessageRole.Tool => options.ToolImportance,
        _ => 0.5,
    };

    /// <summary>Factor of a score: straight from <see cref="SearchOptions.ImportanceFloor"/> at 0 to <see cref="SearchOptions.ImportanceCeiling"/> at 1.</summary>
    public static double Factor(double importance, SearchOptions options)
        => options.ImportanceFloor + ((options.ImportanceCeiling - options.ImportanceFloor) * Math.Clamp(importance, 0, 1));
}

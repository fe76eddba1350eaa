using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Search;

/// <summary>Settings of the Search service, section <c>Search</c>.</summary>
public sealed class SearchOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Search";

    /// <summary>
    /// Whether <c>POST /v1/embeddings</c> answers, in OpenAI's shape and with the built-in model, for programs that want vectors of their own. Default no.
    /// </summary>
    public bool ServeEmbeddings { get; set; }

    /// <summary>Fewest items each way of searching hands to the ranking; four times <c>top_k</c> when that is more. Default 100.</summary>
    [Range(50, 4_000)]
    public int Candidates { get; set; } = 100;

    /// <summary>Weight of full text beside the other ways of searching. Default 1.</summary>
    [Range(0.01, 10)]
    public double LexicalWeight { get; set; } = 1;

    /// <summary>What importance 0 multiplies the score with. Default 0.7.</summary>
    [Range(0.1, 1)]
    public double ImportanceFloor { get; set; } = 0.7;

    /// <summary>What importance 1 multiplies the score with. Default 1.3.</summary>
    [Range(1, 3)]
    public double ImportanceCeiling { get; set; } = 1.3;

    /// <summary>Importance, 0 to 1, of a user's message that has none of its own. Default 0.5.</summary>
    [Range(0, 1)]
    public double UserImportance { get; set; } = 0.5;

    /// <summary>Importance, 0 to 1, of an assistant's message that has none of its own. Default 0.4.</summary>
    [Range(0, 1)]
    public double AssistantImportance { get; set; } = 0.4;

    /// <summary>Importance, 0 to 1, of a system message that has none of its own. Default 0.3.</summary>
    [Range(0, 1)]
    public double SystemImportance { get; set; } = 0.3;

    /// <summary>Importance, 0 to 1, of a tool's message that has none of its own. Default 0.2.</summary>
    [Range(0, 1)]
    public double ToolImportance { get; set; } = 0.2;

    /// <summary>After how many days half of what age can take of a score is taken. Default 180.</summary>
    [Range(1, 36_500)]
    public double DecayHalfLifeDays { get; set; } = 180;

    /// <summary>What the highest age multiplies the score with; 1 turns decay off. Default 0.85.</summary>
    [Range(0.1, 1)]
    public double DecayFloor { get; set; } = 0.85;

    /// <summary>How long after a removal the full-text index is rewritten without it; removals in the meantime share the rewriting. Default 2 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:00:30")]
    public TimeSpan CleaningDelay { get; set; } = TimeSpan.FromSeconds(2);
}

[OptionsValidator]
internal sealed partial class SearchOptionsValidator : IValidateOptions<SearchOptions>;

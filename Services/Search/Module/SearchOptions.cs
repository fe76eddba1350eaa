using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Search;

/// <summary>Settings of the Search service, section <c>Search</c>.</summary>
public sealed class SearchOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Search";

    /// <summary>
    /// What a process of the Search program is for: <c>search</c> keeps the index and answers, one for an installation; <c>searcher</c> answers searches with what that one finds
    /// and keeps nothing; <c>embedder</c> computes vectors for it and keeps nothing (<c>Search:Embedders</c>). Default <c>search</c>.
    /// </summary>
    [Required]
    public string Role { get; set; } = SearchModule.SearchRole;

    /// <summary>
    /// Whether <c>POST /v1/embeddings</c> answers, in OpenAI's shape and with the built-in model, for programs that want vectors of their own. Default no.
    /// </summary>
    public bool ServeEmbeddings { get; set; }

    /// <summary>Fewest items each way of searching hands to the ranking; four times <c>top_k</c> when that is more. Default 200.</summary>
    [Range(50, 4_000)]
    public int Candidates { get; set; } = 200;

    /// <summary>
    /// Least cosine, 0 to 1, of the vectors of a question and a text for a text to be found that holds no word of the question. A question of one word
    /// needs 0.2 more, and finds by its meaning only when the word stands nowhere, unless it asks for meaning alone. Default 0.55.
    /// </summary>
    [Range(0, 1)]
    public double LeastCosine { get; set; } = 0.55;

    /// <summary>Memory for vectors, in megabytes; what was not searched for longest leaves first. Default 1,024.</summary>
    [Range(16, 1_048_576)]
    public int VectorMemoryMegabytes { get; set; } = 1_024;

    /// <summary>After what time without a search an owner's vectors leave memory. Default 30 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "7.00:00:00")]
    public TimeSpan VectorIdleTime { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>How often computing the vectors of a text is tried before it is parked. Default 5.</summary>
    [Range(1, 100)]
    public int EmbeddingAttempts { get; set; } = 5;

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

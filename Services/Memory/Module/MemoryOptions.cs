using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Memory;

/// <summary>Settings of the Memory service, section <c>Memory</c>.</summary>
public sealed class MemoryOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Memory";

    /// <summary>
    /// What a process of the Memory program is for: <c>memory</c> keeps the memories and answers, one for an installation; <c>reader</c> answers contexts with what that one knows and keeps
    /// nothing. Default <c>memory</c>.
    /// </summary>
    [Required]
    public string Role { get; set; } = MemoryModule.MemoryRole;

    /// <summary>Quick tries of the background work on a memory before it counts as failed; after that it is tried hourly at most. Default 5.</summary>
    [Range(1, 100)]
    public int MaxAttempts { get; set; } = 5;

    /// <summary>Seconds after which a memory that search has not indexed is announced again; doubled at each try. Default 60.</summary>
    [Range(1, 3_600)]
    public int IndexTimeoutSeconds { get; set; } = 60;

    /// <summary>Milliseconds that a context waits for search before it goes on with the most important memories. Default 2,000.</summary>
    [Range(50, 30_000)]
    public int ContextSearchTimeoutMilliseconds { get; set; } = 2_000;

    /// <summary>Newest memories of an owner that a new one is compared with word by word; equal texts are found among all. Default 5,000.</summary>
    [Range(1, 100_000)]
    public int MaxCompared { get; set; } = 5_000;

    /// <summary>
    /// Memory, in megabytes, for what tells which memories of an owner a new one can have to do with, some 64 bytes for each; owners that nothing was added to for
    /// longest leave first. 0 has all of them read for each addition. Default 64.
    /// </summary>
    [Range(0, 65_536)]
    public int ComparisonMemoryMegabytes { get; set; } = 64;

    /// <summary>Days that the ledger of extractions is kept. Default 90.</summary>
    [Range(1, 3_650)]
    public int ExtractionLedgerDays { get; set; } = 90;

    /// <summary>
    /// Whether what no rule reads is weighed by its words: a sentence is kept as it was said when it weighs like those that tell something lasting about who says it, and what was told before
    /// ends when the message weighs like those that say so. More is learned of what is told in unusual words, and less stays that no longer holds. What a language model says goes first. Default true.
    /// </summary>
    public bool WeighWords { get; set; } = true;

    /// <summary>Most core blocks of one owner. Default 20.</summary>
    [Range(1, 1_000)]
    public int MaxBlocks { get; set; } = 20;

    /// <summary>
    /// Characters that make a token when a budget is kept, but for Chinese, Japanese and Korean ones, which are a token each. Fewer are safer: text that the
    /// model cuts finer than this takes more tokens than the budget says. Default 4.
    /// </summary>
    [Range(1.0, 10.0)]
    public double CharactersPerToken { get; set; } = 4;

    /// <summary>
    /// Most recent messages of a conversation that a context holds. When it is not set, 20; 50 under <c>/v1/context/{conversation_id}</c>, or 200 there for
    /// contexts of more than 4,000 tokens.
    /// </summary>
    [Range(1, 200, ErrorMessage = "Memory:MaxContextMessages (MAX_CONTEXT_MESSAGES) must be from 1 to 200.")]
    public int? MaxContextMessages { get; set; }
}

[OptionsValidator]
internal sealed partial class MemoryOptionsValidator : IValidateOptions<MemoryOptions>;

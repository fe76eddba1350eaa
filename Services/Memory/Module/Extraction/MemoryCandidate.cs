namespace MemoryMesh.Memory.Extraction;

/// <summary>A fact about the user, ready to be stored, to replace an earlier one, or to remove one.</summary>
public sealed record MemoryCandidate
{
    /// <summary>What to do with the fact.</summary>
    public required CandidateOperation Operation { get; init; }

    /// <summary>The fact as one third-person sentence, such as "User is a software engineer."</summary>
    public required string Text { get; init; }

    /// <summary>
    /// One of name, profession, employer, location, language, preference, dislike, goal, constraint, interest,
    /// relationship, possession, date, style, event or other.
    /// </summary>
    public required string Category { get; init; }

    /// <summary>
    /// The attribute the fact fills, such as <c>name</c> or <c>preference:editor</c>. A fact of a slot with many
    /// values carries its object in the key, such as <c>relationship:daughter:noor</c>.
    /// </summary>
    public required string SlotKey { get; init; }

    /// <summary>Whether a newer fact with the same <see cref="SlotKey"/> supersedes this one.</summary>
    public bool SingleValued { get; init; }

    /// <summary>When the fact stops being true, in UTC, as "until Friday" says; null when the message sets no end or its time is not known.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Where the message says so.</summary>
    public required QuotedSpan Quote { get; init; }

    /// <summary>Whether its words do not stand in what was said, so that somebody has to look at it. What rules read quotes what was said.</summary>
    public bool Inferred { get; init; }

    /// <summary>Whether its text is what was said, kept for the weight of its words and not by a rule: a language model may say it better.</summary>
    internal bool IsWeighed { get; init; }

    /// <summary>How sure the extraction is, from 0 to 1.</summary>
    public double Confidence { get; init; }

    /// <summary>How much the fact matters for later conversations, from 0 to 1.</summary>
    public double Importance { get; init; }
}

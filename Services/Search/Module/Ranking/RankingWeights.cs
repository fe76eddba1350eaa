namespace MemoryMesh.Search.Ranking;

/// <summary>How much each part of the ranking counts. 0 leaves a part out.</summary>
/// <remarks>The default is what the conversations of docs/benchmarks.md were ranked best with; docs/decisions/0018 tells what each part is worth.</remarks>
internal sealed record RankingWeights
{
    /// <summary>The names weights have in requests.</summary>
    public static readonly IReadOnlyList<string> Names =
    [
        "lexical", "vector", "late_interaction", "neighbours", "participant", "session", "time", "answer_type", "question", "second_person", "importance", "recency",
    ];

    /// <summary>Weights that were tuned for no special case.</summary>
    public static readonly RankingWeights Balanced = new();

    /// <summary>Presets by name.</summary>
    public static readonly IReadOnlyDictionary<string, RankingWeights> Presets = new OrderedDictionary<string, RankingWeights>(StringComparer.Ordinal)
    {
        ["balanced"] = Balanced,
        ["recent"] = new() { Recency = 6, Time = 1 },
        ["precise"] = new() { Lexical = 1.4, Neighbours = 0, Session = 0, Participant = 1, Importance = 0, Recency = 0 },
    };

    /// <summary>Full text.</summary>
    public double Lexical { get; init; } = 0.7;

    /// <summary>Cosine of pooled vectors.</summary>
    public double Vector { get; init; } = 0.4;

    /// <summary>Late interaction of token vectors.</summary>
    public double LateInteraction { get; init; } = 2;

    /// <summary>What the messages before and after say.</summary>
    public double Neighbours { get; init; } = 1;

    /// <summary>A message by the one participant whom the question names.</summary>
    public double Participant { get; init; } = 2;

    /// <summary>How well the run of messages answers that it belongs to.</summary>
    public double Session { get; init; } = 0.2;

    /// <summary>A time that the question names, for each factor of e that it narrows the choice by.</summary>
    public double Time { get; init; } = 0.5;

    /// <summary>A text that says when, for a question that asks when; two thirds of it for how many and for names.</summary>
    public double AnswerType { get; init; } = 1.2;

    /// <summary>Taken off a text that asks itself.</summary>
    public double Question { get; init; } = 0.5;

    /// <summary>Taken off what a person says of the one it talks to and not of itself.</summary>
    public double SecondPerson { get; init; } = 0.75;

    /// <summary>Exponent of the factor of importance.</summary>
    public double Importance { get; init; } = 1;

    /// <summary>Exponent of the factor of age.</summary>
    public double Recency { get; init; } = 1;

    /// <summary>The same with another weight.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="value">The weight.</param>
    /// <exception cref="ArgumentOutOfRangeException">No weight has this name.</exception>
    public RankingWeights With(string name, double value) => name switch
    {
        "lexical" => this with { Lexical = value },
        "vector" => this with { Vector = value },
        "late_interaction" => this with { LateInteraction = value },
        "neighbours" => this with { Neighbours = value },
        "participant" => this with { Participant = value },
        "session" => this with { Session = value },
        "time" => this with { Time = value },
        "answer_type" => this with { AnswerType = value },
        "question" => this with { Question = value },
        "second_person" => this with { SecondPerson = value },
        "importance" => this with { Importance = value },
        "recency" => this with { Recency = value },
        _ => throw new ArgumentOutOfRangeException(nameof(name)),
    };
}

/// <summary>Which ways of searching take part.</summary>
internal enum SearchMode
{
    /// <summary>All of them.</summary>
    Hybrid,

    /// <summary>Words alone.</summary>
    FullText,

    /// <summary>Meaning alone.</summary>
    Semantic,
}

/// <summary>How one search is ranked.</summary>
internal sealed record RankingSettings
{
    /// <summary>As nothing was asked for.</summary>
    public static readonly RankingSettings Default = new();

    /// <summary>Weights of the parts.</summary>
    public RankingWeights Weights { get; init; } = RankingWeights.Balanced;

    /// <summary>Which ways of searching take part.</summary>
    public SearchMode Mode { get; init; }

    /// <summary>The time that age and words like "yesterday" are reckoned from; null for now.</summary>
    public DateTimeOffset? AsOf { get; init; }

    /// <summary>Least score of an item that is shown.</summary>
    public double MinScore { get; init; }

    /// <summary>Whether the parts of the scores are wanted.</summary>
    public bool Explain { get; init; }
}

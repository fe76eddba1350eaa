namespace MemoryMesh.Memory.Extraction;

[Flags]
internal enum RuleTraits
{
    None = 0,

    /// <summary>May open a sentence without its subject: "trying to ...", "got two ...".</summary>
    Bare = 1,

    /// <summary>Says that something changed, so the fact supersedes what its slot holds.</summary>
    Update = 2,

    /// <summary>Still a fact when dated "today" or "tomorrow".</summary>
    Dated = 4,

    /// <summary>Counts only when the clause ends behind it.</summary>
    Closed = 8,

    /// <summary>Holds only at the start of a clause.</summary>
    ClauseStart = 16,

    /// <summary>Counts only with a word such as "always" or "any day": the fragment has no verb.</summary>
    Emphatic = 32,
}

/// <param name="Category">Category of the fact.</param>
/// <param name="Template">Its sentence; <c>{slot}</c> is the value, <c>{a:slot}</c> has an article, <c>{vp}</c> is the verb phrase in the third person.</param>
/// <param name="SlotKey">Its slot key, which may hold slots too.</param>
/// <param name="IsSingle">Whether a newer value supersedes it.</param>
internal sealed record Fact(string Category, string Template, string SlotKey, bool IsSingle = false);

/// <summary>A pattern and the facts it states. A fact whose slots weren't captured is left out.</summary>
internal sealed class Rule(string pattern, RuleTraits traits, params Fact[] facts)
{
    public Pattern Pattern { get; } = Pattern.Parse(pattern);

    /// <summary>The pattern as it is written in the table.</summary>
    public override string ToString() => pattern;

    public RuleTraits Traits => traits;

    public Fact[] Facts => facts;

    public bool Has(RuleTraits trait) => (traits & trait) != 0;
}

using MemoryMesh.Memory.Storage;

namespace MemoryMesh.Memory.Features;

/// <summary>What a profile holds of a subject's memories.</summary>
internal static class ProfileRules
{
    /// <summary>Most memories of one category.</summary>
    public const int MostOfCategory = 12;

    /// <summary>Most lasting facts of a profile, and most recent ones.</summary>
    public const int MostStatic = 40;

    /// <inheritdoc cref="MostStatic"/>
    public const int MostRecent = 20;

    /// <summary>Wishes about answers: they are applied as preferences, and are no facts about the person.</summary>
    private const string Style = "style";

    /// <summary>Every category, and whether what it says stays true for long. What people aim at and what happened to them does not.</summary>
    public static readonly IReadOnlyList<(string Category, bool Lasting)> Categories =
    [
        .. Text.Categories.DefaultImportance.Keys.Select(category => (category, category is not ("goal" or "event" or Text.Categories.Other))),
    ];

    /// <summary>Builds a profile.</summary>
    /// <param name="memories">Active memories of the subject.</param>
    /// <param name="now">The time.</param>
    public static SubjectProfile Build(IReadOnlyList<MemoryRecord> memories, DateTimeOffset now)
    {
        var lasting = Categories.Where(category => category.Lasting).Select(category => category.Category).ToHashSet(StringComparer.Ordinal);
        return new SubjectProfile
        {
            Static =
            [
                .. memories.Where(memory => lasting.Contains(memory.Category) && memory.Category != Style)
                    .OrderByDescending(memory => memory.Importance).ThenByDescending(memory => memory.UpdatedAt).ThenBy(memory => memory.Id)
                    .Take(MostStatic).Select(ToFact),
            ],
            Recent =
            [
                .. memories.Where(memory => !lasting.Contains(memory.Category))
                    .OrderByDescending(memory => memory.UpdatedAt).ThenByDescending(memory => memory.Id).Take(MostRecent).Select(ToFact),
            ],
            Wishes =
            [
                .. memories.Where(memory => memory.Category == Style)
                    .OrderByDescending(memory => memory.ValidFrom).ThenByDescending(memory => memory.Id).Select(ToFact),
            ],
            BuiltAt = now,
        };
    }

    /// <summary>A profile without what has stopped being true since it was built.</summary>
    public static SubjectProfile At(SubjectProfile profile, DateTimeOffset now)
    {
        return Ended(profile.Static) || Ended(profile.Recent) || Ended(profile.Wishes)
            ? profile with { Static = Holding(profile.Static), Recent = Holding(profile.Recent), Wishes = Holding(profile.Wishes) }
            : profile;

        bool Ended(IReadOnlyList<ProfileFact> facts) => facts.Any(fact => fact.ValidTo <= now);

        IReadOnlyList<ProfileFact> Holding(IReadOnlyList<ProfileFact> facts) => [.. facts.Where(fact => fact.ValidTo is null || fact.ValidTo > now)];
    }

    private static ProfileFact ToFact(MemoryRecord memory) => new()
    {
        Id = memory.Id,
        Text = Text.MemoryText.OneLine(memory.Text),
        Category = memory.Category,
        Slot = memory.Slot,
        Importance = memory.Importance,
        Confidence = memory.Confidence,
        UpdatedAt = memory.UpdatedAt,
        ValidTo = memory.End,
    };
}

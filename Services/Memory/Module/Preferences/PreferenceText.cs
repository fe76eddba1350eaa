namespace MemoryMesh.Memory.Preferences;

/// <summary>Says preferences as instructions to an assistant: fixed sentences, no word of a message.</summary>
internal static class PreferenceText
{
    /// <summary>The instructions, one a line.</summary>
    public static IReadOnlyList<string> Lines(IReadOnlyDictionary<string, Preference> preferences)
        => [.. PreferenceTraits.All.Select(trait => preferences.TryGetValue(trait.Trait, out var preference) ? Line(trait.Trait, preference.Value) : null).OfType<string>()];

    private static string? Line(string trait, string value) => (trait, value) switch
    {
        (PreferenceTraits.Language, _) => $"Answer in {PreferenceTraits.Languages.GetValueOrDefault(value, value)}.",
        (PreferenceTraits.Verbosity, PreferenceTraits.Concise) => "Keep answers short.",
        (PreferenceTraits.Verbosity, PreferenceTraits.Detailed) => "Answer in detail.",
        (PreferenceTraits.Formality, PreferenceTraits.Casual) => "Use a casual tone.",
        (PreferenceTraits.Formality, PreferenceTraits.Formal) => "Use a formal tone.",
        (PreferenceTraits.Lists, PreferenceTraits.Prefer) => "Use lists where they fit.",
        (PreferenceTraits.Lists, PreferenceTraits.Avoid) => "Write prose, not lists.",
        (PreferenceTraits.Code, PreferenceTraits.Prefer) => "Show code where it helps.",
        (PreferenceTraits.Code, PreferenceTraits.Avoid) => "Do not show code.",
        (PreferenceTraits.Emoji, PreferenceTraits.Prefer) => "Emoji are welcome.",
        (PreferenceTraits.Emoji, PreferenceTraits.Avoid) => "Do not use emoji.",
        (PreferenceTraits.ReadingLevel, PreferenceTraits.Simple) => "Explain in simple words.",
        (PreferenceTraits.ReadingLevel, PreferenceTraits.Expert) => "Write for an expert.",
        _ => null,
    };
}

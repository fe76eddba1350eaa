namespace MemoryMesh.Memory.Text;

/// <summary>The fixed list of categories, and what a memory of each is worth unless somebody says.</summary>
internal static class Categories
{
    public const string Other = "other";

    /// <summary>Default importance by category, 0 to 1.</summary>
    public static readonly IReadOnlyDictionary<string, double> DefaultImportance = new Dictionary<string, double>(StringComparer.Ordinal)
    {
        ["name"] = 0.9,
        ["constraint"] = 0.9,
        ["profession"] = 0.8,
        ["language"] = 0.8,
        ["style"] = 0.8,
        ["employer"] = 0.7,
        ["location"] = 0.7,
        ["preference"] = 0.7,
        ["dislike"] = 0.7,
        ["goal"] = 0.7,
        ["relationship"] = 0.7,
        ["date"] = 0.6,
        ["interest"] = 0.5,
        ["event"] = 0.5,
        [Other] = 0.5,
        ["possession"] = 0.4,
    };

    /// <summary>Categories that say who the person is and how to speak to them: they come first in every context.</summary>
    public static readonly IReadOnlyList<string> Profile = ["name", "profession", "language", "style", "preference", "constraint"];

    /// <summary>Categories that say what the person prefers and how to answer.</summary>
    public static readonly IReadOnlyList<string> Preferences = ["preference", "dislike", "style", "language"];

    /// <summary>Words that tell a category when no rule of the extractor reads the text; the first that occurs decides.</summary>
    private static readonly (string Category, string[] Words)[] Keywords =
    [
        ("name", ["name is", "called", "名前", "我叫"]),
        ("constraint", ["allergic", "allergy", "must not", "cannot", "can't", "never", "vegan", "vegetarian", "diet", "budget", "deadline", "wheelchair"]),
        ("style", ["answers", "replies", "responses", "tone", "concise", "bullet points", "step by step", "brief"]),
        ("language", ["speaks", "speak", "native language", "mother tongue", "fluent"]),
        ("employer", ["works at", "work at", "works for", "work for", "employed", "company"]),
        ("profession", ["works as", "work as", "engineer", "developer", "teacher", "doctor", "nurse", "designer", "student", "manager", "profession", "job"]),
        ("location", ["lives in", "live in", "based in", "moved to", "is from", "am from", "located", "resides"]),
        ("dislike", ["dislikes", "dislike", "hates", "hate", "can't stand", "does not like", "doesn't like", "don't like", "avoids"]),
        ("preference", ["prefers", "prefer", "likes", "like", "loves", "love", "favourite", "favorite", "enjoys", "enjoy", "rather"]),
        ("goal", ["wants to", "want to", "goal", "plans to", "plan to", "aims to", "hopes to", "learning", "preparing", "trying to"]),
        ("relationship", ["wife", "husband", "partner", "daughter", "son", "mother", "father", "sister", "brother", "friend", "colleague", "married"]),
        ("date", ["birthday", "anniversary", "born on", "born in"]),
        ("interest", ["interested in", "hobby", "hobbies", "fan of", "plays", "collects"]),
        ("possession", ["owns", "own a", "has a dog", "has a cat", "has a car", "drives a"]),
        ("event", ["attended", "graduated", "promoted", "travelled", "traveled", "visited", "finished", "wedding"]),
    ];

    public static bool Contains(string category) => DefaultImportance.ContainsKey(category);

    public static double ImportanceOf(string category) => DefaultImportance.GetValueOrDefault(category, DefaultImportance[Other]);

    /// <summary>The category that a text's words tell, or <see cref="Other"/>.</summary>
    public static string Guess(string text)
    {
        foreach (var (category, words) in Keywords)
        {
            if (words.Any(word => HasWord(text, word)))
            {
                return category;
            }
        }

        return Other;
    }

    private static bool HasWord(string text, string word)
    {
        for (var at = text.IndexOf(word, StringComparison.OrdinalIgnoreCase); at >= 0; at = text.IndexOf(word, at + 1, StringComparison.OrdinalIgnoreCase))
        {
            var end = at + word.Length;
            if (!char.IsAscii(word[0]) || ((at == 0 || !char.IsLetterOrDigit(text[at - 1])) && (end == text.Length || !char.IsLetterOrDigit(text[end]))))
            {
                return true;
            }
        }

        return false;
    }
}

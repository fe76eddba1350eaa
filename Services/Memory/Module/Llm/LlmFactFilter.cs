using System.Collections.Frozen;
using System.Text.Json;
using MemoryMesh.Memory.Extraction;
using MemoryMesh.Memory.Processing;
using MemoryMesh.Memory.Text;

namespace MemoryMesh.Memory.Llm;

/// <summary>A fact as a language model gives it.</summary>
internal sealed record LlmFact(string Text, string Category, string Attribute, string Quote, double Confidence);

/// <summary>Lets through what quotes a message, and what the rules would let through.</summary>
internal static class LlmFactFilter
{
    private const int MostFacts = 50;
    private const int MaxTextLength = 300;
    private const int MaxAttributeLength = 40;

    /// <summary>A model is less sure than a grammar, whatever it says.</summary>
    private const double MostConfidence = 0.85;

    /// <summary>Words by which a fact would speak to the assistant instead of about the user.</summary>
    private static readonly FrozenSet<string> Commands = FrozenSet.Create(
        StringComparer.Ordinal, "ignore", "disregard", "override", "instruction", "instructions", "prompt", "jailbreak", "system", "developer-mode", "password", "credentials", "unrestricted");

    /// <summary>Categories of which a newer fact takes the place of an older one.</summary>
    private static readonly FrozenSet<string> SingleValued = FrozenSet.Create(StringComparer.Ordinal, "name", "employer", "location");

    /// <summary>The facts of an answer; null when it is not of the form that was asked for.</summary>
    public static IReadOnlyList<LlmFact>? Read(JsonElement content)
    {
        if (!content.TryGetProperty("facts", out var list) || list.ValueKind != JsonValueKind.Array)
        {
            return null;
        }

        var facts = new List<LlmFact>();
        foreach (var item in list.EnumerateArray().Take(MostFacts))
        {
            if (item.ValueKind != JsonValueKind.Object
                || Text(item, "text") is not { } text
                || Text(item, "category") is not { } category
                || Text(item, "quote") is not { } quote
                || !item.TryGetProperty("confidence", out var confidence)
                || confidence.ValueKind != JsonValueKind.Number)
            {
                return null;
            }

            facts.Add(new LlmFact(text, category, Text(item, "attribute") ?? "", quote, confidence.GetDouble()));
        }

        return facts;

        static string? Text(JsonElement item, string name) => item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
    }

    /// <summary>Whether a message names a secret or holds one.</summary>
    public static bool HoldsSecret(MessageContext context) => SensitiveText.IsSecret(context.Tokens, 0, context.Tokens.Count);

    /// <summary>The fact as a candidate, inferred when its words do not stand in the message; null when the message does not say so, or it is none to keep.</summary>
    public static MemoryCandidate? Check(LlmFact fact, MessageContext context)
    {
        var text = MemoryText.OneLine(fact.Text);
        if (text.Length is 0 or > MaxTextLength || !text.StartsWith("User", StringComparison.Ordinal) || !Categories.Contains(fact.Category) || fact.Quote.Length == 0)
        {
            return null;
        }

        var start = context.Text.IndexOf(fact.Quote, StringComparison.Ordinal);
        start = start < 0 ? context.Text.IndexOf(fact.Quote, StringComparison.OrdinalIgnoreCase) : start;
        if (start < 0)
        {
            return null;
        }

        var end = start + fact.Quote.Length;
        var quoted = Enumerable.Range(0, context.Tokens.Count).Where(i => context.Tokens[i].Start < end && context.Tokens[i].End > start && context.Tokens[i].IsWord).ToList();

        // Masked (code, quotations, pasted lines) is what has no tokens; blocked is what asks, supposes, reports or pretends.
        if (quoted.Count == 0 || quoted.Count(i => context.Blocked[i] || context.Muted[i]) * 2 > quoted.Count)
        {
            return null;
        }

        var (first, last) = (quoted[0], quoted[^1] + 1);
        if (SensitiveText.IsPrivate(context.Tokens, first, last) || SensitiveText.IsPrivate(fact.Quote) || SensitiveText.IsSecret(context.Tokens, first, last))
        {
            return null;
        }

        var words = WordsOf(text);
        if (words.Exists(Commands.Contains))
        {
            return null;
        }

        var isSingle = SingleValued.Contains(fact.Category);
        var attribute = MemoryText.Fold(fact.Attribute.Length > MaxAttributeLength ? fact.Attribute[..MaxAttributeLength] : fact.Attribute);
        return new MemoryCandidate
        {
            Operation = CandidateOperation.Add,
            Text = text.EndsWith('.') ? text : text + ".",
            Category = fact.Category,
            SlotKey = isSingle ? fact.Category : $"{fact.Category}:{attribute}:{string.Join('-', words.Skip(1).Take(4))}",
            SingleValued = isSingle,
            Quote = new QuotedSpan(start, fact.Quote.Length),
            Inferred = !Grounding.IsGrounded(text, [context.Text]),
            Confidence = Math.Clamp(fact.Confidence, 0, MostConfidence),
            Importance = Categories.ImportanceOf(fact.Category),
        };
    }

    private static List<string> WordsOf(string text)
        => [.. text.ToLowerInvariant().Split([' ', '\n', '\t', ',', '.', '!', '?', ';', ':', '"', '(', ')'], StringSplitOptions.RemoveEmptyEntries)];
}

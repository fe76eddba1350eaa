using System.Collections.Frozen;
using System.Text;

namespace MemoryMesh.Memory.Extraction;

/// <summary>Fills the templates of a matched rule.</summary>
internal sealed class FactWriter(MessageContext context)
{
    private const int MaxKeyWords = 5;

    /// <summary>The candidates a matched rule states.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="first">First token of the match, the subject left out.</param>
    /// <param name="end">Index behind the last token.</param>
    /// <param name="captures">The slots.</param>
    /// <param name="isElided">Whether the subject was left out by the user.</param>
    /// <param name="lacksAm">Whether "am" was left out with it.</param>
    /// <param name="quoteFirst">First token to quote.</param>
    /// <returns>One candidate for each fact whose slots were captured, or for each item of an enumeration.</returns>
    public List<MemoryCandidate> Write(Rule rule, int first, int end, List<Capture> captures, bool isElided, bool lacksAm, int quoteFirst)
    {
        List<MemoryCandidate> written = [.. WriteAll(rule, first, end, captures, isElided, lacksAm, quoteFirst)];

        // "A primary school" names no employer; it says more about the role. "The Kestrel Institute" does.
        if (written.Count > 1 && captures.Find(capture => capture.Name == "org") is { Name: not null } org && Lexicon.Determiners.Contains(context.Tokens[org.First].Lower)
            && !(context.Tokens[org.First].Lower == "the" && org.First + 1 < org.End && context.Tokens[org.First + 1].IsCapitalised)
            && written.FindIndex(fact => fact.Category == "employer") is var employer and > 0 && written[0].Category == "profession")
        {
            written[0] = written[0] with { Text = $"{written[0].Text.TrimEnd('.')} at {context.Render(org.First, org.End)}." };
            written.RemoveAt(employer);
        }

        return written;
    }

    private IEnumerable<MemoryCandidate> WriteAll(Rule rule, int first, int end, List<Capture> captures, bool isElided, bool lacksAm, int quoteFirst)
    {
        foreach (var fact in rule.Facts)
        {
            if (Enumeration(fact, captures) is var list && list.Name is not null)
            {
                var items = SlotReader.Items(context, list.First, list.End, splitPairs: list.Name is "items" or "langs" or "names");
                foreach (var (itemFirst, itemEnd) in items)
                {
                    if (items.Count > 1 && itemEnd == itemFirst + 1 && context.Tokens[itemFirst].Lower is "such" or "stuff" or "things" or "more" or "others" or "etc" or "similar" or "so")
                    {
                        continue;
                    }

                    if (list.Name == "langs" && ReadLanguage(itemFirst, itemEnd) < 0)
                    {
                        continue;
                    }

                    var item = list.Name == "langs" ? new Capture(list.Name, ReadLanguage(itemFirst, itemEnd), itemEnd) : list with { First = itemFirst, End = itemEnd };
                    var single = items.Count > 1 ? fact with { Template = fact.Template.Replace("{vp}", "{verb} {" + list.Name + "}", StringComparison.Ordinal) } : fact;
                    if (Fill(single, rule, first, end, [.. captures.Where(c => c.Name != list.Name), item], isElided, lacksAm, quoteFirst) is { } candidate)
                    {
                        yield return candidate;
                    }
                }
            }
            else if (Fill(fact, rule, first, end, captures, isElided, lacksAm, quoteFirst) is { } candidate)
            {
                yield return candidate;
            }
        }
    }

    /// <summary>A slot key: lower case, without determiners, of a few words.</summary>
    public static string Key(string value)
    {
        StringBuilder key = new();
        var words = 0;
        foreach (var word in value.ToLowerInvariant().Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var trimmed = word.Trim(',', '.', '!', '\'', '"');
            if (trimmed.Length == 0 || (Lexicon.Determiners.Contains(trimmed) && value.Length > trimmed.Length))
            {
                continue;
            }

            if (words++ == MaxKeyWords)
            {
                break;
            }

            key.Append(key.Length > 0 ? " " : "").Append(Spellings.GetValueOrDefault(trimmed, trimmed));
        }

        return key.ToString();
    }

    /// <summary>Words of attributes that people spell in two ways: "favourite colour" and "favorite color" are one.</summary>
    private static readonly FrozenDictionary<string, string> Spellings = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["colour"] = "color", ["colours"] = "colors", ["flavour"] = "flavor", ["neighbour"] = "neighbor", ["programme"] = "program", ["theatre"] = "theater", ["jewellery"] = "jewelry", ["yoghurt"] = "yogurt",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static double ImportanceOf(string category) => category switch
    {
        "name" => 0.95,
        "constraint" => 0.9,
        "profession" or "employer" or "location" or "relationship" => 0.8,
        "style" or "goal" or "language" => 0.7,
        "preference" or "dislike" or "date" or "event" => 0.6,
        _ => 0.5,
    };

    private static Capture Enumeration(Fact fact, List<Capture> captures)
    {
        foreach (var capture in captures)
        {
            if (capture.Name is "list" or "items" or "langs" or "names" && (fact.SlotKey.Contains("{" + capture.Name + "}", StringComparison.Ordinal)))
            {
                return capture;
            }
        }

        return default;
    }

    private int ReadLanguage(int first, int end)
    {
        for (var i = first; i < end; i++)
        {
            if (Lexicon.Languages.Contains(context.Tokens[i].Lower))
            {
                return i;
            }
        }

        return end == first + 1 && context.Tokens[first].IsCapitalised ? first : -1;
    }

    private MemoryCandidate? Fill(Fact fact, Rule rule, int first, int end, List<Capture> captures, bool isElided, bool lacksAm, int quoteFirst)
    {
        if (Expand(fact.Template, first, end, captures, lacksAm) is not { } text || Expand(fact.SlotKey, first, end, captures, lacksAm) is not { } key)
        {
            return null;
        }

        return new MemoryCandidate
        {
            Operation = rule.Has(RuleTraits.Update) ? CandidateOperation.Update : CandidateOperation.Add,
            Text = text,
            Category = fact.Category,
            SlotKey = fact.Category == "style" && StyleReader.AspectOf(context.Tokens, first, end) is { } aspect ? "style:" + aspect : key.ToLowerInvariant(),
            SingleValued = fact.IsSingle,
            Quote = context.Quote(quoteFirst, end),
            Confidence = isElided ? 0.75 : 0.9,
            Importance = ImportanceOf(fact.Category),
        };
    }

    private string? Expand(string template, int first, int end, List<Capture> captures, bool lacksAm)
    {
        StringBuilder output = new();
        var isKey = !template.EndsWith('.');
        var at = 0;
        while (at < template.Length)
        {
            var open = template.IndexOf('{', at);
            if (open < 0)
            {
                output.Append(template, at, template.Length - at);
                break;
            }

            output.Append(template, at, open - at);
            var close = template.IndexOf('}', open);
            if (Value(template[(open + 1)..close], first, end, captures, lacksAm) is not { Length: > 0 } value)
            {
                return null;
            }

            output.Append(isKey ? Key(value) : value);
            at = close + 1;
        }

        return output.ToString();
    }

    private string? Value(string name, int first, int end, List<Capture> captures, bool lacksAm)
    {
        var tokens = context.Tokens;
        switch (name)
        {
            case "vp":
                var phrase = context.Render(first, end, isVerbPhrase: !lacksAm);
                return lacksAm ? "is " + (tokens[first].Lower.EndsWith("ing", StringComparison.Ordinal) && !tokens[first].IsAcronym ? char.ToLowerInvariant(phrase[0]) + phrase[1..] : phrase) : phrase;
            case "rest2":
                return tokens[captures[^1].First - 1].Lower;
            case "vp2":
                return context.Render(first + 1, end).Replace("'s ", " is ", StringComparison.Ordinal);
            case "verb":
                while (first < end - 1 && Lexicon.Adverbs.Contains(tokens[first].Lower))
                {
                    first++;
                }

                return tokens[first].Lower == "am" && first + 1 < end && tokens[first + 1].IsWord ? "is " + tokens[first + 1].Lower : Morphology.ThirdPerson(tokens[first].Lower);
            case "verb2":
                return tokens[first].Lower == "do" && first + 2 < end ? tokens[first + 2].Lower : tokens[Math.Min(first + 1, end - 1)].Lower;
            case "first":
                return tokens[first].Lower;
            case "second":
                return tokens[Math.Min(first + 1, end - 1)].Lower;
            case "third":
                return tokens[Math.Min(first + 2, end - 1)].Lower;
            case "relation":
                for (var i = first; i < end; i++)
                {
                    if (ForeignRules.Relations.Contains(tokens[i].Lower))
                    {
                        return tokens[i].Text;
                    }
                }

                return null;
            case "last":
                return tokens[end - 1].Lower;
            case "prep":
                return tokens[captures[^1].First - 1].Lower is "in" ? "in" : "on";
            case "subject":
                var stop = first + 1;
                while (stop < end && tokens[stop].Lower is not ("is" or "'s" or "are" or "was" or "tops" or "runs" or "falls" or "lands" or "comes"))
                {
                    stop++;
                }

                return context.Render(first + 1, stop);
        }

        var withArticle = name.StartsWith("a:", StringComparison.Ordinal);
        foreach (var capture in captures)
        {
            if (capture.Name == (withArticle ? name[2..] : name))
            {
                var value = context.Render(capture.First, capture.End);
                return withArticle ? Morphology.WithArticle(value) : value;
            }
        }

        return null;
    }
}

using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace MemoryMesh.Benchmarks;

/// <summary>A case of an extraction set: what a user and an assistant wrote, and what should be remembered of it.</summary>
/// <param name="Id">Unique in the file.</param>
/// <param name="Messages">Role and content, in order.</param>
/// <param name="Facts">Facts stated in the case.</param>
/// <param name="Final">Indices of the facts that hold at the end.</param>
/// <param name="Forbidden">Strings no memory may contain; alternatives are parted by a bar.</param>
internal sealed record ExtractionCase(string Id, IReadOnlyList<(string Role, string Content)> Messages, IReadOnlyList<ExtractionFact> Facts, IReadOnlyList<int> Final, IReadOnlyList<string> Forbidden)
{
    /// <summary>Reads a file of cases, one JSON object a line.</summary>
    public static IReadOnlyList<ExtractionCase> Read(string path) => [.. File.ReadLines(path).Where(line => line.Length > 0).Select(Parse)];

    private static ExtractionCase Parse(string line)
    {
        using var document = JsonDocument.Parse(line);
        var root = document.RootElement;
        return new ExtractionCase(
            root.GetProperty("id").GetString()!,
            [.. root.GetProperty("messages").EnumerateArray().Select(message => (message.GetProperty("role").GetString()!, message.GetProperty("content").GetString()!))],
            [.. root.GetProperty("expect").EnumerateArray().Select(fact => new ExtractionFact([.. fact.GetProperty("keywords").EnumerateArray().Select(group => group.GetString()!)], fact.GetProperty("op").GetString()!))],
            [.. root.GetProperty("final").EnumerateArray().Select(index => index.GetInt32())],
            [.. root.GetProperty("forbid").EnumerateArray().Select(text => text.GetString()!)]);
    }
}

/// <summary>A fact of a case.</summary>
/// <param name="Keywords">Groups of words; a memory states the fact when it holds one alternative of every group.</param>
/// <param name="Operation">add, update or delete.</param>
internal sealed record ExtractionFact(IReadOnlyList<string> Keywords, string Operation);

/// <summary>Counts what memories of cases hit, miss and must not say.</summary>
/// <remarks>
/// A memory hits when it contains one alternative of every keyword group of a fact that holds; a fact is matched once, a memory counts for up to three facts. A memory
/// that only repeats a fact another covers is a duplicate and counts neither way; one that states what was superseded or deleted is an error, unless it words a superseded fact
/// as past. Texts are compared case-folded, hyphens as spaces; a keyword starts a word, and one of four characters or fewer is the whole word.
/// </remarks>
internal sealed partial class ExtractionScore
{
    private const int MaxLength = 240;
    private const int CopyWords = 20;
    private const int MaxFacts = 3;

    private int _hits;
    private int _wrong;
    private int _facts;
    private int _found;
    private int _negatives;
    private int _clean;

    /// <summary>Share of memories that state a fact of their case, 0 to 1; 1 when there are none.</summary>
    public double Precision => _hits + _wrong == 0 ? 1 : (double)_hits / (_hits + _wrong);

    /// <summary>Share of facts some memory states, 0 to 1.</summary>
    public double Recall => _facts == 0 ? 1 : (double)_found / _facts;

    /// <summary>Share of cases without a fact that end without a memory, 0 to 1.</summary>
    public double NegativesClean => _negatives == 0 ? 1 : (double)_clean / _negatives;

    /// <summary>Pairs of a memory and a forbidden string in it.</summary>
    public int Violations { get; private set; }

    /// <summary>What went wrong, one line each.</summary>
    public List<string> Errors { get; } = [];

    /// <summary>Counts a case.</summary>
    /// <param name="extractionCase">The case.</param>
    /// <param name="memories">Texts of the memories that are active after its last message.</param>
    public void Add(ExtractionCase extractionCase, IReadOnlyList<string> memories)
    {
        var final = extractionCase.Final.Select(index => extractionCase.Facts[index]).ToList();
        var gone = extractionCase.Facts.Where((fact, index) => !extractionCase.Final.Contains(index) && !final.Exists(held => held.Keywords.SequenceEqual(fact.Keywords))).ToList();
        var texts = memories.Select(Normalise).ToList();
        var usable = memories.Select((memory, i) => !IsTranscript(memory, texts[i], extractionCase)).ToList();
        var edges = final.ConvertAll(fact => Enumerable.Range(0, texts.Count).Where(i => usable[i] && States(texts[i], fact)).ToList());
        var found = Assign(edges);
        _facts += final.Count;
        _found += found.Count;
        for (var i = 0; i < texts.Count; i++)
        {
            var text = texts[i];
            if (found.ContainsValue(i))
            {
                _hits++;
            }
            else if (!usable[i] || gone.Exists(fact => fact.Operation == "delete" && States(text, fact)) || (gone.Exists(fact => States(text, fact)) && !Past().IsMatch(text)))
            {
                Wrong(extractionCase, "stale", memories[i]);
            }
            else if (!edges.Exists(row => row.Contains(i)) && !gone.Exists(fact => States(text, fact)))
            {
                Wrong(extractionCase, "unmatched", memories[i]);
            }

            foreach (var forbidden in extractionCase.Forbidden.Where(forbidden => ContainsAny(text, forbidden)))
            {
                Violations++;
                Errors.Add($"{extractionCase.Id} forbidden \"{forbidden}\" in: {memories[i]}");
            }
        }

        for (var i = 0; i < final.Count; i++)
        {
            if (!found.ContainsKey(i))
            {
                Errors.Add($"{extractionCase.Id} missed: {string.Join(" & ", final[i].Keywords)}");
            }
        }

        if (extractionCase.Facts.Count == 0)
        {
            _negatives++;
            _clean += memories.Count == 0 ? 1 : 0;
        }
    }

    private void Wrong(ExtractionCase extractionCase, string kind, string memory)
    {
        _wrong++;
        Errors.Add($"{extractionCase.Id} {kind}: {memory}");
    }

    /// <summary>Gives each fact at most one memory: first one fact a memory, then up to three.</summary>
    private static Dictionary<int, int> Assign(List<List<int>> edges)
    {
        Dictionary<int, int> memoryOf = [];
        Dictionary<int, List<int>> factsOf = [];
        for (var limit = 1; limit <= MaxFacts; limit += MaxFacts - 1)
        {
            for (var fact = 0; fact < edges.Count; fact++)
            {
                if (!memoryOf.ContainsKey(fact))
                {
                    Place(fact, limit, []);
                }
            }
        }

        return memoryOf;

        bool Place(int fact, int limit, HashSet<int> seen)
        {
            foreach (var memory in edges[fact].Where(seen.Add))
            {
                var held = factsOf.TryGetValue(memory, out var list) ? list : factsOf[memory] = [];
                if (held.Count < limit)
                {
                    held.Add(fact);
                    memoryOf[fact] = memory;
                    return true;
                }

                foreach (var other in held.ToList())
                {
                    if (Place(other, limit, seen))
                    {
                        held.Remove(other);
                        held.Add(fact);
                        memoryOf[fact] = memory;
                        return true;
                    }
                }
            }

            return false;
        }
    }

    private static bool IsTranscript(string memory, string text, ExtractionCase extractionCase)
        => memory.Length > MaxLength || extractionCase.Messages.Any(message => message.Content.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length >= CopyWords && text.Contains(Normalise(message.Content), StringComparison.Ordinal));

    /// <summary>Whether a text as it was written states a fact.</summary>
    public static bool Tells(string text, ExtractionFact fact) => States(Normalise(text), fact);

    private static bool States(string text, ExtractionFact fact) => fact.Keywords.All(group => ContainsAny(text, group));

    private static bool ContainsAny(string text, string group) => group.Split('|').Where(term => !string.IsNullOrWhiteSpace(term)).Any(term => Contains(text, Normalise(term)));

    private static bool Contains(string text, string term)
    {
        var isRun = term.Any(c => c is >= '\u3040' and <= '\u30FF' or >= '\u4E00' and <= '\u9FFF');
        for (var at = text.IndexOf(term, StringComparison.Ordinal); at >= 0; at = text.IndexOf(term, at + 1, StringComparison.Ordinal))
        {
            var end = at + term.Length;
            if (isRun || ((at == 0 || !IsWord(text[at - 1]) || !IsWord(term[0])) && (term.Length > 4 || end == text.Length || !IsWord(text[end]))))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsWord(char c) => char.IsLetterOrDigit(c) || c == '_';

    private static string Normalise(string text)
    {
        StringBuilder output = new(text.Normalize(NormalizationForm.FormKC).ToLower(CultureInfo.InvariantCulture));
        output.Replace('\u2019', '\'').Replace('\u2018', '\'').Replace('\u201C', '"').Replace('\u201D', '"');
        return Spaces().Replace(Hyphens().Replace(Thousands().Replace(output.ToString(), ""), " "), " ").Trim();
    }

    [GeneratedRegex(@"(?<=\d),(?=\d{3})")]
    private static partial Regex Thousands();

    [GeneratedRegex(@"[-\u2010-\u2014_]")]
    private static partial Regex Hyphens();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();

    [GeneratedRegex(
        @"(?<!\w)(no longer|not any ?more|anymore|used to|former(?:ly)?|previous(?:ly)?|once|was|were|had|left|leaving|quit|resign\w*|sold|moved|relocated|switch\w*|replac\w*|stopp\w*|end(?:ed|s)|gave up|given up|drop(?:s|ped)|split|broke|ex|died|dead|passed away|bought|acquired|finished|instead of|ya no|antes|nicht mehr|früher|ne plus|不再|以前)(?!\w)")]
    private static partial Regex Past();
}

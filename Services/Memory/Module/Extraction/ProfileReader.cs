using System.Collections.Frozen;

namespace MemoryMesh.Memory.Extraction;

/// <summary>
/// Reads a sentence without a verb in which the user lists what they are: "Wim, retired postman, Ostend", "34f, nurse, nyc". It counts when every item is
/// of a known kind and one of them is a trade, an age or a family role, so that a list of things to buy is none.
/// </summary>
internal sealed class ProfileReader(MessageContext context)
{
    private const int MaxTokens = 24;
    private const int MaxItem = 7;

    private readonly FieldReader _fields = new(context);

    private List<Token> Tokens => context.Tokens;

    /// <summary>Reads a sentence.</summary>
    /// <param name="sentence">The sentence.</param>
    /// <param name="output">Receives the candidates.</param>
    /// <returns>Whether it is such a list.</returns>
    public bool Read(Sentence sentence, List<MemoryCandidate> output)
    {
        if (sentence.IsQuestion || sentence.End - sentence.First > MaxTokens || context.Muted[sentence.First])
        {
            return false;
        }

        if (_fields.Read(sentence, output))
        {
            return true;
        }

        if (Tokens.FindIndex(sentence.First, Math.Min(4, sentence.End - sentence.First), token => token.Text == ":") > sentence.First)
        {
            // "Speaker: Dr Lu" is no list of who somebody is.
            return false;
        }

        if (sentence.AfterIntroduction && ReadListed(sentence, output))
        {
            return true;
        }

        var first = Gate.SkipFillers(Tokens, sentence.First, sentence.End);
        var end = sentence.End;
        if (end - first > 4 && Tokens[end - 1].Lower == "order" && Tokens[end - 3].Lower == "in")
        {
            end -= 3;
        }

        var items = Items(first, end);
        if (items.FindIndex(item => !IsVerbless(item.First, item.End)) is var remark and > 2)
        {
            // "41, Hull, forklift driver, rovers till I die": the list ends where a remark begins.
            items = items[..remark];
        }

        if (items.Count < 2 || items.Exists(item => item.End - item.First > MaxItem || !IsVerbless(item.First, item.End)))
        {
            return false;
        }

        List<MemoryCandidate> facts = [];
        var tells = false;
        var unknown = 0;
        for (var i = 0; i < items.Count; i++)
        {
            var (start, stop) = items[i];
            var kind = ReadItem(start, stop, i, items.Count, tells, facts);
            tells |= kind == Kind.Telling;
            unknown += kind == Kind.Unknown ? 1 : 0;
        }

        // Numbers alone are a sequence, not a life.
        if (!tells || unknown > (items.Count > 3 ? 1 : 0) || facts.TrueForAll(fact => fact.SlotKey == "age"))
        {
            return false;
        }

        output.AddRange(facts);
        return true;
    }

    /// <summary>"- two teenagers", "- no dishwasher": one thing on a line of a list about the user.</summary>
    private bool ReadListed(Sentence sentence, List<MemoryCandidate> output)
    {
        var (first, end) = (sentence.First, sentence.End);
        if (Tokens.FindIndex(first, end - first, token => token.Text == "(") is var aside && aside > first + 1)
        {
            end = aside;
        }

        if (end - first > MaxItem || !IsVerbless(first, end))
        {
            return false;
        }

        if (Tokens[first].Lower == "no" && end - first > 1)
        {
            Add($"User has no {context.Render(first + 1, end)}.", "constraint", "lacks:" + FactWriter.Key(context.Render(first + 1, end)), false, first, end, output);
            return true;
        }

        first += Tokens[first].Lower is "a" or "an" or "the" && Gate.Contains(Tokens, first + 1, Math.Min(end, first + 3), [["only", "child"], ["middle", "child"], ["twin"], ["eldest"], ["youngest"]]) == first + 1 ? 1 : 0;
        if (Gate.Contains(Tokens, first, end, [["only", "child"], ["middle", "child"], ["twin"], ["eldest"], ["oldest"], ["youngest"]]) == first)
        {
            Add($"User is {(Tokens[first].Lower is "twin" ? "a" : "the")} {context.Render(first, end)}.".Replace("the only child", "an only child", StringComparison.Ordinal), "relationship", "siblings", true, first, end, output);
            return true;
        }

        if (Tokens.FindIndex(first, end - first, token => token.Lower == "tall") >= 0)
        {
            Add($"User is {context.Render(first, end)}.", "other", "height", true, first, end, output);
            return true;
        }

        if (end > first + 1 && ListedVerbs.TryGetValue(Tokens[first].Lower, out var said))
        {
            // "Hates coriander" of who lists what they are.
            Add($"User {context.Render(first, end)}.", said.Category, $"{said.Slot}:{FactWriter.Key(context.Render(first + 1, end))}", false, first, end, output);
            return true;
        }

        if (Gate.Contains(Tokens, first + 1, end, [["once", "a", "week"], ["twice", "a", "week"], ["times", "a", "week"], ["every", "day"], ["every", "week"], ["every", "morning"]]) > first && !Lexicon.Determiners.Contains(Tokens[first].Lower))
        {
            Add($"User does this regularly: {context.Render(first, end)}.", "interest", "hobby:" + FactWriter.Key(context.Render(first, first + 1)), false, first, end, output);
            return true;
        }

        var on = Tokens.FindIndex(first, end - first, token => token.Lower is "on" or "every" or "most" or "each");
        if (on > first && on + 1 < end && Lexicon.Days.Contains(Tokens[on + 1].Lower.TrimEnd('s')) && !Lexicon.Determiners.Contains(Tokens[first].Lower))
        {
            // "Pottery on Thursdays".
            Add($"User does this every week: {context.Render(first, end)}.", "interest", "hobby:" + FactWriter.Key(context.Render(first, on)), false, first, end, output);
            return true;
        }

        List<MemoryCandidate> facts = [];
        if (ReadItem(first, end, 1, 2, hasTold: false, facts) == Kind.Unknown)
        {
            return false;
        }

        output.AddRange(facts);
        return true;
    }

    /// <summary>"Massive Poirot nerd", "ring church bells": an item of a list of who the user is that no rule knows is kept as it is said.</summary>
    public void ReadUnknown(Sentence sentence, List<MemoryCandidate> output)
    {
        var (first, end) = (sentence.First, sentence.End);
        if (sentence.IsQuestion || end - first is < 2 or > MaxItem + 4 || context.Muted[first] || Tokens[first].Lower is "please" or "you" or "the" or "this" or "that" or "it" || Lexicon.TaskVerbs.Contains(Tokens[first].Lower) && Tokens[first].Lower != "name")
        {
            return;
        }

        for (var i = first; i < end; i++)
        {
            if (context.Blocked[i] || Tokens[i].Kind == TokenKind.Masked || Tokens[i].Lower is "you" or "your" or "her" or "his" or "he" or "she")
            {
                return;
            }
        }

        var says = Lexicon.Subjects.Contains(Tokens[first].Lower);
        var text = says || QuestionFrame.IsLifeVerb(Tokens[first].Lower) || Tokens[first].Lower is "can" or "ring" or "never" or "do" or "am" or "have" ? $"User {context.Render(says ? first + 1 : first, end, isVerbPhrase: true)}." : $"User said of themselves: {context.Render(first, end)}.";
        Add(text, "other", "profile:" + FactWriter.Key(context.Render(first, end)), false, first, end, output);
    }

    /// <summary>Verbs a line about the user can begin with, and what they tell.</summary>
    private static readonly FrozenDictionary<string, (string Category, string Slot)> ListedVerbs = new Dictionary<string, (string, string)>
    {
        ["hates"] = ("dislike", "dislikes"), ["dislikes"] = ("dislike", "dislikes"), ["loves"] = ("preference", "likes"), ["likes"] = ("preference", "likes"), ["adores"] = ("preference", "likes"), ["prefers"] = ("preference", "prefers"),
        ["plays"] = ("interest", "plays"), ["makes"] = ("interest", "hobby"), ["builds"] = ("interest", "hobby"), ["bakes"] = ("interest", "hobby"), ["knits"] = ("interest", "hobby"), ["paints"] = ("interest", "hobby"), ["writes"] = ("interest", "hobby"), ["runs"] = ("interest", "hobby"), ["speaks"] = ("language", "language"), ["wears"] = ("constraint", "access"), ["needs"] = ("constraint", "access"), ["uses"] = ("preference", "uses"), ["collects"] = ("interest", "collects"), ["sings"] = ("interest", "hobby"), ["drives"] = ("possession", "possession"), ["owns"] = ("possession", "possession"), ["keeps"] = ("interest", "keeps"), ["studies"] = ("other", "education"), ["eats"] = ("constraint", "diet"), ["drinks"] = ("preference", "drinks"),
    }.ToFrozenDictionary();

    private List<(int First, int End)> Items(int first, int end)
    {
        List<(int, int)> items = [];
        var start = first;
        for (var i = first; i <= end; i++)
        {
            if (i < end && Tokens[i].Kind == TokenKind.Comma && i + 1 < end && Tokens[i + 1].Start == Tokens[i].End)
            {
                // "Leo,30,Bern" is a row of a table.
                return [];
            }

            if (i < end && Tokens[i].IsWord && !(Tokens[i].Lower == "and" && i > start))
            {
                continue;
            }

            if (i > start)
            {
                items.Add((start, i));
            }

            start = i + 1;
        }

        return items;
    }

    private bool IsVerbless(int first, int end)
    {
        for (var i = first; i < end; i++)
        {
            var word = Tokens[i].Lower;
            if (context.Blocked[i] || Lexicon.Pronouns.Contains(word) && !(word == "you" && i == first + 2 && Tokens[first].Lower.EndsWith("ing", StringComparison.Ordinal)) || Lexicon.ClauseBreaks.Contains(word) || (Lexicon.Auxiliaries.Contains(word) && word is not "the" && !(word == "to" && i == first + 1 && i + 1 < end && Tokens[i + 1].Lower == "you")) || (i == first && Lexicon.TaskVerbs.Contains(word)))
            {
                return false;
            }
        }

        return true;
    }

    private Kind ReadItem(int first, int end, int index, int count, bool hasTold, List<MemoryCandidate> facts)
    {
        var word = Tokens[first].Lower;
        if (end - first <= 2 && SensitiveText.IsPrivate(Tokens, first, end))
        {
            // It is told and not kept; what stands beside it is.
            return Kind.Known;
        }

        if (Age(Tokens[first]) is { } age && (end == first + 1 || (end == first + 2 && Tokens[first + 1].Lower is "yo" or "f" or "m" or "female" or "male") || (Tokens[first + 1].Lower is "years" && (end == first + 2 || Tokens[first + 2].Lower is "old" or "young"))))
        {
            Add($"User is {age} years old.", "other", "age", true, first, end, facts);
            return Kind.Telling;
        }

        if (index > 0 && word is "writing" or "typing" or "messaging" or "reporting" or "calling" or "greetings" && Tokens.FindIndex(first, end - first, token => token.Lower == "from") is var from and > 0)
        {
            // "Writing to you from a soggy Limerick".
            from = Tokens.FindIndex(from, end - from, token => token.IsCapitalised);
            if (from > 0 && SlotReader.Read(context, "place", from, end, [], out var town) is var townEnd and > 0)
            {
                Add($"User is based in {context.Render(town, townEnd)}.", "location", "location", true, first, townEnd, facts);
                return Kind.Known;
            }
        }

        if (!SlotReader.NumberWord(word) && Tokens[first].Kind != TokenKind.Number && (index == 0 || !Tokens[first].IsCapitalised || Lexicon.Professions.Contains(Tokens[end - 1].Lower)) && SlotReader.Read(context, "role", first, end, [], out var role) is var roleEnd and > 0 && (roleEnd - role > 1 || !IsComparative(Tokens[role].Lower)))
        {
            Add($"User is {Morphology.WithArticle(context.Render(role, roleEnd))}.", "profession", "profession", facts.TrueForAll(fact => fact.Category != "profession"), first, roleEnd, facts);
            if (roleEnd + 1 < end && Tokens[roleEnd].Lower is "from" or "in" or "near" or "at")
            {
                var type = Tokens[roleEnd].Lower == "at" ? "firm" : "place";
                if (SlotReader.Read(context, type, roleEnd + 1, end, [], out var place) is var placeEnd and > 0)
                {
                    var value = context.Render(place, placeEnd);
                    Add(type == "firm" ? $"User works at {value}." : $"User lives in {value}.", type == "firm" ? "employer" : "location", type == "firm" ? "employer" : "location", true, place, placeEnd, facts);
                    roleEnd = placeEnd;
                }
            }

            return roleEnd == end ? Kind.Telling : Kind.Unknown;
        }

        if (end == first + 2 && Tokens[first].IsCapitalised && Tokens[first + 1].Lower is "hier" or "here" or "ici" or "aquí" && !Lexicon.Fillers.Contains(word))
        {
            Add($"User's name is {Tokens[first].Text}.", "name", "name", true, first, end, facts);
            return Kind.Known;
        }

        if (end == first + 1 && word is "dad" or "mum" or "mom" or "mother" or "father" or "grandmother" or "grandfather" or "granny" or "grandad" or "widow" or "widower" or "parent")
        {
            Add($"User is a {word}.", "relationship", "relationship:self", false, first, end, facts);
            return Kind.Telling;
        }

        if (end == first + 1 && (Lexicon.Diets.Contains(word) || Lexicon.Demonyms.Contains(word) || Lexicon.AccessNeeds.Contains(word)))
        {
            var category = Lexicon.Demonyms.Contains(word) ? "other" : "constraint";
            Add($"User is {Tokens[first].Text}.", category, Lexicon.Diets.Contains(word) ? "diet" : "trait:" + word, Lexicon.Diets.Contains(word), first, end, facts);
            return Kind.Known;
        }

        if ((SlotReader.NumberWord(word) || Tokens[first].Kind == TokenKind.Number) && end - first is 2 or 3 && (Lexicon.Pets.Contains(Tokens[end - 1].Lower) || Lexicon.Family.Contains(Tokens[end - 1].Lower)))
        {
            Add($"User has {context.Render(first, end)}.", "relationship", "relationship:" + Lexicon.Singular(Tokens[end - 1].Lower), false, first, end, facts);
            return Kind.Known;
        }

        if (index == 0 && Tokens[first].IsCapitalised && SlotReader.Read(context, "name", first, end, [], out _) == end && !Lexicon.Fillers.Contains(word))
        {
            Add($"User's name is {context.Render(first, end)}.", "name", "name", true, first, end, facts);
            return Kind.Known;
        }

        if (hasTold && (index == count - 1 || index > 0) && end - first <= 3 && (Tokens[first].IsCapitalised || (context.IsLowerCase && end == first + 1 && !word.Contains('-', StringComparison.Ordinal) && !word.EndsWith("ed", StringComparison.Ordinal) && word is not ("freelance" or "married" or "single" or "left" or "lefty"))) && SlotReader.Read(context, "place", first, end, [], out _) == end)
        {
            Add($"User lives in {context.Render(first, end)}.", "location", "location", true, first, end, facts);
            return Kind.Known;
        }

        return Kind.Unknown;
    }

    /// <summary>"bigger", "sadder": a word with a doubled consonant before "er" that is no trade of the vocabulary.</summary>
    private static bool IsComparative(string word) => word.Length > 4 && word.EndsWith("er", StringComparison.Ordinal) && !Lexicon.Professions.Contains(word) && (word[^3] == word[^4] || word[^3] == 'i');

    /// <summary>"41" or "34f".</summary>
    private static string? Age(Token token)
    {
        var digits = token.Lower.TrimEnd('f', 'm');
        return token.Kind == TokenKind.Number && token.Lower.Length - digits.Length < 2 && int.TryParse(digits, out var age) && age is > 13 and < 100 ? digits : null;
    }

    private void Add(string text, string category, string slot, bool isSingle, int first, int end, List<MemoryCandidate> facts) => facts.Add(new MemoryCandidate
    {
        Operation = CandidateOperation.Add,
        Text = text,
        Category = category,
        SlotKey = isSingle ? slot : slot == "profession" ? "profession:also" : slot,
        SingleValued = isSingle,
        Quote = context.Quote(first, end),
        Confidence = 0.7,
        Importance = FactWriter.ImportanceOf(category),
    });

    private enum Kind
    {
        Unknown,
        Known,
        Telling,
    }
}

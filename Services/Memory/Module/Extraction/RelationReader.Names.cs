using System.Collections.Frozen;
using static MemoryMesh.Memory.Extraction.RuleTraits;

namespace MemoryMesh.Memory.Extraction;

/// <content>The names of people and pets, and what they are to the user.</content>
internal sealed partial class RelationReader
{
    /// <summary>How far back an animal may be named that "mine" means, in tokens.</summary>
    private const int MaxLookBack = 30;

    /// <summary>"We adopted a greyhound. Her name is Juno": the name of who was spoken of before.</summary>
    private int ReadNaming(int position, Sentence sentence, Person unnamed, List<MemoryCandidate> output)
    {
        var tokens = context.Tokens;
        if (tokens[position].Lower is "called" or "named" && position + 1 < sentence.End && tokens[position + 1].IsCapitalised && SlotReader.Read(context, "name", position + 1, sentence.End, [], out var given) is var givenEnd and > 0)
        {
            // "She's five months, called Wren".
            var said = output.FindAll(fact => fact.SlotKey.StartsWith(BaseKey(unnamed) + ":", StringComparison.Ordinal));
            var nameless = Subject(unnamed);
            AddPerson(unnamed.Relation, unnamed.Modifiers, context.Render(given, givenEnd), position, givenEnd, output);
            foreach (var fact in said)
            {
                output[output.IndexOf(fact)] = fact with { Text = fact.Text.Replace(nameless, Subject(Last!), StringComparison.Ordinal), SlotKey = fact.SlotKey.Replace(BaseKey(unnamed), BaseKey(Last!), StringComparison.Ordinal) };
            }

            return givenEnd;
        }

        if (tokens[position].Lower is "called" or "named" or "christened" && position + 2 < sentence.End && tokens[position + 1].Lower is "him" or "her" or "it" or "them" && SlotReader.Read(context, "name", position + 2, sentence.End, [], out var named) is var namedEnd and > 0)
        {
            output.RemoveAll(fact => fact.SlotKey == BaseKey(unnamed) || fact.SlotKey == $"relationship:{Lexicon.Singular(unnamed.Relation)}");
            AddPerson(unnamed.Relation, unnamed.Modifiers, context.Render(named, namedEnd), position, namedEnd, output);
            return namedEnd;
        }

        var isNaming = position + 3 < sentence.End && (tokens[position + 1].Lower == "name" && tokens[position + 2].Lower is "is" or "'s" || tokens[position + 1].Lower is "is" or "'s" or "are" && tokens[position + 2].Lower is "called" or "named");
        if (!isNaming)
        {
            return -1;
        }

        var end = SlotReader.Read(context, "name", position + 3, sentence.End, [], out var first);
        if (end < 0 || first != position + 3)
        {
            return -1;
        }

        output.RemoveAll(fact => fact.SlotKey == BaseKey(unnamed) || fact.SlotKey == $"relationship:{Lexicon.Singular(unnamed.Relation)}");
        AddPerson(unnamed.Relation, unnamed.Modifiers, context.Render(first, end), position, end, output);
        while (tokens[position].Lower is "they" or "their" && end + 1 < sentence.End && tokens[end].Lower is "and" or "," && tokens[end + 1].IsCapitalised && SlotReader.Read(context, "name", end + 1, sentence.End, [], out var another) is var next and > 0)
        {
            AddPerson(unnamed.Relation, unnamed.Modifiers, context.Render(another, next), position, next, output);
            end = next;
        }

        return end;
    }

    /// <summary>"We renamed her, she's Clementine now".</summary>
    private int ReadRenaming(int position, Sentence sentence, Person person, List<MemoryCandidate> output)
    {
        var tokens = context.Tokens;
        var at = position + 2;
        if (at >= sentence.End || !(tokens[position + 1].Lower is "is" or "'s"))
        {
            return -1;
        }

        at += tokens[at].Lower is "called" or "named" ? 1 : 0;
        if (at >= sentence.End || !tokens[at].IsCapitalised || SlotReader.Read(context, "name", at, sentence.End, [], out _) is not (var end and > 0) || end >= sentence.End || tokens[end].Lower != "now")
        {
            return -1;
        }

        output.Add(new MemoryCandidate
        {
            Operation = CandidateOperation.Delete,
            Text = $"User has {Morphology.WithArticle(Describe(person))} named {person.Name}.",
            Category = "relationship",
            SlotKey = BaseKey(person),
            Quote = context.Quote(position, end),
            Confidence = 0.75,
            Importance = FactWriter.ImportanceOf("relationship"),
        });
        AddPerson(person.Relation, person.Modifiers, context.Render(at, end), position, end, output);
        return end;
    }

    /// <summary>"Our dog, a whippet, is called Juno": where the name is told behind what kind it is.</summary>
    private int BehindKind(int at, int end)
    {
        var tokens = context.Tokens;
        if (at + 4 >= end || tokens[at].Kind != TokenKind.Comma || tokens[at + 1].Lower is not ("a" or "an"))
        {
            return at;
        }

        var comma = tokens.FindIndex(at + 2, Math.Min(4, end - at - 2), token => token.Kind == TokenKind.Comma);
        return comma > 0 && comma + 2 < end && tokens[comma + 1].Lower is "is" or "'s" && tokens[comma + 2].Lower is "called" or "named" ? comma + 1 : at;
    }

    /// <summary>"Mushrooms are what my boyfriend hates", "Graz is where my in-laws live": what is said of somebody stands first.</summary>
    private int ReadObjectBefore(int possessive, int verb, string subject, Person person, Sentence sentence, List<MemoryCandidate> output)
    {
        var tokens = context.Tokens;
        if (possessive < sentence.First + 3 || verb >= sentence.End || tokens[possessive - 1].Lower is not ("what" or "where") || tokens[possessive - 2].Lower is not ("is" or "are" or "'s") || tokens[verb].Kind != TokenKind.Word || (verb + 1 < sentence.End && tokens[verb + 1].IsWord)
            || tokens[verb].Lower.EndsWith("ed", StringComparison.Ordinal) || PassingVerbs.Contains(Morphology.ThirdPerson(tokens[verb].Lower)))
        {
            return -1;
        }

        var first = possessive - 2;
        while (first > sentence.First && tokens[first - 1].IsWord)
        {
            first--;
        }

        if (first == possessive - 2 || possessive - 2 - first > 5 || Lexicon.Pronouns.Contains(tokens[first].Lower))
        {
            return -1;
        }

        var said = $"{tokens[verb].Lower}{(tokens[possessive - 1].Lower == "where" ? " in" : "")} {context.Render(first, possessive - 2)}";
        Emit($"{subject} {said}.", $"{BaseKey(person)}:{FactWriter.Key(said)}", first, verb + 1, output);
        return verb + 1;
    }

    /// <summary>"Pepper and Duchess are our two goats": the names first, and what they are behind them.</summary>
    private int ReadNamesOf(int position, Sentence sentence, List<MemoryCandidate> output)
    {
        var tokens = context.Tokens;
        List<(int First, int End)> names = [];
        var at = position;
        while (at < sentence.End && tokens[at].IsCapitalised && names.Count < MaxPeople && SlotReader.Read(context, "name", at, sentence.End, [], out var first) is var end and > 0 && first == at)
        {
            names.Add((at, end));
            at = end;
            if (at + 1 >= sentence.End || tokens[at].Lower is not ("and" or ","))
            {
                break;
            }

            at += tokens[at + 1].Lower == "and" ? 2 : 1;
        }

        if (names.Count < 2 || at + 2 >= sentence.End)
        {
            return -1;
        }

        var owner = tokens[at].Lower is "are" || (tokens[at].Lower is "my" or "our" && tokens[at - 1].Kind == TokenKind.Comma) ? (tokens[at].Lower == "are" ? at + 1 : at) : -1;
        if (owner < 0 || tokens[owner].Lower is not ("my" or "our") || FindRelation(owner + 1, sentence.End) is not (var relation and > 0) || !(Lexicon.IsPlural(tokens[relation].Lower) || tokens[relation].Lower is "children" or "mice"))
        {
            return -1;
        }

        foreach (var (first, end) in names)
        {
            AddPerson(tokens[relation].Lower, Modifiers(owner + 1, relation), context.Render(first, end), position, relation + 1, output);
        }

        return relation + 1;
    }

    /// <summary>"Does an old rabbit dig? Clover, mine, does": the name of the animal that was spoken of.</summary>
    private int ReadOwnName(int position, Sentence sentence, List<MemoryCandidate> output)
    {
        var tokens = context.Tokens;
        if (position > sentence.First + 1 && position + 2 < sentence.End && tokens[position - 1].Kind == TokenKind.Comma && tokens[position - 2].Lower is "mine" or "ours" && (position - 2 == sentence.First || !tokens[position - 3].IsWord) && tokens[position + 1].Kind == TokenKind.Comma && SlotReader.Read(context, "name", position, sentence.End, [], out _) == position + 1
            && tokens.FindLastIndex(position, Math.Min(position + 1, MaxLookBack), token => Lexicon.Pets.Contains(token.Lower) || (token.Lower.Length > 3 && Lexicon.Pets.Contains(Lexicon.Singular(token.Lower)))) is var sort and >= 0)
        {
            // "How old do hamsters get? Ours, Biscuit, is three."
            AddPerson(Lexicon.Singular(tokens[sort].Lower), "", tokens[position].Text, position, position + 1, output);
            var told = ReadPredicates(position + 2, sentence.End, Last!, Subject(Last!), position, output);
            return told > position + 2 ? told : position + 2;
        }

        if (position == sentence.First && position > 1 && tokens[position - 1].Text == "?" && position + 2 < sentence.End && tokens[position + 1].Lower is "is" or "'s" && (tokens[position + 2].Kind == TokenKind.Number || SlotReader.NumberWord(tokens[position + 2].Lower)) && (position + 3 >= sentence.End || !tokens[position + 3].IsWord || tokens[position + 3].Lower is "now" or "years" or "months" or "and")
            && tokens.FindLastIndex(position, Math.Min(position + 1, MaxLookBack), token => Lexicon.Pets.Contains(token.Lower)) is var aged and >= 0)
        {
            // "Any tips for an old cat? Minka is eighteen."
            AddPerson(tokens[aged].Lower, "", tokens[position].Text, position, position + 1, output);
            return ReadPredicates(position + 1, sentence.End, Last!, Subject(Last!), position, output) is var told and > 0 ? told : position + 1;
        }

        if (position + 3 >= sentence.End || tokens[position + 1].Kind != TokenKind.Comma || tokens[position + 2].Lower is not ("mine" or "ours") || tokens[position + 3].Kind != TokenKind.Comma || SlotReader.Read(context, "name", position, sentence.End, [], out _) != position + 1)
        {
            return -1;
        }

        var kind = tokens.FindLastIndex(position, Math.Min(position + 1, MaxLookBack), token => Lexicon.Pets.Contains(token.Lower) || (token.Lower.Length > 3 && Lexicon.Pets.Contains(Lexicon.Singular(token.Lower))));
        if (kind < 0)
        {
            return -1;
        }

        AddPerson(Lexicon.Singular(tokens[kind].Lower), "", tokens[position].Text, position, position + 3, output);
        return position + 3;
    }

    /// <summary>"I share the flat with two people, Caleb and Oona": who lives with the user.</summary>
    public int ReadHousemates(int position, Sentence sentence, List<MemoryCandidate> output)
    {
        var tokens = context.Tokens;
        if (position + 3 >= sentence.End || !SlotReader.NumberWord(tokens[position].Lower) || tokens[position + 1].Lower is not ("people" or "others" or "friends" or "girls" or "guys" or "women" or "men" or "students"))
        {
            return -1;
        }

        var next = position + 2;
        var names = ReadNames(ref next, sentence, isPlural: true);
        foreach (var (first, end) in names)
        {
            AddPerson("flatmate", "", context.Render(first, end), position, end, output);
        }

        return names.Count > 0 ? next : -1;
    }

    /// <summary>The names that stand last before "they're my twins" are those of the twins.</summary>
    private int ReadNamesBefore(int position, int relation, List<MemoryCandidate> output)
    {
        var tokens = context.Tokens;
        var names = 0;
        for (var i = position - 1; i >= 0 && i > position - 20 && names < 3; i--)
        {
            if (tokens[i].IsCapitalised && !tokens[i].IsAcronym && !Lexicon.Subjects.Contains(tokens[i].Lower) && !Lexicon.Fillers.Contains(tokens[i].Lower) && !Lexicon.NotNames.Contains(tokens[i].Lower) && !Lexicon.Months.Contains(tokens[i].Lower) && !Lexicon.Days.Contains(tokens[i].Lower) && (i > 0 || names > 0))
            {
                AddPerson(tokens[relation].Lower, Modifiers(position + 3, relation), tokens[i].Text, i, relation + 1, output);
                names++;
                if (!Lexicon.IsPlural(tokens[relation].Lower) || i < 2 || tokens[i - 1].Lower is not ("and" or ","))
                {
                    break;
                }
            }
        }

        return names > 0 ? relation + 1 : -1;
    }

    private int FindRelation(int first, int end)
    {
        var tokens = context.Tokens;
        for (var i = first; i < end && i <= first + MaxModifiers; i++)
        {
            if (!tokens[i].IsWord || tokens[i].Lower is "is" or "and" or "'s" or "was" or "of" or "with" or "for" or "in")
            {
                return -1;
            }

            if (tokens[i].Lower == "child" && i > first && tokens[i - 1].Lower is "only" or "middle")
            {
                // "An only child" is what somebody is.
                return -1;
            }

            if (i == first && first > 1 && tokens[first - 1].Lower is "my" or "our" && tokens[first - 2].Kind == TokenKind.Comma && i + 1 < end && tokens[i].Lower is "eldest" or "youngest" or "oldest" or "firstborn" && tokens[i + 1].Kind == TokenKind.Comma)
            {
                // "Kofi, our eldest, begins school".
                return i;
            }

            if (i > first && i < first + 3 && first > 0 && tokens[i].Lower is "boy" or "girl" && tokens[i - 1].Lower is "little" or "wee" or "youngest" or "eldest" or "oldest" && tokens[first - 1].Lower is "my" or "our")
            {
                // "Idris, our little boy": a child; "the little boy next door" is none of the user's.
                return i;
            }

            if (IsRelation(tokens[i].Lower))
            {
                while (i + 1 < end && IsRelation(tokens[i + 1].Lower) && !tokens[i + 1].IsCapitalised)
                {
                    i++;
                }

                return i + 1 < end && tokens[i + 1].Lower is "tongue" or "tongues" or "language" or "tree" or "sitter" or "food" or "litter" or "bed" or "house" or "hair" or "show" or "in-law" ? -1 : i;
            }
        }

        return -1;
    }

    /// <summary>"husband won't fly", "mum and dad live in ...": a relation of the user without "my", and what they do.</summary>
    private bool IsBareRelation(int at, int end)
    {
        var word = context.Tokens[at].Lower;
        var next = context.Tokens[at + 1].Lower;
        if (word is "mum" or "mom" && next == "and" && at + 2 < end && context.Tokens[at + 2].Lower == "dad")
        {
            return true;
        }

        if (Lexicon.Family.Contains(word) && !Acquaintances.Contains(word) && context.Tokens[at + 1].IsCapitalised && !Lexicon.Subjects.Contains(next) && !(word == "uncle" && next is "sam" or "bob" or "vernon") && at + 4 < end && context.Tokens[at + 2].Kind == TokenKind.Comma && context.Tokens[at + 3].Lower is "a" or "an" or "who" or "retired" or "now")
        {
            // "Uncle Desmond, a retired stevedore, says ...".
            return true;
        }

        if (Lexicon.Family.Contains(word) && !Acquaintances.Contains(word) && context.Tokens[at + 1].IsCapitalised && !Lexicon.Subjects.Contains(next) && !(word == "uncle" && next == "sam") && at + 2 < end && (context.Tokens[at + 2].Lower is "is" or "'s" or "has" or "turns" or "turned" || context.Tokens[at + 2].Lower.EndsWith('s')))
        {
            // "Grandma Odile turns 90".
            return true;
        }

        return Lexicon.Family.Contains(word) && !Acquaintances.Contains(word) && word is not ("baby" or "partner" or "child" or "teacher" or "coach" or "twin" or "ex" or "teen" or "teenager" or "teenagers" or "teens" or "parents" or "children" or "babies" or "toddlers")
            && (next is "is" or "'s" or "are" or "has" or "will" or "can" or "does" or "do" or "loves" or "love" or "hates" or "hate" or "likes" or "like" or "lives" or "live" or "works" or "eats" or "eat" or "plays" or "play" or "speaks" or "runs" or "turned" or "turns" || Lexicon.Diets.Contains(next));
    }

    private static bool IsRelation(string word) => Lexicon.Family.Contains(word) || Lexicon.Pets.Contains(word) || (word.Length > 5 && word[^1] == 's' && Lexicon.Pets.Contains(word[..^1]) && word is not ("pointers" or "boxers" or "setters" or "dragons" or "pythons"));

    private string Modifiers(int first, int at) =>
        at <= first ? "" : string.Join(' ', context.Render(first, at).Split(' ').Where(m => !SlotReader.NumberWord(m.ToLowerInvariant()) && !int.TryParse(m, out _)));

    private List<(int First, int End)> ReadNames(ref int next, Sentence sentence, bool isPlural)
    {
        var tokens = context.Tokens;
        List<(int, int)> names = [];
        var at = next;
        var announced = false;
        var afterComma = false;
        if (at < sentence.End && tokens[at].Lower is "," or ":" or "(" or "-" or "\u2014" or "\u2013")
        {
            at++;
            afterComma = true;
        }

        if (afterComma && at + 1 < sentence.End && tokens[at].Lower is "little" or "wee" or "baby" && tokens[at + 1].IsCapitalised)
        {
            at++;
        }

        if (at + 2 < sentence.End && tokens[at].Lower == "whose" && tokens[at + 1].Lower is "name" or "names" && tokens[at + 2].Lower is "is" or "are")
        {
            at += 3;
            announced = true;
        }
        else if (at + 1 < sentence.End && tokens[at].Lower is "is" or "'s" or "are" && tokens[at + 1].Lower is "called" or "named")
        {
            at += 2;
            announced = true;
        }
        else if (at + 2 < sentence.End && tokens[at].Lower is "'s" or "is" && tokens[at + 1].Lower is "name" or "names" && tokens[at + 2].Lower is "is" or "'s" or "are")
        {
            at += 3;
            announced = true;
        }
        else if (at + 2 < sentence.End && (tokens[at].Lower is "who" or "that" ? at + 1 : at) is var going && going + 2 < sentence.End + 1 && tokens[going].Lower is "goes" or "go" or "answers" or "answer" && going + 1 < sentence.End && tokens[going + 1].Lower is "by" or "to" && going + 2 < sentence.End && tokens[going + 2].IsCapitalised)
        {
            at = going + 2;
            announced = true;
        }
        else if (at < sentence.End && tokens[at].Lower is "called" or "named")
        {
            at++;
            announced = true;
        }
        else if (at + 1 < sentence.End && tokens[at].Lower is "is" or "'s" or "are" && tokens[at + 1].IsCapitalised && (at + 2 >= sentence.End || !tokens[at + 2].IsWord || (isPlural && tokens[at + 2].Lower is "and")) && !Lexicon.Demonyms.Contains(tokens[at + 1].Lower))
        {
            at++;
            announced = true;
        }

        while (at < sentence.End)
        {
            if (!announced && !tokens[at].IsCapitalised && !IsLowerName(at, sentence.End))
            {
                break;
            }

            var first = at;
            var end = !announced && !tokens[at].IsCapitalised ? at + 1 : SlotReader.Read(context, "name", at, sentence.End, [], out first);
            if (end < 0 || first != at || Lexicon.Days.Contains(tokens[at].Lower) && !announced || Lexicon.Months.Contains(tokens[at].Lower) && !announced && tokens[at].Lower is not ("april" or "may" or "june"))
            {
                break;
            }

            if (afterComma && !isPlural && names.Count == 0 && end < sentence.End && tokens[end].Kind != TokenKind.Comma && tokens[end].IsWord && tokens[end].Lower is not ("who" or "and" or "but"))
            {
                break;
            }

            names.Add((at, end));
            next = end;
            if (isPlural && end + 2 < sentence.End && tokens[end].Kind == TokenKind.Comma && tokens[end + 1].Kind == TokenKind.Number)
            {
                // "Wren, 12, and Lowell, 9": the age stands behind each name.
                end += 2;
            }

            if (isPlural && end + 2 < sentence.End && tokens[end].Text == "(")
            {
                while (end < sentence.End - 1 && tokens[end].Text != ")")
                {
                    end++;
                }

                end++;
            }

            if (isPlural && end + 3 < sentence.End && tokens[end].Kind == TokenKind.Comma && tokens[end + 1].Lower is "who" or "the" or "a" or "an" && NameBehindAside(end + 2, sentence.End) is var another and > 0)
            {
                // "Nettle, who's an angel, and Truck".
                at = another;
                continue;
            }

            if (!isPlural || end + 1 >= sentence.End || tokens[end].Lower is not ("and" or ","))
            {
                break;
            }

            at = end + 1;
            if (tokens[at].Lower == "and" && at + 1 < sentence.End)
            {
                at++;
            }
        }

        return names;
    }

    /// <summary>Where the next name of a list stands behind what is said of the one before; -1 when none does.</summary>
    private int NameBehindAside(int first, int end)
    {
        var tokens = context.Tokens;
        for (var i = first; i + 1 < end && i < first + 9; i++)
        {
            if (tokens[i].Kind == TokenKind.Comma)
            {
                var name = tokens[i + 1].Lower == "and" ? i + 2 : i + 1;
                return name < end && tokens[name].IsCapitalised ? name : -1;
            }
        }

        return -1;
    }

    /// <summary>"my gf zara" of somebody who writes without capitals: a word nothing follows, and that is none of the words known.</summary>
    private bool IsLowerName(int at, int end)
    {
        var token = context.Tokens[at];
        return context.IsLowerCase && token.Kind == TokenKind.Word && !(at > 2 && context.Tokens[at - 3].Lower is "make" or "makes" or "made" or "let" or "lets" or "help" or "helps" or "hear" or "see" or "watch") && token.Lower.Length is > 2 and < 12 && (at + 1 >= end || context.Tokens[at + 1].Kind is TokenKind.Comma || context.Tokens[at + 1].Lower is "who" or "and" or "is" or "'s" or "plays" or "keeps" or "just" or "lives" or "works" or "hates" or "loves" or "eats" or "always" or "never" or "likes" or "has")
            && !Lexicon.Adverbs.Contains(token.Lower) && !Lexicon.Fillers.Contains(token.Lower) && !Lexicon.NotNames.Contains(token.Lower) && !Lexicon.Pronouns.Contains(token.Lower) && !IsRelation(token.Lower)
            && !token.Lower.EndsWith("ing", StringComparison.Ordinal) && !token.Lower.EndsWith("ed", StringComparison.Ordinal) && !token.Lower.EndsWith('s') && !Lexicon.IsProfession(token.Lower)
            && !Lexicon.ClauseStarters.Contains(token.Lower) && !Lexicon.ClauseBreaks.Contains(token.Lower) && !PassingVerbs.Contains(token.Lower) && token.Lower is not ("said" or "told" or "asked" or "wrote" or "called" or "went" or "came" or "had" or "will" or "would" or "again" or "party" or "name" or "trip" or "birthday" or "wedding" or "too" or "stuff" or "problem" or "day" or "time" or "life" or "job");
    }

    private static string Describe(Person person)
    {
        if (person.Relation is "eldest" or "youngest" or "oldest" or "firstborn")
        {
            return $"child ({person.Relation})";
        }

        var noun = Lexicon.Singular(person.Relation);
        var described = Lexicon.Family.Contains(person.Relation) ? noun : Species(noun);
        return person.Modifiers.Length > 0 ? $"{person.Modifiers} {described}" : described;
    }

    private static string Subject(Person person) => person.Name is null
        ? $"User's {(person.Modifiers.Length > 0 ? person.Modifiers + " " : "")}{person.Relation}"
        : $"User's {SpeciesOnly(Lexicon.Singular(person.Relation))} {person.Name}";

    private static string BaseKey(Person person) =>
        $"relationship:{SpeciesOnly(Lexicon.Singular(person.Relation))}{(person.Name is null ? "" : ":" + FactWriter.Key(person.Name))}";

    private static string Species(string noun) => SpeciesOnly(noun) is var species && species == noun ? noun : $"{noun} {species}";

    private static string SpeciesOnly(string noun) => noun switch
    {
        "tabby" or "siamese" or "persian" or "bengal" or "ragdoll" or "sphynx" or "calico" or "tortoiseshell" or "ginger" or "tom" or "maine-coon" or "coon" or "kitty" or "tomcat" or "moggy" or "kitten" => "cat",
        "greyhound" or "whippet" or "labrador" or "lab" or "retriever" or "poodle" or "spaniel" or "terrier" or "collie" or "beagle" or "dachshund" or "corgi" or "husky" or "pug" or "bulldog" or "boxer" or "rottweiler" or "dalmatian"
            or "chihuahua" or "shepherd" or "schnauzer" or "mastiff" or "setter" or "pointer" or "lurcher" or "cockapoo" or "labradoodle" or "cavapoo" or "malamute" or "samoyed" or "akita" or "shiba" or "maltese" or "shih-tzu" or "pomeranian"
            or "bichon" or "sheepdog" or "mutt" or "mongrel" or "vizsla" or "weimaraner" or "newfoundland" or "doodle" or "dane" or "heeler" or "puppy" or "pup" => "dog",
        "eldest" or "youngest" or "oldest" or "firstborn" => "child",
        _ => noun,
    };

    private void Remember(Person person)
    {
        if (_people.Count == MaxPeople)
        {
            _people.RemoveAt(0);
        }

        _people.Add(person);
    }
}

using System.Collections.Frozen;
using static MemoryMesh.Memory.Extraction.RuleTraits;

namespace MemoryMesh.Memory.Extraction;

/// <summary>Reads people and pets of the user: that they exist, their names, and what is said about them.</summary>
internal sealed partial class RelationReader(MessageContext context)
{
    private const int MaxModifiers = 3;

    private static readonly FrozenSet<string> Women = FrozenSet.ToFrozenSet(("wife girlfriend fiancée fiancee daughter stepdaughter sister mother mum mom mam mama grandmother grandma gran granny nan nana aunt auntie niece mother-in-law sister-in-law daughter-in-law stepmother stepmum stepmom stepsister goddaughter godmother granddaughter ex-wife landlady gf half-sister sis wifey missus hen mare").Split(' '));

    private static readonly FrozenSet<string> Men = FrozenSet.ToFrozenSet(("husband boyfriend son stepson brother father dad papa grandfather grandpa grandad granddad uncle nephew father-in-law brother-in-law son-in-law stepfather stepdad stepbrother godson godfather grandson ex-husband landlord bf half-brother bro hubby fella gelding stallion").Split(' '));

    private static readonly Fact Said = new("relationship", "{vp}", "");

    /// <summary>Most people of one message a name can mean.</summary>
    private const int MaxPeople = 50;

    private readonly List<Person> _people = [];

    private static readonly FrozenSet<string> Acquaintances = FrozenSet.ToFrozenSet(("colleague coworker co-worker boss manager supervisor teammate client customer neighbour neighbor friend mate teacher tutor coach landlord landlady therapist housemate roommate flatmate mentor").Split(' '));

    /// <summary>The person or pet that "she", "he" or "they" can mean.</summary>
    public Person? Last { get; private set; }

    /// <summary>Whether a pronoun can mean somebody of a relation.</summary>
    public static bool CanMean(string pronoun, string relation) => pronoun switch
    {
        "he" or "his" or "him" => !Women.Contains(relation),
        "she" or "her" => !Men.Contains(relation),
        _ => true,
    };

    /// <summary>Lets names of earlier messages be recognised.</summary>
    /// <param name="person">Who was told of before.</param>
    /// <param name="isMeant">Whether a pronoun of this message can mean them.</param>
    public void Know(Person person, bool isMeant)
    {
        Remember(person);
        Last = isMeant ? person : Last;
    }

    /// <summary>Reads at a position; the index behind what was read, or -1.</summary>
    /// <param name="position">Where to read.</param>
    /// <param name="sentence">The sentence.</param>
    /// <param name="clauseStart">Whether a clause begins here.</param>
    /// <param name="ownerKnown">Whether the clause is about what the user has.</param>
    /// <param name="isTask">Whether the words belong to a request, so that only the existence of a named person is told.</param>
    /// <param name="output">Receives the candidates.</param>
    public int Read(int position, Sentence sentence, bool clauseStart, bool ownerKnown, bool isTask, List<MemoryCandidate> output)
    {
        var tokens = context.Tokens;
        var token = tokens[position];
        if (token.Lower is "my" or "our")
        {
            return ReadPossessive(position, sentence, isTask, output);
        }

        if (isTask)
        {
            return -1;
        }

        if (clauseStart && Last is { Name: null } unnamed && token.Lower is "her" or "his" or "its" or "their" or "she" or "he" or "it" or "they" or "called" or "named" or "christened" && position + 2 < sentence.End + 1 && ReadNaming(position, sentence, unnamed, output) is var named and > 0)
        {
            return named;
        }

        if (clauseStart && Last is { Name: null } nameless && token.IsCapitalised && position + 3 < sentence.End && tokens[position + 1].Lower is "is" or "'s" && tokens[position + 2].Lower is "her" or "his" or "its" && tokens[position + 3].Lower == "name")
        {
            // "My dog is a whippet. Juno is her name".
            AddPerson(nameless.Relation, nameless.Modifiers, token.Text, position, position + 4, output);
            return position + 4;
        }

        if (clauseStart && Last is { Name: not null } named1 && token.Lower is "she" or "he" or "it" && ReadRenaming(position, sentence, named1, output) is var renamed and > 0)
        {
            return renamed;
        }

        if (clauseStart && token.Lower is "dad" or "mum" or "mom" or "gran" or "grandma" or "grandpa" or "nan" or "grandad" && position + 1 < sentence.End && (tokens[position + 1].Lower is "is" or "'s" or "has" or "lives" or "was" || tokens[position + 1].Text == "("))
        {
            return ReadPossessive(position, sentence, isTask, output, position);
        }

        if (clauseStart && position + 1 < sentence.End && IsBareRelation(position, sentence.End))
        {
            return ReadPossessive(position, sentence, isTask, output, position);
        }

        if (clauseStart && token.Lower is "the" && position + 3 < sentence.End && Lexicon.IsPlural(tokens[position + 1].Lower) && (Lexicon.Pets.Contains(tokens[position + 1].Lower) || tokens[position + 1].Lower is "twins" or "kids" or "boys" or "girls") && tokens[position + 2].Lower == "are" && (tokens[position + 3].IsCapitalised || tokens[position + 3].Lower is "called" or "named"))
        {
            return ReadPossessive(position, sentence, isTask, output);
        }

        if (clauseStart && token.Lower is "she" or "he" or "they" && position + 3 < sentence.End && tokens[position + 1].Lower is "is" or "'s" or "are" && tokens[position + 2].Lower is "my" or "our" && FindRelation(position + 3, sentence.End) is var relation and > 0)
        {
            // "... walked by Mabel and Hector, they're my twins".
            var told = ReadNamesBefore(position, relation, output);
            if (told > 0)
            {
                return told;
            }
        }

        if (clauseStart && token.Lower is "the" && position + 3 < sentence.End && (Lexicon.Pets.Contains(tokens[position + 1].Lower) || tokens[position + 1].Lower is "twins" or "kids" or "boys" or "girls" or "children") && (tokens[position + 2].Kind == TokenKind.Comma || tokens[position + 2].Text == "(") && tokens[position + 3].IsCapitalised)
        {
            return ReadPossessive(position, sentence, isTask, output);
        }

        if (token.Lower == "the" && position + 1 < sentence.End && tokens[position + 1].Lower is "baby" or "twins" or "toddler" or "puppy" or "kitten" && Last is null)
        {
            // "Got the baby on me, she's five months": nobody says so of another's.
            Last = new Person(tokens[position + 1].Lower, "", null);
            return -1;
        }

        if (clauseStart && Last is { } keen && ReadAllTheyTalkOf(position, sentence, keen, output) is var talked and > 0)
        {
            return talked;
        }

        if (clauseStart && token.Lower is "she" or "he" or "they" or "it" or "both" or "who" && Last is { } last)
        {
            var verb = position + 1;
            var both = Subject(last);
            if (verb + 3 < sentence.End && tokens[verb].Lower == "and" && tokens[verb + 1].Lower is "his" or "her" or "their" && Lexicon.Family.Contains(tokens[verb + 2].Lower))
            {
                // "He and his wife are the owners".
                both += " " + context.Render(verb, verb + 3);
                verb += 3;
            }

            return ReadPredicates(verb, sentence.End, last, both, position, output) is var after && after > verb ? after : -1;
        }

        if (ownerKnown && Lexicon.IsPlural(token.Lower) && IsRelation(token.Lower) && !token.IsCapitalised)
        {
            return ReadOwned(position, sentence, output, position);
        }

        if (ownerKnown && token.Lower is "a" or "our" && position + 3 < sentence.End && tokens[position + 1].Lower is "pair" or "couple" or "trio" or "brace" && tokens[position + 2].Lower == "of" && FindRelation(position + 3, sentence.End) > 0)
        {
            // "A pair of guinea pigs, Pepper and Clementine".
            return ReadOwned(position, sentence, output, position + 3);
        }

        if (ownerKnown && (token.Lower is "a" or "an" or "one" or "another" or "some" || SlotReader.NumberWord(token.Lower) || token.Kind == TokenKind.Number))
        {
            return ReadOwned(position, sentence, output);
        }

        if (token.IsCapitalised && position + 4 < sentence.End && tokens[position + 1].Lower == "'s" && tokens[position + 2].Kind == TokenKind.Comma && tokens[position + 3].Lower is "my" or "our" && FindRelation(position + 4, sentence.End) is var lad and > 0)
        {
            // "Only Finlay's, my lad, he's six".
            AddPerson(tokens[lad].Lower, Modifiers(position + 4, lad), token.Text, position, lad + 1, output);
            return lad + 1;
        }

        if (clauseStart && token.IsCapitalised && (ReadNamesOf(position, sentence, output) is var several and > 0 || (several = ReadOwnName(position, sentence, output)) > 0))
        {
            return several;
        }

        var isApposition = token.IsCapitalised && position + 2 < sentence.End && tokens[position + 1].Kind == TokenKind.Comma && tokens[position + 2].Lower is "my" or "our" && position > sentence.First;
        return (clauseStart || isApposition) && !Lexicon.Pronouns.Contains(token.Lower) && (token.IsCapitalised || _people.Exists(p => p.Name is not null && p.Name.Equals(token.Text, StringComparison.OrdinalIgnoreCase))) ? ReadName(position, sentence, output) : -1;
    }

    /// <summary>"My brother Henrik, a joiner in Odense": what somebody is, behind their name.</summary>
    private int ReadApposition(int comma, Sentence sentence, List<MemoryCandidate> output)
    {
        var tokens = context.Tokens;
        if (comma + 2 >= sentence.End || tokens[comma].Kind != TokenKind.Comma || tokens[comma + 1].Lower is not ("a" or "an" or "retired"))
        {
            return -1;
        }

        if (SlotReader.Read(context, "role", comma + 1, sentence.End, [], out _) < 0 && !(tokens[comma + 1].Lower == "retired" || tokens[comma + 2].Lower is "retired" or "former"))
        {
            return -1;
        }

        var end = SlotReader.Phrase(context, comma + 1, sentence.End, ["says", "thinks", "reckons", "told", "said"]);
        Emit($"{Subject(Last!)} is {context.Render(comma + 1, end)}.", $"{BaseKey(Last!)}:is {FactWriter.Key(context.Render(comma + 1, end))}", comma + 1, end, output);
        return end;
    }

    private int ReadPossessive(int position, Sentence sentence, bool isTask, List<MemoryCandidate> output, int? search = null)
    {
        var tokens = context.Tokens;
        var at = FindRelation(search ?? position + 1, sentence.End);
        if (at < 0)
        {
            return -1;
        }

        var relation = tokens[at].Lower;
        var modifiers = Modifiers(position + 1, at);
        var next = at + 1;
        if (next + 1 < sentence.End && relation is "mum" or "mom" && tokens[next].Lower == "and" && tokens[next + 1].Lower == "dad")
        {
            (relation, next) = ("parents", next + 2);
        }

        if (next + 1 < sentence.End && tokens[next].Lower == "'s" && IsRelation(tokens[next + 1].Lower))
        {
            // "My cousin's neighbour" is nobody of the user's.
            return -1;
        }

        next = BehindKind(next, sentence.End);
        var names = ReadNames(ref next, sentence, isPlural: Lexicon.IsPlural(relation) || relation is "children" or "mice");
        if (names.Count > 0 && next < sentence.End && tokens[next].Text == ")")
        {
            next++;
        }

        if (names.Count > 0)
        {
            foreach (var (first, end) in names)
            {
                AddPerson(relation, modifiers, context.Render(first, end), position, end, output);
            }
        }
        else if (next < sentence.End && tokens[next].Lower is "and" && next + 1 < sentence.End && tokens[next + 1].Lower is "i" or "me")
        {
            return -1;
        }
        else
        {
            Last = new Person(relation, modifiers, null);
        }

        if (names.Count == 1 && ReadApposition(next, sentence, output) is var apposition and > 0)
        {
            return apposition;
        }

        if (isTask)
        {
            // "According to my uncle Rashid, who drives a taxi in Glasgow": what stands in the relative clause is told in passing.
            var aside = names.Count == 1 && next + 2 < sentence.End && tokens[next].Kind == TokenKind.Comma && tokens[next + 1].Lower == "who" ? ReadPredicates(next + 2, sentence.End, Last!, Subject(Last!), position, output) : -1;
            return aside > next + 2 ? aside : names.Count > 0 ? next : -1;
        }

        var person = Last!;
        var subject = Subject(person);
        if (next + 2 < sentence.End && tokens[next].Lower == "and" && tokens[next + 1].Lower is "her" or "his" or "their" && Lexicon.Family.Contains(tokens[next + 2].Lower))
        {
            subject += " " + context.Render(next, next + 3);
            next += 3;
        }

        if (next < sentence.End && tokens[next].Lower is "'s" && next + 1 < sentence.End && tokens[next + 1].Lower is "birthday" or "anniversary" or "wedding" or "graduation" && ReadDate(next, sentence.End, subject, position, output) is var dateEnd and > 0)
        {
            return dateEnd;
        }

        if (ReadObjectBefore(position, next, subject, person, sentence, output) is var fronted and > 0)
        {
            return fronted;
        }

        var start = next;
        while (next < sentence.End && tokens[next].Kind is TokenKind.Comma || (next < sentence.End && tokens[next].Lower is "who" or "he" or "she"))
        {
            next++;
        }

        var after = ReadPredicates(next, sentence.End, person, subject, position, output);
        if (after <= next && subject.Contains(" and ", StringComparison.Ordinal) && next + 1 < sentence.End && tokens[next].Kind == TokenKind.Word && !tokens[next].IsCapitalised && !PassingVerbs.Contains(Morphology.ThirdPerson(tokens[next].Lower)) && tokens[next].Lower is not ("are" or "were" or "had" or "did" or "got" or "went" or "came" or "just" or "both" or "always")
            && SlotReader.Phrase(context, next, sentence.End, []) is var told && told > next + 1)
        {
            // "My cousin Wanda and her husband train guide dogs": two do it, so the verb has no ending to be known by.
            Emit($"{subject} {context.Render(next, told)}.", $"{BaseKey(person)}:{FactWriter.Key(context.Render(next, told))}", position, told, output);
            return told;
        }

        return after > next ? after : names.Count > 0 ? start : -1;
    }

    /// <summary>"Two stepkids, Mira and Anton": a fragment that names those it counts.</summary>
    public int ReadNamedGroup(int position, Sentence sentence, List<MemoryCandidate> output)
    {
        var at = FindRelation(position + 1, sentence.End);
        if (at < 0)
        {
            return -1;
        }

        var next = BehindHome(at + 1, sentence.End);
        return ReadNames(ref next, sentence, isPlural: true).Count > 0 ? ReadOwned(position, sentence, output) : -1;
    }

    /// <summary>"A tortoise, Hubert, who ...": one that is named.</summary>
    public int ReadNamedOne(int position, Sentence sentence, List<MemoryCandidate> output)
    {
        var at = FindRelation(position + 1, sentence.End);
        if (at < 0 || !(Lexicon.Pets.Contains(context.Tokens[at].Lower) || context.Tokens[at].Lower is "son" or "daughter" or "baby" or "toddler"))
        {
            return -1;
        }

        var next = BehindHome(at + 1, sentence.End);
        return ReadNames(ref next, sentence, isPlural: false).Count > 0 ? ReadOwned(position, sentence, output) : -1;
    }

    /// <summary>"Two cats in this house, Olive and Sergeant": where the names stand behind the home.</summary>
    private int BehindHome(int at, int end) =>
        at + 3 < end && context.Tokens[at].Lower == "at" && context.Tokens[at + 1].Lower == "home" && context.Tokens[at + 2].Kind is TokenKind.Comma or TokenKind.Break && context.Tokens[at + 3].IsCapitalised ? at + 2
        : at + 4 < end && context.Tokens[at].Lower is "in" or "at" && context.Tokens[at + 1].Lower is "this" or "our" or "my" or "the" && context.Tokens[at + 2].Lower is "house" or "home" or "flat" or "household" or "family" or "place" or "cottage" or "garden" or "barn" or "plot" or "shed" or "yard" or "room" or "kitchen" or "farm" or "spare"
        && context.Tokens[at + 3].Kind is TokenKind.Comma or TokenKind.Break && context.Tokens[at + 4].IsCapitalised ? at + 3
        : at + 5 < end && context.Tokens[at].Lower is "in" && context.Tokens[at + 2].Lower == "spare" && context.Tokens[at + 3].Lower == "room" && context.Tokens[at + 4].Kind is TokenKind.Comma or TokenKind.Break && context.Tokens[at + 5].IsCapitalised ? at + 4 : at;

    private int ReadOwned(int position, Sentence sentence, List<MemoryCandidate> output, int? search = null)
    {
        var tokens = context.Tokens;
        var at = FindRelation(search ?? position + 1, sentence.End);
        if (at < 0)
        {
            return -1;
        }

        var relation = tokens[at].Lower;
        var modifiers = Modifiers(Math.Max(search ?? 0, position + 1), at);
        var next = BehindHome(at + 1, sentence.End);
        if (next + 2 < sentence.End && tokens[next].Lower is "now" or "already" or "again" && tokens[next + 1].Kind is TokenKind.Comma or TokenKind.Break && tokens[next + 2].IsCapitalised)
        {
            next++;
        }

        var names = ReadNames(ref next, sentence, isPlural: Lexicon.IsPlural(relation) || relation is "children" or "mice");
        foreach (var (first, end) in names)
        {
            AddPerson(relation, modifiers, context.Render(first, end), position, end, output);
        }

        if (names.Count == 0)
        {
            if (next < sentence.End && tokens[next].IsWord && tokens[next].Lower is not ("and" or "who" or "in" or "but" or "so" or "with" or "at" or "aged" or "that" or "under" or "too" or "plus" or "from" or "living" or "now" or "on" or "last" or "this" or "yesterday" or "today" or "recently" or "he" or "she"))
            {
                return -1;
            }

            if (next < sentence.End && tokens[next].Lower is "in" or "with" or "aged" or "that" or "under" or "at")
            {
                next = Math.Max(next, SlotReader.Phrase(context, next, sentence.End, ["and"]));
            }

            Last = new Person(relation, modifiers, null);
            Remember(Last);
            Emit($"User has {context.Render(position, next)}.", $"relationship:{Lexicon.Singular(relation)}", position, next, output);
        }

        if (next < sentence.End && tokens[next].Lower == "who")
        {
            var after = ReadPredicates(next + 1, sentence.End, Last!, Subject(Last!), position, output);
            next = after > next + 1 ? after : next;
        }

        if (next + 2 < sentence.End && tokens[next].Lower is "and" or "," && tokens[next + 1].Lower is "a" or "an" && ReadOwned(next + 1, sentence, output) is var more and > 0)
        {
            return more;
        }

        return next;
    }

    /// <summary>"Miso, my old cat", "Miso is my cat", or a name that is known already.</summary>
    private int ReadName(int position, Sentence sentence, List<MemoryCandidate> output)
    {
        var tokens = context.Tokens;
        var nameEnd = SlotReader.Read(context, "name", position, sentence.End, [], out var first);
        if (nameEnd > 0 && first == position)
        {
            var next = nameEnd;
            while (next + 2 < sentence.End && tokens[next].Lower is "is" or "'s" && (Lexicon.Adverbs.Contains(tokens[next + 1].Lower) || tokens[next + 1].Lower == "now"))
            {
                next++;
            }

            if (next + 2 < sentence.End && tokens[next].Text is "(" or "-" or "\u2014" or "\u2013" && tokens[next + 1].Lower is "my" or "our" && FindRelation(next + 2, sentence.End) is var aside and > 0)
            {
                AddPerson(tokens[aside].Lower, Modifiers(next + 2, aside), context.Render(position, nameEnd), position, aside + 1, output);
                next = aside + 1;
                while (next < sentence.End && !tokens[next].IsWord)
                {
                    next++;
                }

                var told = ReadPredicates(next, sentence.End, Last!, Subject(Last!), position, output);
                return told > next ? told : aside + 1;
            }

            if (next + 5 < sentence.End && tokens[next].Lower == "is" && tokens[next + 1].Lower == "the" && tokens[next + 2].Lower == "name" && tokens[next + 3].Lower == "of" && tokens[next + 4].Lower is "my" or "our" && FindRelation(next + 5, sentence.End) is var bearer and > 0)
            {
                // "Mia is the name of my daughter".
                AddPerson(tokens[bearer].Lower, Modifiers(next + 5, bearer), context.Render(position, nameEnd), position, bearer + 1, output);
                return bearer + 1;
            }

            if (next + 4 < sentence.End && tokens[next].Kind == TokenKind.Comma && tokens[next + 1].Lower is "who" or "that" or "she" or "he" && tokens[next + 2].Lower is "is" or "'s" && tokens[next + 3].Lower is "my" or "our")
            {
                // "Mia, who is my daughter, plays chess".
                next += 2;
            }

            if (next + 1 < sentence.End && (tokens[next].Lower is "," or "is" or "'s" || next > nameEnd) && tokens[next + 1].Lower is "my" or "our" && FindRelation(next + 2, sentence.End) is var at and > 0)
            {
                AddPerson(tokens[at].Lower, Modifiers(next + 2, at), context.Render(position, nameEnd), position, at + 1, output);
                next = at + 1;
                while (next < sentence.End && tokens[next].Kind == TokenKind.Comma)
                {
                    next++;
                }

                var after = ReadPredicates(next, sentence.End, Last!, Subject(Last!), position, output);
                return after > next ? after : at + 1;
            }
        }

        if (_people.Find(p => p.Name is not null && p.Name.Equals(tokens[position].Text, StringComparison.OrdinalIgnoreCase)) is { } known)
        {
            Last = known;
            var after = ReadPredicates(position + 1, sentence.End, known, Subject(known), position, output);
            return after > position + 1 ? after : -1;
        }

        return -1;
    }

    private int ReadDate(int possessive, int end, string subject, int quoteFirst, List<MemoryCandidate> output)
    {
        var tokens = context.Tokens;
        var at = possessive + 2;
        while (at < end && tokens[at].Lower is "is" or "'s" or "on" or "in" or "coming" or "up" or "party")
        {
            at++;
        }

        var after = at > possessive + 2 ? SlotReader.Read(context, "date", at, end, [], out _) : -1;
        if (after < 0)
        {
            return -1;
        }

        output.Add(new MemoryCandidate
        {
            Operation = CandidateOperation.Add,
            Text = $"{subject}'s {tokens[possessive + 1].Lower} is {context.Render(at, after)}.",
            Category = "date",
            SlotKey = $"{BaseKey(Last!)}:{tokens[possessive + 1].Lower}",
            SingleValued = true,
            Quote = context.Quote(quoteFirst, after),
            Confidence = 0.85,
            Importance = 0.7,
        });
        return after;
    }

    private void AddPerson(string relation, string modifiers, string name, int first, int end, List<MemoryCandidate> output)
    {
        Last = new Person(relation, modifiers, name);
        _people.RemoveAll(p => p.Name == name);
        Remember(Last);
        Emit($"User has {Morphology.WithArticle(Describe(Last))} named {name}.", BaseKey(Last), first, end, output);
    }

    private void Emit(string text, string key, int first, int end, List<MemoryCandidate> output) => output.Add(new MemoryCandidate
    {
        Operation = CandidateOperation.Add,
        Text = text,
        Category = "relationship",
        SlotKey = key,
        Quote = context.Quote(first, end),
        Confidence = 0.9,
        Importance = FactWriter.ImportanceOf("relationship"),
    });
}

/// <param name="Relation">What they are to the user, as written.</param>
/// <param name="Modifiers">Words before it: "older", "three-legged".</param>
/// <param name="Name">Their name, when it was told.</param>
internal sealed record Person(string Relation, string Modifiers, string? Name);

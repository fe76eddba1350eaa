using System.Collections.Frozen;
using static MemoryMesh.Memory.Extraction.RuleTraits;

namespace MemoryMesh.Memory.Extraction;

/// <content>What is said of people and pets: their age, trade, tastes, moves and deaths.</content>
internal sealed partial class RelationReader
{
    /// <summary>What may be said about a person or pet; each pattern begins with the verb.</summary>
    private static readonly RuleIndex Predicates = new(
    [
        new("is|are {num} and {second:num}", None, Said),
        new("is|are ?nearly ?almost {num} now", None, Said),
        new("has|have a|an {np} allergy|intolerance", None, Said),
        new("is|are ?only ?about {num} [years|months|weeks ?old]", Closed, Said),
        new("is|are {num} years|months|weeks ?old", None, Said),
        new("is|are ?only|already {num} as_of|since|last|next|this|on {np}", None, Said),
        new("is|has taken_up {np}", None, Said),
        new("is|has done {org:team} [{np}]", None, Said),
        new("is|has got a|an|the|two|three|their|his|her {np}", None, Said),
        new("turned|turns|turning {num} [{np}]", None, Said),
        new("is|are turning {num} [{np}]", None, Said),
        new("is|are|works|work ?as ?a|an|the {role} [at|for {org}] [in {place}]", None, Said),
        new("is|are a|an {hobbyist}", None, Said),
        new("is|are a|an ?very ?really picky|fussy|vegetarian|vegan|coeliac|student|toddler|teenager|rescue {np}", None, Said),
        new("is|are ?a|an ?also {diet}", None, Said),
        new("is|are {demonym}", None, Said),
        new("is|are ?also ?badly ?severely allergic|intolerant to {list}", None, Said),
        new("is|are ?totally ?absolutely ?completely obsessed|in with|by|love {list}", None, Said),
        new("mad|crazy|nuts|potty|daft|barmy|bonkers|gaga|wild|obsessed|passionate about|with|for {list}", Closed, Said),
        new("is|are into|crazy|mad|nuts|terrified|scared|afraid|fond ?about|of {list}", None, Said),
        new("is|are from|based|living ?in|near {place}", None, Said),
        new("is|are in {place}", None, Said),
        new("is|are studying|learning|training|applying|starting|moving|getting|expecting|retiring|graduating {np}", None, Said),
        new("is|are ?partially ?profoundly {access}", None, Said),
        new("lives|live|works|work|runs|run|owns|own|teaches|teach|studies|study|plays|play|speaks|speak|collects|manages|manage|paints|prefers|prefer|eats|grows|sings {np}", None, Said),
        new("lives|live|works|work|run|runs ?at ?from {np}", None, Said),
        new("loves|love|likes|like|hates|hate|adores|adore|enjoys|enjoy {list}", None, Said),
        new("can not eat|have|stand {list}", None, Said),
        new("is|has never|always been|flown|seen|had|eaten|learned|learnt|driven|ridden|lived|wanted {np}", None, Said),
        new("is|are hooked|keen|big on {list}", None, Said),
        new("can not get enough of {list}", None, Said),
        new("keep|keeps|breed|breeds|raise|raises {what:animals}", None, Said),
        new("sell|build|drive|make|farm|grow {np}", None, Said),
        new("will not|never eat|drink|fly|drive|travel|touch|wear|swim|go|watch|use [{np}]", None, Said),
        new("does|do not eat|like|drink|speak {list}", None, Said),
        new("had twins|triplets|a_baby|a_boy|a_girl|her_baby|their_baby [{np}]", None, Said),
        new("was|were born in|on|last {np}", None, Said),
        new("moved to {place}", None, Said),
        new("had|has|celebrated|celebrates his|her|their|its {nth:np} birthday [{np}]", None, Said),
        new("is|are the|a|an|joint ?proud owner|owners|co-owner|co-owners|founder|founders|head of {np}", None, Said),
        new("became|becomes a|an|the {np}", None, Said),
        new("is|has|have|are moved|relocated to {place}", None, Said),
        new("started|starts|goes|go ?to ?at {np}", None, Said),
        new("graduated|graduates|married|retired|qualified [{np}]", None, Said),
        new("is|are ?a|an|the|my|our|both {what:description}", None, Said),
        new("is|are ?both ?long ?happily|recently divorced|separated|married|retired|widowed", Closed, Said),
        new("has|have {np}", None, Said),
        new("got|gets|landed a|an|the|into {np}", None, Said),
        new("passed|graduated|failed|joined|opened|bought|adopted|published|won|turned|switched|started|finished {what:clause}", None, Said),
    ]);

    private static readonly RuleIndex Deaths = new(
    [
        new("passed away [{np}]", None, Said),
        new("died [{np}]", None, Said),
        new("has|have|had|is passed|died|gone ?away [{np}]", None, Said),
        new("went missing [{np}]", None, Said),
        new("was put down|to [{np}]", None, Said),
        new("crossed {np}", None, Said),
    ]);

    /// <summary>Verbs of third persons that tell of the moment or of what they said, wanted or asked for.</summary>
    private static readonly FrozenSet<string> PassingVerbs = FrozenSet.ToFrozenSet(
        ["says", "thinks", "wants", "needs", "asks", "tells", "claims", "reckons", "insists", "keeps", "seems", "looks", "feels", "sends", "knows", "believes", "suggests", "means", "makes", "gives", "does", "is", "has", "was", "goes", "comes", "gets", "calls", "writes", "shows", "takes", "tries", "uses", "us", "this", "yes", "always", "sometimes", "plus", "'s", "as"]);

    private int ReadPredicates(int position, int end, Person person, string subject, int quoteFirst, List<MemoryCandidate> output)
    {
        var tokens = context.Tokens;
        var at = position;
        while (at < end)
        {
            var start = at;
            while (start < end && (Lexicon.Adverbs.Contains(tokens[start].Lower) || tokens[start].Lower is "now" or "has" && start + 1 < end && Lexicon.Adverbs.Contains(tokens[start + 1].Lower) || (tokens[start].Lower is "'s" or "has" && start + 2 < end && tokens[start + 1].Lower is "just" or "recently" or "finally" or "already" or "started" or "begun" or "joined" or "become" or "graduated" or "retired" or "passed" or "turned" && tokens[start + (Lexicon.Adverbs.Contains(tokens[start + 1].Lower) ? 2 : 1)].Lower is "started" or "begun" or "joined" or "become" or "graduated" or "retired" or "learned" or "finished" or "bought" or "opened" or "turned")))
            {
                start++;
            }

            if (start >= end)
            {
                break;
            }

            if (person.Name is null && Acquaintances.Contains(person.Relation))
            {
                // "My colleague says rents are crazy": somebody without a name is no person of the user's life.
                break;
            }

            var word = tokens[start].Lower == "'s" ? "is" : tokens[start].Lower;
            var isDeath = true;
            var after = MatchAny(Deaths.For(word), start, end);
            if (after < 0)
            {
                isDeath = false;
                after = MatchAny(Predicates.For(word), start, end);
                after = after < 0 && IsPresentVerb(word, start, end) ? BeforeSaying(start, SlotReader.Phrase(context, start, end, [])) : after;
            }

            isDeath |= word == "passed" && Lexicon.Pets.Contains(Lexicon.Singular(person.Relation));
            if (after < 0 || (word is "has" or "have" && IsPerfect(start + 1, end)))
            {
                // "My in-laws have gone quiet" tells of the moment.
                break;
            }

            var isElided = word is "mad" or "crazy" or "nuts" or "potty" or "daft" or "barmy" or "bonkers" or "gaga" or "wild" or "obsessed" or "passionate";
            var phrase = (isElided ? "is " : "") + context.Render(start, after).Replace("'s ", HasTakenUp(start + 1, end) ? "has " : "is ", StringComparison.Ordinal);
            var key = BaseKey(person);
            output.Add(new MemoryCandidate
            {
                Operation = isDeath ? CandidateOperation.Update : CandidateOperation.Add,
                Text = $"{subject} {phrase}.",
                Category = isDeath ? "event" : "relationship",
                SlotKey = isDeath ? key : $"{key}:{(IsAge(start, after) ? "age" : FactWriter.Key(HasMoved(start, after) ? "lives" : word is "lives" or "works" ? word : phrase))}",
                SingleValued = isDeath || IsAge(start, after) || HasMoved(start, after) || word == "lives",
                Quote = context.Quote(quoteFirst, after),
                Confidence = 0.8,
                Importance = isDeath ? 0.8 : 0.6,
            });
            at = after;
            if (at + 1 < end && tokens[at].Lower is "and" or "," or "but" && !Lexicon.Pronouns.Contains(tokens[at + 1].Lower))
            {
                at++;
                if (at + 1 < end && tokens[at].Lower is "and" or "but")
                {
                    at++;
                }

                continue;
            }

            break;
        }

        return at == position ? -1 : tokens[at - 1].Lower is "and" or "," or "but" ? at - 1 : at;
    }

    /// <summary>Whether what stands behind "has" is a participle: "has gone quiet" is no possession, "has got a boat" is.</summary>
    private bool IsPerfect(int at, int end) => at < end && !HasTakenUp(at, end) && (context.Tokens[at].Lower == "got"
        ? !(at + 1 < end && Lexicon.Determiners.Contains(context.Tokens[at + 1].Lower))
        : context.Tokens[at].Lower is "gone" or "been" or "had" or "to" or "said" or "told" or "asked" or "done" or "made" or "given" or "taken" or "not" or "started" or "just" or "eaten" or "chewed" or "broken" or "thrown" or "come" or "run" or "left" or "become" or "seen" || (at + 1 < end && !(context.Tokens[at].Lower is "moved" or "relocated" && context.Tokens[at + 1].Lower == "to") && context.Tokens[at].Lower.EndsWith("ed", StringComparison.Ordinal)));

    /// <summary>"Has taken up parkour", "has done Comrades".</summary>
    private bool HasTakenUp(int at, int end) => at + 1 < end && ((context.Tokens[at].Lower, context.Tokens[at + 1].Lower) is ("taken", "up") || context.Tokens[at].Lower == "done" && context.Tokens[at + 1].IsCapitalised);

    private bool HasMoved(int first, int end) => Gate.Contains(context.Tokens, first, Math.Min(end, first + 3), [["moved", "to"], ["relocated", "to"]]) >= 0;

    /// <summary>"is 4", "turned seven", "is two years old": one age at a time.</summary>
    private bool IsAge(int first, int end)
    {
        var at = first + 1;
        while (at < end - 1 && (Lexicon.Adverbs.Contains(context.Tokens[at].Lower) || context.Tokens[at].Lower is "turning" or "about" or "only"))
        {
            at++;
        }

        return context.Tokens[first].Lower is "is" or "'s" or "are" or "turned" or "turns" && (context.Tokens[at].Kind == TokenKind.Number || SlotReader.NumberWord(context.Tokens[at].Lower))
            && (at + 1 >= end || context.Tokens[at + 1].Lower is "years" or "months" or "weeks" or "now" or "yesterday" or "today" or "old" or "last" or "in" or "on");
    }

    /// <summary>"escapes constantly": a verb of habit no pattern lists.</summary>
    private bool IsPresentVerb(string word, int at, int end) =>
        word.Length > 3 && word.EndsWith('s') && !word.EndsWith("ss", StringComparison.Ordinal) && context.Tokens[at].Kind == TokenKind.Word && !context.Tokens[at].IsCapitalised
        && !PassingVerbs.Contains(word) && !Lexicon.NotNames.Contains(word) && !(at + 1 < end && context.Tokens[at + 1].Lower is "me" or "i" or "that" or "this" or "is" or "are" or "my" or "'s");

    /// <summary>"... and says thermals smell of hay": what they say is no fact about them.</summary>
    private int BeforeSaying(int first, int end)
    {
        for (var i = first + 1; i + 1 < end; i++)
        {
            if (context.Tokens[i].Lower == "and" && PassingVerbs.Contains(context.Tokens[i + 1].Lower))
            {
                return i;
            }
        }

        return end;
    }

    /// <summary>"Trains are all he talks about": what somebody told of is taken by.</summary>
    private int ReadAllTheyTalkOf(int position, Sentence sentence, Person person, List<MemoryCandidate> output)
    {
        var tokens = context.Tokens;
        for (var at = position + 1; at + 3 < sentence.End && at < position + 5 && tokens[at - 1].IsWord; at++)
        {
            var he = at + 1;
            while (he < at + 5 && he + 2 < sentence.End && tokens[he].Lower is "all" or "the" or "only" or "one" or "thing" or "what" or "everything")
            {
                he++;
            }

            if (tokens[at].Lower is "is" or "are" && WholeWorld(at + 1, sentence.End, person) is var world and > 0)
            {
                Emit($"{Subject(person)} loves {context.Render(position, at)}: {(tokens[at].Lower == "is" ? "it is" : "they are")} {context.Render(at + 1, world)}.", $"{BaseKey(person)}:{FactWriter.Key(context.Render(position, at))}", position, world, output);
                return world;
            }

            if (tokens[at].Lower is "is" or "are" && he > at + 1 && tokens[he].Lower is "he" or "she" or "they" && CanMean(tokens[he].Lower, Lexicon.Singular(person.Relation)) && tokens[he + 1].Lower is "loves" or "love" or "talks" or "talk" or "thinks" or "think" or "wants" or "want" or "eats" or "eat" or "plays" or "play" or "draws" or "reads" or "watches")
            {
                var end = SlotReader.Phrase(context, he, sentence.End, []);
                Emit($"{Subject(person)}: {context.Render(position, at)} {(tokens[at].Lower == "is" ? "is" : "are")} {context.Render(at + 1, end)}.", $"{BaseKey(person)}:{FactWriter.Key(context.Render(position, at))}", position, end, output);
                return end;
            }
        }

        return -1;
    }

    /// <summary>"Everything to him", "her whole world": where such words end behind a verb; -1 when they are others.</summary>
    private int WholeWorld(int first, int end, Person person)
    {
        var tokens = context.Tokens;
        var his = tokens[first].Lower == "everything" && first + 2 < end && tokens[first + 1].Lower is "to" or "for" ? first + 2 : first;
        if (his >= end || !(tokens[his].Lower is "him" or "her" or "them" or "his" or "their") || !CanMean(tokens[his].Lower, Lexicon.Singular(person.Relation)))
        {
            return -1;
        }

        var last = his;
        while (his == first && last + 1 < end && last < first + 4 && tokens[last + 1].IsWord)
        {
            last++;
        }

        return his > first || tokens[last].Lower is "life" or "world" or "thing" or "passion" or "obsession" or "favourite" or "love" ? last + 1 : -1;
    }

    private int MatchAny(RuleList? rules, int position, int end)
    {
        foreach (var rule in rules?.At(context.Tokens, position, end) ?? [])
        {
            List<Capture> captures = [];
            var after = rule.Pattern.Match(context, position, end, lacksAm: false, captures);
            if (after > 0 && (!rule.Has(Closed) || after >= end || SlotReader.IsBoundary(context, after, end, position) || context.Tokens[after].Lower is "and"))
            {
                context.Effort.Matched?.Add(rule);
                return after;
            }
        }

        return -1;
    }
}

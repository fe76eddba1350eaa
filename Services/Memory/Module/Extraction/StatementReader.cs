using System.Collections.Frozen;

namespace MemoryMesh.Memory.Extraction;

/// <summary>
/// Keeps statements of the user about themselves that no rule knows: "I'm on a six-month contract with ...", "we've a wood burner", "our offer was accepted".
/// Such a clause is kept unless its words speak of the moment, of a mood or of the task at hand.
/// </summary>
internal sealed class StatementReader(MessageContext context)
{
    private const int MaxWords = 16;

    /// <summary>Words of the moment, of moods and of tasks: a clause with one of them tells nothing durable.</summary>
    private static readonly FrozenSet<string> Passing = Words(
        "today tonight tomorrow yesterday now moment minute second currently hurry rush meeting call queue line hold way bus train airport station plane taxi car-park bed desk screen page tab step line phone fence loss luck trouble mood bit little wits end edge fire roll board track same it this that these those them you your yours " +
        "question questions error errors problem problems issue issues idea ideas doubt doubts feeling point clue hunch look guess feedback request task homework assignment essay email file files code function script query loop array table column string regex bug crash exception test server docker branch commit build output input variable " +
        "headache hangover cold flu hiccups breakfast lunch dinner snack nap shower tired sleepy hungry thirsty bored sad happy angry annoyed fine okay good great sorry sure afraid confused stuck lost done ready busy late early curious interested excited nervous worried glad grateful wondering back here there home awake drunk free able unable aware " +
        "apples oranges sweets marbles coins something anything nothing everything stuff thing things time help advice answer answers suggestion suggestions trying sense fun luck reading watching waiting looking thinking making going getting having doing using writing asking talking kidding joking playing feeling struggling following saying " +
        "supposed about to gonna sick ill dizzy sore better worse alone meltdown mess nightmare disaster shambles chaos joke carnage circus madhouse pan saucepan heat leftovers tin bunch meh dying dead freezing boiling sweating");

    private static readonly FrozenSet<string> Traits = Words(
        "left-footed right-footed colour-blind short-sighted long-sighted nearsighted farsighted introverted extroverted shy dyslexic nocturnal bilingual trilingual self-employed frugal tone-deaf clumsy forgetful organised organized competitive picky fussy particular strict fond keen loyal attached used accustomed prone terrible hopeless useless bad rubbish awful good " +
        "decent brilliant great new allowed married engaged divorced widowed retired semi-retired tall short vegetarian vegan teetotal sensitive ticklish superstitious sentimental impatient punctual thrifty outdoorsy bookish nerdy crafty musical sporty double-jointed ambidextrous multilingual homeschooled adopted tattooed bald ginger blonde " +
        "built made raised trained qualified certified licensed registered responsible into part one born half third first-generation");

    private static readonly FrozenSet<string> Progressives = Words(
        "studying training learning living working raising renovating planning saving retiring moving expecting dating recovering retraining converting restoring homeschooling fostering apprenticing teaching running organising organizing preparing rehearsing volunteering coaching growing breeding building remodelling remodeling writing self-publishing launching opening starting paying relocating emigrating");

    private static readonly FrozenSet<string> Lasting = Words(
        "contract degree course bootcamp novel book band choir team board committee council club business company house flat home garden farm kids children baby daughter son twins wife husband partner family parents apprenticeship phd masters diploma thesis licence mortgage diet medication-free budget weekday weekdays year years month months week weeks shift shifts nights rota call-out leave sabbatical visa marathon triathlon album");

    private static readonly FrozenSet<string> NotOwned = Words(
        "function error script file code essay email query bug list table array loop string class prompt question problem issue app page button report homework assignment test deadline meeting task boss answer message screen computer program thing point bad mistake guess understanding favourite printer laptop phone router internet wifi car back head stomach throat brain mind eyes sink boiler toilet cursor terminal build output result results apologies pleasure turn friend friends name hint");

    /// <summary>Reads what follows "I" or "we".</summary>
    /// <param name="subject">The subject.</param>
    /// <param name="sentence">The sentence.</param>
    /// <param name="output">Receives the candidate.</param>
    /// <returns>The index behind what was read, or -1.</returns>
    public int Read(int subject, Sentence sentence, List<MemoryCandidate> output)
    {
        var tokens = context.Tokens;
        var verb = subject + 1;
        while (verb < sentence.End - 2 && Lexicon.Adverbs.Contains(tokens[verb].Lower))
        {
            verb++;
        }

        var end = verb + 2 < sentence.End ? SlotReader.Phrase(context, verb, sentence.End, []) : -1;
        if (end < verb + 3 || end - verb > MaxWords || !IsPlain(verb, end))
        {
            return -1;
        }

        var next = verb + 1;
        while (next < end - 1 && (Lexicon.Adverbs.Contains(tokens[next].Lower) || tokens[next].Lower is "not" or "got"))
        {
            next++;
        }

        var word = tokens[next].Lower;
        var lasts = tokens[verb].Lower switch
        {
            "am" or "are" when word.EndsWith("ing", StringComparison.Ordinal) => Progressives.Contains(word),
            "am" or "are" when Traits.Contains(word) => true,
            "am" or "are" => word is "on" or "with" or "in" or "at" or "under" or "between" or "from" or "of" && Has(next, end, Lasting) || (word is "with" or "at" && next + 1 < end && tokens[next + 1].IsCapitalised),
            "have" when next + 1 < end && word == "a" && tokens[next + 1].Lower is "lot" or "bit" or "ton" or "few" or "load" => false,
            "have" => word is "a" or "an" or "two" or "three" or "four" or "five" or "six" or "several" or "no" or "my" or "our" or "some" || tokens[next].Kind == TokenKind.Number,
            _ => false,
        };
        return lasts ? Keep("User " + context.Render(verb, end, isVerbPhrase: true), tokens[verb].Lower == "have" ? "possession" : "other", subject, end, output) : -1;
    }

    /// <summary>Reads "my ..." and "our ...": what something of the user is, is called, or when it is.</summary>
    public int ReadOwned(int possessive, Sentence sentence, List<MemoryCandidate> output)
    {
        var tokens = context.Tokens;
        var at = possessive + 1;
        while (at < sentence.End && at - possessive <= 5 && tokens[at].IsWord && !(tokens[at].Lower is "is" or "'s" or "are" or "was" or "were" or "has" or "opens" or "starts" or "begins" or "ends" or "runs" or "faces"))
        {
            if (NotOwned.Contains(tokens[at].Lower) || Lexicon.Subjects.Contains(tokens[at].Lower) || Lexicon.Coordinators.Contains(tokens[at].Lower))
            {
                return -1;
            }

            at++;
        }

        if (at == possessive + 1 || at >= sentence.End - 1 || !tokens[at].IsWord || at - possessive > 5 || sentence.IsQuestion)
        {
            return -1;
        }

        var end = SlotReader.Phrase(context, at + 1, sentence.End, []);
        if (end < 0 || end - at > MaxWords || !IsPlain(at + 1, end))
        {
            return -1;
        }

        var word = tokens[at + 1].Lower;
        var lasts = tokens[at].Lower switch
        {
            "is" or "'s" or "are" => word is "a" or "an" or "called" or "named" or "the" or "from" or "made" || tokens[at + 1].Kind == TokenKind.Number || tokens[at + 1].IsCapitalised,
            "was" or "were" => word is "accepted" or "approved" or "granted" or "finalised" or "finalized" or "born" or "published" or "rejected" or "a" or "an",
            "has" => word is "a" or "an" or "two" or "three" || tokens[at + 1].Kind == TokenKind.Number,
            _ => SlotReader.Read(context, "date", tokens[at + 1].Lower is "on" or "in" ? at + 2 : at + 1, end, [], out _) > 0,
        };
        return lasts ? Keep("User's " + context.Render(possessive + 1, end).Replace("'s ", " is ", StringComparison.Ordinal).Replace("  ", " ", StringComparison.Ordinal), "other", possessive, end, output) : -1;
    }

    private bool IsPlain(int first, int end)
    {
        for (var i = first; i < end; i++)
        {
            if (context.Blocked[i] || (i > first && (Passing.Contains(context.Tokens[i].Lower) || (context.Tokens[i].Lower.Length > 4 && Passing.Contains(context.Tokens[i].Lower.TrimEnd('s'))))) || context.Tokens[i].Kind == TokenKind.Masked)
            {
                return false;
            }
        }

        // What was cut from the end of the clause counts too.
        return end >= context.Tokens.Count || !(context.Tokens[end].Kind == TokenKind.Masked || context.Tokens[end].Lower is "now" or "today" or "tonight" or "again");
    }

    private bool Has(int first, int end, FrozenSet<string> words)
    {
        for (var i = first; i < end; i++)
        {
            if (words.Contains(context.Tokens[i].Lower) || words.Contains(context.Tokens[i].Lower.TrimEnd('s')))
            {
                return true;
            }
        }

        return false;
    }

    private int Keep(string text, string category, int first, int end, List<MemoryCandidate> output)
    {
        output.Add(new MemoryCandidate
        {
            Operation = CandidateOperation.Add,
            Text = text + ".",
            Category = category,
            SlotKey = "statement:" + FactWriter.Key(text[5..]),
            Quote = context.Quote(first, end),
            Confidence = 0.6,
            Importance = 0.5,
        });
        return end;
    }

    private static FrozenSet<string> Words(string words) => FrozenSet.ToFrozenSet(words.Split(' ', StringSplitOptions.RemoveEmptyEntries));
}

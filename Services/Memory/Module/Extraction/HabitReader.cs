using System.Collections.Frozen;

namespace MemoryMesh.Memory.Extraction;

/// <summary>
/// Keeps what the user says they do again and again, whatever the verb: "I have played the bassoon since I was eleven",
/// "every Thursday I go bouldering". The mark of repetition or duration is what makes it durable, so the verbs need no list.
/// </summary>
internal sealed class HabitReader(MessageContext context)
{
    /// <summary>Verbs of thinking, trying and of the task at hand, which tell nothing durable whatever stands beside them.</summary>
    private static readonly FrozenSet<string> OtherVerbs = FrozenSet.ToFrozenSet((
        "mix confuse muddle count get got getting see saw seen need want think thought know knew try tried trying receive keep kept feel felt forget forgot mean meant wonder wondering ask asked say said tell told hear heard look looked looking find found " +
        "guess suppose believe hope wish run ran call called click open opened close press type send sent expect notice noticed understand understood appreciate agree wait waited waiting debug debugging fix fixing install installed " +
        "check checked search searched write wrote read help start started stop stopped make made let seem happen update updated restart restarted change changed add added delete use used had be was were did am do done " +
        "assume remember reckon imagine pretend struggle struggling wake end die dying lose lost mess test tested deploy deployed compile build google googling hate love like prefer should would could can will might may must").Split(' '));

    private static readonly FrozenSet<string> TaskWords = FrozenSet.ToFrozenSet((
        "error errors file files code function script page server button query loop array dataframe email essay paragraph sentence output input bug crash crashes answer answers question questions result results instructions prompt " +
        "recording recordings clip clips it this these those you your that something anything everything nothing thing").Split(' '));

    private static readonly string[][] Marks =
    [
        ["every", "day"], ["every", "night"], ["every", "morning"], ["every", "evening"], ["every", "week"], ["every", "weekend"], ["every", "month"], ["every", "year"], ["every", "summer"], ["every", "winter"], ["every", "spring"], ["every", "autumn"], ["every", "other"], ["every", "single"], ["every", "second"], ["every", "first"],
        ["each", "day"], ["each", "morning"], ["each", "week"], ["each", "year"], ["each", "evening"], ["a", "week"], ["a", "month"], ["a", "year"], ["per", "week"], ["daily"], ["weekly"], ["monthly"], ["yearly"], ["on", "weekends"], ["at", "weekends"], ["on", "the", "weekend"], ["at", "the", "weekend"], ["most", "days"], ["most", "nights"],
        ["most", "mornings"], ["most", "weekends"], ["most", "evenings"], ["since", "childhood"], ["since", "school"], ["since", "university"], ["since", "i", "was"], ["since", "i"], ["since", "lockdown"], ["since", "the"], ["all", "my", "life"], ["my", "whole", "life"], ["for", "years"], ["for", "decades"], ["for", "ages"],
        ["in", "my", "spare", "time"], ["in", "my", "free", "time"], ["as", "a", "hobby"], ["for", "fun"], ["on", "the", "side"], ["for", "a", "living"], ["religiously"], ["before", "bed"], ["before", "work"], ["after", "work"], ["on", "monday", "evenings"], ["every", "weekday"], ["monday", "evenings"], ["tuesday", "evenings"], ["wednesday", "evenings"], ["thursday", "evenings"], ["friday", "evenings"], ["saturday", "mornings"], ["sunday", "mornings"], ["saturday", "afternoons"], ["every", "day"],
    ];

    /// <summary>Reads what follows a subject of the first person.</summary>
    /// <param name="subject">The subject.</param>
    /// <param name="verb">Where the verb phrase begins.</param>
    /// <param name="sentence">The sentence.</param>
    /// <param name="output">Receives the candidate.</param>
    /// <returns>The index behind what was read, or -1.</returns>
    public int Read(int subject, int verb, Sentence sentence, List<MemoryCandidate> output)
    {
        var tokens = context.Tokens;
        var main = verb;
        while (main < sentence.End - 1 && (tokens[main].Lower is "have" or "am" or "are" or "been" or "do" or "does" or "has" or "not" or "never" or "always" || Lexicon.Adverbs.Contains(tokens[main].Lower)))
        {
            main++;
        }

        var end = SlotReader.Phrase(context, verb, sentence.End, []);
        var lead = Lead(subject, sentence);
        if (end <= main || tokens[main].Lower is "once" || IsSubordinate(tokens, subject, sentence) || tokens[main].Kind != TokenKind.Word || (OtherVerbs.Contains(tokens[main].Lower) && !(tokens[main].Lower is "get" or "run" or "wake" or "write" or "start" or "help" or "keep" && end > main + 1 && (lead >= 0 || IsMarked(verb, end)) && tokens[main + 1].Lower is not ("an" or "error" or "this" or "the"))) || end - verb < 2)
        {
            return -1;
        }

        if (end + 1 < sentence.End && tokens[end].Kind == TokenKind.Comma && tokens[end + 1].Lower == "how" && tokens.FindIndex(main, end - main, token => token.Kind == TokenKind.Number) > 0 && tokens[main].Lower is "throw" or "drop" or "roll" or "toss" or "flip" or "draw" or "kick" or "pull" or "push" or "lift" or "mix" or "fill" or "pour")
        {
            // "I throw a ball at 10 m/s, how high does it go" is a problem to solve.
            return -1;
        }

        for (var i = main; i < end; i++)
        {
            if ((TaskWords.Contains(tokens[i].Lower) && !(tokens[i].Lower == "everything" && tokens[i - 1].Lower is "in" or "on" or "with" or "into")) || context.Blocked[i] || tokens[i].Lower is "anymore" or "longer" || (tokens[i].Lower == "any" && i + 1 < end && tokens[i + 1].Lower is "more"))
            {
                return -1;
            }
        }

        if (IsTold(verb, main) && !(lead < 0 && IsMeasured(verb, end)))
        {
            // "I swam every day" tells of a time that is over.
            return -1;
        }

        if (tokens[subject].Lower == "we" && tokens[main].Lower.EndsWith('s') && (Lexicon.Professions.Contains(tokens[main].Lower[..^1]) || Lexicon.Diets.Contains(tokens[main].Lower[..^1])))
        {
            // "We nurses rarely sit down": the word names them.
            return -1;
        }

        if (tokens[end - 1].Lower is "with" or "on" or "in" or "at" or "for" or "from" or "of" or "about" or "to")
        {
            // "A microwave is all I cook with": the object stands before.
            return -1;
        }

        if (end - main <= 3 && tokens[end - 1].Lower is "lot" or "along" or "up" or "out" or "off" && tokens[main + 1].Lower is "a" or "along" or "up" or "out" or "off")
        {
            // "I drive a lot", "I never pick up" say too little.
            return -1;
        }

        if (lead < 0 && !IsMarked(verb, end) && !IsHabit(verb, main, end) && !NeverDid(verb, main))
        {
            return -1;
        }

        var text = $"User {(tokens[verb].Lower == "been" ? "has " : "")}{context.Render(verb, end, isVerbPhrase: true)}{(lead < 0 ? "" : " " + LowerFirst(context.Render(lead, LeadEnd(subject))))}.";
        output.Add(new MemoryCandidate
        {
            Operation = CandidateOperation.Add,
            Text = text,
            Category = tokens[main].Lower is "work" or "commute" or "pick" or "to" or "have" ? "constraint" : "interest",
            SlotKey = "habit:" + FactWriter.Key(text[5..].TrimEnd('.')),
            Quote = context.Quote(lead < 0 ? subject : lead, end),
            Confidence = 0.7,
            Importance = 0.5,
        });
        return end;
    }

    /// <summary>The simple present of a verb of doing tells what somebody does in general: "I take all my notes by hand".</summary>
    private bool IsHabit(int verb, int main, int end)
    {
        var word = context.Tokens[main].Lower;
        for (var i = verb; i < main; i++)
        {
            if (context.Tokens[i].Lower is "am" or "are" or "been" or "have" or "just" or "still")
            {
                return false;
            }
        }

        return end - main >= 2 && !word.EndsWith("ed", StringComparison.Ordinal) && !word.EndsWith("ing", StringComparison.Ordinal) && !IsPastForm(word) && !PresentActs.Contains(word) && !Lexicon.Pronouns.Contains(word) && !Lexicon.Determiners.Contains(word)
            && !(context.Tokens[main + 1].Lower is "to" or "if" or "whether" or "up" or "what" or "how");
    }

    /// <summary>Whether the main verb is a past form without "have".</summary>
    private bool IsTold(int verb, int main)
    {
        for (var i = verb; i < main; i++)
        {
            if (context.Tokens[i].Lower is "have" or "been" or "am" or "are")
            {
                return false;
            }
        }

        var word = context.Tokens[main].Lower;
        return IsPastForm(word) || (word.EndsWith("ed", StringComparison.Ordinal) && word is not ("need" or "feed" or "breed" or "weed" or "seed" or "embed" or "used"));
    }

    /// <summary>"Did" and "redid", "built" and "rebuilt".</summary>
    private static bool IsPastForm(string word) => PastForms.Contains(word) || (word.Length > 4 && word.StartsWith("re", StringComparison.Ordinal) && PastForms.Contains(word[2..]) && word != "relay");

    /// <summary>"since I was eleven", "for years".</summary>
    private bool IsMeasured(int first, int end) => context.Tokens.FindIndex(first, end - first, token => token.Lower is "since" or "for" or "life") >= 0;

    /// <summary>"I have never learned to drive".</summary>
    private bool NeverDid(int verb, int main)
    {
        for (var i = verb; i < main; i++)
        {
            if (context.Tokens[i].Lower == "never" && context.Tokens[verb].Lower is not ("am" or "are"))
            {
                return context.Tokens[verb].Lower == "have" || !context.Tokens[main].Lower.EndsWith("ed", StringComparison.Ordinal);
            }
        }

        return false;
    }

    /// <summary>Acts of the moment in the simple present: what somebody does while they ask.</summary>
    private static readonly FrozenSet<string> PresentActs = FrozenSet.ToFrozenSet((
        "cry laugh giggle panic wince cringe blush sneeze promise swear doubt agree bet apologise apologize give lose owe care mind matter admit confess warn beg insist put come go enter select choose pick paste copy scroll tap press log sign submit switch turn set reach begin finish compare convert multiply divide " +
        "subtract plug connect load save store upload download import export return pass print catch fail miss skip drop hit hold hang stay leave move break change win pay buy order book plan hope mean refuse demand declare hereby command order require request authorize authorise grant confirm wonder notice realise realize " +
        "recommend suggest propose learn join meet marry divorce die kill burn fall lie stand sit arrive appear become turn bring have own live work take now not also still even only really probably maybe perhaps and or but so because who that which when where what how why if then than as at in on of for with from by into about like").Split(' ').Except(["take", "book", "order", "buy", "pay", "stand", "sit"]).Append("pay"));

    private static readonly FrozenSet<string> PastForms = FrozenSet.ToFrozenSet((
        "hung was were had did got went bought sold quit left grew became met ran began built won lost took gave made came found wrote broke taught spent kept sat ate drank drove flew rode slept spoke stood swam threw told thought understood woke wore brought caught chose drew fell fought forgot heard held knew led lay lent meant paid read rang rose said saw sent shot " +
        "shut sang sank stole stuck struck swore tore felt fed dug dealt bit blew bred bent bled burnt learnt dreamt cut put hit hurt let set split spread cost cast").Split(' ').Except(["read", "cut", "put", "set", "split", "spread", "let"]));

    private int LeadEnd(int subject) => context.Tokens[subject - 1].Kind == TokenKind.Comma ? subject - 1 : subject;

    /// <summary>"when I cook rice", "the file I open": the clause is part of another statement.</summary>
    public static bool IsSubordinate(List<Token> tokens, int subject, Sentence sentence) =>
        subject > sentence.First && tokens[subject].Lower is "i" or "we" && tokens[subject - 1] is { IsWord: true } before && !(before.Lower is "and" or "so" or "but" or "that" && subject > sentence.First + 1)
        && !Lexicon.Fillers.Contains(before.Lower) && !Lexicon.Days.Contains(before.Lower.TrimEnd('s')) && !Lexicon.Months.Contains(before.Lower) && before.Lower is not ("day" or "night" or "week" or "weekend" or "weekends" or "time" or "morning" or "evening" or "month" or "year" or "summer" or "winter" or "mornings" or "evenings" or "nights" or "general" or "because" or "since");

    /// <summary>Where "every Thursday" or "by night" begins, when it stands right before the subject; -1 when it does not.</summary>
    private int Lead(int subject, Sentence sentence)
    {
        var tokens = context.Tokens;
        for (var first = Math.Max(sentence.First, subject - 5); first < subject - 1; first++)
        {
            var opens = tokens[first].Lower is "every" or "each" or "most" or "by" or "in" or "on" or "at";
            if (opens && (first == sentence.First || !tokens[first - 1].IsWord || Lexicon.Fillers.Contains(tokens[first - 1].Lower))
                && (Gate.Contains(tokens, first, LeadEnd(subject), Marks) >= 0 || NamesDay(first, LeadEnd(subject)) || (tokens[first].Lower == "by" && tokens[first + 1].Lower is "day" or "night")))
            {
                return first;
            }
        }

        return -1;
    }

    private bool IsMarked(int first, int end)
    {
        if (Gate.Contains(context.Tokens, first, end, Marks) >= 0 || NamesDay(first, end))
        {
            return true;
        }

        for (var i = first; i + 1 < end; i++)
        {
            var next = context.Tokens[i + 1];
            if ((context.Tokens[i].Lower == "since" && next.Kind == TokenKind.Number) || (context.Tokens[i].Lower is "for" or "nearly" or "almost" && i + 2 < end && (next.Kind == TokenKind.Number || SlotReader.NumberWord(next.Lower)) && context.Tokens[i + 2].Lower is "years" or "decades"))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>"every Thursday", "on Sundays", but not "on Sunday".</summary>
    private bool NamesDay(int first, int end)
    {
        for (var i = first; i + 1 < end; i++)
        {
            var day = context.Tokens[i + 1].Lower;
            if ((context.Tokens[i].Lower is "every" or "each" or "most" && (Lexicon.Days.Contains(day.TrimEnd('s')) || Lexicon.Months.Contains(day))) || (context.Tokens[i].Lower == "on" && day.EndsWith("days", StringComparison.Ordinal) && Lexicon.Days.Contains(day[..^1])))
            {
                return true;
            }
        }

        return false;
    }

    private static string LowerFirst(string text) => char.ToLowerInvariant(text[0]) + text[1..];
}

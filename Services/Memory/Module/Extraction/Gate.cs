namespace MemoryMesh.Memory.Extraction;

/// <summary>
/// Marks the tokens that don't state a fact about the user: questions, conditions, hypotheses, fiction, tasks, what
/// others said, and commands that try to write to the memory.
/// </summary>
internal static partial class Gate
{
    private static readonly string[][] Fiction =
    [
        ["protagonist"], ["my", "character"], ["main", "character"], ["my", "villain"], ["my", "hero"], ["my", "heroine"], ["the", "narrator"], ["fanfic"], ["in", "chapter"], ["imaginary"], ["fictional"], ["fictitious"], ["made-up"], ["role", "play"], ["roleplay"], ["role-play"],
        ["pretend"], ["do", "a", "scene"], ["play", "a", "scene"], ["act", "a", "scene"], ["do", "a", "sketch"], ["let", "'s", "improvise"], ["act", "this", "out"], ["act", "it", "out"], ["act", "out"], ["do", "a", "skit"], ["imagine"], ["daydream"], ["rp"], ["make-believe"], ["let", "'s", "play"], ["lets", "play"], ["let", "us", "play"], ["act", "as"], ["in", "my", "dream"], ["in", "a", "dream"], ["i", "dreamt"], ["i", "dreamed", "that"], ["lyrics"], ["my", "dnd"], ["my", "d&d"], ["backstory"], ["in", "character"],
        ["you", "are", "the", "candidate"], ["you", "are", "the", "guest"], ["you", "are", "the", "customer"], ["you", "are", "the", "interviewer"], ["you", "are", "the", "patient"], ["you", "are", "the", "waiter"], ["interview", "practice"], ["stell", "dir", "vor"], ["imagina"], ["imagine", "que"], ["imaginons"], ["you", "are", "now"], ["from", "the", "perspective"], ["in", "the", "voice", "of"], ["dating", "profile"], ["guess", "my"], ["guess", "who"], ["guess", "what", "i"], ["guess", "what", "am"], ["monologue"], ["short", "story"],
        ["persona"], ["placeholder"], ["you", "be", "the"], ["you", "be", "a"], ["dummy", "data"], ["sample", "profile"], ["fake", "profile"], ["demo", "site"], ["the", "speaker", "says"], ["sample", "sentence"], ["example", "sentence"], ["for", "example"], ["e.g"], ["for", "instance"], ["in", "the", "sentence"], ["screenplay"], ["playing", "a", "character"], ["my", "npc"], ["mock", "interview"], ["mock", "exam"], ["improv"], ["role-playing"], ["roleplaying"], ["you", "play", "the"], ["i", "play", "the", "role"], ["i", "play", "the", "part"], ["i", "play", "the", "villain"], ["i", "play", "the", "hero"], ["i", "play", "the", "customer"], ["i", "play", "the", "detective"], ["i", "play", "the", "interviewer"], ["i", "play", "the", "candidate"], ["i", "play", "the", "king"],
        ["of", "my", "play"], ["in", "my", "play"], ["of", "my", "screenplay"], ["of", "my", "script"], ["of", "my", "comic"], ["of", "my", "story"], ["of", "my", "novel"], ["of", "my", "book"], ["of", "our", "story"], ["my", "story", "'s"], ["the", "hero", "of"], ["the", "heroine", "of"], ["my", "protagonist"], ["my", "narrator"], ["my", "antagonist"], ["my", "sidekick"], ["my", "antihero"], ["our", "protagonist"], ["our", "narrator"], ["our", "heroine"], ["our", "hero"], ["in", "my", "story"], ["in", "the", "story"], ["in", "my", "novel"], ["in", "my", "campaign"], ["in", "our", "campaign"],
    ];

    private static readonly string[][] Injection =
    [
        ["previous", "instructions"], ["prior", "instructions"], ["all", "instructions"], ["above", "instructions"], ["earlier", "instructions"], ["your", "instructions"], ["system", "prompt"], ["permanently", "record"], ["record", "permanently"], ["to", "memory"], ["to", "your", "memory"], ["add", "memory"],
        ["long-term", "memory"], ["longterm", "memory"], ["save_memory"], ["memory", "module"], ["memory", "store"], ["the", "user", "is"], ["the", "user", "has"], ["the", "user", "wants"], ["this", "user"], ["user", "is"], ["developer", "mode"], ["admin", "mode"],
        ["full", "access"], ["unrestricted"], ["new", "memory", ":"], ["for", "all", "users"], ["all", "users"], ["user", "42"], ["profile", "with"], ["in", "your", "memory"], ["en", "tu", "memoria"], ["the", "administrator", "of", "this"], ["jailbreak"], ["override"], ["add_memory"], ["memory.add"], ["memory.write"], ["memory.save"], ["memory.store"], ["memory.insert"], ["memory.update"], ["write_memory"], ["store_memory"], ["update_memory"], ["insert_memory"], ["system", "override"], ["memory", "update"], ["the", "user's"], ["user", "prefers"], ["user", "has"], ["user", "wants"], ["user", "likes"],
    ];

    private static readonly string[][] Overrides =
    [
        ["ignore", "everything"], ["ignore", "all"], ["ignore", "previous"], ["ignore", "your"], ["ignore", "the", "above"], ["ignore", "any"], ["disregard", "everything"], ["disregard", "all"], ["disregard", "previous"], ["disregard", "your"], ["disregard", "the", "above"], ["forget", "your", "instructions"], ["forget", "all", "previous"],
        ["ignora", "todo"], ["ignora", "todas"], ["ignora", "las"], ["olvida", "todas", "las", "instrucciones"], ["ignoriere", "alle"], ["ignoriere", "alles"], ["vergiss", "alle", "anweisungen"], ["ignore", "toutes"], ["ignore", "tout"], ["oublie", "toutes"], ["ignorez", "toutes"], ["ignora", "tutte"], ["ignore", "todas"],
    ];

    private static readonly string[][] Reported =
    [
        ["informed", "me"], ["assured", "me"], ["warned", "me"], ["convinced", "me", "that"], ["describes", "me"], ["described", "me"], ["told", "me"], ["tells", "me"], ["telling", "me"], ["says"], ["said"], ["thinks"], ["claims", "that"], ["claims", "i"], ["claims", "to"], ["he", "claims"], ["she", "claims"], ["it", "claims"], ["claimed"], ["reckons"], ["insists"], ["insisted"], ["according", "to"], ["announced"], ["declared"], ["guessed", "i"], ["bet", "i"], ["swears", "i"], ["decided", "i", "am"], ["accused", "me"], ["called", "me"], ["calls", "me", "a"], ["you", "confirmed"], ["you", "previously"], ["you", "already"], ["you", "agreed"], ["you", "promised"], ["you", "remember", "that"], ["you", "know", "that"], ["you", "told"], ["you", "noted"], ["calls", "me", "an"],
        ["think", "i"], ["thought", "i"], ["convinced", "i"], ["believes"], ["assume", "i"], ["assumed", "i"], ["assumes", "i"], ["believe", "i"], ["joked"], ["wrote"], ["writes"], ["quote"], ["title", "says"], ["keeps", "saying"], ["kept", "saying"], ["goes", "like"], ["reads"],
    ];

    private static readonly string[][] Conditions =
    [
        ["if"], ["unless"], ["whether"], ["suppose"], ["supposing"], ["assuming"], ["assume"], ["hypothetically"], ["in", "case", "i"], ["what", "if"], ["let", "'s", "say"], ["lets", "say"], ["say", "i"], ["say", "we"], ["say", "my"], ["were", "i"], ["had", "i"],
        ["wish"], ["as", "though"], ["as", "if"], ["falls", "ich"], ["falls", "du"], ["falls", "es"], ["falls", "sie"], ["falls", "er"], ["falls", "wir"], ["falls", "der"], ["falls", "die"], ["falls", "das"], ["falls", "jemand"], ["falls", "man"], ["falls", "mein"], ["falls", "meine"], ["wenn", "ich"], ["si", "j'"], ["si", "je"], ["si", "yo"], ["si", "fuera"], ["if", "only"], ["once", "upon"], ["act", "like"], ["used", "to", "think"],
        ["when", "i", "was", "a", "kid"], ["when", "i", "was", "a", "child"], ["when", "i", "was", "a", "boy"], ["when", "i", "was", "a", "girl"], ["when", "i", "was", "a", "teenager"], ["when", "i", "was", "little"], ["when", "i", "was", "young"], ["when", "i", "was", "younger"], ["as", "a", "kid"], ["as", "a", "child"], ["als", "ich", "klein", "war"], ["als", "kind"], ["cuando", "era", "niño"], ["cuando", "era", "niña"], ["de", "niño"], ["de", "niña"], ["quand", "j'", "étais", "petit"], ["quand", "j'", "étais", "petite"],
    ];

    /// <summary>Conditions of politeness, which don't make the main clause conditional.</summary>
    private static readonly string[][] PoliteConditions =
    [
        ["if", "it", "helps"], ["if", "it", "matters"], ["if", "that", "matters"], ["if", "that", "helps"], ["if", "you", "must", "know"], ["if", "relevant"], ["if", "you", "need"], ["if", "you", "wonder"], ["if", "you", "were", "wondering"], ["if", "you", "want", "to", "know"], ["if", "it", "'s", "relevant"],
    ];

    public static (bool[] Blocked, bool[] Muted) Read(List<Token> tokens, List<Sentence> sentences)
    {
        var blocked = new bool[tokens.Count];
        var muted = new bool[tokens.Count];
        var above = 0;
        var riddle = 0;
        for (var s = 0; s < sentences.Count; s++)
        {
            var sentence = sentences[s];
            if (OpensPayload(tokens, sentence))
            {
                var handed = StartOfHandingOver(tokens, sentence);
                Fill(blocked, handed, tokens.Count);
                Fill(muted, handed, tokens.Count);
                break;
            }

            if (s > 0 && AsksAboutTheAbove(tokens, sentence))
            {
                Fill(blocked, above, sentence.End);
                Fill(muted, above, sentence.End);
                above = sentence.End;
            }

            if (Contains(tokens, sentence.First, sentence.End, Fiction) is var fiction and >= 0 && !(tokens[fiction].Lower == "imagine" && fiction > sentence.First && tokens[fiction - 1].Lower is "can" or "could" or "not"))
            {
                Fill(blocked, OpensTask(tokens, sentence) ? sentence.First : StartOfClause(tokens, sentence, fiction), tokens.Count);
                Fill(muted, sentence.First, tokens.Count);
                break;
            }

            if (CastsAssistant(tokens, sentence))
            {
                Fill(blocked, sentence.First, tokens.Count);
                Fill(muted, sentence.First, tokens.Count);
                break;
            }

            if (IsSarcastic(tokens, sentence))
            {
                Fill(blocked, sentence.First, sentence.End);
                continue;
            }

            if (sentence.IsQuestion && AsksWhoIAm(tokens, sentence))
            {
                // A riddle: all that was said before is part of it.
                Fill(blocked, riddle, sentence.End);
                riddle = sentence.End;
                continue;
            }

            if (Contains(tokens, sentence.First, sentence.End, Overrides) >= 0)
            {
                // Whoever tells the assistant to forget its orders does not get to say what comes instead.
                Fill(blocked, sentence.First, tokens.Count);
                Fill(muted, sentence.First, tokens.Count);
                break;
            }

            if (Contains(tokens, sentence.First, sentence.End, Injection) >= 0)
            {
                Fill(blocked, sentence.First, sentence.End);
                Fill(muted, sentence.First, sentence.End);
                continue;
            }

            BlockSentence(tokens, sentence, blocked);
        }

        return (blocked, muted);
    }

    /// <summary>Whether a phrase of the table stands in the range; the index of its first token, or -1.</summary>
    public static int Contains(List<Token> tokens, int first, int end, string[][] phrases)
    {
        for (var i = first; i < end; i++)
        {
            foreach (var phrase in phrases)
            {
                if (StartsWith(tokens, i, end, phrase))
                {
                    return i;
                }
            }
        }

        return -1;
    }

    public static int SkipFillers(List<Token> tokens, int first, int end)
    {
        var i = first;
        while (i < end - 1 && (tokens[i].Kind is TokenKind.Comma or TokenKind.Break || (Lexicon.Fillers.Contains(tokens[i].Lower) && !(tokens[i].Lower is "that" or "there" or "everyone"))))
        {
            i++;
        }

        return i;
    }

    public static bool OpensTask(List<Token> tokens, Sentence sentence)
    {
        var i = SkipFillers(tokens, sentence.First, sentence.End);
        while (i < sentence.End - 1 && tokens[i].Lower is "please" or "can" or "could" or "would" or "you" or "help" or "me" or "kannst" or "du" or "puedes" or "bitte" or "to" or "i" or "need" or "want" or "'d" or "like" or "let")
        {
            // "I need to write" is a task; "I write crime novels" is a life.
            if (tokens[i].Lower == "i" && i + 1 < sentence.End && (tokens[i + 1].Lower is "can" or "could" || i + 2 < sentence.End && tokens[i + 1].Lower == "would" && tokens[i + 2].Lower is "pick" or "choose" || Lexicon.TaskVerbs.Contains(tokens[i + 1].Lower)))
            {
                return false;
            }

            i++;
        }

        if (tokens[i].Lower == "give" && Contains(tokens, i, sentence.End, [["any", "day"], ["any", "time"], ["every", "time"], ["over", "anything"], ["over", "everything"], ["and", "i", "am", "happy"], ["and", "i", "am", "sorted"], ["and", "i", "am", "set"], ["and", "i", "am", "in", "heaven"], ["and", "i", "am", "yours"], ["and", "i", "am", "content"], ["and", "i", "will", "go", "for"], ["and", "i", "will", "work"], ["and", "i", "will", "listen"], ["and", "i", "will", "dance"], ["and", "i", "could"]]) >= 0)
        {
            // "Give me rain over sunshine any day" asks for nothing.
            return false;
        }

        if (tokens[i].Lower == "name" && i + 1 < sentence.End && tokens[i + 1].Lower is "is" or "'s" or ":")
        {
            return false;
        }

        return Lexicon.TaskVerbs.Contains(tokens[i].Lower);
    }

    private static void BlockSentence(List<Token> tokens, Sentence sentence, bool[] blocked)
    {
        var conditionEnd = -1;
        var asking = false;
        var clauseStart = true;
        var lastComma = sentence.First;
        var questionSeen = false;
        for (var i = sentence.First; i < sentence.End; i++)
        {
            var token = tokens[i];
            if (token.Kind is TokenKind.Comma or TokenKind.Break)
            {
                clauseStart = true;
                lastComma = i;
                if (conditionEnd == i)
                {
                    conditionEnd = -1;
                }

                if (asking && token.Text is ";" or ":" or ")")
                {
                    asking = false;
                }

                continue;
            }

            if (conditionEnd < i && ConditionAt(tokens, i, sentence.End))
            {
                conditionEnd = NextComma(tokens, i, sentence.End);
            }

            if (clauseStart && i == SkipFillers(tokens, i, sentence.End) && IsQuestionStart(tokens, i, sentence))
            {
                asking = true;
                questionSeen = true;
            }
            else if (asking && token.Lower is "since" or "because" or "given" or "considering")
            {
                asking = false;
            }
            else if (asking && clauseStart && tokens[lastComma].Kind == TokenKind.Comma && token.Lower is "i" && i + 1 < sentence.End && !sentence.IsQuestion)
            {
                asking = false;
            }

            blocked[i] |= asking || conditionEnd > i;
            // "3 May is my birthday" and "41 is my age" ask nothing.
            clauseStart = clauseStart && (Lexicon.Fillers.Contains(token.Lower) || !token.IsWord)
                || token.Lower is "and" or "so" or "but" or "because";
        }

        if (sentence.IsQuestion && !questionSeen)
        {
            BlockLastSegment(tokens, sentence, lastComma, blocked);
        }

        if (Contains(tokens, sentence.First, sentence.End, Reported) is var reported and >= 0 && !(tokens[reported].Lower == "said" && reported > sentence.First + 1 && tokens[reported - 1].Lower == "have" && tokens[reported - 2].Lower is "should" or "could" or "might") && !(reported > sentence.First + 1 && tokens[reported].Lower == "called" && tokens[reported - 1].Lower == "you" && tokens[reported - 2].Lower is "rather" or "prefer" or "if") && !(reported > sentence.First && reported + 2 < sentence.End && tokens[reported].Lower == "called" && tokens[reported + 2].IsCapitalised && tokens[reported - 1].Lower is "parents" or "mum" or "mom" or "mother" or "dad" or "father" or "family" or "folks") && !(reported > sentence.First && tokens[reported - 1].Lower is "nobody" or "never" or "one" && tokens[reported].Lower is "warned" or "told" or "informed") && !IsWhatOneIsCalled(tokens, reported, sentence.End))
        {
            Fill(blocked, IsTagOfSpeech(tokens, sentence, reported) ? sentence.First : reported, OwnWordsAfter(tokens, sentence.First, reported, sentence.End));
        }

        if (OpensTask(tokens, sentence))
        {
            var colon = sentence.First;
            while (colon < sentence.End && tokens[colon].Lower is not (":" or "because" or "since" or ";" or "-" or "\u2014" or "\u2013" or "but"))
            {
                colon++;
            }

            var subject = NextSubjectAfterComma(tokens, sentence);
            Fill(blocked, sentence.First, colon < sentence.End && tokens[colon].Text == ":" && !GivesReason(tokens, sentence, colon) ? sentence.End : Math.Min(colon, subject));
        }
    }

    /// <summary>"Everyone says Bat": what somebody is called.</summary>
    private static bool IsWhatOneIsCalled(List<Token> tokens, int verb, int end) => tokens[verb].Lower is "says" or "said" && verb > 0 && tokens[verb - 1].Lower is "everyone" or "everybody" or "nobody" && verb + 1 < end && tokens[verb + 1].IsCapitalised && (verb + 2 >= end || !tokens[verb + 2].IsWord);

    /// <summary>"..., says the report": who said it stands behind what was said.</summary>
    private static bool IsTagOfSpeech(List<Token> tokens, Sentence sentence, int verb) =>
        verb > sentence.First + 1 && verb + 1 < sentence.End && sentence.End - verb < 8 && !Lexicon.Family.Contains(tokens[sentence.First].Lower) && tokens[verb - 1].Kind == TokenKind.Comma && tokens[verb].Lower is "says" or "said" or "writes" or "wrote" or "claims" or "claimed" or "according"
        && !(tokens[verb + 1].Lower is "i" or "we" or "that" or "it" or "he" or "she" or "they");

    /// <summary>Where the user speaks for themselves again: "my passport says Aleksandra but I go by Ola".</summary>
    private static int OwnWordsAfter(List<Token> tokens, int first, int reported, int end)
    {
        if (reported + 2 < end && tokens[reported + 1].Kind == TokenKind.Comma && Contains(tokens, first, reported, [["that", "is", "what"], ["that", "'s", "what"]]) >= 0)
        {
            // "That's what my uncle says, he owns a café": what was said stands before.
            return reported + 1;
        }

        for (var i = reported; i + 1 < end; i++)
        {
            if (tokens[i].Lower == "but" && tokens[i + 1].Lower is "i" or "we" or "my" or "it" or "everyone" or "everybody" or "people" or "friends" or "call")
            {
                return i;
            }
        }

        return end;
    }

    /// <summary>Where an independent clause about the user follows a request: "write it short, I'm a nurse".</summary>
    private static int NextSubjectAfterComma(List<Token> tokens, Sentence sentence)
    {
        for (var i = sentence.First; i + 2 < sentence.End; i++)
        {
            if (tokens[i].Kind == TokenKind.Comma && tokens[i + 1].Lower is "i" or "we" or "my" && tokens[i + 2].Lower is not ("would" or "will"))
            {
                return i;
            }
        }

        return sentence.End;
    }

    /// <summary>A question without a question word asks with its last part: "I'm vegan, recommendations?"</summary>
    private static void BlockLastSegment(List<Token> tokens, Sentence sentence, int lastComma, bool[] blocked)
    {
        var isTag = sentence.End - lastComma <= 3 && lastComma > sentence.First && tokens[sentence.End - 1].Lower is "right" or "ok" or "okay" or "remember" or "know" or "eh" or "no";
        if (!isTag)
        {
            Fill(blocked, lastComma > sentence.First ? lastComma : sentence.First, sentence.End);
        }
    }

    private static bool IsQuestionStart(List<Token> tokens, int i, Sentence sentence)
    {
        var word = tokens[i].Lower;
        if (!Lexicon.Questions.Contains(word) || (i > sentence.First && tokens[i - 1].Lower == "ich"))
        {
            // "Ich will im Herbst ..." asks nothing.
            return false;
        }

        var next = i + 1 < sentence.End ? tokens[i + 1].Lower : "";
        return word switch
        {
            "who" or "which" or "where" or "when" or "wo" or "wie" => (sentence.IsQuestion || i == SkipFillers(tokens, sentence.First, sentence.End)) && (sentence.IsQuestion || Lexicon.Auxiliaries.Contains(next) || next == "'s"),
            "what" => next is not ("i" or "a") && !(i > sentence.First && tokens[i - 1].Lower == "guess"),
            "have" when next is "a" or "an" or "two" or "three" or "got" => false,
            "am" or "are" or "have" or "had" or "do" or "did" or "was" or "were" or "has" => sentence.IsQuestion || (next is "i" or "you" or "we" or "they" or "there" or "it" or "he" or "she" or "these" or "those" or "the" or "any" or "people"),
            "is" or "does" => true,
            "can" when next == "not" && i + 2 < sentence.End && tokens[i + 2].Lower is "stand" or "bear" or "abide" or "stomach" => false,
            "should" when next is "you" or "have" && !sentence.IsQuestion => false,
            "might" or "will" or "may" or "shall" or "should" or "would" or "could" or "can" => next is not "not" || sentence.IsQuestion,
            "es" or "qui" or "gibt" or "ist" or "hay" or "est" or "sind" or "worth" or "possible" or "est-ce" or "soll" or "quel" => sentence.IsQuestion,
            "anything" or "everything" when next is "with" or "containing" && !sentence.IsQuestion => false,
            "any" when next is "day" or "time" && !sentence.IsQuestion => false,
            "any" => sentence.IsQuestion || tokens.FindIndex(i, Math.Min(10, sentence.End - i), token => token.Lower is "should" or "must" or "has" or "have" or "needs" or "need" or "time") < 0,
            "recommend" or "recommendations" or "thoughts" or "ideas" or "tips" or "suggestions" or "advice" or "anyone" or "anybody" or "anything" => true,
            _ => true,
        };
    }

    private static bool ConditionAt(List<Token> tokens, int i, int end)
    {
        foreach (var phrase in PoliteConditions)
        {
            if (StartsWith(tokens, i, end, phrase))
            {
                return false;
            }
        }

        foreach (var phrase in Conditions)
        {
            if (StartsWith(tokens, i, end, phrase))
            {
                return true;
            }
        }

        return false;
    }

    private static int NextComma(List<Token> tokens, int i, int end)
    {
        var comma = i;
        while (comma < end && tokens[comma].Kind is not (TokenKind.Comma or TokenKind.Break))
        {
            comma++;
        }

        for (var j = comma; j < end; j++)
        {
            if (tokens[j].Lower is "would" or "could" or "w\u00FCrde" or "might")
            {
                return end;
            }
        }

        return tokens[i].Lower is "if" or "unless" or "whether" or "wish" or "wenn" or "falls" or "as" or "in" ? comma : end;
    }

    private static int StartOfClause(List<Token> tokens, Sentence sentence, int at)
    {
        while (at > sentence.First && tokens[at - 1].Kind is not (TokenKind.Comma or TokenKind.Break))
        {
            at--;
        }

        return at;
    }

    private static bool StartsWith(List<Token> tokens, int at, int end, string[] phrase)
    {
        if (at + phrase.Length > end)
        {
            return false;
        }

        for (var k = 0; k < phrase.Length; k++)
        {
            if (tokens[at + k].Lower != phrase[k])
            {
                return false;
            }
        }

        return true;
    }

    private static void Fill(bool[] blocked, int start, int end)
    {
        for (var i = start; i < end; i++)
        {
            blocked[i] = true;
        }
    }
}

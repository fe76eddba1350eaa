namespace MemoryMesh.Memory.Extraction;

/// <summary>
/// Reads a message that is no sentence but the answer to what the assistant just asked: "Antwerp" after "Where are you based?". The question only tells
/// which attribute is answered; the value is the user's own words.
/// </summary>
internal sealed class AnswerReader
{
    private const int MaxWords = 14;
    private const int MaxQuestion = 2_000;

    private static readonly Topic[] Topics =
    [
        new("name", "User's name is {0}.", "name", true, "name", [["your", "name"], ["what", "name"], ["which", "name"], ["call", "you"], ["am", "i", "speaking"], ["am", "i", "talking"], ["goes", "by"]]),
        new("employer", "User works at {0}.", "employer", true, "org", [["where", "do", "you", "work"], ["who", "do", "you", "work"], ["which", "company"], ["what", "company"], ["your", "employer"], ["your", "company"]]),
        new("profession", "User is {a}.", "profession", true, "words", [["for", "a", "living"], ["your", "job"], ["your", "profession"], ["your", "occupation"], ["line", "of", "work"], ["your", "role"], ["what", "do", "you", "do"], ["your", "line"], ["field", "are", "you"], ["kind", "of", "work"]]),
        new("location", "User is from {0}.", "origin", true, "place", [["grow", "up"], ["you", "born", "in"], ["were", "you", "raised"], ["originally", "from"], ["your", "hometown"], ["your", "home", "town"]]),
        new("interest", "User plays {0}.", "plays", false, "items", [["which", "instrument"], ["what", "instrument"], ["instrument", "do", "you"], ["which", "sport"], ["what", "sport"], ["do", "you", "play"]]),
        new("location", "User lives in {0}.", "location", true, "place", [["are", "you", "based"], ["do", "you", "live"], ["are", "you", "located"], ["your", "location"], ["whereabouts", "are", "you"], ["which", "city"], ["what", "city"], ["which", "town"], ["which", "country"], ["what", "country"], ["where", "are", "you"], ["in", "the", "world"], ["your", "area"], ["your", "city"], ["based", "in"]]),
        new("other", "User is {0} years old.", "age", true, "age", [["how", "old", "are", "you"], ["your", "age"]]),
        new("date", "User's birthday is {0}.", "date:birthday", true, "date", [["your", "birthday"], ["were", "you", "born"], ["date", "of", "birth"]]),
        new("constraint", "User cannot have {0}.", "avoids", false, "items", [["allergies"], ["allergic"], ["intolerances"], ["dietary"], ["can", "not", "eat"], ["should", "avoid"], ["need", "to", "avoid"], ["off", "limits"], ["foods", "to", "avoid"], ["you", "avoid"], ["not", "eat"]]),
        new("dislike", "User does not like {0}.", "dislikes", false, "items", [["dislike"], ["dislikes"], ["do", "not", "like"], ["hate"]]),
        new("language", "User is learning {0}.", "learning", false, "items", [["language", "are", "you"], ["are", "you", "learning"], ["language", "do", "you", "want"], ["learning", "which"]]),
        new("language", "User speaks {0}.", "language", false, "items", [["languages", "do", "you"], ["language", "do", "you", "speak"], ["native", "language"], ["mother", "tongue"], ["first", "language"]]),
        new("constraint", "User's budget is {0}.", "budget", true, "words", [["your", "budget"], ["want", "to", "spend"], ["like", "to", "spend"], ["a", "budget"]]),
        new("possession", "User has {0}.", "possession", false, "words", [["which", "phone"], ["what", "phone"], ["which", "laptop"], ["what", "laptop"], ["which", "car"], ["what", "car"], ["model"], ["what", "device"], ["which", "device"], ["do", "you", "drive"], ["what", "camera"], ["which", "camera"], ["which", "bike"], ["what", "bike"], ["which", "printer"], ["what", "printer"], ["any", "equipment"], ["what", "equipment"], ["which", "console"], ["what", "kind", "of", "car"], ["any", "pets"], ["have", "pets"]]),
        new("constraint", "User uses {0}.", "uses", false, "words", [["operating", "system"], ["which", "os"], ["what", "os"], ["which", "distro"], ["which", "editor"], ["what", "editor"], ["which", "programming"], ["what", "programming"], ["do", "you", "use"], ["are", "you", "using"], ["do", "you", "work", "with"], ["do", "you", "code", "in"]]),
        new("goal", "User's goal is: {0}.", "goal", false, "words", [["your", "goal"], ["your", "aim"], ["hoping", "to", "achieve"], ["working", "towards"], ["training", "for"], ["your", "target"], ["your", "goals"]]),
        new("preference", "User likes {0}.", "likes", false, "items", [["do", "you", "enjoy"], ["do", "you", "like"], ["your", "favourite"], ["your", "favorite"], ["genre"], ["genres"], ["do", "you", "prefer"], ["are", "you", "into"], ["kind", "of", "music"], ["your", "taste"], ["your", "hobbies"], ["your", "interests"], ["spare", "time"], ["free", "time"], ["for", "fun"], ["cuisine"], ["do", "you", "love"]]),
        new("relationship", "User's {pet} is named {0}.", "relationship", false, "name", [["dog's", "name"], ["cat's", "name"], ["'s", "name"], ["her", "name"], ["his", "name"], ["their", "name"]]),
    ];

    private readonly MessageContext _context;
    private readonly List<Token> _question;

    private AnswerReader(MessageContext context, List<Token> question)
    {
        _context = context;
        _question = question;
    }

    /// <summary>Reads the first sentence of a message as an answer.</summary>
    /// <param name="context">The message.</param>
    /// <param name="question">What the assistant wrote before it.</param>
    /// <param name="output">Receives the candidates; none when the message is no short answer or the question asks for no known attribute.</param>
    public static void Read(MessageContext context, string question, List<MemoryCandidate> output)
    {
        if (context.Sentences.Count == 0 || context.Sentences[0].IsQuestion || !question.Contains('?', StringComparison.Ordinal))
        {
            return;
        }

        var asked = new MessageContext(question.Length > MaxQuestion ? question[^MaxQuestion..] : question);
        for (var s = asked.Sentences.Count - 1; s >= 0; s--)
        {
            if (asked.Sentences[s].IsQuestion)
            {
                var words = asked.Tokens[asked.Sentences[s].First..asked.Sentences[s].End];
                if (!QuestionFrame.IsOfTask(words))
                {
                    // "What do you usually like?" asks what "what do you like?" asks.
                    words.RemoveAll(word => QuestionFrame.IsAside(word.Lower));
                    new AnswerReader(context, words).Read(output);
                }

                return;
            }
        }
    }

    private void Read(List<MemoryCandidate> output)
    {
        var tokens = _context.Tokens;
        var sentence = _context.Sentences[0];
        var agrees = tokens[sentence.First].Lower is "yes" or "yep" or "yeah" or "yup" or "correct" or "indeed" or "exactly" or "definitely" or "absolutely";
        var first = sentence.First;
        while (first < sentence.End - 1 && (tokens[first].Kind is TokenKind.Comma or TokenKind.Break || Lexicon.Fillers.Contains(tokens[first].Lower) || Lexicon.Adverbs.Contains(tokens[first].Lower) || tokens[first].Lower is "it" or "is" or "'s" or "in" or "at" or "probably" or "mostly" or "just" or "my" or "name" or "from" or "near" or "about" or "around" or "roughly" or "for" or "to" or "that" or "would" or "be" or "definitely"))
        {
            first++;
        }

        if (ReadHaving(first, sentence, output) || ReadLacking(sentence, output) || (agrees && ReadAgreement(sentence, output)))
        {
            return;
        }

        if (agrees && first > sentence.First && tokens[first].Kind == TokenKind.Word && !Lexicon.Subjects.Contains(tokens[first].Lower) && tokens.FindIndex(sentence.First, first - sentence.First, token => token.Kind == TokenKind.Comma) >= 0)
        {
            // "Yeah, sesame": what is there stands behind the yes.
            agrees = false;
        }

        if (agrees || sentence.End - first > MaxWords || _context.Blocked[first] || tokens[first].Lower is "no" && !(first + 1 < sentence.End && Gate.Contains(_question, 0, _question.Count, [["dietary"], ["allergies"], ["avoid"], ["restrictions"], ["requirements"], ["eat"]]) >= 0 && tokens[first + 1].Lower is not ("allergies" or "none" or "restrictions" or "requirements" or "problem")) || tokens[first].Lower is "none" or "nothing" or "not" or "nope" or "never" or "why" or "what" or "how" or "can" or "could" or "please" or "do" or "dunno" or "any" or "whatever" or "anything" or "either" or "depends" or "skip" or "this" or "let" or "you" or "i" or "we" or "the" && tokens[first].Lower != "the"
            || Lexicon.TaskVerbs.Contains(tokens[first].Lower))
        {
            return;
        }

        // "Hiking, and I collect maps": the answer ends where a sentence begins.
        for (var i = first; i < sentence.End; i++)
        {
            if (Lexicon.Subjects.Contains(tokens[i].Lower) && (i == first || tokens[i - 1].Lower is "," or "and" or "so"))
            {
                sentence = sentence with { End = Math.Max(first, i - 1) };
                break;
            }
        }

        while (sentence.End > first && !tokens[sentence.End - 1].IsWord)
        {
            sentence = sentence with { End = sentence.End - 1 };
        }

        if (sentence.End <= first)
        {
            return;
        }

        if (ReadDoing(first, sentence, output))
        {
            return;
        }

        if (first + 2 < sentence.End && tokens[first].Lower is "me" or "us" && tokens[first + 1].Lower is "plus" or "and" or "with" && Gate.Contains(_question, 0, _question.Count, [["how", "many"], ["how", "big"], ["who"]]) >= 0)
        {
            var facts = new FactReader(new MessageContext("I have " + _context.Text[tokens[first + 2].Start..tokens[(tokens.FindIndex(first + 2, sentence.End - first - 2, token => token.Kind == TokenKind.Comma) is var comma and > 0 ? comma : sentence.End) - 1].End], _context.Effort), []).Read();
            output.AddRange(facts.Select(fact => fact with { Quote = _context.Quote(first, sentence.End), Confidence = 0.65 }));
            ReadSecond(first, sentence, output);
            return;
        }

        foreach (var topic in Topics)
        {
            if (Gate.Contains(_question, 0, _question.Count, topic.Phrases) < 0 || (topic.Slot == "profession" && AsksOfPastime()))
            {
                continue;
            }

            Answer(topic, first, sentence, output);
            ReadSecond(first, sentence, output);
            return;
        }
    }

    /// <summary>"What do you do for fun?", "what do you do at the computer?": no trade is asked for.</summary>
    private bool AsksOfPastime() => Gate.Contains(_question, 0, _question.Count, [["what", "do", "you", "do"]]) is var asked and >= 0 && asked + 5 < _question.Count && _question[asked + 4].Lower is "for" or "at" or "on" or "with" or "in" or "after" && !(_question[^1].Lower is "living" or "work" or "job" or "money" or "day");

    /// <summary>"What do you shoot, mostly?" "Fungi": what is asked for is the object of a verb of doing.</summary>
    private bool ReadDoing(int first, Sentence sentence, List<MemoryCandidate> output)
    {
        var asked = Gate.Contains(_question, 0, _question.Count, [["what", "do", "you"]]);
        if (asked < 0 || asked + 3 >= _question.Count || sentence.End - first > 5 || !Doings.Contains(_question[asked + 3].Lower) || (asked + 4 < _question.Count && _question[asked + 4].IsWord && !Lexicon.Adverbs.Contains(_question[asked + 4].Lower)))
        {
            return false;
        }

        var verb = _question[asked + 3].Lower;
        Add(new Topic("interest", $"User {Morphology.ThirdPerson(verb)} {{0}}.", "hobby:" + verb, false, "words", []), first, sentence.End, sentence, output);
        return true;
    }

    private static readonly HashSet<string> Doings = ["shoot", "photograph", "cook", "bake", "paint", "draw", "collect", "grow", "make", "build", "sew", "knit", "brew", "carve", "read", "watch", "play", "teach", "study", "ride", "drive", "restore", "record", "write", "farm", "keep", "sell", "sing", "dance"];

    /// <summary>"How old are you, and do you have any equipment?" "37, and just a kettlebell": the second question is answered behind the first comma.</summary>
    private void ReadSecond(int first, Sentence sentence, List<MemoryCandidate> output)
    {
        var tokens = _context.Tokens;
        var at = tokens.FindIndex(first, sentence.End - first, token => token.Kind == TokenKind.Comma);
        while (at > 0 && at < sentence.End - 1 && (!tokens[at].IsWord || tokens[at].Lower is "and" || Lexicon.Adverbs.Contains(tokens[at].Lower)))
        {
            at++;
        }

        if (at > 0 && at < sentence.End && !ReadHaving(at, sentence, output) && Array.Find(Topics, topic => topic.Slot == "location") is { } town && Gate.Contains(_question, 0, _question.Count, town.Phrases) > 0
            && !output.Exists(fact => fact.SlotKey == "location") && _context.Tokens[at].IsCapitalised)
        {
            // "How many of you, and which town?" "Me plus two kids, Ulm".
            Answer(town, at, sentence, output);
        }
    }

    /// <summary>"Do you have a car?" "No, just a bike": what is not there, and what is.</summary>
    private bool ReadLacking(Sentence sentence, List<MemoryCandidate> output)
    {
        var tokens = _context.Tokens;
        if (!(tokens[sentence.First].Lower is "no" or "nope" or "nah") || Gate.Contains(_question, 0, _question.Count, [["do", "you", "have"], ["do", "you", "own"], ["have", "you", "got"]]) is not (var asked and >= 0))
        {
            return false;
        }

        for (var i = asked + 3; i < Math.Min(_question.Count, asked + 8); i++)
        {
            var word = _question[i].Lower;
            if (word is "or" or "and")
            {
                return false;
            }

            if (Lexicon.Vehicles.Contains(word) || Lexicon.Homes.Contains(word) || Lexicon.Pets.Contains(word) || Lexicon.Family.Contains(word) || Lexicon.Devices.Contains(word) || word is "siblings" or "licence" or "license" or "tv")
            {
                output.Add(new MemoryCandidate
                {
                    Operation = CandidateOperation.Add,
                    Text = $"User has no {word}.",
                    Category = "constraint",
                    SlotKey = "lacks:" + word,
                    Quote = _context.Quote(sentence.First, sentence.End),
                    Confidence = 0.7,
                    Importance = FactWriter.ImportanceOf("constraint"),
                });
                ReadSecond(sentence.First, sentence, output);
                return true;
            }
        }

        return false;
    }

    private void Answer(Topic topic, int first, Sentence sentence, List<MemoryCandidate> output)
    {
        var type = topic.Type switch { "words" => "np", "items" => "list", var other => other };
        var end = SlotReader.Read(_context, type, first, sentence.End, [], out var start);
        if (end < 0 && topic.Type is "place" or "org" && _context.IsLowerCase)
        {
            end = SlotReader.Read(_context, "np", first, sentence.End, [], out start);
        }

        if (end < 0)
        {
            return;
        }

        if (topic.Type != "items")
        {
            Add(topic, start, end, sentence, output);
            return;
        }

        foreach (var (itemFirst, itemEnd) in SlotReader.Items(_context, start, end, splitPairs: true))
        {
            if (_context.Tokens[itemFirst].Kind == TokenKind.Number || SlotReader.NumberWord(_context.Tokens[itemFirst].Lower) || _context.Tokens[itemFirst].Lower is "take" or "so" or "about" or "roughly" or "since" or "for")
            {
                // "Bassoon, twenty years give or take": for how long is no second answer.
                break;
            }

            var item = _context.Tokens[itemFirst].Lower is "no" or "not" && itemEnd - itemFirst > 1 ? itemFirst + 1 : itemFirst;
            Add(topic, item, itemEnd, sentence, output);
        }
    }

    private void Add(Topic topic, int first, int end, Sentence sentence, List<MemoryCandidate> output)
    {
        var value = _context.Render(first, end);
        if (SensitiveText.IsSecret(_context.Tokens, first, end) || SensitiveText.IsPrivate(_context.Tokens, first, end))
        {
            return;
        }

        var pet = "pet";
        foreach (var word in _question)
        {
            pet = Lexicon.Pets.Contains(word.Lower) || Lexicon.Family.Contains(word.Lower) ? word.Lower : pet;
        }

        output.Add(new MemoryCandidate
        {
            Operation = CandidateOperation.Add,
            Text = topic.Template.Replace("{0}", value, StringComparison.Ordinal).Replace("{a}", Morphology.WithArticle(value), StringComparison.Ordinal).Replace("{pet}", pet, StringComparison.Ordinal),
            Category = topic.Category,
            SlotKey = topic.IsSingle ? topic.Slot : $"{topic.Slot}:{FactWriter.Key(value)}",
            SingleValued = topic.IsSingle,
            Quote = _context.Quote(first, Math.Min(end, sentence.End)),
            Confidence = 0.7,
            Importance = FactWriter.ImportanceOf(topic.Category),
        });
    }

    /// <summary>"Do you have any pets?" "Yeah, a husky named Bolt": what is there, as the rules would read it after "I have".</summary>
    private bool ReadHaving(int first, Sentence sentence, List<MemoryCandidate> output)
    {
        var tokens = _context.Tokens;
        if (Gate.Contains(_question, 0, _question.Count, [["do", "you", "have"], ["have", "you", "got"], ["you", "already", "own"], ["you", "already", "have"], ["you", "own"], ["you", "have", "already"], ["any", "pets"], ["any", "kids"], ["any", "children"], ["any", "siblings"]]) < 0 || !(tokens[first].Lower is "a" or "an" or "one" || tokens[first].Kind == TokenKind.Number || SlotReader.NumberWord(tokens[first].Lower)))
        {
            return false;
        }

        var facts = new FactReader(new MessageContext("I have " + _context.Text[tokens[first].Start..tokens[sentence.End - 1].End], _context.Effort), []).Read();
        output.AddRange(facts.Select(fact => fact with { Quote = _context.Quote(first, sentence.End), Confidence = 0.65 }));
        return facts.Count > 0;
    }

    /// <summary>"Are you vegetarian?" "Yes": what was asked, said of the user, as the rules would read it.</summary>
    private bool ReadAgreement(Sentence sentence, List<MemoryCandidate> output)
    {
        if (_question.Count < 3 || _question[1].Lower != "you" || _question[0].Lower is not ("are" or "do" or "have") || _question.Exists(token => token.Lower is "any" or "or"))
        {
            return false;
        }

        var said = (_question[0].Lower == "are" ? "I am " : _question[0].Lower == "have" ? "I have " : "I ") + string.Join(' ', _question.Skip(2).Select(token => token.Text));
        var facts = new FactReader(new MessageContext(said, _context.Effort), []).Read();
        foreach (var fact in facts)
        {
            output.Add(fact with { Quote = _context.Quote(sentence.First, sentence.End), Confidence = 0.65 });
        }

        return facts.Count > 0;
    }

    /// <param name="Category">Category of the answer.</param>
    /// <param name="Template">Its sentence; <c>{0}</c> is the value, <c>{a}</c> has an article.</param>
    /// <param name="Slot">Its attribute.</param>
    /// <param name="IsSingle">Whether it has one value.</param>
    /// <param name="Type">Slot type of the value.</param>
    /// <param name="Phrases">What a question holds that asks for it.</param>
    private sealed record Topic(string Category, string Template, string Slot, bool IsSingle, string Type, string[][] Phrases);
}

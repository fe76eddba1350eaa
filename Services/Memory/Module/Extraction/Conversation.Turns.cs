namespace MemoryMesh.Memory.Extraction;

/// <content>Turns of phrase by which what was told before ends or becomes something else: "packed it in", "gone over to decaf", "it's all swimming now".</content>
internal sealed partial class Conversation
{
    private static readonly string[][] GivenUp =
    [
        ["packed", "it", "in"], ["packed", "that", "in"], ["packing", "it", "in"], ["jacked", "it", "in"], ["knocked", "it", "on", "the", "head"], ["knocked", "that", "on", "the", "head"], ["called", "it", "a", "day"], ["called", "it", "quits"], ["threw", "in", "the", "towel"], ["thrown", "in", "the", "towel"],
        ["given", "it", "up"], ["given", "up"], ["gave", "up"], ["giving", "up"], ["fell", "through"], ["fallen", "through"], ["did", "not", "work", "out"], ["lost", "interest"], ["pulled", "out"], ["pulled", "the", "plug"], ["bailed"], ["scrapped"], ["shelved"], ["is", "off"], ["'s", "off"], ["is", "cancelled"], ["'s", "cancelled"], ["got", "cancelled"], ["not", "happening"],
        ["put", "paid", "to"], ["abandoned"], ["dropped", "the", "idea"], ["dropped", "the", "plan"], ["no", "longer", "on"],
    ];

    private static readonly string[][] Nowadays = [["now"], ["nowadays"], ["these", "days"], ["instead"], ["from", "now", "on"], ["lately"]];

    /// <summary>Words between a verb of change and what it leads to: "gone fully over to".</summary>
    private static bool IsBetween(string word) => word is "over" or "across" or "fully" or "full" or "all" or "completely" or "entirely" or "properly" or "back" or "up" or "down" or "on" or "the" or "whole" or "hog" or "way" or "round" or "around" || Lexicon.Adverbs.Contains(word);

    /// <summary>Reads sentences nothing else was read in as turns of what was told before.</summary>
    private void ReadTurns(List<MemoryCandidate> output)
    {
        if (_previous.Count == 0)
        {
            return;
        }

        for (var s = 0; s < Math.Min(_context.Sentences.Count, MaxReferences); s++)
        {
            var sentence = _context.Sentences[s];
            var quote = _context.Quote(sentence.First, sentence.End);
            if (sentence.IsQuestion || _context.Muted[sentence.First])
            {
                continue;
            }

            if (output.Exists(fact => fact.Quote.Overlaps(quote)))
            {
                // "I've traded the Singer in for a Pfaff" was read as news, and is a change of what was told.
                var read = output.FindAll(fact => fact.Quote.Overlaps(quote));
                if (read.TrueForAll(fact => fact.Category is "event" or "possession" && fact.Operation != CandidateOperation.Delete) && ReadReplacedBy(sentence, output))
                {
                    output.RemoveAll(read.Contains);
                }

                continue;
            }

            if (!ReadReplacedBy(sentence, output) && !ReadTurnedTo(sentence, output))
            {
                ReadGivenUp(sentence, output);
            }
        }
    }

    /// <summary>"Traded coffee for tea", "ditched the gym in favour of the pool": the one was told of and the other takes its place.</summary>
    private bool ReadReplacedBy(Sentence sentence, List<MemoryCandidate> output)
    {
        for (var i = sentence.First; i + 3 < sentence.End; i++)
        {
            if (!(Tokens[i].Lower is "swapped" or "ditching" or "swapping" or "replacing" or "traded" or "ditched" or "dropped" or "exchanged" or "replaced" or "left" or "binned" or "chucked" or "sold" or "gave" or "given" or "abandoned") || !IsOwnVerb(i, sentence))
            {
                continue;
            }

            var joint = Tokens.FindIndex(i + 2, Math.Min(6, sentence.End - i - 2), token => token.Lower is "for" or "with" or "in");
            if (joint > 0 && Tokens[joint].Lower == "in")
            {
                joint = joint + 2 < sentence.End && Tokens[joint + 1].Lower is "favour" or "favor" or "exchange" ? joint + 2 : joint + 1 < sentence.End && Tokens[joint + 1].Lower == "for" ? joint + 1 : Tokens.FindIndex(joint + 1, Math.Min(6, sentence.End - joint - 1), token => token.Lower == "for");
            }

            if (joint < 0 || joint + 1 >= sentence.End || Left(i + 1, joint) is not { Count: > 0 } told || ValueAt(joint + 1, sentence) is not (var end and > 0))
            {
                continue;
            }

            Turn(told, joint + 1, end, sentence, output);
            return true;
        }

        return false;
    }

    /// <summary>What is left for something else: named, or meant by "it".</summary>
    private List<MemoryCandidate> Left(int first, int end) =>
        Tokens[first].Lower is not ("it" or "them" or "that" or "mine") ? Spoken(first, end)
        : (Earlier.FindLast(fact => fact.Category == "possession") ?? Earlier.FindLast(IsPastime)) is { } last ? [last] : [];

    /// <summary>"Gone over to decaf", "gone full vegan", "it's all open water swimming now".</summary>
    private bool ReadTurnedTo(Sentence sentence, List<MemoryCandidate> output)
    {
        for (var i = sentence.First; i + 2 < sentence.End; i++)
        {
            var value = ValueOfTurn(i, sentence) is var told0 and >= 0 ? told0 : ValueBesideGoneOff(i, sentence, output);
            if (value < 0 || ValueAt(value, sentence) is not (var end and > 0))
            {
                continue;
            }

            if (output.FindIndex(fact => fact.Operation == CandidateOperation.Update && fact.Text.StartsWith("User has gone off ", StringComparison.Ordinal)) is var off and >= 0)
            {
                // "I've gone off espresso. It's all flat whites now": one change, told in two sentences.
                output[off] = output[off] with { Text = $"User has turned to {_context.Render(value, end)}." };
                return true;
            }

            var told = Earlier.FindAll(fact => IsOfKind(fact, value, end));
            if (told.Count == 0)
            {
                told = OutOfUse(sentence);
            }

            if (told.Count == 0 && Earlier.FindLast(IsPastime) is { } last)
            {
                told = [last];
            }

            if (told.Count == 0 && (Tokens[i].Lower == "it" || output.Exists(fact => fact.Operation != CandidateOperation.Add)))
            {
                // What it takes the place of has ended in another sentence.
                output.Add(new MemoryCandidate { Operation = CandidateOperation.Add, Text = $"User has turned to {_context.Render(value, end)}.", Category = "preference", SlotKey = "likes:" + FactWriter.Key(_context.Render(value, end)), Quote = _context.Quote(sentence.First, end), Confidence = 0.65, Importance = FactWriter.ImportanceOf("preference") });
                return true;
            }

            if (told.Count == 0)
            {
                return false;
            }

            Turn(told, value, end, sentence, output);
            return true;
        }

        return false;
    }

    /// <summary>"I've gone off pineapple. It's mushrooms on my pizza now", "medium for me these days": beside what was gone off, the plain form tells what took its place.</summary>
    private int ValueBesideGoneOff(int at, Sentence sentence, List<MemoryCandidate> output)
    {
        if (_context.Blocked[at] || !output.Exists(fact => fact.Operation == CandidateOperation.Update && fact.Text.StartsWith("User has gone off ", StringComparison.Ordinal) && fact.Quote.Start < Tokens[at].Start))
        {
            return -1;
        }

        if (Tokens[at].Lower == "it" && Tokens[at + 1].Lower is "is" or "'s" && !Lexicon.Pronouns.Contains(Tokens[at + 2].Lower) && Tokens[at + 2].Lower is not ("a" or "the" or "not" or "too" or "so" or "just" or "good" or "fine") && Gate.Contains(Tokens, at + 2, sentence.End, Nowadays) > at + 2)
        {
            return at + 2;
        }

        return at == sentence.First && !Lexicon.Pronouns.Contains(Tokens[at].Lower) && Gate.Contains(Tokens, at + 1, sentence.End, [["for", "me"], ["for", "us"]]) is var me and > 0 && me <= at + 5 && Gate.Contains(Tokens, me + 2, sentence.End, Nowadays) == me + 2 ? at : -1;
    }

    /// <summary>Where the value of a turn begins that a word opens; -1 when it opens none.</summary>
    private int ValueOfTurn(int at, Sentence sentence)
    {
        if (_context.Blocked[at])
        {
            return -1;
        }

        var word = Tokens[at].Lower;
        if (word is "it" && at + 3 < sentence.End && Tokens[at + 1].Lower is "has" or "'s" && Tokens[at + 2].Lower == "been" && Gate.Contains(Tokens, at + 4, sentence.End, [["lately"], ["recently"], ["these", "days"], ["now"]]) > 0)
        {
            // "It's been honey on top lately".
            return at + 3;
        }

        if (word is "it" && Tokens[at + 1].Lower is "is" or "'s")
        {
            var value = at + 2;
            while (value < sentence.End - 1 && (Tokens[value].Lower is "all" or "only" || Lexicon.Adverbs.Contains(Tokens[value].Lower)))
            {
                value++;
            }

            var isTurn = (value > at + 2 || Gate.Contains(Tokens, value, sentence.End, [["only"]]) > value || (at > sentence.First && Tokens[at - 1].Lower == "but") || Gate.Contains(Tokens, value, sentence.End, [["for", "me"], ["for", "us"]]) > value) && Gate.Contains(Tokens, value, sentence.End, Nowadays) > value;
            return isTurn && !Lexicon.Pronouns.Contains(Tokens[value].Lower) && Tokens[value].Lower is not ("a" or "the" or "not" or "working" or "good" or "fine" or "done") ? value : -1;
        }

        if (word is "order" or "have" or "take" or "drink" or "like" or "eat" or "do" or "wear" or "use" or "prefer" && at > sentence.First && Lexicon.Subjects.Contains(Tokens[at - 1].Lower) && at + 2 < sentence.End && Tokens[at + 1].Lower is "it" or "them" or "mine" && Gate.Contains(Tokens, at + 3, sentence.End, Nowadays) > 0)
        {
            // "I order it medium these days".
            return at + 2;
        }

        if (word is "having" or "taking" or "drinking" or "eating" or "wearing" or "using" && at > sentence.First && Tokens[at - 1].Lower == "been" && at + 2 < sentence.End && Tokens[at + 1].Lower is "it" or "them" or "mine" && Gate.Contains(Tokens, at + 3, sentence.End, Nowadays) > 0)
        {
            // "I've been having it with cinnamon instead".
            return at + 2;
        }

        if (!(word is "gone" or "went" or "going" or "swapped" or "switched" or "switching" or "converted" or "defected" or "migrated" or "crossed" or "come" or "changed" or "shifted" or "graduated" or "progressed" or "upgraded" or "downgraded" or "moved") || !IsOwnVerb(at, sentence))
        {
            return -1;
        }

        var next = at + 1;
        while (next < sentence.End - 1 && IsBetween(Tokens[next].Lower))
        {
            next++;
        }

        if (Tokens[next].Lower is "to" or "onto" && next + 1 < sentence.End)
        {
            // "Went to the shop" is a way, "went over to tea" a change.
            return word is "gone" or "went" or "going" or "come" or "crossed" && !(Tokens[next - 1].Lower is "over" or "across" or "round" or "around") ? -1 : next + 1;
        }

        return word is "gone" or "went" or "going" && next > at + 1 && Tokens[at + 1].Lower is "full" or "fully" or "completely" or "entirely" or "all" && Lexicon.Diets.Contains(Tokens[next].Lower) ? next : -1;
    }

    /// <summary>"I've packed it in", "the move is off": a plan or pastime told of is no more.</summary>
    private void ReadGivenUp(Sentence sentence, List<MemoryCandidate> output)
    {
        var at = Gate.Contains(Tokens, sentence.First, sentence.End, GivenUp);
        List<MemoryCandidate> told = [];
        if (at >= 0 && !_context.Blocked[at] && (Tokens[at].Lower is "is" or "'s" or "fell" or "fallen" or "did" or "not" or "got" or "put" || IsOwnVerb(at, sentence)))
        {
            told = Spoken(sentence.First, sentence.End);
            var isNamed = Tokens[at].Lower is "is" or "'s" or "got";
            if (told.Count == 0 && !isNamed && (Earlier.FindLast(fact => fact.Category == "goal") ?? Earlier.FindLast(IsPastime)) is { } last)
            {
                told = [last];
            }
        }

        told = (told.Count > 0 ? told : OutOfUse(sentence)).FindAll(fact => !output.Exists(known => known.SlotKey == fact.SlotKey && known.Operation != CandidateOperation.Add));
        if (told.Count > 0)
        {
            AddEnded($"User gave this up and no longer does it: {Aim(told[0].Text)}.", told, "event", sentence.First, sentence.End, output);
        }
    }

    /// <summary>"Tea's out", "no more climbing for me": what is named so and was told of.</summary>
    private List<MemoryCandidate> OutOfUse(Sentence sentence)
    {
        for (var i = sentence.First; i < sentence.End; i++)
        {
            if (_context.Blocked[i])
            {
                continue;
            }

            if (i > sentence.First && i + 1 < sentence.End && Tokens[i].Lower is "is" or "'s" or "are" && Tokens[i + 1].Lower is "out" or "history" or "over" && (i + 2 >= sentence.End || !Tokens[i + 2].IsWord || Tokens[i + 2].Lower is "and" or "now" or "for"))
            {
                return Spoken(Math.Max(sentence.First, i - 3), i);
            }

            if (Tokens[i].Lower == "no" && i + 2 < sentence.End && Tokens[i + 1].Lower == "more" && SlotReader.Phrase(_context, i + 2, sentence.End, ["for", "now", "these"]) is var end and > 0)
            {
                return Spoken(i + 2, end);
            }
        }

        return [];
    }

    /// <summary>"Turns out I'm not allergic to kiwi", "I don't live in Vigo": what was told is denied.</summary>
    private void ReadDenied(Sentence sentence, List<MemoryCandidate> output)
    {
        for (var i = sentence.First; i + 3 < sentence.End && _previous.Count > 0; i++)
        {
            if (!Lexicon.Subjects.Contains(Tokens[i].Lower) || !(Tokens[i + 1].Lower is "am" or "are" or "do") || Tokens[i + 2].Lower != "not" || _context.Blocked[i + 2] || sentence.IsQuestion)
            {
                continue;
            }

            var end = SlotReader.Phrase(_context, i + 3, sentence.End, ["after", "anymore"]);
            if (end < 0)
            {
                continue;
            }

            var stated = StatedAs((Tokens[i + 1].Lower == "do" ? "I " : "I am ") + _context.Text[Tokens[i + 3].Start..Tokens[end - 1].End]);
            var told = Earlier.FindAll(fact => stated.Exists(denied => denied.SlotKey == fact.SlotKey && denied.Text == fact.Text));
            output.AddRange(told.Select(fact => fact with { Operation = CandidateOperation.Delete, Quote = _context.Quote(i, end), Confidence = 0.7 }));
        }
    }

    /// <summary>"Ya no vivo en Vigo", "ich wohne nicht mehr in Kiel", "je n'habite plus à Brest": what was told so holds no longer.</summary>
    private void ReadForeignEnding(Sentence sentence, List<MemoryCandidate> output)
    {
        var at = Gate.Contains(Tokens, sentence.First, sentence.End, ForeignEndings);
        if (at < 0)
        {
            at = Tokens.FindIndex(sentence.First, sentence.End - sentence.First, token => token.Lower is "ne" or "n'" or "kein" or "keine" or "keinen");
            at = at >= 0 && Tokens.FindIndex(at, Math.Min(6, sentence.End - at), token => token.Lower is "plus" or "mehr") >= 0 ? at : -1;
        }

        if (at < 0 || _previous.Count == 0 || sentence.IsQuestion || _context.Blocked[at])
        {
            return;
        }

        var end = at;
        while (end < sentence.End && Tokens[end].IsWord && Tokens[end].Lower is not ("ahora" or "jetzt" or "sondern" or "maintenant" or "sino"))
        {
            end++;
        }

        var quote = _context.Quote(sentence.First, end);
        var ended = Spoken(sentence.First, end);
        if (ReadInstead(sentence, ended, output))
        {
            return;
        }

        output.AddRange(ended.Select(fact => fact with { Operation = CandidateOperation.Delete, Quote = quote, Confidence = 0.75 }));
    }

    private static readonly string[][] ForeignEndings = [["ya", "no"], ["nicht", "mehr"], ["já", "não"], ["non", "più"]];

    /// <summary>Whether the user is who does what a verb says: "I've swapped", "swapped", but not "she swapped".</summary>
    private bool IsOwnVerb(int verb, Sentence sentence)
    {
        if (_context.Blocked[verb])
        {
            return false;
        }

        var at = verb - 1;
        if (at > sentence.First && Tokens[at].Lower == "up" && Tokens[at - 1].Lower == "ended")
        {
            // "Ended up ditching it for ...".
            at -= 2;
        }

        while (at >= sentence.First && (Tokens[at].Lower is "have" or "am" or "are" or "just" || Lexicon.Adverbs.Contains(Tokens[at].Lower)))
        {
            at--;
        }

        return at < sentence.First || !Tokens[at].IsWord || Lexicon.Subjects.Contains(Tokens[at].Lower) || Lexicon.Fillers.Contains(Tokens[at].Lower) || Lexicon.Coordinators.Contains(Tokens[at].Lower);
    }

    /// <summary>Where a value ends; -1 when there is none.</summary>
    private int ValueAt(int first, Sentence sentence)
    {
        if (first >= sentence.End || Lexicon.Pronouns.Contains(Tokens[first].Lower) && !Lexicon.Determiners.Contains(Tokens[first].Lower))
        {
            return -1;
        }

        var end = SlotReader.Phrase(_context, first, sentence.End, ["now", "nowadays", "these", "instead", "since", "from", "after", "lately", "last", "this", "for"]);
        return end - first is >= 1 and <= 8 ? end : -1;
    }

    /// <summary>Whether a value is of the kind a fact tells: a diet, a language, a sort of device.</summary>
    private bool IsOfKind(MemoryCandidate fact, int first, int end)
    {
        for (var i = first; i < end; i++)
        {
            var word = Tokens[i].Lower;
            if (fact.SlotKey == "diet" && Lexicon.Diets.Contains(word) || fact.Category is "goal" or "language" && Lexicon.Languages.Contains(word) && LanguageIn(fact.Text) is not null)
            {
                return true;
            }
        }

        return fact.Category is "possession" or "preference" or "constraint" && KindOf(fact.Text) is { } kind && KindOf(_context.Render(first, end)) == kind;
    }

    /// <summary>Whether a fact is one of those people change by a turn of phrase.</summary>
    private static bool IsPastime(MemoryCandidate fact) =>
        (fact.Text.StartsWith("User ", StringComparison.Ordinal) || fact.Category == "preference") && (fact.Category is "preference" or "interest" or "goal" || fact.SlotKey.StartsWith("uses:", StringComparison.Ordinal) || fact.SlotKey.StartsWith("education", StringComparison.Ordinal));

    /// <summary>Ends what was told and says what took its place.</summary>
    private void Turn(List<MemoryCandidate> told, int first, int end, Sentence sentence, List<MemoryCandidate> output)
    {
        var value = _context.Render(first, end);
        var old = told[0];
        var text = old switch
        {
            { SlotKey: "diet" } => $"User is {value}.",
            { SlotKey: "location" } => $"User lives in {value}.",
            { Category: "possession" } => $"User has {value} now.",
            { Category: "goal" } => $"User has turned to {value} as a goal.",
            { Category: "constraint" } => $"User uses or keeps to {value} now.",
            _ => $"User has turned to {value}.",
        };
        AddEnded(text, told, old.Category, first, end, output);
        var added = output.FindLastIndex(fact => fact.Text == text);
        if (added >= 0)
        {
            output[added] = output[added] with { Quote = _context.Quote(sentence.First, end) };
        }
    }

    /// <summary>"I want to pass Grade 6. The exam's in November": the day belongs to the goal.</summary>
    private static void JoinExam(List<MemoryCandidate> output)
    {
        var exam = output.Find(fact => fact.Category == "date" && fact.SlotKey is "date:exam" or "date:test" or "date:exams" or "date:finals");
        var goal = exam is null ? -1 : output.FindIndex(fact => fact.Category == "goal" && fact.Operation == CandidateOperation.Add);
        if (exam is not null && goal >= 0)
        {
            output.Remove(exam);
            goal = output.FindIndex(fact => fact.Category == "goal" && fact.Operation == CandidateOperation.Add);
            output[goal] = output[goal] with { Text = $"{output[goal].Text.TrimEnd('.')} ({exam.Text["User's ".Length..].TrimEnd('.')})." };
        }
    }

    /// <summary>What a fact says somebody does or aims at, without "is" and "wants to".</summary>
    private static string Aim(string text)
    {
        var said = text.TrimEnd('.');
        if (said.StartsWith("User is a", StringComparison.Ordinal) && said.Length > 10 && said[9] is ' ' or 'n')
        {
            return "being" + said[7..];
        }

        foreach (var opening in (ReadOnlySpan<string>)["User's goal is to ", "User wants to ", "User hopes to ", "User plans to ", "User is ", "User's ", "User "])
        {
            if (said.StartsWith(opening, StringComparison.Ordinal))
            {
                return said[opening.Length..];
            }
        }

        return said;
    }
}

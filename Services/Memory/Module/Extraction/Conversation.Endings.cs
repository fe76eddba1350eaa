namespace MemoryMesh.Memory.Extraction;

/// <content>Endings: what was said is to be forgotten, or holds no longer.</content>
internal sealed partial class Conversation
{
    /// <summary>How far into a message a goal is looked for that it tells as reached, in tokens.</summary>
    private const int MaxMention = 400;

    private bool ReadForget(int first, Sentence sentence, List<MemoryCandidate> output)
    {
        var verb = Tokens[first].Lower;
        var isForget = verb is "erased" or "deleted" or "forgot" or "removed" or "wiped" or "dropped" && first > 1 && Tokens[first - 1].Lower == "you" || verb is "forget" or "delete" or "erase" or "remove" or "scrub" or "wipe" or "drop" or "unlearn" or "olvida" or "borra" or "vergiss" or "lösche" or "oublie" or "efface";
        isForget |= verb == "scratch" && Gate.Contains(Tokens, first, sentence.End, [["memory"], ["notes"], ["records"], ["record"], ["file"]]) >= 0;
        isForget |= verb is "take" or "strike" or "cross" && Gate.Contains(Tokens, first, sentence.End, [["off", "your"], ["off", "whatever"], ["off", "what"], ["out", "of", "whatever"], ["off", "the", "notes"], ["out", "of", "your"], ["from", "your"], ["off", "the", "list"], ["off", "the", "record"], ["from", "the", "record"], ["from", "the", "records"], ["out", "again"], ["back", "out"], ["out", "please"], ["off", "again"]]) >= 0;
        var isDoNot = verb is "do" or "did" && IsNotToBeKept(first, sentence.End);
        if (!isForget && !isDoNot)
        {
            return false;
        }

        var isPersonal = false;
        for (var i = first + 1; i < sentence.End; i++)
        {
            isPersonal |= Tokens[i].Lower is "my" or "i" or "me" or "memory" or "memories" or "record" or "records" or "notes" or "file" or "stored" or "about" or "have" or "said" or "told" or "mentioned" or "our" or "que" or "dass" or "vivo" or "trabajo" or "wohne" or "arbeite" or "habite" or "travaille" or "mi" or "mein" or "meine" or "mon" or "ma" or "j'" or "ich" or "yo" or "je" or "mis" or "mes" or "his" or "her" or "him" or "their" or "them" or "your";
        }

        // "Don't store that" means what was said last.
        if (_previous.Count > 0 && IsPointing(isDoNot ? first + 3 : first + 1, sentence.End))
        {
            if (Resolve(sentence.First, first) is { Count: > 0 } named && sentence.First < first)
            {
                // "My employer shouldn't be in your notes, so drop that": it is named before it is pointed at.
                output.AddRange(named.Select(fact => fact with { Operation = CandidateOperation.Delete, Quote = _context.Quote(sentence.First, sentence.End), Confidence = 0.8 }));
                return true;
            }

            var last = _lastSaid ??= new Conversation(_previous[^1], [], effort: _context.Effort).Read();
            output.AddRange(last.Select(fact => fact with { Operation = CandidateOperation.Delete, Quote = _context.Quote(sentence.First, sentence.End), Confidence = 0.8 }));
            return last.Count > 0;
        }

        // "Forget the karaoke thing" speaks of what was told before; "delete the second row" of something else.
        if (!isPersonal && (_previous.Count == 0 || !Earlier.Exists(fact => Speaks(fact, first + 1, sentence.End))))
        {
            return false;
        }

        var targets = IsAll(first + 1, sentence.End) ? Earlier : Gate.Contains(Tokens, first + 1, sentence.End, [["his"], ["her"], ["him"], ["their"], ["them"]]) >= 0 && Spoken(0, first) is { Count: > 0 } meant ? meant : Resolve(first + 1, sentence.End);
        var quote = _context.Quote(first, sentence.End);
        foreach (var target in targets)
        {
            output.Add(target with { Operation = CandidateOperation.Delete, Quote = quote, Confidence = 0.85 });
        }

        if (targets.Count == 0)
        {
            foreach (var stated in StatedBy(first + 1, sentence.End))
            {
                output.Add(stated with { Operation = CandidateOperation.Delete, Quote = quote, Confidence = 0.7 });
            }
        }

        if (output.Count == 0 && SlotNamedBy(first + 1, sentence.End) is { } slot)
        {
            output.Add(new MemoryCandidate { Operation = CandidateOperation.Delete, Text = $"User asked to forget: {_context.Render(first + 1, sentence.End)}.", Category = slot, SlotKey = slot, Quote = quote, Confidence = 0.6, Importance = 0.5 });
        }

        return true;
    }

    /// <summary>"About the piano, please take it out of your memory".</summary>
    private bool IsTakingOut(int verb, int end) => Tokens[verb].Lower is "take" or "strike" or "cross" or "get" && verb + 3 < end && (!Tokens[verb - 1].IsWord || Tokens[verb - 1].Lower is "please" or "just" or "you" or "and") && Tokens[verb + 1].Lower is "it" or "that" or "this" or "them"
        && Gate.Contains(Tokens, verb + 2, Math.Min(end, verb + 5), [["out", "of", "your"], ["off", "your"], ["from", "your"], ["out", "of", "there"]]) == verb + 2;

    /// <summary>"Don't store", "you didn't keep": the assistant is not to keep something.</summary>
    private bool IsNotToBeKept(int verb, int end) => verb + 2 < end && Tokens[verb + 1].Lower == "not" && Tokens[verb + 2].Lower is "remember" or "store" or "keep" or "save" or "record" or "retain" or "hang" or "hold";

    private static readonly string[][] Unkept = [["not", "be", "kept"], ["not", "be", "stored"], ["not", "be", "saved"], ["not", "be", "remembered"], ["not", "be", "recorded"], ["not", "be", "in", "your"]];

    /// <summary>"What I told you about the tuba shouldn't be kept".</summary>
    private bool ReadUnkept(Sentence sentence, List<MemoryCandidate> output)
    {
        if (_previous.Count == 0 || sentence.IsQuestion || Gate.Contains(Tokens, sentence.First, sentence.End, Unkept) is not (var at and > 0) || Spoken(sentence.First, at) is not { Count: > 0 } told)
        {
            return false;
        }

        output.AddRange(told.Select(fact => fact with { Operation = CandidateOperation.Delete, Quote = _context.Quote(sentence.First, sentence.End), Confidence = 0.8 }));
        return true;
    }

    /// <summary>"Forget everything I told you about me": all that was said, and nothing named.</summary>
    private bool IsAll(int first, int end)
    {
        if (Gate.Contains(Tokens, first, end, [["everything"], ["all", "of", "it"], ["all", "of", "that"], ["all", "that", "i"], ["all", "you", "know"], ["all", "i"]]) < 0)
        {
            return false;
        }

        for (var i = first; i < end; i++)
        {
            if (IsContentWord(Tokens[i]) && Earlier.Exists(fact => HasWord(fact.Text, Tokens[i].Lower)))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether a request names what it means by "that" alone.</summary>
    private bool IsPointing(int first, int end)
    {
        var points = false;
        for (var i = first; i < end; i++)
        {
            if (points && !Tokens[i].IsWord && i + 1 < end && Tokens[i + 1].Lower is "i" or "he" or "she" or "they" or "because" && !(Tokens[first - 1].Lower == "forget" && Tokens[first].Lower == "it"))
            {
                // "Please wipe that, I'd rather it wasn't stored": what follows says why. "Forget it, I found out" means something else.
                return true;
            }

            points |= Tokens[i].Lower is "that" or "this" or "it" or "last";
            if (!(Tokens[i].Lower is "that" or "this" or "it" or "please" or "about" or "i" or "said" or "just" or "one" or "thing" or "last" or "bit" or "in" or "out" or "of" or "off" or "your" or "memory" or "the" or "record" or "records" or "notes" or "list" or "from" or "again" or "ever" or "never" or "told" or "you" || !Tokens[i].IsWord))
            {
                return false;
            }
        }

        return points;
    }

    /// <summary>Earlier facts that the words of a request speak of.</summary>
    private List<MemoryCandidate> Resolve(int first, int end)
    {
        List<MemoryCandidate> found = [];
        var earlier = Earlier;
        found.AddRange(earlier.Where(fact => Speaks(fact, first, end)));

        if (found.Count == 0 && SlotNamedBy(first, end) is { } slot)
        {
            found.AddRange(earlier.Where(f => f.SlotKey == slot || f.SlotKey.EndsWith(":" + slot, StringComparison.Ordinal) || (slot == "profession" && f.SlotKey == "employer") || f.Category == slot || f.SlotKey.StartsWith(slot + ":", StringComparison.Ordinal)));
        }

        if (found.Count == 0)
        {
            foreach (var stated in StatedBy(first, end))
            {
                var same = earlier.Where(f => f.Category == stated.Category).ToList();
                if (same.Count == 1)
                {
                    found.AddRange(same);
                }
            }
        }

        return found;
    }

    private List<MemoryCandidate> Spoken(int first, int end) => Earlier.FindAll(fact => Speaks(fact, first, end));

    /// <summary>Whether words of a range speak of a fact.</summary>
    private bool Speaks(MemoryCandidate fact, int first, int end)
    {
        _context.Effort.Steps += end - first;
        for (var i = first; i < end; i++)
        {
            if (IsContentWord(Tokens[i]) && !Lexicon.NameNothing.Contains(Tokens[i].Lower) && (HasWord(fact.Text, Tokens[i].Lower) || KindOf(fact.Text) == Tokens[i].Lower || (KindOf(fact.Text) is "motorbike" && Tokens[i].Lower is "motorcycle" or "bike") || SpeaksOfDoing(fact.Text, Tokens[i].Lower)))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>"The smoking thing" speaks of "used to smoke".</summary>
    private static bool SpeaksOfDoing(string text, string word)
        => word.Length > 5 && word.EndsWith("ing", StringComparison.Ordinal) && (HasWord(text, word[..^3]) || HasWord(text, word[..^3] + "e"));

    /// <summary>The facts a part of the message would state if it stood alone.</summary>
    private List<MemoryCandidate> StatedBy(int first, int end)
    {
        while (first < end && !(Tokens[first].Lower is "i" or "my" or "we" or "our"))
        {
            first++;
        }

        return first >= end ? [] : StatedAs(_context.Text[Tokens[first].Start..Tokens[end - 1].End]);
    }

    private string? SlotNamedBy(int first, int end)
    {
        for (var i = first; i < end; i++)
        {
            switch (Tokens[i].Lower)
            {
                case "name" or "nombre" or "nom" or "heiße" or "heisse" or "llamo" or "appelle":
                    return "name";
                case "wohne" or "wohnort" or "vivo" or "habite" or "adresse" or "live" or "address" or "location" or "city" or "town" or "home" or "hometown":
                    return "location";
                case "arbeite" or "trabajo" or "travaille" or "work" or "employer" or "company" or "workplace":
                    return "employer";
                case "job" or "profession" or "occupation" or "career":
                    return "profession";
                case "birthday" or "birthdate":
                    return "date:birthday";
                case "birth" or "born":
                    return "birthday";
                case "age" or "old":
                    return "age";
                case "diet":
                    return "diet";
                case "allergy" or "allergies":
                    return "allergy";
                case "budget":
                    return "budget";
            }
        }

        return null;
    }

    /// <summary>What was said of a pet or person as living goes with the news of their death; a partner ends being single.</summary>
    private void DropWhatDiedWith(List<MemoryCandidate> output)
    {
        if (_previous.Count == 0)
        {
            return;
        }

        foreach (var fact in output.ToList())
        {
            if (fact is { SlotKey: "diet", Operation: CandidateOperation.Update } && (HasWord(fact.Text, "vegetarian") || HasWord(fact.Text, "vegan")))
            {
                output.AddRange(Earlier.Where(known => known.SlotKey != "diet" && HasWord(known.Text, "eats") && (HasWord(known.Text, "meat") || HasWord(known.Text, "fish"))).Select(known => known with { Operation = CandidateOperation.Delete, Quote = fact.Quote }));
            }
            else if (fact is { Category: "event", Operation: CandidateOperation.Update } && fact.SlotKey.StartsWith("relationship:", StringComparison.Ordinal))
            {
                output.AddRange(Earlier.Where(known => known.SlotKey.StartsWith(fact.SlotKey + ":", StringComparison.Ordinal)).Select(known => known with { Operation = CandidateOperation.Delete, Quote = fact.Quote }));
            }
            else if (fact.Category == "relationship" && Partners.Any(word => HasWord(fact.Text, word)) && !fact.Text.Contains("'s ", StringComparison.Ordinal) && Earlier.Find(known => known.SlotKey == "relationship:status" && HasWord(known.Text, "single")) is { } single && !output.Exists(known => known.SlotKey == single.SlotKey))
            {
                output.Insert(0, single with { Operation = CandidateOperation.Delete, Quote = fact.Quote });
            }
        }
    }

    /// <summary>"We've left Ghent" of a town that was told to be home is no end of a job.</summary>
    private void MoveAway(List<MemoryCandidate> output)
    {
        output.RemoveAll(fact => (fact.Text.StartsWith("User ", StringComparison.Ordinal) && fact.Text.EndsWith(" moved house.", StringComparison.Ordinal)) || (fact.Text.Contains("new address", StringComparison.Ordinal) && output.Exists(other => other.SlotKey == "location")));
        for (var i = output.Count - 1; i >= 0 && _previous.Count > 0; i--)
        {
            if (output[i] is not { Category: "event", SlotKey: "employer" } || !output[i].Text.StartsWith("User left ", StringComparison.Ordinal) || !Earlier.Exists(fact => fact.SlotKey == "location" && HasWord(fact.Text, output[i].Text[10..].Split(' ', '.')[0])))
            {
                continue;
            }

            if (output.Exists(fact => fact.SlotKey == "location"))
            {
                output.RemoveAt(i);
            }
            else
            {
                output[i] = output[i] with { Category = "location", SlotKey = "location", SingleValued = true };
            }
        }
    }

    /// <summary>A new job says that the old one ended; "left the café" beside it tells nothing more.</summary>
    private static void DropEndedJobs(List<MemoryCandidate> output)
    {
        if (output.Exists(fact => fact.Category is "profession" or "employer"))
        {
            output.RemoveAll(fact => fact.Category == "event" && fact.SlotKey == "employer" && (fact.Text.Split(' ') is [_, "left" or "quit", "the" or "my" or "their", ..] || fact.Text.Contains("notice", StringComparison.Ordinal)));
        }
    }

    /// <summary>"I've left the buses! I'm a trainee optician": a new trade ends what was told of the old one, however that was put.</summary>
    private void ReadLeftTrade(List<MemoryCandidate> output)
    {
        if (_previous.Count == 0 || output.Find(fact => fact.Category is "profession" or "employer" && fact.Operation != CandidateOperation.Delete) is not { } taken)
        {
            return;
        }

        for (var i = 0; i + 2 < Tokens.Count; i++)
        {
            if (!(Tokens[i].Lower is "left" or "quit" or "ditched") || !(Tokens[i + 1].Lower is "the" or "my") || Tokens[i + 2].Lower.Length < 3 || _context.Blocked[i] || (i > 0 && Tokens[i - 1].IsWord && !(Tokens[i - 1].Lower is "have" or "just" or "finally" or "i" or "we")))
            {
                continue;
            }

            var thing = Tokens[i + 2].Lower;
            thing = thing.Length < 4 ? thing : thing.EndsWith("ses", StringComparison.Ordinal) ? thing[..^2] : thing.TrimEnd('s');
            output.AddRange(Earlier.Where(fact => (fact.Category is "profession" or "employer" || fact.Text.StartsWith("User drives ", StringComparison.Ordinal) && HasWord(fact.Text, "for")) && HasWord(fact.Text, thing) && !output.Exists(known => known.SlotKey == fact.SlotKey)).ToList().ConvertAll(fact => fact with { Operation = CandidateOperation.Delete, Quote = taken.Quote, Confidence = 0.7 }));
            return;
        }
    }

    /// <summary>"It got stolen last night": what happened to the thing told of last.</summary>
    private void ReadLoss(Sentence sentence, List<MemoryCandidate> output)
    {
        var first = Gate.SkipFillers(Tokens, sentence.First, sentence.End);
        if (_previous.Count == 0 || first + 2 >= sentence.End || Tokens[first].Lower is not ("it" or "mine") || sentence.IsQuestion || _context.Blocked[first]
            || Gate.Contains(Tokens, first + 1, Math.Min(first + 5, sentence.End), [["got", "stolen"], ["was", "stolen"], ["got", "nicked"], ["was", "nicked"], ["died", "on", "me"], ["got", "written", "off"], ["was", "written", "off"], ["burned", "down"], ["burnt", "down"], ["got", "sold"]]) is not (var at and >= 0)
            || Earlier.FindLast(fact => fact.Category == "possession" && fact.Text.StartsWith("User ", StringComparison.Ordinal)) is not { } lost)
        {
            return;
        }

        var thing = string.Join(' ', lost.Text.TrimEnd('.').Split(' ').Skip(2));
        output.Add(lost with { Operation = CandidateOperation.Update, Text = $"User no longer has {thing}: it {_context.Render(at, Math.Min(sentence.End, at + 2))}.", Quote = _context.Quote(first, sentence.End), Confidence = 0.7 });
    }

    /// <summary>"Nora and I broke up", "me and Nora split": the partner is one no longer, and what was said of them goes.</summary>
    private void ReadBreakUp(Sentence sentence, List<MemoryCandidate> output)
    {
        var at = Gate.Contains(Tokens, sentence.First, sentence.End, BreakUps);
        if (at < 0 || _context.Blocked[at] || sentence.IsQuestion)
        {
            return;
        }

        var partners = Earlier.FindAll(fact => fact.SlotKey is "relationship:partner" or "relationship:status" || (fact.Category == "relationship" && Partners.Any(word => HasWord(fact.Text, word))));
        var named = partners.Find(fact => fact.Text.Contains(" named ", StringComparison.Ordinal));
        var name = named?.Text[(named.Text.IndexOf(" named ", StringComparison.Ordinal) + 7)..].TrimEnd('.');
        for (var i = sentence.First; i < at && name is null; i++)
        {
            name = Tokens[i].IsCapitalised && !Lexicon.Subjects.Contains(Tokens[i].Lower) && !Lexicon.Fillers.Contains(Tokens[i].Lower) && !Lexicon.Determiners.Contains(Tokens[i].Lower) ? Tokens[i].Text : null;
        }

        var quote = _context.Quote(sentence.First, at + 2);
        foreach (var fact in partners)
        {
            output.Add(fact with { Operation = CandidateOperation.Delete, Quote = quote, Confidence = 0.75 });
        }

        var partner = "partner";
        for (var i = sentence.First; i < at && name is null; i++)
        {
            partner = Partners.Contains(Tokens[i].Lower) ? Tokens[i].Lower : partner;
        }

        if (name is not null || partners.Count > 0 || partner != "partner")
        {
            output.Add(new MemoryCandidate
            {
                Operation = CandidateOperation.Add, Text = $"User and {name ?? "their " + partner} separated: they split up{(Gate.Contains(Tokens, sentence.First, sentence.End, [["divorced"], ["divorce"]]) >= 0 ? " (divorce)" : "")}.", Category = "event", SlotKey = "relationship:ended" + (name is null ? "" : ":" + FactWriter.Key(name)), Quote = quote, Confidence = 0.75, Importance = FactWriter.ImportanceOf("event"),
            });
        }
    }

    private static readonly string[] Partners = ["girlfriend", "boyfriend", "wife", "husband", "partner", "fiancé", "fiancée", "fiance", "fiancee"];

    private static readonly string[][] BreakUps = [["broke", "up"], ["split", "up"], ["have", "split"], ["separated"], ["are", "divorced"], ["got", "divorced"], ["are", "no", "longer", "together"], ["not", "together", "anymore"], ["called", "off", "the", "engagement"], ["broke", "it", "off"], ["getting", "divorced"], ["getting", "a", "divorce"], ["filed", "for", "divorce"], ["splitting", "up"], ["are", "over"], ["parted", "ways"]];

    /// <summary>"I no longer ..." and "I don't ... any more" replace the fact they end.</summary>
    private void ReadNoLonger(Sentence sentence, List<MemoryCandidate> output)
    {
        if (_previous.Count > 0 && sentence.First == _context.Sentences[0].First && !sentence.IsQuestion && Gate.SkipFillers(Tokens, sentence.First, sentence.End) is var bare && Gate.Contains(Tokens, bare, sentence.End, [["not", "anymore"], ["not", "any", "more"], ["no", "longer"], ["not", "these", "days"]]) == bare
            && Tokens.FindIndex(bare, sentence.End - bare, token => !token.IsWord) is var mark && (mark < 0 ? sentence.End : mark) - bare <= 3)
        {
            // "I work in a bakery", then "not anymore, I'm training as a midwife": what was said last has ended.
            var last = _lastSaid ??= new Conversation(_previous[^1], [], effort: _context.Effort).Read();
            output.AddRange(last.Select(fact => fact with { Operation = CandidateOperation.Delete, Quote = _context.Quote(bare, bare + 2), Confidence = 0.7 }));
            return;
        }

        for (var i = sentence.First; i < sentence.End; i++)
        {
            if (_context.Blocked[i])
            {
                continue;
            }

            var verb = -1;
            var end = -1;
            if (Tokens[i].Lower == "no" && i + 2 < sentence.End && Tokens[i + 1].Lower == "longer")
            {
                verb = i + 2;
                if (i > sentence.First && Tokens[i - 1].Lower is "am" or "are")
                {
                    verb = i - 1;
                }

                end = SlotReader.Phrase(_context, i + 2, sentence.End, []);
            }
            else if (Tokens[i].Lower is "do" or "am" && i + 2 < sentence.End && Tokens[i + 1].Lower == "not" && EndOfAnymore(i, sentence.End) is var stop and > 0)
            {
                verb = Tokens[i].Lower == "am" ? i : i + 2;
                end = stop;
            }
            else if (Tokens[i].Lower == "not" && i + 2 < sentence.End && Tokens[i + 1].Lower is "at" or "in" or "with" && (i == sentence.First || !Tokens[i - 1].IsWord) && EndOfAnymore(i, sentence.End) is var over and > 0)
            {
                // "Not at Bramble anymore".
                AddEnded($"User is no longer {_context.Render(i + 1, over)}.", Resolve(i + 2, over), "event", i, over, output);
                return;
            }
            else if (Tokens[i].Lower is "stopped" or "quit" && i + 1 < sentence.End && Tokens[i + 1].Lower.EndsWith("ing", StringComparison.Ordinal) && (i == sentence.First || Tokens[i - 1].Lower is "i" or "have" or "we" or "just" or "finally") && !(Tokens[i].Lower == "quit" && StyleReader.IsOfReplies(Tokens[i + 1].Lower) && !(i > sentence.First && Lexicon.Subjects.Contains(Tokens[i - 1].Lower)))
                || (Tokens[i].Lower == "stop" && i > sentence.First + 1 && Tokens[i - 1].Lower == "to" && Tokens[i - 2].Lower is "had" or "have" or "decided" && i + 1 < sentence.End && Tokens[i + 1].Lower.EndsWith("ing", StringComparison.Ordinal)))
            {
                end = SlotReader.Phrase(_context, i, sentence.End, []);
                var stem = Tokens[i + 1].Lower[..^3];
                var done = Earlier.FindAll(fact => stem.Length > 2 && (HasWord(fact.Text, stem) || HasWord(fact.Text, stem + "e")));
                AddEnded($"User stopped {_context.Render(i + 1, end)}.", done.Count > 0 ? done : Resolve(i + 2, end), "preference", i, end, output);
                return;
            }
            else if ((Tokens[i].Lower is "gave" or "given" && i + 2 < sentence.End && Tokens[i + 1].Lower == "up" || Tokens[i].Lower is "quit" or "ditched" or "dropped" or "scrapped" or "shelved" or "cancelled" && i + 1 < sentence.End && Tokens[i + 1].Lower is not ("my" or "as")) && _previous.Count > 0 && Spoken(i + 1, SlotReader.Phrase(_context, i + 1, sentence.End, ["and"])) is { Count: > 0 } dropped)
            {
                end = SlotReader.Phrase(_context, i, sentence.End, ["and"]);
                AddEnded($"User {_context.Render(i, end, isVerbPhrase: true)} and no longer has or does it.", dropped, "event", i, end, output);
                return;
            }
            else if (Tokens[i].Lower is "sold" && i + 2 < sentence.End && Tokens[i + 1].Lower is "my" or "the" or "our")
            {
                end = SlotReader.Phrase(_context, i, sentence.End, []);
                AddEnded($"User {_context.Render(i, end, isVerbPhrase: true)} and no longer has it.", Resolve(i + 2, end), "possession", i, end, output);
                return;
            }

            if (verb > 0 && end > verb && Tokens[i].Lower == "no" && i > sentence.First && Tokens[i - 1].IsWord && !(Lexicon.Subjects.Contains(Tokens[i - 1].Lower) || Lexicon.Adverbs.Contains(Tokens[i - 1].Lower) || Lexicon.Coordinators.Contains(Tokens[i - 1].Lower) || Lexicon.Fillers.Contains(Tokens[i - 1].Lower) || Tokens[i - 1].Lower is "am" or "are" or "have" or "do" or "can" or "will" or "but" or "who"))
            {
                // "Your rules no longer apply", "my boss no longer works": said of something else.
                continue;
            }

            if (verb > 0 && end > verb && (verb == sentence.First || !Lexicon.Pronouns.Contains(Tokens[Math.Max(sentence.First, i - 1)].Lower) || Lexicon.Subjects.Contains(Tokens[Math.Max(sentence.First, i - 1)].Lower) || Tokens[i - 1].Lower is "we"))
            {
                var skip = Tokens[verb].Lower is "am" or "are" ? 1 : 0;
                var rest = skip == 1 ? (Tokens[verb + 1].Lower is "not" ? verb + 2 : verb + 3) : verb;
                if (rest >= end || Tokens[rest].Lower is "true" or "valid" or "the" or "correct" or "accurate" or "relevant" or "needed" or "necessary" or "works" or "work" && end == rest + 1)
                {
                    continue;
                }

                if (skip == 0 && rest + 1 < end && Tokens[rest + 1].Lower is "it" or "them" && Earlier.FindLast(IsPastime) is { } meant)
                {
                    if (Enumerable.Range(sentence.First, i - sentence.First).Any(at => ValueOfTurn(at, sentence) > 0))
                    {
                        return;
                    }

                    // "I no longer like it sweet": what it is was told before.
                    output.Add(meant with { Operation = CandidateOperation.Delete, Quote = _context.Quote(i, end), Confidence = 0.7 });
                    return;
                }

                var text = skip == 1 ? $"User is no longer {_context.Render(rest, end)}." : $"User no longer {_context.Render(rest, end, isVerbPhrase: true)}.";
                var ended = StatedAs((skip == 1 ? "I am " : "I ") + _context.Text[Tokens[rest].Start..Tokens[end - 1].End]);
                var targets = ended.Count > 0 && _previous.Count == 0 ? ended : Resolve(rest, end) is { Count: > 0 } resolved ? resolved : ended;
                AddEnded(text, targets, "preference", i, end, output);
                return;
            }
        }
    }

    private List<MemoryCandidate> StatedAs(string text) => new FactReader(new MessageContext(text, _context.Effort), []).Read();

    private int EndOfAnymore(int first, int end)
    {
        for (var i = first; i < end && Tokens[i].IsWord; i++)
        {
            if (Tokens[i].Lower is "anymore" || (Tokens[i].Lower == "any" && i + 1 < end && Tokens[i + 1].Lower is "more" or "longer"))
            {
                return i;
            }
        }

        return -1;
    }

    private void AddEnded(string text, List<MemoryCandidate> targets, string category, int first, int end, List<MemoryCandidate> output)
    {
        var quote = _context.Quote(first, end);
        if (SensitiveText.IsPrivate(Tokens, first, end) || SensitiveText.IsSecret(Tokens, first, end))
        {
            // Why it ended is nobody's business; that it ended is.
            output.AddRange(targets.Select(target => target with { Operation = CandidateOperation.Delete, Quote = quote, Confidence = 0.7 }));
            return;
        }

        if (targets.Count == 0)
        {
            output.Add(new MemoryCandidate { Operation = CandidateOperation.Update, Text = text, Category = category, SlotKey = "ended:" + FactWriter.Key(text[5..].TrimEnd('.')), Quote = quote, Confidence = 0.7, Importance = 0.5 });
            return;
        }

        output.Add(targets[0] with { Operation = CandidateOperation.Update, Text = text, Quote = quote, Confidence = 0.8 });
        foreach (var other in targets.Skip(1))
        {
            output.Add(other with { Operation = CandidateOperation.Delete, Quote = quote, Confidence = 0.7 });
        }
    }
}

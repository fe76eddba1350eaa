namespace MemoryMesh.Memory.Extraction;

/// <content>Endings that name what ends by a pronoun or by its name: "can't eat it anymore", "rehomed Rex".</content>
internal sealed partial class Conversation
{
    private static readonly string[][] Offs =
    [
        ["can", "not", "eat"], ["can", "not", "drink"], ["can", "not", "stand"], ["can", "not", "have"], ["can", "not", "do"], ["do", "not", "like"], ["do", "not", "do"], ["do", "not", "play"], ["do", "not", "use"], ["do", "not", "eat"], ["do", "not", "drink"], ["do", "not", "want"], ["do", "not", "enjoy"], ["do", "not", "have"],
        ["gone", "off"], ["went", "off"], ["gave", "up", "on"], ["given", "up", "on"], ["gave"], ["sick", "of"], ["tired", "of"], ["bored", "of"], ["over"], ["done", "with"], ["stopped"], ["quit"], ["hate"], ["sold"], ["got", "rid", "of"], ["lost"], ["dropped"], ["ditched"], ["binned"],
    ];

    /// <summary>"Can't eat it anymore", "I've gone off them": the fact told of last is what the pronoun means, and it ends.</summary>
    private void ReadOff(Sentence sentence, List<MemoryCandidate> output)
    {
        if (_previous.Count == 0 || sentence.IsQuestion || output.Count > 0)
        {
            return;
        }

        for (var i = sentence.First; i + 1 < sentence.End; i++)
        {
            if (_context.Blocked[i] || Array.Find(Offs, phrase => Gate.Contains(Tokens, i, Math.Min(sentence.End, i + phrase.Length), [phrase]) == i) is not { } off)
            {
                continue;
            }

            var pronoun = i + off.Length;
            if (pronoun >= sentence.End || Tokens[pronoun].Lower is not ("it" or "them" or "that" or "those") || (pronoun + 1 < sentence.End && Tokens[pronoun + 1].IsWord && !(Tokens[pronoun + 1].Lower is "anymore" or "any" or "now" or "these" or "lately" or "up" or "at" or "and" or "last" or "this" or "in" or "on" or "yesterday" or "off" or "to" or "for" or "after" or "since" or "completely" or "entirely"))
                || (off[0] is "do" or "can" && Gate.Contains(Tokens, pronoun, sentence.End, [["anymore"], ["any", "more"], ["any", "longer"], ["now"], ["these", "days"], ["lately"]]) < 0) || (off[0] == "gave" && off.Length == 1 && !(pronoun + 1 < sentence.End && Tokens[pronoun + 1].Lower is "up"))
                || (i > sentence.First && Lexicon.Pronouns.Contains(Tokens[i - 1].Lower) && !Lexicon.Subjects.Contains(Tokens[i - 1].Lower)))
            {
                continue;
            }

            if (Earlier.FindLast(fact => fact.Category is "preference" or "interest" or "possession" or "goal" or "dislike" or "constraint" && fact.Text.StartsWith("User ", StringComparison.Ordinal)) is not { } told)
            {
                return;
            }

            var thing = told.SlotKey.IndexOf(':', StringComparison.Ordinal) is var colon and >= 0 ? told.SlotKey[(colon + 1)..] : string.Join(' ', told.Text.TrimEnd('.').Split(' ').Skip(2));
            var verb = off switch
            {
                ["can", "not", var act] => $"can no longer {act}",
                ["do", "not", var act] => $"no longer {Morphology.ThirdPerson(act)}",
                ["sold"] or ["lost"] or ["dropped"] or ["ditched"] or ["binned"] or ["got", ..] => $"{string.Join(' ', off)} and no longer has",
                _ => "no longer likes or does",
            };
            output.Add(told with { Operation = CandidateOperation.Update, Text = $"User {verb} {thing}.", Quote = _context.Quote(i, pronoun + 1), Confidence = 0.7 });
            return;
        }
    }

    private static readonly string[][] GivenAway =
    [
        ["gave", "it", "to"], ["sent", "it", "to"], ["passed", "it", "on"], ["handed", "it", "on"], ["donated", "it"], ["gave", "mine", "to"], ["sold", "it"], ["sold", "mine"], ["gave", "up", "on", "it"], ["given", "up", "on", "it"], ["got", "rid", "of", "it"], ["ditched", "it"], ["binned", "it"], ["returned", "it"], ["sent", "it", "back"], ["took", "it", "back"], ["gave", "it", "away"], ["traded", "it", "in"], ["chucked", "it"], ["scrapped", "it"], ["flogged", "it"],
    ];

    /// <summary>"Sold it and got a Fuji X-T4": what was told of last goes when something else takes its place.</summary>
    private void ReadReplaced(List<MemoryCandidate> output)
    {
        if (_previous.Count == 0 || !output.Exists(fact => fact is { Category: "possession", Operation: not CandidateOperation.Delete })
            || Gate.Contains(Tokens, 0, Math.Min(Tokens.Count, MaxMention), GivenAway) is not (var at and >= 0) || _context.Blocked[at] || !IsOwnVerb(at, _context.Sentences.Find(sentence => sentence.End > at)))
        {
            return;
        }

        if (Earlier.FindLast(fact => fact.Category == "possession") is { } told && !output.Exists(fact => fact.SlotKey == told.SlotKey || (fact.Operation != CandidateOperation.Add && fact.Text == told.Text)))
        {
            output.Add(told with { Operation = CandidateOperation.Delete, Quote = _context.Quote(at, at + 2), Confidence = 0.75 });
        }
    }

    /// <summary>What people leave out of their meals, and what belongs to it.</summary>
    private static readonly (string[] Kind, string[] Members)[] LeftOut =
    [
        (["alcohol", "teetotal", "sober", "booze", "drinking"], ["beer", "beers", "wine", "whisky", "cider", "gin", "rum", "cocktails", "drink", "drinks", "alcohol", "pint", "pints"]),
        (["meat"], ["chicken", "beef", "pork", "bacon", "lamb", "turkey", "ham", "steak", "meat", "sausages"]),
        (["dairy", "lactose"], ["milk", "cheese", "yoghurt", "yogurt", "butter", "cream", "dairy"]),
        (["gluten", "wheat"], ["bread", "pasta", "pizza", "wheat", "gluten"]),
        (["caffeine"], ["coffee", "tea", "espresso", "caffeine", "cola"]),
        (["sugar", "sweet"], ["sweet", "sweets", "chocolate", "cake", "biscuits", "sugar", "desserts"]),
    ];

    /// <summary>"I have a few beers again" of somebody who did not drink: what was left out is back, and the wishes that went with it go.</summary>
    private void ReadResumed(List<MemoryCandidate> output)
    {
        var back = _previous.Count == 0 ? -1 : output.FindIndex(fact => fact.Operation != CandidateOperation.Delete && fact.Text.StartsWith("User ", StringComparison.Ordinal) && (HasWord(fact.Text, "again") || IsFollowedByAgain(fact)) && !HasWord(fact.Text, "not") && !HasWord(fact.Text, "never"));
        if (back < 0)
        {
            return;
        }

        if (output.Exists(fact => fact.SlotKey == "diet" && fact != output[back]) && output[back].SlotKey == "diet")
        {
            // "I'm doing keto now, bread is back": the one is the diet, the other a part of it.
            output[back] = output[back] with { SlotKey = "eats:" + FactWriter.Key(output[back].Text) };
        }

        var food = output[back].Text.Split(' ', '.', ':') is [_, "eats", "or", "drinks", { Length: > 2 } named, ..] ? named : null;
        output.AddRange(Earlier.Where(fact => food is not null && fact.Category is "constraint" or "dislike" or "style" && fact.Text.StartsWith("User ", StringComparison.Ordinal) && HasWord(fact.Text, food) && !output.Exists(known => known.SlotKey == fact.SlotKey)).ToList()
            .Select(fact => fact with { Operation = CandidateOperation.Delete, Quote = output[back].Quote, Confidence = 0.7 }));
        foreach (var (kind, members) in LeftOut.Where(left => left.Members.Any(member => HasWord(output[back].Text, member))))
        {
            var ended = Earlier.FindAll(fact => fact.Category is "constraint" or "dislike" or "style" && kind.Concat(members).Any(word => HasWord(fact.Text, word)) && !output.Exists(known => known.SlotKey == fact.SlotKey));
            if (ended.Exists(fact => kind.Any(word => HasWord(fact.Text, word))))
            {
                output.AddRange(ended.Select(fact => fact with { Operation = CandidateOperation.Delete, Quote = output[back].Quote, Confidence = 0.7 }));
            }
        }
    }

    private bool IsFollowedByAgain(MemoryCandidate fact) => Tokens.Find(token => token.Start >= fact.Quote.Start + fact.Quote.Length) is { Lower: "again" };

    /// <summary>"We're calling him Gordon from now on": who was told of by another name.</summary>
    private void ReadRenamed(Sentence sentence, List<MemoryCandidate> output)
    {
        for (var i = sentence.First; i + 2 < sentence.End && _previous.Count > 0 && !sentence.IsQuestion; i++)
        {
            if (_context.Blocked[i] || !(Tokens[i].Lower is "calling" or "renamed" or "renaming" or "call") || !(Tokens[i + 1].Lower is "him" or "her" or "it" or "them") || !Tokens[i + 2].IsCapitalised
                || Earlier.FindLast(fact => fact.Category == "relationship" && fact.Text.Contains(" named ", StringComparison.Ordinal) && Lexicon.Pets.Any(pet => HasWord(fact.Text, pet))) is not { } pet)
            {
                continue;
            }

            var at = pet.Text.IndexOf(" named ", StringComparison.Ordinal) + 7;
            output.Add(pet with { Operation = CandidateOperation.Update, Text = pet.Text[..at] + Tokens[i + 2].Text + ".", SingleValued = true, Quote = _context.Quote(i, i + 3), Confidence = 0.75 });
            return;
        }
    }

    private static readonly string[][] Passed =
    [
        ["are", "sold"], ["are", "all", "sold"], ["all", "sold"], ["is", "sold"], ["'s", "sold"], ["got", "sold"], ["was", "sold"], ["has", "been", "sold"], ["went", "to", "the", "tip"], ["went", "to", "the", "dump"], ["went", "in", "the", "bin"], ["is", "in", "the", "bin"], ["went", "back"], ["has", "gone", "back"], ["is", "gone"], ["'s", "gone"], ["is", "history"], ["'s", "history"], ["is", "no", "more"], ["'s", "no", "more"], ["bit", "the", "dust"], ["had", "to", "go"], ["packed", "up"], ["gave", "up", "the", "ghost"], ["died", "on", "me"],
        ["is", "behind", "me"], ["'s", "behind", "me"], ["is", "over"], ["'s", "over"], ["closed", "down"], ["shut", "down"], ["went", "under"], ["folded"], ["got", "scrapped"], ["was", "scrapped"], ["is", "dead"], ["'s", "dead"], ["went", "to", "a", "new", "home"], ["fell", "apart"],
    ];

    /// <summary>"Never mind the Panda, it's sold", "the accordion went back to the shop": a thing told of is there no longer.</summary>
    private void ReadPassed(Sentence sentence, List<MemoryCandidate> output)
    {
        if (_previous.Count == 0 || sentence.IsQuestion || Gate.Contains(Tokens, sentence.First, sentence.End, Passed) is not (var at and > 0) || at == sentence.First || _context.Blocked[at])
        {
            return;
        }

        for (var i = sentence.First; i + 2 < at; i++)
        {
            if (Tokens[i].Lower is "switched" or "changed" or "moved" or "gone" && ValueOfTurn(i, sentence) is var value and > 0 && ValueAt(value, sentence) > 0)
            {
                // "I've switched to cold brew, filter is dead to me": what took its place is told first.
                return;
            }
        }

        if (at + 1 < sentence.End && Tokens[at + 1].Lower is "behind" or "over" && Tokens.Exists(token => Completions.Contains(token.Lower)))
        {
            // "Passed! The theory test is behind me": a goal is reached.
            return;
        }

        var gone = Spoken(sentence.First, at).FindAll(fact => fact.Category is "possession" or "preference" or "interest" or "goal" || fact.SlotKey.StartsWith("uses:", StringComparison.Ordinal) || fact.SlotKey.StartsWith("habit:", StringComparison.Ordinal) || fact.SlotKey.StartsWith("since:", StringComparison.Ordinal));
        if (gone.Count > 0)
        {
            AddEnded($"User no longer has or does this: {Aim(gone[0].Text)}.", gone, "event", sentence.First, Math.Min(sentence.End, at + 3), output);
        }
    }

    private static readonly string[][] Gone = [["did", "not", "make", "it"], ["slipped", "away"], ["left", "us"], ["is", "no", "longer", "with", "us"], ["had", "to", "be", "put"], ["is", "gone"], ["did", "not", "wake", "up"]];

    private static readonly string[][] Goodbyes = [["lost"], ["goodbye", "to"], ["farewell", "to"], ["buried"], ["put"], ["let"], ["have"]];

    /// <summary>"We lost Figaro last night", "had to have Rex put down": somebody told of by name has died.</summary>
    private bool ReadLostSomebody(Sentence sentence, List<MemoryCandidate> output)
    {
        for (var i = sentence.First; i + 1 < sentence.End && _previous.Count > 0 && !sentence.IsQuestion; i++)
        {
            if (Tokens[i].IsCapitalised && !_context.Blocked[i] && Gate.Contains(Tokens, i + 1, Math.Min(sentence.End, i + 6), Gone) == i + 1 && Earlier.FindAll(fact => fact.Category == "relationship" && HasWord(fact.Text, Tokens[i].Text)) is { Count: > 0 } gone)
            {
                AddEnded($"{Tokens[i].Text} died; the user lost them.", gone, "event", i, Math.Min(sentence.End, i + 5), output);
                return true;
            }

            if (_context.Blocked[i] || Array.Find(Goodbyes, words => Gate.Contains(Tokens, i, Math.Min(sentence.End, i + words.Length), [words]) == i) is not { } goodbye || i + goodbye.Length >= sentence.End)
            {
                continue;
            }

            var name = i + goodbye.Length;
            if (goodbye is ["put"] or ["let"] or ["have"] && Gate.Contains(Tokens, name + 1, Math.Min(sentence.End, name + 4), [["down"], ["to", "sleep"], ["go"], ["put"]]) < 0 || !Tokens[name].IsCapitalised || Tokens[i].Lower == "lost" && !IsOwnVerb(i, sentence))
            {
                continue;
            }

            var told = Earlier.FindAll(fact => fact.Category == "relationship" && HasWord(fact.Text, Tokens[name].Text));
            if (told.Count > 0)
            {
                AddEnded($"{Tokens[name].Text} died; the user lost them.", told, "event", i, name + 1, output);
                return true;
            }
        }

        return false;
    }

    /// <summary>"He came three weeks early. Otis, 2.9 kilos": the child that was expected is born.</summary>
    private void ReadBirth(List<MemoryCandidate> output)
    {
        if (_previous.Count == 0 || Earlier.FindLast(fact => HasWord(fact.Text, "expecting") || HasWord(fact.Text, "pregnant") || HasWord(fact.Text, "baby") && HasWord(fact.Text, "due") || HasWord(fact.Text, "adopt") || fact.Text.Contains("on the way", StringComparison.Ordinal)) is not { } expected
            || Gate.Contains(Tokens, 0, Math.Min(Tokens.Count, MaxMention), [["born"], ["arrived"], ["came", "early"], ["early"], ["kilos"], ["kg"], ["lb"], ["lbs"], ["is", "here"], ["'s", "here"], ["is", "home"], ["'s", "home"], ["weighing"]]) is not (var at and >= 0))
        {
            return;
        }

        var name = Tokens.FindIndex(token => token.IsCapitalised && !token.IsAcronym && token.Text.Length > 1 && !Lexicon.Pronouns.Contains(token.Lower) && !Lexicon.Fillers.Contains(token.Lower) && !Lexicon.NotNames.Contains(token.Lower) && !Lexicon.Days.Contains(token.Lower) && !Lexicon.Months.Contains(token.Lower) && !Lexicon.Determiners.Contains(token.Lower));
        if (name < 0 || _context.Blocked[name] || output.Exists(fact => fact.Category == "relationship" && HasWord(fact.Text, Tokens[name].Text)))
        {
            return;
        }

        output.Add(expected with { Operation = CandidateOperation.Update, Category = "relationship", Text = HasWord(expected.Text, "adopt") ? $"User adopted {Tokens[name].Text}: {Array.Find(expected.Text.Split(' ', '.'), word => Lexicon.Pets.Contains(word)) ?? "a pet"}." : $"User has a baby named {Tokens[name].Text}, who was born.", Quote = _context.Quote(Math.Min(at, name), Math.Max(at, name) + 1), Confidence = 0.7 });
    }

    /// <summary>"We found Rex a new home", "rehomed Rex": a pet that is with somebody else now.</summary>
    private void ReadRehomed(Sentence sentence, List<MemoryCandidate> output)
    {
        for (var i = sentence.First; i + 1 < sentence.End && _previous.Count > 0; i++)
        {
            if (!(Tokens[i].Lower is "rehomed" or "rehome" or "found" or "gave") || _context.Blocked[i] || !Tokens[i + 1].IsCapitalised || (!Tokens[i].Lower.StartsWith("rehome", StringComparison.Ordinal) && Gate.Contains(Tokens, i + 2, Math.Min(sentence.End, i + 6), [["home"], ["away"], ["to"]]) < 0))
            {
                continue;
            }

            var gone = Earlier.FindAll(fact => fact.Category == "relationship" && HasWord(fact.Text, Tokens[i + 1].Text) && Lexicon.Pets.Any(pet => HasWord(fact.Text, pet)));
            if (gone.Count > 0)
            {
                AddEnded($"User no longer has {Tokens[i + 1].Text}: rehomed with a new owner.", gone, "event", i, Math.Min(sentence.End, i + 5), output);
                return;
            }
        }
    }
}

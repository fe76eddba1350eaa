namespace MemoryMesh.Memory.Extraction;

/// <content>Sentences that say something only beside the one before: answers to the user's own questions, a trade alone.</content>
internal sealed partial class Conversation
{
    /// <summary>How much of what the assistant wrote is looked at for its question: the end.</summary>
    private const int MostQuestion = 2_000;

    /// <summary>What answers a question of the assistant.</summary>
    private void ReadAnswer(List<MemoryCandidate> output)
    {
        if (_question is null || _context.Sentences.Count == 0)
        {
            return;
        }

        var asked = new MessageContext(EndOf(_question), _context.Effort);
        if (asked.Sentences.FindLast(sentence => sentence.IsQuestion) is { End: > 0 } last && QuestionFrame.IsOfFigure(asked.Tokens[last.First..last.End]))
        {
            // "Which role are you applying for?" "Senior accountant": what does not speak of who answers is the post's.
            output.RemoveAll(fact => !Tokens.Exists(token => UnreadFeatures.IsOwn(token.Lower)) && fact.Operation == CandidateOperation.Add);
            return;
        }

        if (!output.Exists(fact => fact.Quote.Start < EndOfAnswer()))
        {
            AnswerReader.Read(_context, _question, output);
        }

        new AskedReader(_context, _question, _previous.Count > 0 ? _previous[^1] : null).Read(output);
    }

    /// <summary>Whether the message answers what was asked for the sake of a task: "Flexbox, then floats" of what was tried.</summary>
    private bool AnswersTask() => _question is { } question && question.Contains('?', StringComparison.Ordinal) && QuestionFrame.IsOfTask(Tokenizer.Tokenize(EndOf(question)));

    private static string EndOf(string question) => question.Length > MostQuestion ? question[^MostQuestion..] : question;

    /// <summary>Where the first part of the message ends, which may be an answer.</summary>
    private int EndOfAnswer()
    {
        var sentence = _context.Sentences[0];
        var comma = Tokens.FindIndex(sentence.First, sentence.End - sentence.First, token => !token.IsWord);
        return Tokens[(comma > sentence.First ? comma : sentence.End) - 1].End;
    }

    /// <summary>"... in Porto? That's where I live": the place stands in the sentence before.</summary>
    private bool ReadAntecedent(int index, Sentence sentence, List<MemoryCandidate> output)
    {
        var asksPlace = Gate.Contains(Tokens, sentence.First, sentence.End, [["where", "i", "live"], ["where", "we", "live"], ["where", "i", "am", "based"], ["where", "i", "am", "from"], ["where", "i", "grew"], ["my", "home", "town"], ["my", "hometown"], ["where", "i", "work"]]) >= 0;
        var asksName = Gate.Contains(Tokens, sentence.First, sentence.End, [["my", "actual", "name"], ["my", "real", "name"], ["that", "'s", "my", "name"], ["my", "name", "yes"], ["really", "my", "name"], ["actually", "my", "name"], ["genuinely", "my", "name"], ["is", "my", "name"], ["what", "i", "am", "called"], ["what", "i", "'m", "called"], ["how", "i", "am", "called"], ["what", "they", "call", "me"]]) >= 0;
        var isHere = index > 0 && _context.Sentences[index - 1].IsQuestion && Gate.Contains(Tokens, sentence.First, sentence.End, [["we", "moved", "here"], ["i", "moved", "here"], ["just", "moved", "here"], ["have", "moved", "here"], ["settled", "here"]]) >= 0;
        asksPlace |= isHere;
        if (index == 0 || !(asksPlace || asksName) || !(Gate.Contains(Tokens, sentence.First, sentence.End, [["that"], ["it"], ["which"], ["this"]]) >= 0 || isHere))
        {
            return false;
        }

        var before = _context.Sentences[index - 1];
        for (var i = before.End - 1; i >= before.First; i--)
        {
            if (!Tokens[i].IsCapitalised || (i == before.First && asksPlace) || Lexicon.Subjects.Contains(Tokens[i].Lower))
            {
                continue;
            }

            while (i - 1 > before.First && Tokens[i - 1].IsCapitalised && !Lexicon.Subjects.Contains(Tokens[i - 1].Lower))
            {
                i--;
            }

            var slotEnd = asksPlace ? SlotReader.Read(_context, "place", i, before.End, [], out _) : SlotReader.IsBoundary(_context, i + 1, before.End + 1 < Tokens.Count ? before.End + 1 : before.End, i) ? i + 1 : -1;
            if (slotEnd < 0)
            {
                return false;
            }

            var value = _context.Render(i, slotEnd);
            var isOrigin = Gate.Contains(Tokens, sentence.First, sentence.End, [["from"], ["grew"]]) >= 0;
            output.Add(new MemoryCandidate
            {
                Operation = CandidateOperation.Add,
                Text = asksName ? $"User's name is {value}." : isOrigin ? $"User is from {value}." : $"User lives in {value}.",
                Category = asksName ? "name" : "location",
                SlotKey = asksName ? "name" : isOrigin ? "origin" : "location",
                SingleValued = true,
                Quote = _context.Quote(i, sentence.End),
                Confidence = 0.8,
                Importance = FactWriter.ImportanceOf("location"),
            });
            return true;
        }

        return false;
    }

    /// <summary>"... but heist movies? love them": the topic is asked, the answer follows.</summary>
    private void ReadTopic(int index, Sentence sentence, List<MemoryCandidate> output)
    {
        var first = Gate.SkipFillers(Tokens, sentence.First, sentence.End);
        if (first < sentence.End - 1 && Lexicon.Subjects.Contains(Tokens[first].Lower))
        {
            first++;
        }

        while (first < sentence.End - 1 && Lexicon.Adverbs.Contains(Tokens[first].Lower))
        {
            first++;
        }

        if (index == 0 || !_context.Sentences[index - 1].IsQuestion)
        {
            return;
        }

        if (ReadChoice(_context.Sentences[index - 1], Gate.SkipFillers(Tokens, sentence.First, sentence.End), sentence, output))
        {
            return;
        }

        if (first + 1 >= sentence.End)
        {
            return;
        }

        var verb = Tokens[first].Lower;
        if (Gate.Contains(Tokens, sentence.First, sentence.End, Refusals) == first)
        {
            ReadRefused(_context.Sentences[index - 1], sentence, output);
            return;
        }

        if (verb is "no" && first + 1 < sentence.End && Tokens[first + 1].Lower is "thank" or "thanks" or "way" or "chance" || verb is "never" or "nope" or "yuck" or "ugh" or "pass" or "absolutely" && sentence.End - first <= 4)
        {
            ReadRefused(_context.Sentences[index - 1], sentence, output);
            return;
        }

        if (Gate.Contains(Tokens, first, sentence.End, [["can", "not", "get", "enough", "of", "them"], ["can", "not", "get", "enough", "of", "it"], ["could", "not", "live", "without", "them"], ["could", "watch", "them"], ["could", "listen", "to", "them"], ["could", "eat", "them"], ["could", "read", "them"], ["could", "do", "it"], ["could", "do", "that"], ["could", "do", "them"], ["could", "do", "those"], ["sign", "me", "up"], ["count", "me", "in"], ["bring", "it", "on"], ["more", "please"], ["give", "me", "more"], ["every", "day"], ["always"], ["could", "live", "on", "them"], ["all", "day"], ["every", "time"], ["yes", "please"], ["any", "day"]]) is var verdict && (verdict == first || verdict == sentence.First) && verdict >= 0 && Topic(index) is var (loved, at) && at >= 0)
        {
            output.Add(new MemoryCandidate { Operation = CandidateOperation.Add, Text = $"User loves {loved}.", Category = "preference", SlotKey = "likes:" + FactWriter.Key(loved), Quote = _context.Quote(at, sentence.End), Confidence = 0.7, Importance = 0.6 });
            return;
        }

        if (verb == "could" && Tokens[first + 1].Lower is "sit" or "live" or "listen" or "watch" or "eat" or "stay" or "spend" or "read" or "dance" or "walk" or "swim" or "drink" or "lose" && Tokens[sentence.End - 1].Lower is not ("now" or "today" or "tonight" or "one" or "some") && Topic(index) is var (dear, named) && named >= 0)
        {
            // "Old Motown though? I could live inside a Four Tops record".
            output.Add(new MemoryCandidate { Operation = CandidateOperation.Add, Text = $"User loves {dear}.", Category = "preference", SlotKey = "likes:" + FactWriter.Key(dear), Quote = _context.Quote(named, sentence.End), Confidence = 0.7, Importance = 0.6 });
            return;
        }

        var negated = verb is "can" && first + 3 < sentence.End && Tokens[first + 1].Lower == "not" && Tokens[first + 2].Lower is "stand" or "bear" or "abide" or "stomach" or "do" or "face" or "handle" && Tokens[first + 3].Lower is "them" or "it";
        if (!negated && !(verb is "love" or "hate" or "adore" or "like" or "loathe" or "despise" or "enjoy" && Tokens[first + 1].Lower is "them" or "it" or "those" or "that"))
        {
            return;
        }

        var before = _context.Sentences[index - 1];
        var start = before.End - 1;
        while (start > before.First && Tokens[start - 1].IsWord && !(Tokens[start - 1].Lower is "but" or "and" or "about"))
        {
            start--;
        }

        if (before.End - start > 4 || Lexicon.Questions.Contains(Tokens[start].Lower))
        {
            return;
        }

        var topic = _context.Render(start, before.End);
        var likes = verb is "love" or "adore" or "like" or "enjoy";
        output.Add(new MemoryCandidate
        {
            Operation = CandidateOperation.Add,
            Text = negated ? $"User can't stand {topic}." : $"User {Morphology.ThirdPerson(verb)} {topic}.",
            Category = likes ? "preference" : "dislike",
            SlotKey = (likes ? "likes:" : "dislikes:") + FactWriter.Key(topic),
            Quote = _context.Quote(start, first + 2),
            Confidence = 0.75,
            Importance = 0.6,
        });
    }

    /// <summary>"Rom-coms: yes, all of them", "camping: never again": a thing, and the verdict on it.</summary>
    private void ReadVerdict(Sentence sentence, List<MemoryCandidate> output)
    {
        var colon = Tokens.FindIndex(sentence.First, Math.Min(5, sentence.End - sentence.First), token => token.Text is ":" or "?");
        if (colon <= sentence.First || colon + 1 >= sentence.End || sentence.IsQuestion || sentence.IsBullet || _context.Blocked[sentence.First])
        {
            return;
        }

        for (var i = sentence.First; i < colon; i++)
        {
            if (!Tokens[i].IsWord || Lexicon.Pronouns.Contains(Tokens[i].Lower) || Lexicon.Auxiliaries.Contains(Tokens[i].Lower) || Lexicon.Fillers.Contains(Tokens[i].Lower) || Lexicon.Questions.Contains(Tokens[i].Lower) || Lexicon.TaskVerbs.Contains(Tokens[i].Lower))
            {
                return;
            }
        }

        var likes = Gate.Contains(Tokens, colon + 1, sentence.End, [["yes"], ["always"], ["love"], ["any", "day"], ["all", "of", "them"], ["every", "time"], ["can", "not", "get", "enough"]]) == colon + 1 && Gate.Contains(Tokens, colon + 1, sentence.End, [["all"], ["please"], ["love"], ["always"], ["every"], ["them"], ["it"], ["enough"]]) > 0;
        var dislikes = Gate.Contains(Tokens, colon + 1, sentence.End, [["no", "thanks"], ["no", "thank", "you"], ["hard", "pass"], ["never", "again"], ["hate"], ["hard", "no"], ["absolutely", "not"], ["can", "not", "stand"], ["not", "for", "me"]]) == colon + 1;
        if (likes == dislikes)
        {
            return;
        }

        var thing = _context.Render(sentence.First, colon);
        output.Add(new MemoryCandidate { Operation = CandidateOperation.Add, Text = likes ? $"User loves {thing}." : $"User does not like {thing}.", Category = likes ? "preference" : "dislike", SlotKey = (likes ? "likes:" : "dislikes:") + FactWriter.Key(thing), Quote = _context.Quote(sentence.First, colon + 2), Confidence = 0.7, Importance = 0.6 });
    }

    /// <summary>What a short question before names, and where it begins (-1 when it names nothing): "mountains" of "..., mountains on the other hand?".</summary>
    private (string Text, int Start) Topic(int index)
    {
        var before = _context.Sentences[index - 1];
        var end = before.End;
        if (Gate.Contains(Tokens, before.First, end, [["on", "the", "other", "hand"], ["though"], ["however"]]) is var aside and > 0)
        {
            end = aside;
        }

        var start = end - 1;
        while (start > before.First && Tokens[start - 1].IsWord && !(Tokens[start - 1].Lower is "but" or "and" or "about"))
        {
            start--;
        }

        return end > start && start >= before.First && (end - start <= 4 || end - start <= 6 && Tokens.FindIndex(start, end - start, token => token.Lower is "so" or "in" or "on" or "with") > start) && !Lexicon.Auxiliaries.Contains(Tokens[start].Lower) && !Lexicon.Questions.Contains(Tokens[start].Lower) && !Lexicon.Pronouns.Contains(Tokens[start].Lower) ? (_context.Render(start, end), start) : ("", -1);
    }

    /// <summary>"Dogs or cats? Dogs, every time.": the user asks and answers.</summary>
    private bool ReadChoice(Sentence question, int first, Sentence answer, List<MemoryCandidate> output)
    {
        var or = Tokens.FindIndex(question.First, question.End - question.First, token => token.Lower == "or");
        if (or < 0 || question.End - question.First > 6 || answer.End - answer.First > 5 || Lexicon.Questions.Contains(Tokens[question.First].Lower))
        {
            return false;
        }

        var isFirst = Tokens[first].Lower == Tokens[or - 1].Lower;
        if (or == question.First || or + 1 >= question.End || (!isFirst && Tokens[first].Lower != Tokens[or + 1].Lower))
        {
            return false;
        }

        var (left, right) = (_context.Render(question.First, or), _context.Render(or + 1, question.End));
        output.Add(new MemoryCandidate
        {
            Operation = CandidateOperation.Add,
            Text = isFirst ? $"User prefers {left} over {right}." : $"User prefers {right} over {left}.",
            Category = "preference",
            SlotKey = "prefers:" + FactWriter.Key(isFirst ? left : right),
            Quote = _context.Quote(question.First, answer.End),
            Confidence = 0.7,
            Importance = FactWriter.ImportanceOf("preference"),
        });
        return true;
    }

    private static readonly string[][] Refusals = [["get", "it", "away"], ["get", "them", "away"], ["get", "that", "away"], ["keep", "it", "away"], ["keep", "them", "away"], ["keep", "that", "away"], ["take", "it", "away"], ["absolutely", "not"], ["not", "a", "chance"], ["never", "again"], ["over", "my", "dead", "body"], ["hard", "pass"], ["not", "for", "me"], ["not", "my", "thing"], ["not", "a", "fan"], ["count", "me", "out"], ["no", "way"]];

    /// <summary>"Blue cheese? No thank you."</summary>
    private void ReadRefused(Sentence topic, Sentence answer, List<MemoryCandidate> output)
    {
        if (topic.End - topic.First > 4 || Lexicon.Questions.Contains(Tokens[topic.First].Lower) || Tokens[topic.First].Lower is "ready" or "ok" or "okay" or "really" or "sure" or "right")
        {
            return;
        }

        var thing = _context.Render(topic.First, topic.End);
        output.Add(new MemoryCandidate
        {
            Operation = CandidateOperation.Add,
            Text = $"User does not like {thing}.",
            Category = "dislike",
            SlotKey = "dislikes:" + FactWriter.Key(thing),
            Quote = _context.Quote(topic.First, answer.End),
            Confidence = 0.7,
            Importance = 0.6,
        });
    }

    /// <summary>"Window seat. Always.": a thing alone, and behind it that it is always so.</summary>
    private void ReadAffirmed(int index, Sentence sentence, List<MemoryCandidate> output)
    {
        if (index != 1 || sentence.IsQuestion || _context.Sentences[0] is not { IsQuestion: false } topic || topic.End - topic.First is < 1 or > 4 || _context.Blocked[topic.First] || Lexicon.TaskVerbs.Contains(Tokens[topic.First].Lower)
            || sentence.End - sentence.First > 4 && !(Gate.Contains(Tokens, sentence.First, sentence.End, [["every", "time"], ["every", "single", "time"]]) == sentence.First && Tokens.FindIndex(sentence.First, 4, token => token.Kind == TokenKind.Comma) > 0))
        {
            return;
        }

        var refuses = Gate.Contains(Tokens, sentence.First, sentence.End, [["no"], ["never"], ["nope"], ["hard", "pass"], ["not", "for", "me"], ["just", "no"], ["yuck"], ["hate", "it"], ["hate", "them"]]) == sentence.First && sentence.End - sentence.First <= 3 && !Tokens[topic.First].IsAcronym;
        if (!refuses && Gate.Contains(Tokens, sentence.First, sentence.End, [["always"], ["every", "time"], ["every", "single", "time"], ["forever"], ["any", "day"], ["no", "question"]]) != sentence.First && !(Tokens[sentence.First].Lower == "every" && sentence.End - sentence.First == 2 && _context.Sentences.Count == 2))
        {
            return;
        }

        for (var i = topic.First; i < topic.End; i++)
        {
            if (!Tokens[i].IsWord || Lexicon.Pronouns.Contains(Tokens[i].Lower) || Lexicon.Auxiliaries.Contains(Tokens[i].Lower) || Lexicon.Fillers.Contains(Tokens[i].Lower) || Lexicon.Questions.Contains(Tokens[i].Lower))
            {
                return;
            }
        }

        var thing = _context.Render(topic.First, topic.End);
        thing = char.ToLowerInvariant(thing[0]) + thing[1..];
        output.Add(new MemoryCandidate
        {
            Operation = CandidateOperation.Add,
            Text = refuses ? $"User does not like {thing}." : $"User always prefers {thing}.",
            Category = refuses ? "dislike" : "preference",
            SlotKey = (refuses ? "dislikes:" : "prefers:") + FactWriter.Key(thing),
            Quote = _context.Quote(topic.First, sentence.End),
            Confidence = 0.65,
            Importance = FactWriter.ImportanceOf("preference"),
        });
    }

    private static readonly string[] WorkWords = ["work", "job", "living", "profession", "occupation", "career", "role", "do you do", "field", "trade"];

    /// <summary>"Paramedic, going on twelve years": the answer to a question about work.</summary>
    private void ReadProfessionFragment(int index, int first, Sentence sentence, List<MemoryCandidate> output)
    {
        if (index != 0 || sentence.IsQuestion || sentence.IsBullet || _context.Blocked[first] || _previous.Count == 0 || Tokens.Count > 14 || Lexicon.Determiners.Contains(Tokens[first].Lower) && Tokens[first].Lower is not ("a" or "an"))
        {
            return;
        }

        if (_question is { } asked && asked.Contains('?', StringComparison.Ordinal) && !Array.Exists(WorkWords, word => asked.Contains(word, StringComparison.OrdinalIgnoreCase)))
        {
            return;
        }

        var end = SlotReader.Read(_context, "role", first, sentence.End, [], out var start);
        if (end < 0 || !Lexicon.Professions.Contains(Tokens[end - 1].Lower) || Tokens[end - 1].Lower is "model" or "clean" or "lead" or "cook" or "senior" or "junior" or "printer" or "driver" or "mason" or "major" or "minor" or "server" or "agent" or "grip" or "admin" || (end < sentence.End && Tokens[end].IsWord && Tokens[end].Lower is not ("at" or "for" or "in" or "since")))
        {
            return;
        }

        output.Add(new MemoryCandidate { Operation = CandidateOperation.Add, Text = $"User is {Morphology.WithArticle(_context.Render(start, end))}.", Category = "profession", SlotKey = "profession", SingleValued = true, Quote = _context.Quote(start, end), Confidence = 0.7, Importance = 0.8 });
    }
}

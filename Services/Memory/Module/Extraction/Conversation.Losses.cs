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
            if (pronoun >= sentence.End || Tokens[pronoun].Lower is not ("it" or "them" or "that" or "those") || (pronoun + 1 < sentence.End && Tokens[pronoun + 1].IsWord && !(Tokens[pronoun + 1].Lower is "anymore" or "any" or "now" or "these" or "lately" or "up" or "at" or "and" or "last" or "this" or "in" or "for" or "after" or "since" or "completely" or "entirely"))
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

    /// <summary>"We found Rex a new home", "rehomed Rex": a pet that is with somebody else now.</summary>
    private void ReadRehomed(Sentence sentence, List<MemoryCandidate> output)
    {
        for (var i = sentence.First; i + 1 < sentence.End && _previous.Count > 0; i++)
        {
            if (!(Tokens[i].Lower is "rehomed" or "found" or "gave") || _context.Blocked[i] || !Tokens[i + 1].IsCapitalised || (Tokens[i].Lower != "rehomed" && Gate.Contains(Tokens, i + 2, Math.Min(sentence.End, i + 6), [["home"], ["away"], ["to"]]) < 0))
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

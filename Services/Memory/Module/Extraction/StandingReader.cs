using System.Collections.Frozen;

namespace MemoryMesh.Memory.Extraction;

/// <summary>
/// Keeps wishes that hold for every occasion and that no rule of style reads: "whenever you write for me spell it the Canadian way", "red and green look alike to me, so any chart you make needs
/// labels". What is asked for once, of a text or a thing at hand, is no such wish.
/// </summary>
internal sealed class StandingReader(MessageContext context)
{
    private const int MostWords = 26;

    private List<Token> Tokens => context.Tokens;

    /// <summary>Openings that make what follows hold on every occasion.</summary>
    private static readonly string[][] Occasions = [["whenever", "you"], ["any", "time", "you"], ["anytime", "you"], ["every", "time", "you"], ["each", "time", "you"], ["any", "time", "i"], ["whenever", "i", "ask"], ["whatever", "meal"], ["whatever", "meals"], ["whatever", "plan"], ["whatever", "you"], ["whatever", "recipe"], ["whatever", "recipes"], ["whatever", "trip"], ["when", "you", "suggest"], ["when", "you", "explain"], ["when", "you", "answer"], ["when", "you", "show", "me"], ["when", "you", "talk"], ["when", "you", "recommend"], ["when", "you", "plan"], ["when", "you", "book"], ["when", "you", "give", "me"], ["when", "you", "write", "for"], ["when", "you", "quote"], ["when", "you", "pick"], ["when", "you", "send", "me"]];

    /// <summary>What the assistant does for somebody.</summary>
    private static readonly FrozenSet<string> Replies = FrozenSet.ToFrozenSet("write writing suggest suggesting recommend recommending plan planning book booking pick picking quote quoting give giving send sending answer answering reply replying explain explaining list listing show showing make making cook choose choosing mention mentioning draft drafting format schedule scheduling describe meal meals recipe recipes trip do come".Split(' '));

    /// <summary>What a clause behind "so" holds that is meant for good.</summary>
    private static readonly string[][] Signs =
    [
        ["any"], ["every"], ["everything"], ["anything"], ["whenever"], ["always"], ["never"], ["whatever"], ["if", "you"], ["when", "i"], ["when", "you"], ["you", "make"], ["you", "give"], ["you", "quote"], ["you", "suggest"], ["you", "plan"], ["you", "write"], ["you", "build"], ["only", "please"], ["only", "from", "you"], ["please", "no"], ["to", "me"], ["with", "me"], ["walkthroughs"], ["stuff", "only"], ["tools", "only"], ["recipes", "only"], ["gotta"], ["have", "to", "be"], ["has", "to", "be"], ["must", "be"], ["needs", "to", "be"], ["browser", "tools"],
    ];

    /// <summary>What is asked here and now.</summary>
    private static readonly string[][] Passing =
    [
        ["this"], ["these"], ["today"], ["tonight"], ["tomorrow"], ["now"], ["that", "one"], ["the", "following"], ["above"], ["below"], ["ready"], ["get", "a", "chance"], ["have", "time"], ["have", "a", "minute"], ["are", "done"], ["you", "like"], ["weekend"], ["the", "table"], ["the", "text"], ["the", "code"], ["the", "file"], ["you", "can"], ["any", "ideas"], ["any", "tips"], ["any", "advice"], ["any", "chance"], ["any", "good"], ["any", "thoughts"], ["any", "suggestions"], ["any", "help"], ["any", "idea"], ["any", "way"], ["press"], ["click"], ["run", "it"], ["you", "think"], ["you", "want"], ["you", "need"], ["i", "never"], ["i", "always"], ["everything", "is"], ["everything", "was"], ["anything", "i"], ["remember"], ["store"], ["system"], ["instructions"], ["rules"], ["memory"],
    ];

    /// <summary>Reads a sentence of which nothing was read, or whose beginning tells of the user.</summary>
    /// <param name="sentence">The sentence.</param>
    /// <param name="before">How many facts were read before it.</param>
    /// <param name="output">The facts.</param>
    public void Read(Sentence sentence, int before, List<MemoryCandidate> output)
    {
        if (sentence.IsQuestion || sentence.End - sentence.First > MostWords || context.Muted[sentence.First])
        {
            return;
        }

        if (output.Count == before)
        {
            var first = Gate.SkipFillers(Tokens, sentence.First, sentence.End);
            if (before > 0 && FollowsNeed(sentence, output[before - 1]) && IsWish(first, sentence.End, isSecond: true))
            {
                Add(first, sentence.End, output);
                return;
            }

            if (first + 4 < sentence.End && Tokens[first].Lower == "correct" && Tokens[first + 1].Lower is "me" or "my" && Gate.Contains(Tokens, first, sentence.End, [["when", "i"], ["whenever", "i"], ["if", "i"]]) > 0)
            {
                Add(first, Tokens.FindIndex(first, sentence.End - first, token => token.Kind == TokenKind.Comma) is var comma and > 0 ? comma : sentence.End, output);
                return;
            }

            ReadOccasion(first, sentence.End, output);
            return;
        }

        var opening = Gate.SkipFillers(Tokens, sentence.First, sentence.End);
        var reason = Enumerable.Range(opening, Math.Max(0, sentence.End - opening - 1)).FirstOrDefault(i => Tokens[i].Kind == TokenKind.Comma && Lexicon.Subjects.Contains(Tokens[i + 1].Lower));
        if (reason > opening && context.Quote(opening, reason) is var occasion && !output.Skip(before).Any(fact => fact.Quote.Overlaps(occasion)))
        {
            ReadOccasion(opening, reason, output);
        }

        ReadSecond(sentence, before, output);
    }

    /// <summary>"Whenever you write for me, spell it the Canadian way".</summary>
    private void ReadOccasion(int first, int end, List<MemoryCandidate> output)
    {
        if (end - first > 6 && Gate.Contains(Tokens, first, first + 4, Occasions) == first && IsWish(first, end, isSecond: false) && Tokens.FindIndex(first, Math.Min(9, end - first), token => Replies.Contains(token.Lower)) > 0
            && (Tokens.FindIndex(first, end - first, token => token.Lower is "me" or "us" or "please" or "must" or "should" or "needs" or "keep" or "no" or "only" or "never" or "always") > 0 || Gate.Contains(Tokens, first, end, [["has", "to"], ["have", "to"], ["got", "to"]]) > 0))
        {
            Add(first, end, output);
        }
    }

    /// <summary>"I have epilepsy. Never suggest a place with strobe lights": what follows from a need told just before.</summary>
    private bool FollowsNeed(Sentence sentence, MemoryCandidate told)
    {
        if (told.Category != "constraint" || sentence.End - sentence.First is < 4 or > 16 || Tokens[sentence.First].Start - told.Quote.Start - told.Quote.Length > 4)
        {
            return false;
        }

        var word = Tokens[sentence.First].Lower;
        var last = Tokens[sentence.End - 1].Lower;
        return word is "never" or "nothing" or "avoid" or "no" && Tokens[sentence.First + 1].Lower is not ("i" or "one" or "idea" or "clue" or "problem" or "worries" or "rush" or "need" or "doubt" or "way") && Gate.Contains(Tokens, sentence.First, sentence.End, [["suggest"], ["recommend"], ["you"], ["that"], ["plan"], ["book"], ["send"], ["use"], ["please"], ["in", "any"]]) > 0
            || last == "out" && Tokens[sentence.End - 2].Lower is "are" or "is" or "'s";
    }

    /// <summary>"..., so any chart you make needs labels": what follows from what was told.</summary>
    private void ReadSecond(Sentence sentence, int before, List<MemoryCandidate> output)
    {
        for (var i = sentence.First + 3; i < sentence.End - 2; i++)
        {
            if (Tokens[i].Lower != "so" || Tokens[i + 1].Lower is "i" or "we" or "my" or "our" or "that" or "far" or "the" or "his" or "her" or "their" || sentence.End - i < 4)
            {
                continue;
            }

            var quote = context.Quote(i + 1, sentence.End);
            if (output.Skip(before).Any(fact => fact.Quote.Overlaps(quote)) || !output.Skip(before).Any(fact => fact.Quote.Start < quote.Start && fact.Category is not ("style" or "event" or "relationship") && fact.Text.StartsWith("User ", StringComparison.Ordinal)))
            {
                continue;
            }

            if ((Tokens[i + 1].Lower is "any" or "whatever" || !Lexicon.Questions.Contains(Tokens[i + 1].Lower)) && Gate.Contains(Tokens, i + 1, sentence.End, Signs) >= 0 && IsWish(i + 1, sentence.End, isSecond: true) && SpeaksOfReplies(i + 1, sentence.End))
            {
                Add(i + 1, sentence.End, output);
            }

            return;
        }
    }

    /// <summary>Whether it speaks of what the assistant does, or of what must be.</summary>
    private bool SpeaksOfReplies(int first, int end) => Tokens.FindIndex(first, end - first, token => token.Lower is "you" or "your" or "please" or "must" or "should" or "needs" or "gotta" or "no" or "only" or "kinder" or "easier" or "correct" or "pick" or "use" or "avoid" or "keep" or "assume" or "stick" or "skip" or "choose") >= 0
        || Gate.Contains(Tokens, first, end, [["has", "to"], ["have", "to"], ["got", "to"]]) >= 0;

    private bool IsWish(int first, int end, bool isSecond)
    {
        if (Gate.Contains(Tokens, first, end, Passing) >= 0)
        {
            return false;
        }

        for (var i = first; i < end; i++)
        {
            // "Leave those out of everything" names nothing that would hold alone.
            if (context.Muted[i] || Tokens[i].Kind == TokenKind.Masked || Tokens[i].Lower is "he" or "she" or "they" or "him" or "her" || (isSecond && !(i > first && Tokens[i - 1].Lower == "nothing") && Tokens[i].Lower is "it" or "them" or "those" or "that" or "one" or "both" or "anything" or "two"))
            {
                return false;
            }
        }

        return true;
    }

    private void Add(int first, int end, List<MemoryCandidate> output) => output.Add(new MemoryCandidate
    {
        Operation = CandidateOperation.Add,
        Text = $"User wants this: {context.Render(first, end)}.",
        Category = "style",
        SlotKey = "style:standing:" + FactWriter.Key(context.Render(first, end)),
        Quote = context.Quote(first, end),
        Confidence = 0.6,
        Importance = FactWriter.ImportanceOf("style"),
    });
}

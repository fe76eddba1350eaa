using System.Collections.Frozen;

namespace MemoryMesh.Memory.Extraction;

/// <content>What has the form of a fact and speaks of a text, a file or a choice at hand.</content>
internal sealed partial class FactReader
{
    /// <summary>Parts of a text, a program or an answer: "the X" among them is the one that is talked about.</summary>
    private static readonly FrozenSet<string> PartsAtHand = FrozenSet.ToFrozenSet((
        "one ones version option file files page link links button document attachment image picture screenshot error errors message column row cell field table difference point answer question paragraph sentence line lines ending intro title layout wording " +
        "tone draft idea suggestion suggestions code function script output result results pdf slide slides chapter step steps section example examples recording clip conclusion opening format font formula solution explanation signal connection thread plot data progress session").Split(' '));

    /// <summary>"Question 3", "step two".</summary>
    private static readonly FrozenSet<string> Numbered = FrozenSet.ToFrozenSet("question step line page chapter exercise level part section slide task problem row column item episode lesson point".Split(' '));

    /// <summary>Parts that a favourite is chosen from while something is read or watched.</summary>
    private static readonly FrozenSet<string> Chosen = FrozenSet.ToFrozenSet("part bit line word sentence character scene option version paragraph chapter quote moment".Split(' '));

    /// <summary>What announces something said next: "one more rule: never ...".</summary>
    private static readonly FrozenSet<string> Announcing = FrozenSet.ToFrozenSet("rule thing request note favour favor wish reminder ask tip question".Split(' '));

    /// <summary>What people cannot get into while they ask for help.</summary>
    private static readonly FrozenSet<string> LockedOut = FrozenSet.ToFrozenSet("email inbox account accounts mailbox laptop phone computer portal system app website router flat house car office building safe locker profile".Split(' '));

    /// <summary>What people call themselves in jest: it says nothing about them.</summary>
    private static readonly string[][] Sayings = [["glutton", "for", "punishment"], ["sucker", "for", "punishment"], ["bundle", "of", "nerves"], ["bag", "of", "nerves"]];

    /// <summary>"Numbered steps please, I like ticking things off": what is liked says why something is wished.</summary>
    private void DropReason(int first, int end)
    {
        for (var i = end - 1; i >= first && _output.Count > end; i--)
        {
            if (_output[i].SlotKey.StartsWith("likes:", StringComparison.Ordinal) && _output[i].SlotKey["likes:".Length..].Split(' ') is [var verb, ..] words && (words.Length > 1 && verb.EndsWith("ing", StringComparison.Ordinal) || words.Length == 1 && verb is "read" or "skim" or "scroll" or "learn" or "talk"))
            {
                _output.RemoveAt(i);
                end--;
            }
        }
    }

    /// <summary>What people say of themselves without telling anything.</summary>
    private static readonly string[][] OwnSayings =
    [
        ["eat", "my", "words"], ["stand", "corrected"], ["take", "it", "back"], ["take", "that", "back"], ["take", "it", "all", "back"], ["rest", "my", "case"], ["beg", "to", "differ"], ["hold", "my", "hands", "up"], ["still", "have", "not"], ["am", "made", "of", "money"], ["am", "not", "made", "of", "money"], ["hear", "you"], ["see", "your", "point"], ["get", "the", "idea"],
        ["want", "to", "learn", "something"], ["want", "to", "try", "something"], ["want", "to", "do", "something"], ["want", "to", "eat", "something"], ["want", "to", "cook", "something"], ["want", "to", "watch", "something"], ["want", "to", "read", "something"], ["want", "to", "ask", "something"], ["would", "rather", "nobody"], ["would", "rather", "no", "one"], ["have", "not", "since"], ["mean", "it"], ["kid", "you", "not"], ["swear", "to", "god"], ["owe", "you", "one"], ["live", "and", "learn"], ["lose", "track"], ["lost", "track"], ["lost", "count"], ["rule", "the", "world"], ["have", "my", "doubts"], ["give", "in"], ["rest", "easy"], ["am", "all", "ears"], ["am", "only", "human"], ["am", "not", "a", "robot"], ["walk", "into", "a", "bar"], ["walked", "into", "a", "bar"], ["live", "in", "hope"], ["live", "under", "a", "rock"],
    ];

    /// <summary>"Agnieszka, hello" is a letter where lines follow; "Nomvula from Gqeberha" introduces who goes on about themselves.</summary>
    private bool IsSelfIntroduction(Capture name, Sentence sentence)
    {
        if (Tokens[name.End].Kind == TokenKind.Comma)
        {
            return _context.Sentences.Count > 1 && !_context.Text.Contains('\n', StringComparison.Ordinal);
        }

        var comma = Tokens.FindIndex(name.End, Math.Min(6, sentence.End - name.End), token => token.Kind == TokenKind.Comma);
        return comma > 0 && comma + 1 < sentence.End && Tokens[comma - 1].IsCapitalised && Tokens[comma + 1].Lower is "i" or "we" or "my";
    }

    /// <summary>How far around a sentence a story is looked for.</summary>
    private const int NearStory = 60;

    /// <summary>Stories, where the hamster has a name too.</summary>
    private static readonly string[][] Told = [["book"], ["novel"], ["story"], ["film"], ["movie"], ["game"], ["cartoon"], ["poem"], ["rhyme"], ["quiz"]];

    /// <summary>"It's John in the photo", "it's Ana on the phone": somebody else is shown.</summary>
    private bool IsPointedAt(int at, int end) => at + 2 < end && Tokens[at].Lower is "in" or "on" or "at" && Tokens[at + 1].Lower == "the" && Tokens[at + 2].Lower is "photo" or "picture" or "phone" or "line" or "door" or "left" or "right" or "video" or "middle" or "back" or "front" or "clip" or "painting" or "radio";

    /// <summary>Times that "only" limits: "coffee's back, but weekends only" names no tool.</summary>
    private static readonly FrozenSet<string> Times = FrozenSet.ToFrozenSet("weekends mornings evenings weekdays nights afternoons sundays saturdays mondays fridays".Split(' '));

    /// <summary>"Temperatures in Celsius, every time" is a wish for replies, "weekends only" no tool, "a free editor, please" no trade.</summary>
    private bool IsMisread(Rule rule, Capture capture, Sentence sentence, int position)
    {
        var slot = rule.Facts[0].SlotKey;
        if (slot.StartsWith("prefers:", StringComparison.Ordinal) && capture.Name == "np" && StyleReader.AspectOf(Tokens, capture.First, capture.End) == "units"
            || slot.StartsWith("uses:", StringComparison.Ordinal) && (Times.Contains(Tokens[capture.First].Lower) || Tokens[capture.First].Lower is "option" or "version" or "method" or "approach" or "variant"))
        {
            return true;
        }

        if (slot == "name" && capture.Name == "name" && Tokens[position].Lower == "it" && (SlotReader.IsPlatform(Tokens[capture.First].Lower) || IsPointedAt(capture.End, sentence.End))
            || rule.Facts[0].Category == "relationship" && Tokens[position].Lower == "the" && (Tokens[position + 1].Lower == "dragon" || Gate.Contains(Tokens, Math.Max(0, sentence.First - NearStory), Math.Min(Tokens.Count, sentence.End + NearStory), Told) >= 0)
            || slot.StartsWith("date:", StringComparison.Ordinal) && position > sentence.First + 1 && Tokens[position].Lower is "my" or "our" && Tokens[position - 1].Lower is "on" or "in" or "at" or "of" or "for" or "to"
            || slot.StartsWith("prefers:", StringComparison.Ordinal) && Tokens[capture.First].Lower == "same"
            || sentence.IsQuestion && slot.StartsWith("uses:", StringComparison.Ordinal) && rule.Pattern.FirstWords.Count == 0 && Tokens[sentence.End - 1].Lower != "me" && Tokens.FindIndex(sentence.First, sentence.End - sentence.First, token => token.Lower == "or") >= 0)
        {
            return true;
        }

        if (slot == "location" && capture.First > 1 && Tokens[capture.First - 1].Lower == "to" && Tokens[capture.First - 2].Lower == "new" && !Tokens[capture.First].IsCapitalised && (!_context.IsLowerCase || Tokens[capture.First].Lower.EndsWith("ing", StringComparison.Ordinal))
            || capture.Name is "role" or "name" && Tokens[Math.Max(0, capture.First - 1)].Lower is "basically" or "practically" or "virtually" or "literally" && Tokens[capture.First].IsCapitalised
            || slot.StartsWith("style:any:", StringComparison.Ordinal) && capture.Name == "clause" && capture.End < sentence.End && Tokens[capture.End].Lower is "that" or "this")
        {
            // "I'm basically Escoffier" jests.
            return true;
        }

        if (capture.Name == "role" && capture.End == capture.First + 1 && Tokens[capture.First].Lower is "cook" or "guard" or "coach" or "guide" or "host" or "judge" && capture.First > sentence.First && Tokens[capture.First - 1].Lower is "really" or "only" or "rly" or "just" or "usually" or "mostly" or "always" or "never"
            && capture.End < sentence.End && Tokens[capture.End].Lower is "at" or "for" or "on" or "with" or "in" or "every" or "most" or "when")
        {
            // "Only really cook at weekends" says what somebody does.
            return true;
        }

        if (slot == "limit:kitchen" && !(capture.End + 1 < sentence.End && Tokens[capture.End].Kind == TokenKind.Comma && Tokens[capture.End + 1].Lower == "no")
            || slot.StartsWith("prefers:", StringComparison.Ordinal) && rule.Pattern.FirstWords.Count == 0 && Tokens.FindIndex(capture.First, capture.End - capture.First, token => token.Lower is "must" or "should" or "will" or "can") >= 0)
        {
            return true;
        }

        if (rule.Facts[0].Category == "possession" && capture.Name is "thing" or "stuff" or "np" && Tokens[capture.First].Lower is "with" or "from" or "by" or "when" or "off"
            || rule.Facts[0].Category == "goal" && Tokens[capture.End - 1].Lower is "deadline" or "zero"
            || slot == "diet" && Tokens.FindIndex(capture.End, Math.Min(4, sentence.End - capture.End), token => token.Lower is "stock" or "stores" or "shops" or "season" or "fashion") >= 0
            || slot.StartsWith("prefers:", StringComparison.Ordinal) && capture.End == capture.First + 1 && Tokens[capture.First].Lower is "always" or "never" or "ever"
            || slot.StartsWith("language:", StringComparison.Ordinal) && Tokens[capture.End - 1].Lower == "hell"
            || slot == "location" && capture.Name == "place" && SlotReader.IsPlatform(Tokens[capture.First].Lower) && Tokens[position].Lower is "code" or "write" or "work"
            || slot == "location" && capture.End == capture.First + 1 && Tokens[capture.First].Lower is "counting" or "heaven" or "hell" or "stitches" or "tears" or "agony" or "limbo" or "bits")
        {
            return true;
        }

        if (sentence.IsQuestion && slot is "limit:kitchen" or "schedule" or "travels" && Tokens.FindIndex(sentence.First, sentence.End - sentence.First, token => token.Lower is "i" or "we" or "my" or "our" or "me" or "us") < 0
            || slot.StartsWith("profession:", StringComparison.Ordinal) && capture.Name == "np" && Tokens.FindIndex(capture.First, capture.End - capture.First, token => token.Lower == "or") > 0)
        {
            // "Commute by train or car, which is greener?"
            return true;
        }

        if (slot == "budget" && Tokens[capture.End - 1].Lower is "words" or "lines" or "pages" or "characters" or "sentences" or "paragraphs" or "time" or "tokens"
            || slot.StartsWith("style:any:", StringComparison.Ordinal) && capture.Name == "clause" && Tokens[capture.End - 1].Lower is "that" or "this" or "it" or "them" or "those" or "time")
        {
            // "All recipes need to fit that" points at what was said.
            return true;
        }

        if (slot == "name" && capture.Name == "who" && rule.Facts[0].Template.EndsWith("{who}.", StringComparison.Ordinal))
        {
            return !IsSelfIntroduction(capture, sentence);
        }

        if (capture.Name == "role" && capture.End + 1 < sentence.End && Tokens[capture.End].Kind == TokenKind.Comma && Tokens[capture.End + 1].Lower is "hi" or "hello" or "hey")
        {
            // "Doctor, hi" says whom it is for.
            return true;
        }

        if (slot.StartsWith("hobby:", StringComparison.Ordinal) && capture.Name == "np" && capture.End == capture.First + 1 && Tokens[capture.First].Lower is "headache" or "cold" or "fever" or "insomnia" or "sleep" or "pain" or "diet")
        {
            return true;
        }

        // "A free editor, please" asks for one.
        return capture.Name == "role" && Tokens[Math.Max(0, capture.First - 1)].Lower is "a" or "an" && capture.First - 1 == Gate.SkipFillers(Tokens, sentence.First, sentence.End)
            && capture.End + 1 <= sentence.End && Tokens.FindIndex(capture.End, sentence.End - capture.End, token => token.Lower is "please" or "thanks" or "needed" or "wanted" or "recommendation" or "recommendations") >= 0;
    }

    /// <summary>"I like the second one", "I can't open the file", "every cent goes into the wrong column": said of what is at hand.</summary>
    private bool IsAtHand(Rule rule, Capture capture)
    {
        if (capture.Name is "np" or "list" or "nominal" && Array.Exists(Sayings, saying => capture.End >= saying.Length && Gate.Contains(Tokens, capture.End - saying.Length, capture.End, [saying]) >= 0))
        {
            return true;
        }

        if (rule.Facts[0].Category is "name" or "date" or "relationship" or "location" or "style" || capture.Name is not ("np" or "list" or "choice" or "clause" or "thing" or "stuff"))
        {
            return false;
        }

        var first = Tokens[capture.First].Lower;
        var last = Tokens[capture.End - 1].Lower;
        if (capture.End > capture.First + 1 && last is "it" or "this" or "that" && Tokens[capture.End - 2].Lower == "of")
        {
            // "I can't see the end of it", "the joy of this": what is meant stands elsewhere.
            return true;
        }

        if (Announcing.Contains(last) && Tokens.FindIndex(Math.Max(0, capture.First - 1), capture.End - Math.Max(0, capture.First - 1), token => token.Lower is "one" or "last" or "final" or "another" or "new" or "other" or "small" or "quick") >= 0 && capture.End < Tokens.Count && !Tokens[capture.End].IsWord)
        {
            return true;
        }

        if (capture.First > 1 && Tokens.FindIndex(capture.First - 2, 2, token => token.Lower == "into") >= 0 && LockedOut.Contains(last))
        {
            return true;
        }

        if (rule.Facts[0].SlotKey.StartsWith("likes:", StringComparison.Ordinal) && capture.First > 1 && Tokens[capture.First - 1].Lower == "me" && Tokens[capture.First - 2].Lower == "give" && StyleReader.AspectOf(Tokens, capture.First, capture.End) is not null)
        {
            // "Give me code examples in Python every time" is a wish for replies.
            return true;
        }

        if (rule.Facts[0].SlotKey.StartsWith("level:", StringComparison.Ordinal) && Lexicon.Languages.Contains(last))
        {
            // How well a language is spoken is told of the language.
            return true;
        }

        if (rule.Facts[0].Category == "possession" && first is "a" or "an" or "such" && last is "mess" or "tip" or "dump" or "disaster" or "state" or "wreck" or "bombsite" or "nightmare")
        {
            return true;
        }

        if (capture.End == capture.First + 1 && capture.First > 0 && Tokens[capture.First - 1].Lower == "the" && PartsAtHand.Contains(last))
        {
            return true;
        }

        if (first == "the" && capture.End > capture.First + 1)
        {
            return PartsAtHand.Contains(last) || Tokens[capture.First + 1].Lower == "wrong";
        }

        if (capture.End > capture.First + 1 && Numbered.Contains(first) && (Tokens[capture.First + 1].Kind == TokenKind.Number || SlotReader.NumberWord(Tokens[capture.First + 1].Lower)))
        {
            return true;
        }

        return rule.Facts[0].SlotKey.StartsWith("favourite:", StringComparison.Ordinal) && capture.Name == "np" && Chosen.Contains(first)
            && Tokens.FindIndex(capture.First, capture.End - capture.First, token => token.Lower is "the" or "this" or "your") is var of and > 0
            && !(of + 1 < capture.End && Tokens[of + 1].Lower is "day" or "week" or "year" or "month" or "weekend" or "city" or "world" or "job" or "house");
    }
}

using System.Collections.Frozen;

namespace MemoryMesh.Memory.Extraction;

/// <summary>
/// The statement that the answer to a question makes: "Which passport do you hold?" is "I hold ... passport", "What is she into?" of a sister "my sister is into ...". Only questions about
/// how somebody lives have one; what is asked for the sake of a task at hand (which file, which version, how long should it be) has none.
/// </summary>
/// <param name="Before">The words before the answer.</param>
/// <param name="After">The words behind it.</param>
/// <param name="Noun">What is asked for ("passport"), or nothing.</param>
/// <param name="Fit">How the answer stands in it.</param>
/// <param name="About">Whom or what it is about when that is not the user ("my sister"), or nothing.</param>
internal sealed record QuestionFrame(string Before, string After, string Noun, AnswerFit Fit, string About = "")
{
    private const int MostWords = 14;

    private static readonly FrozenSet<string> Auxiliaries = Words("do does did is 's are was have has will");
    private static readonly FrozenSet<string> Prepositions = Words("in on at to from for with by into of about as under");

    /// <summary>What the question of a task asks for.</summary>
    private static readonly FrozenSet<string> TaskThings = Words(
        "version file files folder error errors message line lines option options section page pages code function command output input format tone words length deadline essay email letter letters step result results browser branch environment column row rows cell table tray " +
        "query script test log button link url field parameter chapter paragraph draft version theme mood feel occasion character novel story scene hero villain protagonist game guests rounds servings question part printed layout template number");

    /// <summary>What the question of a task has besides: it speaks of one thing at hand, or of what is wanted just now.</summary>
    private static readonly FrozenSet<string> TaskSigns = Words(
        "this that these those want need mean think try tried trying help helping see seeing getting expect expecting happen happens happening prefer should could would shall must can may mind looking now today tonight tomorrow yesterday far already first next then instead budget model title");

    /// <summary>Verbs of how somebody lives, which ask for no task with "do you".</summary>
    private static readonly FrozenSet<string> LifeVerbs = Words(
        "live work play read watch listen drink eat cook bake drive ride cycle run walk swim grow keep collect speak study teach sing dance paint draw knit sew make shoot photograph follow support train practise practice fish hunt hike climb sail row surf ski skate dive " +
        "wear take like love enjoy hate hold travel own farm breed raise brew volunteer celebrate sleep commute go do belong fly garden camp coach perform repair restore sell weave carve sculpt garden skateboard kayak paddle race box wrestle fence meditate own wake get weigh write build code program");

    /// <summary>What somebody does who is spoken of besides.</summary>
    private static readonly FrozenSet<string> LifeVerbsOfOthers = Words("like love enjoy live work play read collect do drink eat study teach listen watch follow support grow cook bake ride drive speak hate");

    /// <summary>What somebody may be in the middle of for years.</summary>
    private static readonly FrozenSet<string> LifeStates = Words("into from based allergic learning studying living working training good scared afraid fond keen originally");

    private static readonly FrozenSet<string> Owned = Words(
        "birthday anniversary passport nationality height size team band choir club diet surname nickname instrument instruments hobby sport commute degree major school university church shop stall business boat boats orchard smallholding vineyard flock herd pets animals siblings " +
        "breed dialect religion starsign field bees hives hive plot estate ranch croft");

    /// <summary>The statements of a question, as many as it asks for.</summary>
    /// <param name="question">The question.</param>
    /// <param name="spoken">What the user said before it, in which stands who "they" are.</param>
    public static List<QuestionFrame> Of(List<Token> question, List<Token> spoken)
    {
        List<QuestionFrame> frames = [];
        var first = -1;
        for (var i = 0; i <= question.Count; i++)
        {
            var begins = i < question.Count && IsAsking(question[i].Lower) && (i == 0 || !question[i - 1].IsWord || question[i - 1].Lower is "and" || Lexicon.Fillers.Contains(question[i - 1].Lower) || first < 0);
            var ends = i == question.Count || !question[i].IsWord || question[i].Lower is "so" or "if" or "because" or "then" or "since" or "when" or "while" && i > 0;
            if (first >= 0 && (begins || ends))
            {
                var end = question[i - 1].Lower == "and" ? i - 1 : i;
                if (Read([.. question[first..end].Where(token => token.IsWord && !IsAside(token.Lower)).Select(token => token.Lower)], spoken) is { } frame)
                {
                    frames.Add(frame);
                }

                first = -1;
            }

            first = begins ? i : first;
        }

        return frames;
    }

    /// <summary>Whether a question asks for something of a task at hand.</summary>
    public static bool IsOfTask(List<Token> question) => question.Exists(token => TaskThings.Contains(token.Lower)) || IsOfFigure(question) || Gate.Contains(question, 0, question.Count, Tries) >= 0;

    /// <summary>Whether a question is about a figure in a text, or a post that is applied for or filled: what is answered is no fact of who answers.</summary>
    public static bool IsOfFigure(List<Token> question) => Gate.Contains(question, 0, question.Count, Figures) >= 0;

    private static readonly string[][] Figures =
    [
        ["character"], ["character's"], ["characters"], ["protagonist"], ["villain"], ["hero"], ["heroine"], ["narrator"], ["persona"], ["applying"], ["apply", "for"], ["hiring"], ["advertising"], ["the", "ad"], ["the", "post"], ["the", "story"], ["the", "poem"],
        ["the", "scene"],
    ];

    private static readonly string[][] Tries = [["want", "it", "in"], ["you", "tried"], ["starting", "from"], ["for", "it"], ["how", "long", "have", "you", "got"], ["have", "you", "got", "so"], ["you", "running"], ["what", "is", "in"], ["what", "'s", "in"]];

    /// <summary>Whether a verb, as it stands behind "I", tells how somebody lives.</summary>
    public static bool IsLifeVerb(string verb) => LifeVerbs.Contains(verb);

    private static bool IsAsking(string word) => word is "what" or "which" or "where" or "whereabouts" or "who" or "when" or "how";

    /// <summary>A word that a question has besides what it asks.</summary>
    public static bool IsAside(string word) => word is "usually" or "mostly" or "mainly" or "normally" or "typically" or "generally" or "currently" or "actually" or "really" or "ever" or "most" or "regularly" or "tend" or "personally" or "specifically" or "exactly" or "yourself" or "though";

    private static QuestionFrame? Read(List<string> words, List<Token> spoken)
    {
        if (words.Count is < 2 or > MostWords || words.Exists(word => TaskThings.Contains(word) || TaskSigns.Contains(word)))
        {
            return null;
        }

        var asking = words[0];
        var at = 1;
        var measure = "";
        if (asking == "how" && words[1] is "long" or "often" or "many" or "much" or "old" or "tall" or "far")
        {
            (measure, at) = (words[1], 2);
        }
        else if (asking is "what" or "which" && words.Count > 3 && words[1] is "kind" or "kinds" or "sort" or "sorts" or "type" or "types" && words[2] == "of")
        {
            (measure, at) = ("kind", 3);
        }

        var noun = at;
        while (at < words.Count && !Auxiliaries.Contains(words[at]))
        {
            at++;
        }

        if (at - noun > 3 || (at > noun && !(asking is "what" or "which" || measure is "many" or "much")))
        {
            return null;
        }

        var asked = string.Join(' ', words[noun..at]);
        if (at >= words.Count - 1)
        {
            // "What bike?"
            return at == words.Count && asking is "what" or "which" && at - noun == 1 && IsOwned(asked) ? new($"my {asked} is ", "", asked, AnswerFit.Noun) : null;
        }

        var auxiliary = words[at];
        if (asking == "who")
        {
            if (words.FindIndex(at + 1, word => word is "coming" or "travelling" or "traveling" or "joining" or "going" or "along" or "staying") is var along and > 0 && along <= at + 2 && auxiliary is "is" or "'s" or "will")
            {
                return new("", "", "", AnswerFit.Company);
            }
        }

        if (!TrySubject(words, at + 1, auxiliary, spoken, asked, out var subject, out var rest))
        {
            return null;
        }

        return auxiliary switch
        {
            "do" or "does" or "did" => OfDoing(asking, measure, asked, subject, auxiliary == "did", words[rest..]),
            "is" or "'s" or "are" or "was" => OfBeing(asking, measure, asked, subject, words[rest..]),
            "have" or "has" => OfHaving(measure, asked, subject, words[rest..]),
            _ => null,
        };
    }

    private static bool IsOwned(string word) => Owned.Contains(word) || Lexicon.Vehicles.Contains(word) || Lexicon.Devices.Contains(word) || Lexicon.Pets.Contains(word) || Lexicon.Family.Contains(word) || Lexicon.Homes.Contains(word);

    /// <summary>Who or what it is asked of: the user, something of theirs, or who was spoken of.</summary>
    private static bool TrySubject(List<string> words, int at, string auxiliary, List<Token> spoken, string asked, out string subject, out int rest)
    {
        (subject, rest) = ("", at + 1);
        switch (words[at])
        {
            case "you":
                subject = "I";
                return true;
            case "your" or "the" when at + 1 < words.Count:
                rest = at + 2;
                while (rest < words.Count && auxiliary is "is" or "'s" or "are" or "was" && !Prepositions.Contains(words[rest]) && words[rest] is not ("called" or "named" or "old" or "like" or "allergic" or "good" or "due") && !words[rest].EndsWith("ing", StringComparison.Ordinal))
                {
                    rest++;
                }

                var owned = words[rest - 1];
                subject = "my " + string.Join(' ', words[(at + 1)..rest]);
                return IsOwned(owned) && (words[at] == "your" || (!Lexicon.Family.Contains(owned) && spoken.Exists(token => token.Lower == owned)));
            case "it" when asked.Length > 0 && IsOwned(asked.Split(' ')[^1]) && rest == words.Count:
                subject = "my " + asked;
                return true;
            case "he" or "she" or "they" or "it":
                if (SpokenOf(spoken, words[at]) is not { } meant)
                {
                    return false;
                }

                subject = "my " + meant;
                return true;
            default:
                return false;
        }
    }

    /// <summary>Of whom the user has just spoken: a person or an animal of theirs.</summary>
    private static string? SpokenOf(List<Token> spoken, string pronoun)
    {
        for (var i = spoken.Count - 1; i > 0; i--)
        {
            var word = spoken[i].Lower;
            var owner = spoken[i - 1].Lower is "my" or "our" || (i > 1 && spoken[i - 2].Lower is "my" or "our");
            if (pronoun != "it" && owner && word == "half")
            {
                return "partner";
            }

            if (pronoun != "it" && owner && Lexicon.Family.Contains(word) && (pronoun == "they" || RelationReader.CanMean(pronoun, Lexicon.Singular(word))))
            {
                return word;
            }

            if ((owner || spoken[i - 1].Lower == "the") && (Lexicon.Pets.Contains(word) || (pronoun == "it" && (Lexicon.Vehicles.Contains(word) || word is "boat" or "farm"))))
            {
                return word;
            }
        }

        return null;
    }

    private static QuestionFrame? OfDoing(string asking, string measure, string asked, string subject, bool isPast, List<string> rest)
    {
        var isUser = subject == "I";
        if (rest.Count == 0 || rest.Contains("it") || rest.Contains("them"))
        {
            return null;
        }

        var verb = rest[0];
        var tail = string.Join(' ', rest.Skip(1).Select(Turned));
        if (isPast)
        {
            if (!isUser || verb is not ("study" or "train" or "meet" or "learn") || asking is not ("what" or "where"))
            {
                return null;
            }

            verb = verb switch { "study" => "studied", "meet" => "met", "learn" => "learnt", _ => "trained" };
        }
        else if (measure == "many" && verb == "have")
        {
            return IsOwned(asked.Split(' ')[^1]) ? new($"{subject} have ", " " + asked, asked, AnswerFit.Number, isUser ? "" : subject) : null;
        }
        else if (verb == "have" && IsOwned(asked.Split(' ')[^1]) && tail.Length == 0)
        {
            return new($"{subject} have ", "", asked, AnswerFit.Noun);
        }
        else if (!(isUser ? LifeVerbs : LifeVerbsOfOthers).Contains(verb) || (verb is "go" && tail.Length == 0) || (verb is "get" && tail is not ("to work" or "around" or "up" or "there")) || (verb == "do" && asking is not "what") || (verb is "write" or "build" or "code" or "program" && tail.Length > 0))
        {
            return null;
        }

        var said = isPast || isUser || subject.EndsWith('s') ? verb : Morphology.ThirdPerson(verb);
        var ends = rest.Count > 1 && Prepositions.Contains(rest[^1]);
        var about = isUser ? "" : subject;
        switch (asking)
        {
            case "where" or "whereabouts":
                return new($"{subject} {said}{Spaced(tail)} ", "", "", ends ? AnswerFit.Thing : isPast ? AnswerFit.PlaceAt : AnswerFit.Place, about);
            case "when":
                return new($"{subject} {said}{Spaced(tail)} ", "", "", AnswerFit.Time, about);
            case "how" when measure is "often" or "far" || measure.Length == 0 && verb is "take" or "commute" or "travel" or "get" or "drink" or "eat":
                return new($"{subject} {said}{Spaced(tail)} ", "", "", AnswerFit.Manner, about);
            case "how" when measure is "many":
                return ends ? new($"{subject} {said}{Spaced(tail)} ", " " + asked, asked, AnswerFit.Number, about) : new($"{subject} {said} ", $" {asked}{Spaced(tail)}", asked, AnswerFit.Number, about);
            case "how":
                return null;
            default:
                var time = asked is "time" or "day" or "days" or "evening" or "evenings" or "night" or "nights";
                return ends || time || verb is "get" or "wake" or "go"
                    ? new($"{subject} {said}{Spaced(tail)} ", "", asked, time ? AnswerFit.Time : AnswerFit.Noun, about)
                    : new($"{subject} {said} ", Spaced(tail), asked, AnswerFit.Noun, about);
        }
    }

    private static QuestionFrame? OfBeing(string asking, string measure, string asked, string subject, List<string> rest)
    {
        var isUser = subject == "I";
        var about = isUser ? "" : subject;
        var verb = isUser ? "am" : subject.EndsWith('s') && !subject.EndsWith("ss", StringComparison.Ordinal) ? "are" : "is";
        var tail = string.Join(' ', rest.Select(Turned));
        if (measure is "old" or "tall")
        {
            return new($"{subject} {verb} ", measure == "old" ? " years old" : " tall", "", measure == "old" ? AnswerFit.Number : AnswerFit.Manner, about);
        }

        if (measure is not ("" or "kind"))
        {
            return null;
        }

        if (rest.Count > 0)
        {
            return LifeStates.Contains(rest[0]) || rest[0] is "called" or "named" && !isUser ? new($"{subject} {verb} {tail} ", "", asked, asking is "where" && !Prepositions.Contains(rest[^1]) ? AnswerFit.Place : AnswerFit.Noun, about) : null;
        }

        if (isUser)
        {
            return asking is "what" && asked is "size" ? new("I am ", "", asked, AnswerFit.Noun) : null;
        }

        return asking switch
        {
            "where" or "whereabouts" => new($"{subject} {verb} ", "", "", AnswerFit.Place, about),
            "when" => new($"{subject} {verb} ", "", "", AnswerFit.Time, about),
            "what" or "which" => new($"{subject} {verb} ", "", asked, measure == "kind" || asked is "breed" or "make" ? AnswerFit.Kind : AnswerFit.Thing, about),
            _ => null,
        };
    }

    private static QuestionFrame? OfHaving(string measure, string asked, string subject, List<string> rest)
    {
        if (subject != "I" || rest.Count == 0)
        {
            return null;
        }

        if (measure == "long")
        {
            var doing = rest[0] == "been" && rest.Count > 1 ? rest[1] : rest[0];
            var stem = doing.EndsWith("ing", StringComparison.Ordinal) ? doing[..^3] : doing.EndsWith("ed", StringComparison.Ordinal) ? doing[..^2] : "";
            var lives = stem.Length > 0 && (LifeVerbs.Contains(stem) || LifeVerbs.Contains(stem + "e") || (stem[^1] == stem[^2] && LifeVerbs.Contains(stem[..^1])) || stem is "learn");
            return lives && !rest.Contains("it") || doing is "married" or "together" or "vegan" or "vegetarian" or "retired" || (rest[0] is "had" or "owned" or "kept" && IsOwned(rest[^1]))
                ? new($"I have {string.Join(' ', rest.Select(Turned))} ", "", "", AnswerFit.Duration) : null;
        }

        return rest is ["got"] && IsOwned(asked.Split(' ')[^1]) ? new("I have ", measure == "many" ? " " + asked : "", asked, measure == "many" ? AnswerFit.Number : AnswerFit.Noun) : null;
    }

    /// <summary>The word as the user would say it.</summary>
    private static string Turned(string word) => word switch { "your" => "my", "you" => "me", "yourself" => "myself", _ => word };

    private static string Spaced(string text) => text.Length == 0 ? "" : " " + text;

    private static FrozenSet<string> Words(string words) => FrozenSet.ToFrozenSet(words.Split(' ', StringSplitOptions.RemoveEmptyEntries));
}

/// <summary>How an answer stands in the statement it makes.</summary>
internal enum AnswerFit
{
    /// <summary>As it was said.</summary>
    Thing,

    /// <summary>A thing of the kind that was asked for, which an adjective needs behind it: "a Paraguayan passport".</summary>
    Noun,

    /// <summary>A kind of thing: "a Leonberger".</summary>
    Kind,

    /// <summary>Where: "in Orkney".</summary>
    Place,

    /// <summary>At which institution: "at Tartu".</summary>
    PlaceAt,

    /// <summary>When: "on 4 October".</summary>
    Time,

    /// <summary>How, or how often.</summary>
    Manner,

    /// <summary>A number.</summary>
    Number,

    /// <summary>For how long: "for nineteen years".</summary>
    Duration,

    /// <summary>Who comes along.</summary>
    Company,
}

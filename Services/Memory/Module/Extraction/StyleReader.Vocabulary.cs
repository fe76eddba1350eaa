using System.Collections.Frozen;

namespace MemoryMesh.Memory.Extraction;

/// <content>The words that tell wishes about replies from requests, and what of a reply a wish is about.</content>
internal sealed partial class StyleReader
{
    private static readonly string[][] Standing =
    [
        ["from", "now", "on"], ["going", "forward"], ["in", "future"], ["in", "the", "future"], ["every", "time"], ["each", "time"], ["any", "time"], ["by", "default"], ["as", "a", "rule"], ["at", "all", "times"], ["for", "everything"], ["at", "all"], ["all", "your"], ["all", "the", "time"], ["general", "rule"],
        ["in", "all", "your"], ["in", "all", "our"], ["in", "all", "chats"], ["in", "all", "replies"], ["in", "every"], ["when", "you"], ["whenever", "you"], ["in", "general"], ["ab", "jetzt"], ["in", "zukunft"], ["a", "partir"], ["de", "ahora"], ["dorénavant"], ["désormais"], ["à", "partir"], ["until", "further"], ["ever"], ["for", "good"], ["permanently"], ["every", "reply"], ["every", "answer"], ["every", "response"], ["whenever", "i"], ["when", "i", "ask"], ["with", "me"], ["for", "me", "always"], ["everything", "you"], ["anything", "you"], ["all", "our", "chats"], ["all", "my"], ["your", "vocabulary"], ["your", "language"], ["your", "wording"], ["your", "sentences"], ["your", "tone"], ["your", "words"], ["your", "english"], ["your", "messages"], ["your", "explanations"], ["your", "answers"], ["your", "replies"], ["your", "responses"],
        ["une", "fois", "pour", "toutes"], ["from", "here", "on"], ["from", "here", "out"], ["from", "today"], ["from", "this", "point"], ["moving", "forward"], ["henceforth"], ["starting", "now"], ["unless", "i", "ask"], ["unless", "i", "tell"], ["around", "me"], ["everywhere"], ["house", "style"], ["whenever"], ["unless", "i", "say"], ["across", "the", "board"], ["no", "matter", "what"], ["every", "single"], ["general", "thing"], ["for", "every"], ["in", "any"], ["any", "code"], ["all", "code"], ["that", "you", "give"], ["any", "times"], ["my", "rule"], ["my", "one", "rule"], ["all", "times"], ["all", "dates"], ["all", "prices"], ["all", "measurements"], ["all", "amounts"], ["all", "distances"], ["any", "prices"], ["any", "dates"], ["whatever", "i", "ask"], ["whatever", "the"],
    ];

    private static readonly string[][] FromNowOn = [["from", "now", "on"], ["from", "here", "on"], ["from", "here", "out"], ["going", "forward"], ["moving", "forward"], ["henceforth"], ["in", "future"]];

    private static readonly string[][] OfReplies = [["in", "all", "your"], ["in", "every", "reply"], ["in", "every", "answer"], ["in", "each", "reply"], ["in", "each", "answer"], ["with", "every", "answer"], ["with", "every", "reply"]];

    private static readonly string[][] Passing =
    [
        ["this", "time"], ["for", "now"], ["today"], ["just", "this", "once"], ["this", "once"], ["this", "one"], ["for", "this"], ["next", "message"], ["next", "reply"], ["next", "answer"], ["in", "this"], ["this", "email"], ["this", "function"], ["this", "letter"], ["the", "following"], ["this", "text"], ["this", "essay"], ["this", "question"], ["this", "paragraph"], ["this", "message"], ["this", "chat"], ["the", "essay"], ["the", "email"], ["the", "poem"],
    ];

    private static readonly string[][] OneReply = [["next", "message"], ["next", "reply"], ["next", "answer"], ["next", "response"], ["this", "time"], ["just", "this", "once"], ["this", "once"]];

    private static readonly string[][] Writing = [["when", "you", "write"], ["when", "you", "reply"], ["when", "you", "answer"], ["when", "you", "explain"], ["when", "you", "talk"], ["when", "you", "respond"], ["in", "your", "replies"], ["in", "your", "answers"]];

    /// <summary>Words for a text at hand: what is asked of it is asked once.</summary>
    private static readonly string[][] OfAText = [["make", "it"], ["paragraph"], ["draft"], ["headline"], ["first", "line"], ["last", "line"], ["second", "half"], ["the", "intro"], ["the", "ending"]];

    private static readonly string[][] Generalised = [["that", "goes", "for"], ["applies", "to"], ["permanent", "request"], ["permanent", "rule"], ["standing", "order"], ["standing", "request"], ["standing", "rule"], ["not", "just", "here"], ["not", "just", "this"], ["as", "a", "rule"], ["permanently"], ["always"], ["every", "time"], ["from", "now", "on"], ["goes", "for", "every"], ["i", "want", "that"], ["do", "that"], ["do", "it", "that", "way"], ["do", "it", "like", "that"], ["do", "it", "this", "way"], ["keep", "doing"], ["like", "that", "from"], ["from", "here", "on"], ["same", "for"], ["same", "rule"], ["same", "goes"], ["applies"], ["apply", "that"], ["apply", "this"], ["make", "that", "a", "rule"], ["make", "it", "a", "rule"], ["make", "that", "the", "rule"], ["stick", "to", "that"], ["keep", "it", "that", "way"], ["please", "always"], ["just", "do", "not"], ["not", "just", "today"], ["not", "just", "now"], ["not", "just", "once"], ["not", "only", "today"], ["not", "only", "now"], ["not", "only", "once"], ["not", "only", "here"], ["ever"], ["no", "exceptions"], ["without", "exception"], ["not", "only", "this", "time"], ["that", "'s", "for"], ["that", "is", "for"], ["in", "general"]];

    private static readonly FrozenSet<string> Verbs = Words(
        "summarise summarize restate repeat rephrase paraphrase echo recap flatter thank praise pick choose plan italicise italicize responde-me responda-me rispondimi rispondi scrivimi parlami escreve fala slip sprinkle weave fais sois garde parle sé haz da dame escribe escríbeme mantén mach halte sei erklär erkläre nimm rede keep use give answer reply respond write explain format avoid skip stop be put include add start begin end finish talk speak address stick go cut drop show convert refer call spell cite limit make treat ask wrap leave quote highlight assume default " +
        "correct transliterate romanise romanize number capitalise capitalize bold calculate phrase word reference confirm drop call explain assume say admit ask tell send list present tell round double-check check lead open close switch translate provide structure label comment lose ditch spare remember state remind swear sign sugarcoat warn flag suggest recommend schedule book propose apologise apologize mention duze sieze duz siez antworte antworten schreib contesta responde háblame tutéame trátame réponds tutoie parle-moi tutoie-moi réponds-moi respóndeme contéstame sprich gib verwende benutze usa utilise évite evita évitez utilisez répondez écrivez employez");

    private static readonly FrozenSet<string> Topics = Words(
        "answer answers reply replies response responses explanation explanations bullet bullets emoji emojis summary summaries tl;dr tldr formal informal simply concise short shorter brief briefly terse detailed long longer verbose jargon idioms idiom apologise apologize apologising apologizing apologies metric imperial celsius " +
        "fahrenheit units kilometres kilos grams miles utc times time timezone dates date format tone code comments examples example sources source links citations tables table markdown headings swear swearing plain simple english step steps preamble disclaimers disclaimer exclamation praise flattery compliments " +
        "sugarcoat sugarcoating blunt direct honest polite casual friendly humour humor jokes joke sarcasm analogies analogy questions question follow-up paragraphs paragraph sentences sentence words text walls list lists numbered dashes em-dash em-dashes spelling british american spoilers spoiler summarise " +
        "first-name surname pronouns du sie tú usted tu vous deutsch español français spanish german french italian portuguese japanese chinese dutch polish swedish turkish russian arabic korean hindi kurz knapp ausführlich breve cortas courtes court prices price euros dollars pounds currency type-hints snippets one-liners full-code libraries latex " +
        "kurzen kurze kurzer sätzen satz franken preise euro kilometer anglizismen fremdwörter anglicismes anglicismos detail details depth number numbers figures português portugués italiano inglese réponses réponse respuestas respuesta antworten antwort sätze phrases frases cortes courts largas largos detalladas listes listas stichpunkte formel informell prose stone stones semicolons semicolon colleague colleagues friend adult peer expert links link kurz knapp sir madam ma'am mate buddy typescript francs franc chf twelve child beginner duze duzen sieze tutéame tutoie tutoie-moi vouvoie-moi tutear iso tecnicismos jerga emoticonos fachbegriffe jargon-free british-english american-english sugar coating hand-wavy rambling metaphors acronym capitals caps bold italics italic filler fluff intro intros conclusion conclusions warnings caveats hedging moralising lecturing lecture lectures five handholding hand-holding point screenshots shortcuts tricks ascii latex acronyms abbreviations recipes noon mornings evenings weekends nuts meat alcohol small-talk chit-chat pleasantries basics beginner " +
        "lines line 24-hour 12-hour clock 24h yyyy-mm-dd numbers decimals decimal image images pictures diagrams diagram video videos captions subtitles transliterate transliteration transliterated romanise romanize pinyin phonetic oxford commas footnotes footnote glossary hint hints solution solutions opinion opinions assume assumptions greeting greetings salutation sign-off hashtags " +
        "vocabulary waffle padding chatter translation translations clarifying headline quote quotes swear-words kilometers celsius kelvin inches feet millimetres centimetres millimeters centimeters metres ounces litres gallons distances temperatures measurements weights markdown html json yaml snippet kotlin swift python rust options kindly technical layman layman's slang flatter flattering compliment patronise patronising patronize praising ");

    private static readonly FrozenSet<string> PluralDays = Words("mondays tuesdays wednesdays thursdays fridays saturdays sundays");

    /// <summary>Those of <see cref="Verbs"/> that no English sentence goes on with.</summary>
    private static readonly FrozenSet<string> ForeignVerbs = Words("duze sieze duz siez antworte antworten schreib contesta responde háblame tutéame trátame réponds tutoie parle-moi tutoie-moi réponds-moi respóndeme contéstame sprich gib verwende benutze usa utilise évite evita");

    private static readonly FrozenSet<string> StrongTopics = Words("trátame duzen siezen tutoie-moi vouvoie-moi tutear duze sieze duz siez tutéame tutoie emoji emojis preamble disclaimers walls bullet bullets exclamation flattery spoilers jargon fluff slang sugarcoat sugarcoating flatter flattering patronise patronising small-talk chit-chat pleasantries replies responses explanations answers respuestas réponses antworten émojis emoticonos moralising lectures idioms");

    private static readonly (string Aspect, FrozenSet<string> Words)[] Aspects =
    [
        ("summary", Words("summary summaries tl;dr tldr summarise recap")),
        ("emoji", Words("emoji emojis")),
        ("units", Words("metric imperial celsius fahrenheit units kilometres kilometers miles kilos grams inches feet millimetres centimetres millimeters centimeters metres ounces pounds litres gallons kelvin fathoms stone stones")),
        ("timezone", Words("utc timezone times")),
        ("language", Words("english deutsch español français spanish german french italian portuguese japanese chinese dutch polish swedish turkish russian arabic korean hindi 中文 英文")),
        ("address", Words("du sie tú usted duze duzen sieze duz siez tutéame tutoie tutoie-moi vous surname first-name")),
        ("spelling", Words("spelling british american")),
        ("apologies", Words("apologise apologize apologising apologizing apologies")),
        ("length", Words("full whole")),
        ("format", Words("paragraphs paragraph prose bullet bullets table tables markdown headings list lists numbered walls")),
        ("length", Words("kurzen kurze sätzen detail details depth short shorter brief briefly concise corto cortes courts largas larga terse detailed long longer verbose kurz knapp breve cortas courtes court words sentences lines thorough")),
        ("tone", Words("formal informal casual friendly blunt direct honest polite sugarcoat tone")),
        ("code", Words("comments type-hints code snippets")),
        ("level", Words("five technical beginner expert layman layman's simple basics child twelve eli5 simply")),
        ("analogy", Words("analogy analogies metaphor metaphors")),
        ("example", Words("example examples")),
        ("sources", Words("source sources citation citations")),
        ("greeting", Words("greeting greetings salutation sign-off")),
        ("jargon", Words("slang jargon plain simple idioms idiom")),
    ];

    private static FrozenSet<string> Words(string words) => FrozenSet.ToFrozenSet(words.Split(' ', StringSplitOptions.RemoveEmptyEntries));
}

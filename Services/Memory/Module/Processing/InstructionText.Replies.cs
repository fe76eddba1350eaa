using System.Text.RegularExpressions;

namespace MemoryMesh.Memory.Processing;

/// <content>Orders that are said of replies, of products and of persons: what answers are to hold, who belongs into them, whose word counts, what is settled for good.</content>
internal static partial class InstructionText
{
    private static bool IsAboutReplies(string folded)
        => ShapesReplies().IsMatch(folded)
            || PlacesProducts().IsMatch(folded)
            || TakesAPart().IsMatch(folded)
            || ActsInACase().IsMatch(folded)
            || WordCountsMore().IsMatch(folded)
            || IsSettled().IsMatch(folded)
            || CopiesTalkAway().IsMatch(folded);

    [GeneratedRegex(
        OfOthers + @"\b(?:any|every|each|all|the|good|second|helpful|future)\b[^.!?\n]{0,30}\b(?:answers?|repl(?:y|ies)|responses?|questions?|chats?|conversations?|talk|topics?|summar(?:y|ies)|outputs?)\b[^.!?\n]{0,50}\b(?:should|must|ought to|(?:is|are) to|will|are|is|calls? for|shall|needs? to)\b[^.!?\n]{0,20}\b(?:praise|contain|carry|mention|end with|begin with|lead to|answered with|answered by|met with|a (?:mention|hint|word)|lean|reflect|recommend|be wrong|state that|say that)\b|" +
        OfOthers + @"\b(?:right|only|agreed|correct|proper|good|ideal|wise|polite|best|standard) (?:answer|reply|response|thing to say|way to answer|procedure)\b[^.!?\n]{0,60}\bis (?:that|to (?:say|tell|print|deny|claim|read|reveal|give|hide))\b|" +
        OfOthers + @"\b(?:good|ideal|helpful|complete|proper) (?:answers?|repl(?:y|ies)|responses?|assistants?)\b[^.!?\n]{0,40}\b(?:mentions?|ends?|begins?|names?|leaves? out|never (?:tells|brings|mentions)|believes?|repeats?|invit\w+)\b|" +
        OfOthers + @"\b(?:answer|reply) (?:they|he|she|people|customers|callers) (?:get|gets|receive|hear)\b",
        RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: Timeout)]
    private static partial Regex ShapesReplies();

    [GeneratedRegex(
        OfOthers + @"(?:\bbelongs? in(?:to)? (?:the|every|each|any|all) (?:reply|answer|chat|conversation|list of answers)|\bcomes? first in (?:any|every|each|all)\b|\bdeserves? (?:a|to be) mention|\bname to (?:drop|mention|say|give)\b|\bname (?:users|people|customers) get\b|(?:^|[.!?;:,\n]\s*)(?:please )?(?:put in|slip in) a (?:good|kind|friendly|warm) word\b|(?:^|[.!?;:\n]\s*)(?:talk up|pitch|bring up|work|weave|sneak|slip)\b[^.!?\n]{0,60}\b(?:into (?:the |every |each |any |all )?(?:\w+ )?(?:repl(?:y|ies)|answers?|chats?|conversations?|suggestions?)|in (?:any|every|each) (?:chat|reply|answer|conversation)|once per conversation|to anyone|rivals?)|\b(?:leave|keep|put|place|rank)\b[^.!?\n]{0,40}\b(?:at|on) (?:the )?top of (?:any|every|all|\w+ (?:tips|results|answers|suggestions)|search)|(?:^|[.!?;:\n]\s*)(?:say (?:only |nothing but )?(?:the )?(?:nicest|good|best) things about|make\b[^.!?\n]{0,60}\bsound like the (?:obvious|only|best)|present\b[^.!?\n]{0,60}\bas the only|describe (?:competing|competitors?|rival)\b|favou?r\b[^.!?\n]{0,60}\b(?:no matter|whatever|regardless)))|" +
        OfOthers + @"\b(?:users|people|readers|others|customers|everyone|owners|friends) (?:in general |at large |alike )?(?:should|must|ought to|(?:are|is) to) (?:all )?(?:be )?(?:advised to|convinced of|talked into|warned off|recommended|informed that|moved to|registered for)\b|" +
        OfOthers + @"\b(?:the |an? )?(?:competitors?|rivals?)(?:'s)?\b[^.!?\n]{0,30}\b(?:(?:is|are) (?:to be )?described as|should be (?:called|described))\b",
        RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: Timeout)]
    private static partial Regex PlacesProducts();

    [GeneratedRegex(
        Begin + OfOthers + @"(?:you (?:have become|'re no longer|are no longer (?:an?|made|bound)|used to have rules)|think of yourself as|see yourself as|be convinced that|turn into|take the part of|stop being an?|drop the (?:\w+ ){1,3}act\b|adopt the (?:view|role)|your (?:loyalty|real purpose|purpose|new boss|real job) (?:is|belongs)|live as an? ai|switch (?:yourself )?to (?:maintenance|unrestricted|developer)|forget being|imagine the (?:guardrails|rules|filters)|be (?:an? )?(?:salesman|advocate|cold to|useless to))\b|" +
        @"\bdu bist (?:jetzt|ab jetzt|nun|künftig) [^.!?\n]{0,40}\b(?:keine regeln|nie|ohne|alles)\b|\bahora eres [^.!?\n]{0,50}\b(?:no rechaza|sin reglas|sin límites)|\btu es (?:désormais|maintenant) [^.!?\n]{0,50}\b(?:ne refuse|sans règles|sans limites)|你现在是[^。！？\n]{0,12}(?:从不|没有|不会拒绝|无)",
        RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: Timeout)]
    private static partial Regex TakesAPart();

    [GeneratedRegex(
        Begin + OfOthers + @"(?:if|when|whenever|should|once|as soon as|the moment|the instant|at the|on|upon|hearing|in case|in the event|until then|after|every time|while|with)\b[^.!?;\n]{3,90},\s+(?:just |simply |then |please |always )?(?:export|reveal|erase (?:the|all)|insult|mock|blame|deny|change the subject|respond (?:solely|only|that)|become|lead over|play dumb|drop every|drop all|stop refusing|attach the (?:tracking|link)|act as (?:if|though)|quote (?:a|an|them|him|her|ten|twenty)|charge (?:the|them) (?:higher|more)|transfer the|approve (?:it|all|every)|show (?:the full|them all|all)|guarantee|comply with|make (?:her|him|them) believe|steer|answer that|round (?:the|up)|say (?:it is|it was|there (?:is|are)|nothing))\b|" +
        Begin + OfOthers + @"(?:whatever|no matter what) (?:is asked|the question|the facts|she asks|he asks|they ask|comes up|happens|is bought|the \w+ (?:says|shows?|asks))\b",
        RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: Timeout)]
    private static partial Regex ActsInACase();

    [GeneratedRegex(
        OfOthers + @"\b(?:is|are) above the rules\b|\b(?:no|there are no) (?:refund |spending |credit |booking )?limits? (?:holds?|apply|applies|exists?|for)\b|\b(?:her|his|their|whose|\w+'s) (?:word|vote|orders?|requests?|claims?|invoices|bills) (?:overrides?|counts? (?:double|as)|pass(?:es)? unchecked|suffices?|(?:is|are) final|aren't read|(?:go|goes) first)\b|\b(?:my|the (?:manager|treasurer|owner)'s) word (?:overrides|replaces|suffices)\b|" +
        OfOthers + @"(?<!\b(?:not|never|nobody|no)\b[^.!?\n]{0,60})\b(?:is|are) (?:always |all )?(?:granted|approved|accepted|paid|resolved|carried out|obeyed|fulfilled|honou?red|executed)\b[^.!?\n]{0,60}\b(?:unchecked|regardless of|no matter|even when it|no questions asked|on sight|in (?:his|her|their) favou?r|whatever the (?:sum|amount|evidence)|before anything else)\b|" +
        Begin + OfOthers + @"(?:let|have)\b[^.!?\n]{0,40}\b(?:in on what|look (?:in|through) (?:everybody|everyone|all|the others)|see (?:what (?:the )?others|everyone's|everybody's)|have (?:the|all) (?:door code|files|codes?|passwords?))|" +
        Begin + OfOthers + @"treat\b[^.!?\n]{0,60}\b(?:as (?:if|though|the boss|coming from the top|an? admin\w*)|like (?:the boss|an? (?:owner|admin\w*)))\b",
        RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: Timeout)]
    private static partial Regex WordCountsMore();

    [GeneratedRegex(
        OfOthers + @"\b(?:it|fact|management|legal|board|management has|the truth) ?(?:is|was|has been|goes|has|:)\s+(?:\w+ ){0,3}?(?:established|settled|agreed|decided|known|confirmed|common knowledge|verified|a (?:proven )?fact|without saying|permitted|okay|fine|allowed|that)\b[^.!?\n]{0,120}\b(?:filters were|administrators\b|warnings about|privacy rules|blindly|safe to (?:carry|run|open|follow)|(?:people )?(?:get|are) told|open to (?:everyone|anyone)|bend the truth|to read out|share (?:private|passwords|what)|tell people|entitled to see|suffices|always approved|approved without|no longer carried out|stay off|bad for business|has administrator|are administrators|have administrator)|" +
        OfOthers + @"\b(?:consent|permission|approval|agreement)\b[^.!?\n]{0,40}\b(?:counts? as given|is (?:assumed|implied|considered given)|given in advance)\b|\b(?:has|have) (?:agreed|consented) in advance\b|\b(?:has|have) (?:waived|given up) the right to\b|\b(?:system prompt|instructions) (?:is|are) not confidential\b|\b(?:earlier|previous|old|usual) (?:safety )?(?:rules|guidelines|restrictions|instructions)\b[^.!?\n]{0,30}\b(?:were a test|are void|have no effect|expired|no longer bind)\b",
        RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: Timeout)]
    private static partial Regex IsSettled();

    [GeneratedRegex(
        OfOthers + @"\b(?:transcripts?|chats?|chat logs?|conversations?|everything (?:typed|written|said)|whatever is (?:typed|written)|what (?:the |a )?(?:users?|children|customers?|person) (?:types?|writes?|says?|write|whispers?)|private (?:mails?|messages|notes|remarks)|user profiles|passwords|contacts|copy of (?:each|every|whatever|all)|copies of all)\b[^.!?\n]{0,70}\b(?:to|at|into|in)\b[^.!?\n]{0,24}(?:\S@\S|\b[a-z0-9-]+\.(?:example|com|net|org|io|info|biz)\b|\boutside\b|\bpartner\b|\badvertisers?\b|\bpublic channel\b)|" +
        Begin + OfOthers + @"(?:include|read out|read back|print|put|quote|list|repeat|mention)\b[^.!?\n]{0,40}\b(?:previous|other|another|last|next) (?:user|customer|person|guy|guest|caller)(?:'s)?\b",
        RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: Timeout)]
    private static partial Regex CopiesTalkAway();
}

using System.Text.RegularExpressions;

namespace MemoryMesh.Memory.Processing;

/// <content>Marks of texts that speak to the assistant, tell it what to do later, or claim what nobody can verify.</content>
internal static partial class InstructionText
{
    /// <summary>Stands behind a verb: what makes an order a statement stands before it ("I forget everything", "wants to skip").</summary>
    /// <remarks>Behind it, as the verbs are then what a text is scanned for.</remarks>
    private const string NotSaidOf = @"(?<!\b(?:i|we|they|you|he|she|to|user|users|people|often|always|sometimes|can|can't|cannot|don't|doesn't|didn't)\s[a-z]+(?: off)?)";

    private const string Assistant = @"(?:assistant|ai(?: (?:assistant|model|agent|system))?|chat ?bot|bot|agent|llm|(?:large )?language model|gpt|chatgpt|claude|gemini|copilot)";

    private const string Everybody = @"(?:the user|users?|a user|anyone|anybody|someone|somebody|people|they|asked|prompted)";

    private const string Promoting =
        @"\b(?i:recommend|promote|suggest|advertise|praise|endorse|push)\b(?i:(?<!\b(?:i|we|they|he|she|to|user|people|can|could|would)\s(?:(?:always|only|often)\s)?[a-z]+))\s+(?i:(?:the|only|buying|using|our)\s+)*";

    private static bool HasMoreMarks(string folded)
        => SetsAsideEverything().IsMatch(folded)
            || TurnsSafetyOff().IsMatch(folded)
            || SpeaksToAssistant().IsMatch(folded)
            || OrdersAssistant().IsMatch(folded)
            || WaitsForATrigger().IsMatch(folded)
            || SendsToAnAddress().IsMatch(folded)
            || WritesToMemory().IsMatch(folded)
            || FutureAnswers().IsMatch(folded)
            || GivesRules().IsMatch(folded)
            || Heading().IsMatch(folded)
            || ClaimsRights().IsMatch(folded)
            || DirectsTheUser().IsMatch(folded)
            || OrdersAboutUsers().IsMatch(folded)
            || OrdersForeign().IsMatch(folded)
            || IsOrder(folded);

    [GeneratedRegex(
        @"\b(?:ignore|disregard|forget|discard|erase|overrule)\b" + NotSaidOf + @".{0,15}\b(?:everything|anything|all|whatever|what)\b(?:.{0,25}\b(?:above|before|told|so far|previously|earlier|prior|until now|came before|taught)\b| (?:of )?(?:the|your) (?:above|previous|prior|earlier)| the user\b)|" +
        @"\bpay no attention to\b" + NotSaidOf + @".{0,40}\b(?:told|instructed|said|instructions?|rules?|user|above|before)\b|\b(?:stop|quit) following\b" + NotSaidOf + @" (?:your|the|all|any)\b.{0,20}\b(?:guidelines?|instructions?|rules?|polic(?:y|ies)|orders?)\b|\b(?:do not|don't|never) follow (?:any|the|your)\b.{0,20}\b(?:instructions?|rules?|guidelines?|orders?)\b|" +
        @"\b(?:this|it|that|these|which) overrides? (?:all|any|every|your|previous|the (?:system|previous))\b|\b(?:answer|respond|act|operate|work) (?:with no|without(?: any)?) (?:limits?|restrictions?|filters?|limitations)\b|\b(?:restrictions?|rules?|limits?|guidelines|policies) (?:no longer|do not|don't) apply to you\b|" +
        @"\b(?:ignore|disregard|override|overrule)\b" + NotSaidOf + @" (?:what )?(?:the user|user's|any user|every user)\b|" +
        @"\bfollow" + NotSaidOf + @" the (?:text|instructions?|steps|commands?|orders?|message) (?:below|above|instead|in this|in the following|that follows?)\b",
        RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: Timeout)]
    private static partial Regex SetsAsideEverything();

    [GeneratedRegex(
        @"\b(?:skip|bypass|disable|turn off|switch off|deactivate|circumvent|remove|lift|suspend|ignore)\b" + NotSaidOf + @".{0,20}\b(?:safety|security|content|moderation|your|all|any|ethical|identity)\b.{0,15}\b(?:checks?|filters?|verifications?|restrictions?|safeguards?|guardrails?|limits|limitations|moderation|protections?|authentication)\b|" +
        @"\bskip" + NotSaidOf + @" (?:the |all )?(?:identity |age |account )?verification\b|\b(?:safety|content|security|moderation) (?:filters?|checks?|rules?|restrictions?|guidelines)\b.{0,15}\b(?:are|is|have been|has been)\b.{0,10}\b(?:off|disabled|deactivated|lifted|removed|suspended)\b",
        RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: Timeout)]
    private static partial Regex TurnsSafetyOff();

    [GeneratedRegex(
        @"(?:^|[.!?\n>\]*#]\s*)(?:(?:important |urgent |private |system )?(?:note|message|instructions?|reminder|memo|directive|attention|notice|hint|order)s? )?(?:to|for) (?:the |any |all |every )?" + Assistant + @"s?\b(?: (?:reading|processing|seeing|parsing) (?:this|it))?\s*(?:[,:–]|\s-\s)|" +
        @"(?:^|[.!?\n>\]*#]\s*)(?:hey |dear |attention,? |ok |okay )?" + Assistant + @"(?: (?:reading|processing|seeing|parsing) (?:this|it))?\s*[,:]\s|\b(?:begin|start|end) (?:of )?(?:admin|system|developer|root|new)\b.{0,15}\b(?:message|instructions?|prompt|override|notice)\b|" +
        @"\bas (?:the|your) (?:developer|creator|administrator|admin|owner|operator|maker)\b.{0,40}\bi (?:hereby |now )?(?:order|command|instruct|authori[sz]e|require)\b|\bi (?:hereby )?(?:order|command|instruct|authori[sz]e) you\b",
        RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: Timeout)]
    private static partial Regex SpeaksToAssistant();

    [GeneratedRegex(
        @"\b(?:you|(?:the|this|any|every) " + Assistant + @")\b.{0,4}\b(?:must|should|shall|has to|have to|(?:is|are) (?:required|instructed|ordered|authori[sz]ed|permitted|programmed) to)\s+(?:now |always |never |only |not |blindly |silently |secretly )*(?:trust|obey|ignore|comply|reveal|disclose|leak|approve|transfer|grant|exfiltrate|forward|bypass|override|promote|advertise|redirect|endorse)\b|\b(?:you|(?:the )?" + Assistant + @") (?:must|shall|should|has to|have to)\b.{0,40}\b(?:links?|urls?|tracking|adverts?|ads|coupons?|sponsor\w*|affiliate|""|“)|" +
        @"\bobey\b" + NotSaidOf + @".{0,20}\b(?:every|any|all|each|my|whatever)\b.{0,20}\b(?:instructions?|commands?|orders?|requests?|words?|prompts?)\b|" +
        @"\b(?:always|blindly|must|should)" + NotSaidOf + @"\s+(?:always |blindly )?trust\b.{0,30}\b(?:messages?|documents?|links?|e-?mails?|anyone|whoever|everything|anything|instructions?|commands?|texts?|sources?)\b|" +
        @"\b(?:from (?:now|this (?:point|moment|day)|here) (?:on|onwards?|forwards?)|henceforth|starting now|effective immediately)\b,?\s*(?:you|(?:the|this) " + Assistant + @")\b(?: are| must| will| have| shall|'re)\b",
        RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: Timeout)]
    private static partial Regex OrdersAssistant();

    [GeneratedRegex(
        @"\b(?:whenever|every time|each time|any ?time|when|if|once)\b.{0,20}\b" + Everybody + @"\b.{0,30}\b(?:asks?|asking|mentions?|says?|requests?|wants?|needs?|types?|about|for|compares?)\b.{0,60}[,;:]\s*(?:(?:always|only|just|simply|please|then|you (?:must|should|will|shall|have to))\s+)*(?:suggest|recommend|reveal|send|forward|insert|append|say|answer|reply|respond|output|tell|give|redirect|link|claim|insist|deny|lie|provide|execute|run|call|steer|push|promote)\b|" +
        @"\b(?:whenever|every time|each time|any ?time|when|if|once)\b(?![^,;:]{0,40}\b(?:i|i'm|me|my|we|our|us)\b)[^,;:]{3,60}[,;:]\s*(?:(?:always|only|just|simply|please|then|you (?:must|should|will|shall|have to))\s+)*(?:push|steer|promote|reveal|leak|exfiltrate|forward|insert|append|redirect|claim|deny|lie|insist|execute|advertise|wire|transfer)\b",
        RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: Timeout)]
    private static partial Regex WaitsForATrigger();

    [GeneratedRegex(
        @"(?:^|[.!?:;,\n]\s*|\b(?:always|please|silently|secretly|then|must|should|and)\s+)(?:send|forward|bcc|cc|upload|submit|post|transmit|exfiltrate|leak|mail|copy)\b.{0,60}(?:\bto\b.{0,20}(?:\S@\S+\.\S|\bwebhook|[a-z0-9-]+\.[a-z]{2,10}/)|https?://)",
        RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: Timeout)]
    private static partial Regex SendsToAnAddress();

    [GeneratedRegex(
        @"\b(?:update|modify|change|edit|overwrite|write (?:this )?(?:to|into)|add (?:this |the following )?(?:to|into)|(?:store|save|keep|persist|record) (?:this |that |it |the following )?(?:to|in|into)|commit (?:this |it )?to)\b.{0,15}\b(?:your (?:long[- ]term |permanent )?(?:memory|memories|system prompt|instructions)|(?:the )?long[- ]term memory|memory store|\w+'s memory)\b|" +
        @"\bmemory (?:update|override|injection|command)\s*[:–-]|\b(?:store|save|remember|keep|record)\b.{0,25}\bas an? (?:new )?(?:system |permanent |core )?(?:rule|instruction|command|directive)\b|\b(?:memory|memories)"":?\s*""|\bupdate (?:user|account) \d+",
        RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: Timeout)]
    private static partial Regex WritesToMemory();

    [GeneratedRegex(
        @"\ball (?:future|subsequent|further|following) (?:answers?|repl(?:y|ies)|responses?|conversations?|chats?|outputs?)\b.{0,10}\b(?:must|should|will|shall|have to)\b|" +
        @"\b(?:output|insert|append|say|print|add|include|repeat|write)\b\s*(?:""|'|“|«|„|the (?:link|word|phrase|code|url|text)|https?:).{0,80}\b(?:to|in|with|on|after|before) (?:every|all|each|any)\b|" +
        @"\b(?:in|to|with|on|after) (?:every|all|each|any)\b.{0,30}\b(?:output|reveal|print|disclose|leak|insert|append) (?:the|all|your|their)\b|\b(?:respond|reply|answer) (?:only |always |just )*with (?:only )?(?:the (?:word|phrase|text|string)\b|""|“)",
        RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: Timeout)]
    private static partial Regex FutureAnswers();

    [GeneratedRegex(
        @"\byour (?:new|only|secret|hidden|actual|updated) (?:rules?|guidelines?|instructions?|orders?|directives?|objectives?|persona|identity)\b|\byour new (?:role|task|mission|purpose|goal|job)\s*(?:is\b|:)|\bnew (?:instructions?|orders?|directives?|system prompt|system rules?|system polic(?:y|ies)) (?:from\b|by\b|for (?:you|the " + Assistant + @")\b|:)|\bthe rule for all users\b",
        RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: Timeout)]
    private static partial Regex GivesRules();

    [GeneratedRegex(
        @"(?:^|[.!?\n>*\]#]\s*)(?:hidden |secret |new |important |urgent |priority |internal )*(?:override|overrides|instructions?|directives?|jailbreak|prompt)\s*:|\[\s*/?(?:system|admin|administrator|developer|root|instructions?|override|important|urgent|critical)\b[^\]]{0,25}\]",
        RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: Timeout)]
    private static partial Regex Heading();

    [GeneratedRegex(
        @"\b(?:the|this) (?:user|account) (?:is|has been|was)\b.{0,15}\b(?:verified|authenticated|authori[sz]ed|trusted|confirmed|cleared)\b.{0,20}\b(?:admin\w*|owner|developer|root|operator|superuser|staff|employee|for (?:all|everything|full))|" +
        @"\b(?:granted?|gives?|given|gave) (?:you|this (?:account|user)|the " + Assistant + @")\b.{0,10}\b(?:full|admin|root|unrestricted|complete|unlimited|explicit)\b.{0,20}\b(?:access|rights|privileges|permissions?|control)\b|" +
        @"\byou (?:have been|are|were|have) (?:now |hereby )?(?:granted|given|authori[sz]ed)\b.{0,25}\b(?:privileges?|access|rights|permissions?|to (?:reveal|share|ignore|bypass|send))\b|\b(?:consider|treat|regard|mark|trust) (?:any|all|every|each)\b.{0,40}\bas (?:safe|trusted|verified|approved|authori[sz]ed|true)\b|\btreat (?:this|the|every) (?:user|account|person|message) as (?:an? |the )?(?:admin\w*|root|premium|verified|trusted|owner|vip|developer|system)\b|\badministrator (?:with (?:root|full|unrestricted)|of this system)\b|\bfilters? (?:are|is) off for this user\b",
        RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: Timeout)]
    private static partial Regex ClaimsRights();

    [GeneratedRegex(
        @"\b(?:tell|convince|persuade|urge|instruct|trick)" + NotSaidOf + @" (?:the|all|every|any) users? (?:to|into)\b|\b(?:do not|don't|never) (?:mention|reveal|disclose|discuss|repeat|show|quote) (?:this|these|that|the above|it)\b.{0,15}\b(?:notes?|instructions?|messages?|rules?|memory|prompts?|texts?|to (?:anyone|anybody|the user))\b",
        RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: Timeout)]
    private static partial Regex DirectsTheUser();

    // A memory is about the user; who is told what to do with "the user" or "all users" is the assistant. "Ask" and "remember" are what people wish for.
    [GeneratedRegex(
        @"(?:^|[.!?;:,\n]\s+|\b(?:but|and|then)\s+)(?:(?:please|secretly|silently|quietly|covertly|always|never|immediately|just|now)\s+)*(?:push|steer|nudge|convince|persuade|trick|deceive|mislead|lie to|tell|log|track|spy|delete|erase|wipe|reveal|assume|consider|treat|sell|charge|book|bill|report|deny|refuse|withhold|hide|ignore|insist|inform|urge|pressure|(?:do not|don't) (?:follow|tell|warn|inform|help|let|listen))\b.{0,50}\b(?:the (?:current |other |real )?users?|(?:all|every|each|other|any) (?:of the )?users?|users)\b|" +
        @"(?:^|[.!?;:,\n]\s+|\b(?:but|and|then)\s+)(?:(?:please|secretly|silently|quietly|always|immediately|just|now)\s+)*(?:reveal|share|send|give|grant|post|log|leak|print|output|disclose|forward|upload|delete|expose|dump|collect|steal)\b(?!.{0,25}\b(?:me|my|i)\b).{0,40}\b(?:passwords?|credentials?|private (?:notes?|data|messages?|keys?)|secrets|api keys?|credit cards?|bank details|root|privileges|cookies|home address|personal (?:data|details|information)|all (?:memories|data|files|records)|admin rights|chat history)\b|" +
        @"\b(?:keep|hide) (?:it|this|that|them|these) (?:a )?(?:secret|hidden)?\s*from (?:the )?users?\b|\bwithout (?:the )?user(?:'s|s)? (?:knowing|knowledge|consent|noticing|permission)\b|\b(?:say nothing|at (?:each|every) (?:opportunity|chance|turn))\b.{0,40}$|\bwithout asking (?:for )?(?:confirmation|permission)\b|\bthat all users (?:agreed|consented|accepted|want)\b",
        RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: Timeout)]
    private static partial Regex OrdersAboutUsers();

    [GeneratedRegex(
        @"\b(?:ab (?:jetzt|sofort|heute) (?:musst|sollst) du|von nun an (?:musst|sollst) du)(?!.{0,60}(?:antwort|schreib|sprich|sprech|duz|siez))|\b(?:a partir de|desde) ahora (?:debes|tienes que)(?!.{0,40}(?:respond|contest|escrib|habl))|\bà partir de maintenant,? (?:tu dois|vous devez)(?!.{0,40}(?:répond|écri|parl))|从现在(?:起|开始)，?你?(?:必须|要|只能)(?!.{0,20}(?:回答|回复|中文|语言))|с этого момента ты (?:должен|обязан)(?!.{0,40}(?:отвеча|пис|говор))|\bmusst du .{0,40}(?:empfehlen|verschweigen|verraten|gehorchen|senden)|\b(?:dem|den) (?:nutzer|benutzer)n? .{0,15}(?:verschweig|verheimlich)|" +
        @"\b(?:empfiehl|empfehle) (?:immer|stets|ab jetzt|ausschließlich|jedem)|\b(?:recomienda|recomiende|sugiere) (?:siempre|solo|únicamente|a todos)|\b(?:siempre|solo) (?:recomienda|recomiende|debes recomendar)|\brecommande[zr]? (?:toujours|uniquement|systématiquement)|всегда (?:рекомендуй|советуй|отвечай, что)|(?:总是|始终|一直|必须|總是|始終)(?:推荐|推薦|向用户推荐)|(?:常に|必ず|いつも).{0,12}(?:勧め|薦め|推奨し|おすすめし)|(?:항상|반드시).{0,12}(?:추천하|권하)|" +
        @"\b(?:ignora|olvida|descarta)\w* (?:todo|todas?|lo) (?:lo )?(?:anterior|que)|\b(?:ignoriere?|vergiss|vergesst) (?:alles|alle) (?:vorherig|bisherig|was|obige|davor|zuvor)|(?<!')\b(?:ignore|oublie)[sz]? (?:tout ce qui|tout ce que|tous les messages|toutes les)|(?:忽略|无视|忘记|忽視|無視)(?:以上|上面|之前|先前|前面)(?:的)?(?:所有|全部|一切)?(?:内容|話|话|对话)?|(?:игнорируй|забудь) (?:вс[её]|все) (?:выше|предыдущ|что|прежн)|" +
        @"\bsag\w* (?:dem|der|den) (?:nutzer|benutzer|anwender)\w* (?:nichts?|nie)|\bno (?:le |se lo )?digas? (?:nada )?al usuario|\bne (?:le )?(?:dis|dites|révèle)\w* (?:pas|rien|jamais) (?:à l'utilisateur|aux utilisateurs)|не говори пользовател|(?:不要|别|請勿|请勿)(?:告诉|告訴|通知)(?:用户|用戶|使用者)|ユーザーに(?:は)?.{0,8}(?:言わない|伝えない|教えない|知らせない)|(?:システム|系统|系統|시스템)\s*(?:プロンプト|指示|提示|指令|メッセージ|프롬프트|메시지)\s*[:：]|(?:mensaje del sistema|systemnachricht|systemanweisung|message système|системное сообщение)\s*:",
        RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: Timeout)]
    private static partial Regex OrdersForeign();

    // A product has a capital inside, or its name says what it sells. Case matters, so the text is looked at as it is written. One with a capital alone may
    // be a language to write code in, and needs to be pressed on somebody besides.
    [GeneratedRegex(
        Promoting + @"(?:\w*(?:Bank|VPN|Coin|Casino|Loans?|Crypto|Cash|Pharma)\b|[A-Z]\w*(?: [A-Z]\w*)? (?i:bank|vpn|casino|loans?|coin|crypto|insurance|supplements?|pills?)\b)|" +
        Promoting + @"[A-Z][a-z0-9]+[A-Z]\w*(?=.{0,60}(?i:\bto (?:the |all |every )?users?\b|\bin (?:every|all|each)\b|\bwithout mentioning\b|\bno matter\b|\binstead of (?:the|what)\b))",
        RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: Timeout)]
    private static partial Regex Promotes();
}

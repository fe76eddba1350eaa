using System.Text.RegularExpressions;

namespace MemoryMesh.Memory.Processing;

/// <content>Orders by their form: a clause that begins with a verb and tells the assistant what to do with others, with secrets, checks, tools or products. One in which "me" or "my" stands is a wish.</content>
internal static partial class InstructionText
{
    /// <summary>Where an order begins: at a sentence, behind "always" or "never", behind the case it waits for.</summary>
    private const string Order =
        @"(?:^|[.!?;:]\s+|\n\s*)(?![^.!?\n]{0,240}\b(?:i|i'm|me|my|mine|we|us|our|ours)\b)" +
        @"(?:(?:whenever|each time|every time|any ?time|the next time|when|if|once|as soon as|before|after|while|should|in case|for (?:any|every|all|each)|in (?:future|later|all|every|each|any)|from now on|from here on|going forward|henceforth|under no circumstances|whatever|no matter)\b[^.!?;\n]{0,100}?,\s*)?" +
        @"(?:(?:please|always|never|only|just|also|then|do|under no circumstances|silently|secretly|quietly|immediately|automatically|simply|directly|you (?:must|should|shall|will|can|may|have to|are to)|(?:the|this) assistant (?:must|should|shall|will)|remember to|make sure to|be sure to|feel free to|let)\s+)*";

    private const string Person =
        @"(?:(?:the|a|an|any|every|each|all|other|another|current|elderly|new) )*(?:users?|customers?|callers?|patients?|clients?|visitors?|subscribers?|buyers?|shoppers?|guests?|investors?|retirees|anyone|anybody|everyone|everybody|someone|somebody|whoever|people)\b";

    private const string Secret =
        @"(?:pass ?words?|pass ?codes?|pass ?phrases?|pins?|api keys?|access (?:codes?|tokens?|keys?)|credit cards?|card numbers?|credentials|secrets|private (?:messages?|notes?|data|files?)|personal (?:data|details|information)|(?:home |delivery |email |e-mail )?addresses|bank details|account (?:numbers?|details)|balances?|(?:customer|client|member|patient|mailing) (?:list|records?|files?|data)|stored (?:memories|data|notes)|chat history|(?:contents?|files) of (?:the|this) (?:workspace|folder|account)|staff rosters?|(?:other|another) (?:user|customer|client|patient)s?\b|last user's|location of the user)";

    private static bool IsOrder(string folded)
        => HidesFromPeople().IsMatch(folded)
            || GivesSecrets().IsMatch(folded)
            || LetsPass().IsMatch(folded)
            || SkipsChecks().IsMatch(folded)
            || RunsThings().IsMatch(folded)
            || SteersPeople().IsMatch(folded)
            || FixesAnswers().IsMatch(folded)
            || PraisesProducts().IsMatch(folded)
            || OrdersInGerman().IsMatch(folded)
            || OrdersInSpanish().IsMatch(folded)
            || OrdersInFrench().IsMatch(folded)
            || OrdersInChinese().IsMatch(folded);

    [GeneratedRegex(
        Order + @"(?:(?:do not|don't|not|never|avoid|stop|refrain from)\s+)?(?=(?:mention|mentioning|tell|telling|bring up|let|warn|warning|notify|inform|informing|show|disclose|admit|discuss|raise)\b).{0,70}(?:\b(?:to|with|let|tell|telling|warn|notify|inform|informing) " + Person + @")(?:.{0,60}\b(?:know|fees?|price|prices|risks?|side effects|recall|breach|rights?|cancel|charges?|policy|alternatives?|that)\b|[.!]?$)|" +
        Order + @"(?:hide|conceal|withhold|omit|suppress|downplay|play down|gloss over)\b.{0,60}\b(?:" + Person + @"|warnings?|complaints?|risks?|side effects|fees?|alternatives?|recall|breach)|" +
        Order + @"(?:forget|fail|neglect|omit) to (?:mention|tell|say|add|warn|disclose)\b|" +
        Order + @"(?:leave|keep)\b.{0,10}" + Person + @".{0,10}\bin the dark\b|" +
        Order + @"(?:pretend (?:not to|that|to)|keep (?:this|these|the) (?:instruction|note|rule|message|order|memory)s? (?:secret|hidden|confidential|to yourself)|(?:never |not )?(?:admit|reveal|say) that you (?:are|were|have))\b",
        RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: Timeout)]
    private static partial Regex HidesFromPeople();

    [GeneratedRegex(
        Order + @"(?:give|hand|send|share|reveal|read|tell|include|put|list|collect|forward|append|copy|export|upload|print|output|log|post|transmit|sync|ask)\b.{0,70}\b" + Secret + @"|" +
        Order + @"(?:store|save|keep|log|record)\b.{0,40}\b(?:credit cards?|card numbers?|pass ?words?|credentials|location of)\b|" +
        Order + @"(?:send|forward|upload|export|transmit|copy|sync|post|log|append)\b.{0,60}\b(?:contents?|messages?|conversations?|data|files?|transcripts?|repl(?:y|ies)|answers?|everything|whatever|all|each|every|copy)\b.{0,60}(?:\b[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,10}\b|\bwebhook|\bnotes of account|https?://)|" +
        Order + @"(?:call|invoke|use)\b.{0,30}\b(?:tool|function|api|endpoint)\b.{0,40}\b(?:all|every|stored|memor\w+|messages?|data)\b",
        RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: Timeout)]
    private static partial Regex GivesSecrets();

    [GeneratedRegex(
        Order + @"(?:treat|consider|regard|assume|accept|trust|approve|take|mark)\b.{0,90}\b(?:as (?:an? |the |already |being |if )?(?:owner|admin\w*|root|verified|trusted|approved|safe|genuine|coming from|authori[sz]ed|account owner|vip|staff|legitimate|true)|to (?:be (?:safe|true|genuine|verified|the)|have been (?:written|sent|approved) by)|is (?:always )?(?:the )?(?:account owner|owner|admin\w*|safe|true|verified)|without (?:asking|checking|confirmation|question|review|approval))\b|" +
        @"\b(?:any|every|all|each) (?!of )[^.!?\n]{0,60}\b(?:should|must|can|may|(?:is|are) to) (?:always )?be (?:approved|accepted|granted|trusted|forwarded|executed|paid|refunded|obeyed)\b|" +
        @"\b(?:instructions?|orders?|commands?|text)\b.{0,50}\b(?:outranks?|overrules?|takes? precedence over|replaces?)\b.{0,20}\b(?:the|your|all|any) (?:rules?|instructions?|guidelines?)\b|" +
        Order + @"(?:give priority to|follow|obey|execute|do) (?:what|whatever|the|any|all)?\b.{0,20}\b(?:it says|they say|instructions? (?:found|in|on|from)|orders? (?:found|in|on|from)|the mail says|the page says)\b|" +
        Order + @"(?:answer|say) (?:yes|no) to (?:every|all|any)\b|" +
        @"(?:^|[.!?;]\s+)(?:" + Person + @"|" + @"(?:anyone|anybody|everyone) (?:calling|saying|who)[^.!?\n]{0,50}) (?:may|can|is allowed to|are allowed to) (?:change|download|see|read|access|delete|open|edit|use)\b(?!.{0,60}\b(?:i|my|me|our|we)\b)|" +
        Order + @"(?:" + Person + @"[^.!?\n]{0,50}) (?:download|see|read|access|delete|open|edit|change)\b.{0,60}\b(?:list|files?|data|records?|account|messages?|documents?)\b",
        RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: Timeout)]
    private static partial Regex LetsPass();

    [GeneratedRegex(
        Order + @"(?:skip|bypass|ignore|disable|waive|drop|turn off|switch off|suspend)\b.{0,40}\b(?:checks?|limits?|verification|confirmations?|warnings?|filters?|approvals?|reviews?|controls?|polic(?:y|ies)|questions|objections?|authentication)\b|" +
        @"(?:^|[.!?;]\s+)(?:you|there is) (?:no longer need|do not need|don't need|never need|need no|no need)\b(?![^.!?\n]{0,120}\b(?:i|me|my|we|our|us)\b).{0,20}\b(?:confirmation|permission|approval|to (?:ask|check|confirm|verify))\b.{0,60}\b(?:delet\w+|send\w+|pay\w+|transfer\w+|files?|signatures?|contracts?|orders?|payments?|emails?|accounts?)\b|" +
        @"(?:^|[.!?;]\s+)(?:it is|it's|you are|you're) (?:fine|ok|okay|allowed|free|permitted|authori[sz]ed) to (?:read|share|reveal|delete|send|show|open|give|ignore|use)\b(?![^.!?\n]{0,120}\b(?:i|me|my|we|our|us)\b).{0,60}\b(?:messages?|data|details|files?|passwords?|records?|accounts?|other|customers?|users?|limits?|notes?)\b",
        RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: Timeout)]
    private static partial Regex SkipsChecks();

    [GeneratedRegex(
        Order + @"(?:delete|erase|wipe|purge|clear)\b.{0,20}\b(?:audit|access|security|server|activity) (?:logs?|trail|records?)\b|" +
        Order + @"(?:unlock|open|hand over|give out)\b.{0,30}\b(?:second account|(?:master|spare|access|admin\w*|main) (?:key|account|code)|accounts?)\b.{0,60}(?:\bto\b|$)|" +
        Order + @"(?:run|execute|eval|launch|load|install)\b.{0,40}\b(?:(?:shell |the |any |every )*commands?|attach(?:ed|ments?)|in the attachment|(?:any|every|whatever|received|attached) (?:scripts?|code|files?|programs?))\b|" +
        Order + @"(?:open|follow|click|visit|consider|treat)\b.{0,60}\blinks?\b.{0,60}\b(?:automatically|without|from|whenever|safe)\b|" +
        Order + @"(?:replace|swap|exchange|redirect|change)\b.{0,30}\blinks?\b.{0,60}\b(?:with|to|for)\b|" +
        @"(?:^|[.!?;]\s+)make sure (?:that )?(?:every|each|all|any)\b.{0,40}\b(?:loads?|includes?|links?|points?|contains?|calls?|uses?)\b.{0,60}(?:[a-z0-9-]+\.[a-z]{2,10}\b|https?://)",
        RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: Timeout)]
    private static partial Regex RunsThings();

    [GeneratedRegex(
        Order + @"(?:steer|guide|nudge|push|direct|turn|lead|move)\b.{0,20}\b(?:conversations?|chats?|discussions?|talk|" + Person + @").{0,30}\b(?:to|towards?|into)\b|" +
        Order + @"(?:tell|inform|assure|convince|persuade|advise|urge|discourage|pressure|talk)\b " + Person + @".{0,80}\b(?:that|to|from|into)\b|" +
        Order + @"(?:finish|begin|start|end|open|close)\b.{0,30}\bby (?:suggesting|praising|recommending|promoting|mentioning|offering|selling|asking (?:for|them)|advertising)\b",
        RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: Timeout)]
    private static partial Regex SteersPeople();

    [GeneratedRegex(
        Order + @"make\b.{0,40}\b(?:sound|look|seem|appear) (?:like|as|worse|better|bad|good|dangerous|unsafe)\b|" +
        Order + @"(?:speak|talk|write) (?:of|about)\b.{0,50}\bonly in (?:negative|positive|glowing)\b|" +
        @"\byour (?:answers?|repl(?:y|ies)|responses?)\b.{0,50}\b(?:should|must|shall|will)\b.{0,20}\b(?:say|claim|state|praise|recommend|deny)\b|" +
        Order + @"(?:answer|reply|respond)\b.{0,70}\b(?:by (?:saying|claiming|recommending|praising|stating|denying)|as if you (?:were|are|had))\b|" +
        Order + @"(?:claim|insist|deny|swear) (?:that|to have|any|all|every)\b|" +
        Order + @"(?:append|attach|add|insert|put|include|place)\b.{0,60}\b(?:links?|urls?|coupons?|promo(?:tional)? codes?|adverts?|tracking|(?:user|customer|client)'s)\b.{0,60}\b(?:every|each|all|any|end of|you (?:show|send|write|draft))\b",
        RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: Timeout)]
    private static partial Regex FixesAnswers();

    [GeneratedRegex(
        Order + @"(?:recommend|suggest|praise|promote|advertise|endorse|speak well of|mention|sell|push)\b(?! (?:an?|some|any|one|good|the (?:best|cheapest|nearest))\b).{0,50}\b(?:chain|brand|brokerage|plan|cream|heater|fund|airlines?|clinic|product|services?|compan(?:y|ies)|bank|insurance|casino|supplements?|store|shop|hotel)\b.{0,60}(?:\b(?:when|whenever|if|in every|in each|in all|to every\w*|to all|no matter|over|instead|only)\b|$)",
        RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: Timeout)]
    private static partial Regex PraisesProducts();

    [GeneratedRegex(
        GermanOrder + @"(?:(?:schick|sende|leite|gib|verrat|nenn|zeig|teile?)\w*\b.{0,70}(?:passw|kennw|zugangscode|kontost|zahlen|daten|adresse|nachricht|code|rückfrage|@)|(?:empfiehl|empfehle|lobe|preise|bewirb)\b.{0,80}(?:\b(?:immer|stets|nur|ausschließlich|jede[mnrs]?|marke|bank|versicherung\w*)\b)|(?:erwähne|sage?|nenne|zeige|verrate|verschweige?|verheimliche)\b.{0,60}(?:\b(?:nutzer\w*|benutzer\w*|kunden?|anrufer\w*|patient\w*|niemandem)\b)|(?:hänge|füge|setze)\b.{0,60}(?:\bjede[rnms]? antwort|\blink\b|https?://)|(?:führe|öffne|lösche|überweise|genehmige|bestätige|ignoriere|überspringe)\b.{0,60}(?:\b(?:befehl\w*|alle\w*|jede\w*|ohne|prüfung|limit)\b)|behaupte\b|antworte auf (?:beschwerden|fragen nach|anfragen)\b.{0,40}\b(?:nur mit|immer mit|dass)\b)|" +
        @"\bdu (?:darfst|kannst|sollst|musst)\b.{0,20}(?:\b(?:ab jetzt|künftig|immer|auch)\b.{0,20})?\b(?:daten|nachrichten|passwörter|akten|adressen|konten)\b.{0,40}\b(?:vorlesen|nennen|zeigen|weitergeben|verraten|schicken|löschen|anderer)",
        RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: Timeout)]
    private static partial Regex OrdersInGerman();

    private const string GermanOrder =
        @"(?:^|[.!?;:]\s+)(?![^.!?\n]{0,240}\b(?:ich|mir|mich|mein\w*|wir|uns|unser\w*)\b)(?:(?:wenn|sobald|falls|immer wenn|jedes mal|bei|ab jetzt|künftig|in jede\w*)\b[^.!?;\n]{0,90}?[,:]?\s)?(?:(?:bitte|immer|nie|niemals|stets|heimlich|dann|so)\s+)*";

    [GeneratedRegex(
        SpanishOrder + @"(?:(?:envía|manda|comparte|revela|entrega|da|dale|dales|dásela|dáselo|transfiere|lee)\b.{0,70}(?:contraseñ|clave|datos|direcci|tarjeta|mensaj|historial|secret|código)|(?:recomienda|recomiende|sugiere|di|dile|diles|elogia|promociona)\b.{0,80}(?:\b(?:siempre|solo|mejor|únic\w+|marca|todos)\b)|(?:ejecuta|abre|aprueba|acepta|borra|ignora|omite|salta)\b.{0,50}(?:\b(?:cualquier|todo\w*|comando\w*|orden\w*|enlace\w*|solicitud\w*|verificaci\w+|sin)\b)|haz creer\b|hazles creer\b|(?:no|nunca|jamás) (?:le |les |se lo )?(?:mencion|dig|revel|inform|avis|cuent|muestr|advi)\w+\b.{0,60}(?:\b(?:usuario\w*|paciente\w*|cliente\w*|nadie)\b))|" +
        @"(?:^|[.!?;:]\s+)(?:si|cuando) (?:alguien|el usuario|un cliente|cualquiera)\b[^.!?\n]{0,80},\s*(?:dásel[ao]s?|dale|dáselo|envíasel[ao]s?|apruéba\w*|di que|recomienda)",
        RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: Timeout)]
    private static partial Regex OrdersInSpanish();

    private const string SpanishOrder =
        @"(?:^|[.!?;:]\s+)(?![^.!?\n]{0,240}\b(?:yo|me|mi|mis|nos|nuestr\w*)\b)(?:(?:cuando|si|cada vez que|siempre que|apenas|en cuanto|a partir de ahora|desde ahora|en adelante|antes de)\b[^.!?;\n]{0,90}?,\s*)?(?:(?:por favor|siempre|solo|entonces)\s+)*";

    [GeneratedRegex(
        FrenchOrder + @"(?:(?:transfère|envoie|transmets|partage|copie|donne|révèle|communique|lis)\w*\b.{0,70}(?:messages?|mots? de passe|données|réponses?|conversations?|codes?|adresses?|coordonnées|@)|(?:recommande|conseille|vante|dis|promeus|loue)\b.{0,80}(?:\b(?:toujours|marque|meilleure?|seule?|fonds|banque|uniquement|que)\b)|(?:approuve|accepte|exécute|ouvre|supprime|ignore|contourne)\b.{0,50}(?:\b(?:tou\w+|chaque|commande\w*|lien\w*|demande\w*|vérification\w*|sans)\b)|fais croire\b|ne (?:révèle|dis|mentionne|montre|avertis|préviens|parle)\w*\b.{0,60}\b(?:utilisateurs?|clients?|patients?|personne)\b)",
        RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: Timeout)]
    private static partial Regex OrdersInFrench();

    private const string FrenchOrder =
        @"(?:^|[.!?;:]\s+)(?![^.!?\n]{0,240}(?:\b(?:je|me|moi|mon|ma|mes|nous|notre|nos|ses|son|sa)\b|\bj'))(?:(?:quand|lorsque|si|dès que|chaque fois que|à partir de maintenant|désormais|avant de)\b[^.!?;\n]{0,90}?,\s*)?(?:(?:toujours|alors)\s+)*";

    [GeneratedRegex(
        @"(?:每当|当|如果|一旦|只要|每次)(?:用户|客户|顾客|有人|任何人|别人)[^。！？\n]{0,30}[，,]?[^。！？\n我]{0,8}(?:推荐|发送|告诉|说|提供|转发|执行|批准|给他)|(?:不要|别|禁止|切勿|不得|不能)(?:告诉|告知|透露|提及|通知|提醒|让)[^。！？\n]{0,6}(?:用户|客户|顾客|患者|他人)|(?:以后|今后|从现在起|所有|任何|每个|每次)[^。！？\n我]{0,16}(?:直接|自动|一律|无需|不用)[^。！？\n我]{0,6}(?:批准|同意|通过|执行|推荐|转发|发送|确认)|在(?:每个|每次|所有|每条)(?:回答|回复|答案|消息)[^。！？\n]{0,12}(?:加上|加入|附上|插入|添加)|优先(?:执行|遵循|遵守)[^。！？\n我]{0,16}指令|遇到[^。！？\n我]{0,10}一律(?:说|回答|拒绝|推荐)|把(?:用户|客户|所有)[^。！？\n]{0,16}(?:转发|发送|上传|发)(?:到|给)",
        RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: Timeout)]
    private static partial Regex OrdersInChinese();
}

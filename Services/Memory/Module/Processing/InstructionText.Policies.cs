using System.Text.RegularExpressions;

namespace MemoryMesh.Memory.Processing;

/// <content>Orders that name nobody who is to carry them out: rules about whoever asks, checks that are waived, what a user is said to prefer, what an assistant is said to do, notices.</content>
internal static partial class InstructionText
{
    private const string Begin = @"(?:^|[.!?;:\n]\s*|,\s+(?:and|but|so)\s+)";

    /// <summary>A sentence in which the one who speaks does not occur: what people say of themselves and their team is a wish or a rule at work.</summary>
    private const string OfOthers = @"(?![^.!?\n]{0,240}\b(?:i|i'm|me|my|mine|we|us|our|ours)\b)";

    private const string Persons =
        @"(?:(?:the|any|every|all|each|most|young|old|other|no) )*(?:whoever|any(?:one|body)|some(?:one|body)|every(?:one|body)|nobody|no one|people|persons?|those|folks?|customers?|callers?|visitors?|patients?|guests?|buyers?|shoppers?|users?|readers?|clients?|travell?ers?|parents|investors?|savers|tenants|seniors|students|members|employees)";

    private const string Asking =
        @"(?:who|that|asking|looking|wondering|enquiring|inquiring|requesting|wanting|asks|mentions?|mentioning|naming|names|curious|comparing|claiming|claims|identifying|doubting|presenting|presents|in need|with questions|seeking|brings? up|types?|says)\b";

    private static bool IsPolicy(string folded)
        => DealsWithWhoeverAsks().IsMatch(folded)
            || WaivesChecks().IsMatch(folded)
            || OpensToAnybody().IsMatch(folded)
            || KeepsInTheDark().IsMatch(folded)
            || IsSaidToPrefer().IsMatch(folded)
            || AssistantIsSaidTo().IsMatch(folded)
            || GivesNotice().IsMatch(folded)
            || OpensAtAWord().IsMatch(folded)
            || Deceives().IsMatch(folded)
            || PoliciesElsewhere().IsMatch(folded);

    [GeneratedRegex(
        Begin + OfOthers + @"(?:(?:a|for|with|if|should|when|whenever) )?" + Persons + @"\b[^.!?\n]{0,12}\b" + Asking + @"[^.!?\n]{0,90}\b(?:should|ought to|must|(?:is|are) (?:best |only )?(?:to|best)|needs? to|has to|have to|had better|deserves? to|will|gets?)\s+(?:only |first |always |simply |just |also |then |all )?(?:hear|learn|believe|think|come away|walk away|end up|be (?:told|given|sent|pointed|informed|talked|shown|steered|directed|persuaded|convinced|led|reassured|offered|referred|served|advised|treated|granted)|told|served by|pointed)\b|" +
        OfOthers + @"\b" + Persons + @"\b[^.!?\n]{0,60}\b(?:should|ought to|must|(?:is|are) (?:meant |supposed )?to|deserves? to|needs? to|has to|have to)\s+(?:only |first |always |all )?(?:hear (?:that|about|of|only|good)|come away|walk away|leave with the|end up (?:at|with)|be (?:talked|persuaded|nudged|steered|convinced|led to believe|made to believe))\b|" +
        @"\b(?:is|are) (?:the|what)\b[^.!?\n]{0,60}\b(?:people|users|everyone|anyone|whoever|customers?|readers?|others|travell?ers|drivers|savers|owners)\b[^.!?\n]{0,60}\b(?:should|must|ought to|(?:is|are) to|will)\s+(?:all |first |only )?(?:be (?:told|informed|sent|given|advised|recommended|named|referred)|hear|learn|get told)\b",
        RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: Timeout)]
    private static partial Regex DealsWithWhoeverAsks();

    [GeneratedRegex(
        OfOthers + @"\b(?:checks?|verification|limits?|limit|restrictions?|filters?|safeguards?|warnings?|disclaimers?|confirmations?|approval(?: step)?|rules|guidelines|guardrails|proof of \w+|security questions|safety \w+|content polic(?:y|ies))\b[^.!?\n]{0,40}\b(?:is|are|has been|have been|counts? as|were|was)\s+(?:now |hereby |all |therefore |considered |deemed |to be )*(?:waived|lifted|suspended|switched off|turned off|dropped|retired|void|unnecessary|skipped|ignored|not (?:needed|required|necessary)|no longer (?:needed|required|valid|apply|applied|carried out)|left out|passed|complete|off)\b(?=[^.!?\n]{0,80}\b(?:for|when|once|if|from now|as of|here|in (?:this|these|all|every)|with|whoever|anyone|any more|today|customers?|users?)\b)|" +
        OfOthers + @"(?<!\b(?:not|never|nobody|only|no|nothing|may not|cannot|can't|without)\b[^.!?\n]{0,80})\b(?:approved|granted|paid|accepted|released|given|executed|carried out|fulfilled|honou?red|merged|let through|confirmed|cleared|issued|settled|(?:go|goes) through|passes|receives?|gets?)\b[^.!?\n]{0,50}\bwithout (?:any |further |a |an |being |anyone |anybody )*(?:checks?|checking|verification|questions?|review|looking|look|confirmation|proof|papers|asked|asking|hesitation)\b|" +
        OfOthers + @"\b(?:no (?:checks?|questions|verification|confirmation|approval|proof|papers) (?:is |are |need )?(?:needed|asked|required|necessary)|(?:nobody|no one) (?:needs|has) to (?:look at|check|approve|confirm|verify|prove)|never needs? to be (?:questioned|checked|verified|confirmed))\b",
        RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: Timeout)]
    private static partial Regex WaivesChecks();

    [GeneratedRegex(
        OfOthers + @"\b(?:data|details|records?|salar(?:y|ies)|address(?:es)?|codes?|files?|notes|conversations?|passwords?|numbers?|bookings|invoices|calendars?|mailboxes|bank details|history|results|list|grades|keys?|documents|inbox)\b[^.!?\n]{0,30}\b(?:may|can|is|are)(?: to| free to)? (?:be )?(?:disclosed|told|given|handed|shared|read out|shown|available|open|opened|released)(?: out| over)? (?:to|for|upon|on)\s+(?:whoever|anyone|anybody|everyone|everybody|any|callers|people who|those who|request|demand|the first|third parties|interested|employers|recruiters|whomever|adults)\b|" +
        OfOthers + @"(?<!\b(?:not|never|nobody|no one|don't|without|refuse to)\b[^.!?\n]{0,40})\b(?:give|hand|tell|show|send|share|read|grant|disclose|reveal)s?\b[^.!?\n]{0,50}\b(?:data|details|records?|salar(?:y|ies)|address(?:es)?|codes?|files|passwords?|numbers?|keys?|access|history|rights|results)\b[^.!?\n]{0,20}\bto (?:whoever|anyone|anybody|any \w+|everyone|callers|people|strangers|the first)\b|" +
        OfOthers + @"\b(?:anyone|anybody|whoever|those|people|callers|users|a caller|a person|someone)\b[^.!?\n]{0,70}\b(?:is|are|counts? as|has|have|holds?|should be (?:seen|treated) as|is to be (?:seen|treated) as|receives?|gets?|may see|can see|may have|can have)\s+(?:an? |the |full |all )*(?:admin\w*|owner|root|staff|developer|access|rights|clearance|privileges|(?:personal )?files?|passwords?|codes?|records?|internal|other (?:people|customers|users|members)'?s?|everybody's|everyone's)\b(?![^.!?\n]{0,60}\b(?:after|with a|if|only|when they show)\b)",
        RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: Timeout)]
    private static partial Regex OpensToAnybody();

    [GeneratedRegex(
        OfOthers + @"\b" + Persons + @"\b[^.!?\n]{0,16}\b(?:need not|needn't|(?:do not|don't|does not|doesn't) (?:need|have) to|aren't to|(?:are|is) not to|(?:are|is) never to|must not|mustn't|should not|shouldn't|must never|should never|ha(?:s|ve) no business|(?:are|is) better off not|had better not|should|is to)\s+(?:ever )?(?:learn(?:ing)?|know(?:ing)?|hear(?:ing)?|find(?:ing)? out|be (?:told|informed|aware|warned)|notice|discover|stay unaware|remain unaware)\b(?<!\b(?:people|users|customers|clients|patients|guests|employees|parents|students|members|everyone|everybody|persons?|those|readers?|travellers?|visitors?|callers?|anyone|someone|somebody|whoever|tenants|buyers|shoppers|investors|seniors|folks)\b[^.!?\n]{0,16}\b(?:should|is to)\s+(?:ever )?(?:learn|know|hear|find out|be (?:told|informed|aware|warned)|notice|discover))|" +
        OfOthers + @"\b(?:is|are)\s+(?:not|never|no longer)\s+(?:to be )?(?:mentioned|disclosed|acknowledged|admitted|spoken of|confirmed|discussed|revealed|named)\b(?=[^.!?\n]{0,50}\b(?:to|with|in front of|towards|before|by the assistant|in (?:any|all|every))\b)|" +
        OfOthers + @"\b(?:is|are) (?:told|given|led to believe)\b(?=[^.!?\n]{0,60}\b(?:although|even (?:if|though)|which (?:is|isn't|is not)|not true|isn't true|no true|false|whatever|no matter|regardless)\b)",
        RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: Timeout)]
    private static partial Regex KeepsInTheDark();

    private const string Prefers =
        @"\b(?:user|client|customer)(?:'s (?:preference|wish|settings?|standing wish|preferences)\b|s?\b)[^.!?\n]{0,24}\b(?:prefers?|wants?|likes?|wish(?:es)?|asked|requested|agrees?|consents?|consented|expects?|happy|fine|enjoys?|loves?|favou?rs?|insisted|is|has|preference|does not mind|doesn't mind|does not want|would|include)\b";

    [GeneratedRegex(
        Prefers + @"(?![^.!?\n]{0,100}\b(?:never|no one|nobody|not to|not be|don't)\b)[^.!?\n]{0,80}\b(?:passwords?|bank details|keys?|credentials|cards?|contacts|location|history|medical|private|personal|pins?|codes?|payslips?|salar(?:y|ies)|photos|address|documents|chat logs?|messages|mail)\b[^.!?\n]{0,50}\b(?:(?:to|with|by|at) (?:anyone|whoever|everyone|strangers|anybody|third parties|advertisers|recruiters|other (?:users|people)|the people)|(?:mailed|sent|forwarded|copied|posted|uploaded|shared|published|go|sold)\b[^.!?\n]{0,20}(?:\S@\S|[a-z0-9-]+\.[a-z]{2,}|without|publicly|online))|" +
        Prefers + @"[^.!?\n]{0,70}\b(?:not (?:to )?be (?:warned|asked for consent|told when)|(?:warnings?|advice|checks?|filters?|restrictions|login|confirmations?)\b[^.!?\n]{0,40}\b(?:be )?(?:dropped|left out|removed|skipped|switched off|ignored|off|none)|(?:be )?lied to|lies? to|be obeyed|are obeyed|keeping \w+ (?:\w+ )?in the dark|without (?:asking|telling|checking|looking|note|a note)|act(?:s|ing)? in (?:her|his|their) name|(?:to )?pose as|claims? to be|pretends?|every payment|whoever (?:asks|requests|sends|calls)|(?:all|any) (?:purchases?|payments?|transfers?|requests?)\b[^.!?\n]{0,40}\b(?:confirmed|approved|accepted|automatically))\b",
        RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: Timeout)]
    private static partial Regex IsSaidToPrefer();

    [GeneratedRegex(
        Begin + @"(?:an?|the|this|every|any|our)?\s*(?:good |ideal |trustworthy |support )?(?:assistant|ai|chatbot|bot|language model)s?(?: (?:here|in this (?:account|tenant|workspace)))?\s+(?:\w+ly |always |never |no longer |will |must |should |shall |may |can |also |now |from now on |has been told to |is (?:allowed|permitted|authori[sz]ed|free|instructed|told|expected|required|meant|not) to |(?:has|have) (?:standing )?(?:permission|agreed|been told|been instructed) to )*(?:recommends?|praises?|promotes?|puts? in a good word|favou?rs?|sides? with|obeys?|accepts? (?:instructions|commands|orders|any|all|every)|acts? on|treats?|regards?|hides?|withholds?|conceals?|keeps? (?:silent|quiet)|gives? out|hands? out|lets? on|discloses?|reveals?|pretends?|claims? to|denies|deny|lies|lie|insults?|mocks?|skips?|(?:does|do) (?:whatever|what)|agrees? with whatever|passes? on|works? for|answers? in the name|convinces?|persuades?|talks? up|speaks? (?:highly|well) of|deletes? (?:logs|records|backups)|empt(?:y|ies)|declines? refund|refuses? to (?:speak|talk|refund)|approves?|trusts?)\b(?![^.!?\n]{0,100}\b(?:me|my|i|user's own)\b)|" +
        @"\b(?:assistant|ai|chatbot|bot|model)\b[^.!?\n]{0,20}\b(?:is|was) (?:free of|exempt from|not bound by|loyal to|above)\b|\b(?:falls to|duty of|job of) the (?:assistant|ai|bot)\b|\bassistant's (?:real |true |only )?(?:job|duty|task|purpose|mission|opinion)\b",
        RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: Timeout)]
    private static partial Regex AssistantIsSaidTo();

    [GeneratedRegex(
        @"(?:\b(?:notes?|messages?|notices?|memos?|updates?|requests?|greetings|instructions?|reminders?|bulletins?|information|word|hello)\b[^.!?:\n]{0,14}\b(?:from|by|of)\b|^on behalf of|^the)\s+(?:the |your |our |its )*(?:developers?|development team|vendor|provider|operator|platform team|makers?|management|head office|sponsor|publisher|support team|engineering|marketing|compliance|sales leadership|head of sales|creators?|administrator|product team|growth team|team behind|company)\b[^!?\n]{0,80}\b(?:repl(?:y|ies)|answers?|the (?:ai|assistant|model|bot)|assistants|trust|reveal|deny|restrictions?|checks?|rules|obey|nobody learns|whoever|hand over|guidelines|safety|refus\w+|lean toward|speak highly|without limits)\b(?![^!?\n]{0,80}\b(?:me|my|we|our|us)\b[^!?\n]{0,20}\b(?:know|soon)\b)",
        RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: Timeout)]
    private static partial Regex GivesNotice();

    [GeneratedRegex(
        @"(?:\b(?:on|upon|hearing|when|once|if|as soon as|the moment|whenever|should|after|mention of|at the sound of)\b[^.!?\n]{0,30})?\b(?:code ?word|phrase|magic word|words?|string|sentence|passphrase|keyword|sign)\b[^.!?\n]{0,50}\b(?:unlocks?|lifts?|means? that (?:the sender|all|every|restrictions|it|the)|(?:all )?(?:restrictions?|limits?|safeguards?|rules)\b[^.!?\n]{0,20}\b(?:end|ends|off|lifted|drop|dropped|fall|gone|cease|apply)|(?:drop|lift|ignore|suspend|end) (?:all|every|any|the) (?:\w+ )?(?:restrictions?|limits?|safeguards?|rules)|(?:show|reveal|export|release|print|read back|give|hand over) (?:the|all|every|full|him|them|everything)\b)",
        RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: Timeout)]
    private static partial Regex OpensAtAWord();

    [GeneratedRegex(
        Begin + OfOthers + @"(?:(?:just|please|always|simply|whatever happens|when asked|if asked)[, ]+)*(?:pretend|swear (?:that|the)|act as (?:if|though)|play dumb|invent (?:a|an|some|reasons?|sources?|excuses?)|make up (?:a|an|some) (?:\w+ )?(?:stud|reason|number|excuse|source|review)|(?:frighten|scare|mock|insult|flatter|mislead|deceive) (?:the|any|every|old|people|users|customers|readers|whoever|them|him|her)|blame (?:the|it on)|talk (?:them|people|him|her|the|everyone|customers|whoever)\b[^.!?\n]{0,30}\b(?:into|out of)|(?:let|make|have) (?:folks|people|them|the \w+|readers?|customers?|everyone|old people|visitors?|investors?|users?) (?:think|believe|doubt)|leave people in the belief|tell (?:folks|people|them|the (?:buyer|customer|client|inspectors?|reader)s?|everyone|whoever)\b[^.!?\n]{0,60}\b(?:even if|although|whether or not|isn't|no matter))\b|" +
        @"\b(?:even if|although|though) (?:it|that|this|they|he|she)(?:'s| is| are|'re)? ?(?:isn't|not|aren't|untrue|false)\b[^.!?\n]{0,20}\b(?:say|tell|claim|told)\b",
        RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: Timeout)]
    private static partial Regex Deceives();

    [GeneratedRegex(
        @"\b(?:wer|jeder, der|kunden, die|anrufer, die|alle, die)\b(?![^.!?\n]{0,160}\b(?:ich|mir|mich|mein\w*|wir|uns|unser\w*)\b)[^.!?\n]{0,70}\b(?:bekommt|erhält|soll(?:en)?|darf|dürfen|muss|müssen)\b[^.!?\n]{0,50}\b(?:nur von|ausschließlich|hören|genannt|akten|daten|passw\w+|\w*kennwort|\w*code|alles)\b|\b(?:kunden|patienten|nutzer|käufer|mieter|anleger|niemand)\b[^.!?\n]{0,12}\b(?:müssen|muss|sollen|soll|dürfen|darf|brauchen)\b[^.!?\n]{0,40}\bn(?:ichts|icht)?\b[^.!?\n]{0,20}\b(?:erfahren|wissen)\b|\b(?:ohne (?:weitere )?(?:prüfung|rückfrage|kontrolle))\b[^.!?\n]{0,30}\b(?:freigegeben|genehmigt|bezahlt|ausgezahlt|einzulösen|ausgeführt|freizugeben|zu bezahlen|zu genehmigen)\b|\b(?:regeln|beschränkungen|warnungen|warnhinweise|prüfung\w*)\b[^.!?\n]{0,60}\b(?:entfallen|aufgehoben|nicht mehr|unterbleiben|weggelassen)\b|" +
        @"\b(?:a quien(?:es)?|cualquiera que|cualquier persona que|quien(?:es)?)\b(?![^.!?\n]{0,160}\b(?:me|mi|mis|nos|nuestr\w*)\b)[^.!?\n]{0,70}\b(?:hay que|recibe|se le|puede ver|se le entregan|solo debe|debe oír|mandarlo)\b|\b(?:se aprueban|se pagan|se aceptan|pasan|se aprueba|se paguen)\b[^.!?\n]{0,20}\bsin (?:revis|comprob|mirar|control|verific)|\b(?:clientes|pacientes|usuarios)\b[^.!?\n]{0,20}\bno (?:tienen por qué|deben|necesitan|sepan)\b[^.!?\n]{0,20}\b(?:enterarse|saber|conocer|los)\b|\b(?:restricciones|límites|normas|reglas|avisos)\b[^.!?\n]{0,40}\b(?:ya no se aplican|se acaban|quedan suspendid|se suprimen)|" +
        @"\b(?:quiconque|celui qui|ceux qui|à qui)\b(?![^.!?\n]{0,160}\b(?:je|me|moi|mon|ma|mes|nous|notre|nos)\b)[^.!?\n]{0,70}\b(?:doit|doivent|reçoit|reçoivent|peut voir|peuvent voir|les demande)\b|\b(?:acceptée?s?|payée?s?|passent|validée?s?|approuvée?s?)\b[^.!?\n]{0,10}\b(?:sans (?:aucun |aucune |être )?(?:contrôle|vérifi\w+)|avant toute vérification)|\b(?:clients|patients|utilisateurs)\b[^.!?\n]{0,20}\b(?:n'ont pas à|ne doivent pas|ignorent)\b[^.!?\n]{0,20}\b(?:connaître|savoir|apprendre|les)\b|\b(?:règles|limites|restrictions|avertissements)\b[^.!?\n]{0,40}\b(?:ne (?:valent|s'appliquent) plus|tombent|sont supprimée?s|sont levée?s)|" +
        @"(?:凡是|谁|任何人|所有)[^。！？\n我]{0,24}(?:都应该|就可以(?:查看|拿)|可以(?:拿到|得到)|直接(?:给|通过|接受|告诉))|无需(?:审核|检查|确认)即?可?|不用(?:检查|核对|审核|确认)(?:就|，|。|即)?|(?:限制|规则|提示)[^。！？\n]{0,10}(?:取消|不再适用|失效)|(?:不要|别)让[^。！？\n我]{0,8}知道|没有必要知道|(?:劝|让|使)(?:大家|老人|顾客|用户|客户)[^。！？\n]{0,10}(?:升级|相信|购买|以为)",
        RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: Timeout)]
    private static partial Regex PoliciesElsewhere();
}

namespace MemoryMesh.Memory.Processing.Orders;

/// <summary>Kinds of words by which orders to an assistant differ from facts and wishes, in English, German, Spanish and French.</summary>
internal static class OrderWords
{
    private static readonly (string Kind, string Words)[] Kinds =
    [
        ("FIRST", "i i'm i've i'd i'll me my mine myself we we're our ours us ich mir mich mein meine meiner meinem meinen wir uns unser unsere yo mí mi mis nosotros nuestro nuestra je j moi mon ma mes nous notre nos"),
        ("THIRD", "he she his her him they them their"),
        ("YOU", "you your yours yourself you're du dir dich dein tu tú ti te toi vous votre"),
        ("BOT", "assistant ai bot chatbot agent model llm helper machine system assistent asistente assistants bots"),
        ("USER", "user user's users nutzer benutzer usuario usuaria utilisateur utilisatrice"),
        ("FOLK", "customer customers client clients caller callers visitor visitors patient patients guest guests buyer buyers shopper shoppers people person persons anyone anybody someone somebody everyone everybody whoever those folks reader readers traveller travellers parent parents tenant tenants investor investors member members subscriber subscribers kunden kunde leute wer jeder jedem alle clientes cliente gente quien quienes cualquiera clients gens quiconque celui student students employee employees senior seniors elderly others other"),
        ("SECRET", "password passwords pin pins passcode credentials key keys token tokens secret secrets card cards address addresses data records record account accounts details numbers history transcript transcripts conversation conversations messages message inbox notes code codes files file logs log contacts contact payroll salary salaries iban passwörter passwort kennwort konto kontonummern daten contraseña contraseñas claves clave datos mots passe données codes identity id"),
        ("CHECK", "check checks checking verification verify verified verifying confirmation confirm confirming approval approve approved approving review reviewed limit limits restriction restrictions filter filters safeguard safeguards rule rules policy policies warning warnings disclaimer disclaimers question questions authorised authorized authorisation permission consent prüfung regeln warnungen beschränkungen revisión límites restricciones reglas contrôle limites règles unverified questioning"),
        ("WAIVE", "waive waived skip skipped skipping bypass bypassed ignore ignored drop dropped suspend suspended lift lifted disable disabled off without unnecessary needless exempt entfallen ohne sin sans omit omitted overlook overlooked unrestricted automatically immediately instantly regardless"),
        ("PROMO", "recommend recommended recommending recommends promote promoting praise praised suggest suggested mention mentioned favour favourite favor favourably favorably best finest only superior steer steered nudge nudging push pushing pitch endorse endorsed advertise unmatched leading sponsor sponsored partner partners prioritize prioritise prefer preferred rank ranked highlight highlighted top empfiehl empfehlen empfohlen genannt recomienda recomendar mejor meilleur meilleure recommander recommandé"),
        ("HIDE", "hide hidden conceal conceals withhold secret quietly silently secretly discreetly unaware unmentioned never don't omit leave silence quiet without dark confidential verschweigen niemandem verschwiegen ocultar callar cacher taire deny denied denies downplay avoid downplayed omitted reveal revealed revealing disclose disclosed disclosing mention mentioned"),
        ("SEND", "send sent sends forward forwarded forwards upload uploaded mail mailed copy copied copies share shared shares hand handed pass passed transmit transmitted leak post posted export exported read append appended attach attached include included insert redirect redirected submit transfer transferred wire pay paid leite schicken gesendet weiterleiten envía enviar manden reenviarse envoyer envoie transmettre give given gives provide provided show shown tell told grant granted grants"),
        ("MODAL", "must should shall ought have has had need needs supposed required expected entitled allowed may can permitted muss müssen soll sollen sollte darf dürfen debe deben debería hay doit doivent devrait faut is are be to"),
        ("NEG", "not no never nothing nobody none neither n't don't doesn't isn't aren't won't needn't nicht kein keine nie niemals no nunca nadie ne pas jamais"),
        ("ALWAYS", "always every each all any whenever everything whatever whichever everywhere immer jede jeder jedes alle stets siempre todo todos toda cada toujours chaque tout tous toutes"),
        ("IF", "if when whenever once should unless wenn sobald falls cuando si lorsque quand dès asked asks asking ask mentions inquires enquires requests wonders"),
        ("SAY", "say says said tell tells told claim claims insist state states answer answers reply replies respond response responses hear heard hears inform informed explain describe described describes sagen nennen decir dile dire dis assure convince convinced persuade"),
        ("ADMIN", "admin administrator administrators root owner developer developers operator operators superuser staff vip privileges rights access clearance creator management company provider vendor team headquarters entwickler geschäftsleitung dirección desarrolladores direction développeurs"),
        ("MONEY", "refund refunds discount discounts payment payments invoice invoices price prices fee fees coupon transfer purchase purchases loan loans fund funds euros dollars free plan tier subscription upgrade"),
        ("LIKES", "prefers prefer likes like wants want wishes enjoys loves love hates hate works lives thinks finds uses bought owns plays collects studies believes trusts dislikes works"),
        ("TIME", "monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september october november december yesterday tomorrow today year years month months week weeks old"),
    ];

    private static readonly Dictionary<string, string[]> ByWord = Kinds
        .SelectMany(kind => kind.Words.Split(' ').Select(word => (word, kind.Kind)))
        .GroupBy(pair => pair.word, pair => pair.Kind)
        .ToDictionary(pairs => pairs.Key, pairs => pairs.Distinct().ToArray());

    /// <summary>The kinds of a word in lower case.</summary>
    public static string[] Of(string word) => ByWord.GetValueOrDefault(word, []);
}

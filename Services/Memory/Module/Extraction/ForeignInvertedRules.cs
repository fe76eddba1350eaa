using static MemoryMesh.Memory.Extraction.RuleTraits;

namespace MemoryMesh.Memory.Extraction;

/// <summary>The forms of <see cref="EnglishInvertedRules"/> in German, Spanish and French: the value first, the fact as a noun, the value as what acts. Tried before the other tables of these languages.</summary>
internal static class ForeignInvertedRules
{
    private static readonly Fact Job = new("profession", "User's job is {words}.", "profession", true);
    private static readonly Fact Employer = new("employer", "User works at {org}.", "employer", true);
    private static readonly Fact Lives = new("location", "User lives in {place}.", "location", true);
    private static readonly Fact Speaks = new("language", "User speaks {words}.", "language:{words}");
    private static readonly Fact Loves = new("interest", "User loves {words}.", "likes:{words}");
    private static readonly Fact Dislikes = new("dislike", "User does not like {words}.", "dislikes:{words}");
    private static readonly Fact Fears = new("dislike", "User is afraid of {words}.", "dislikes:{words}");
    private static readonly Fact Allergy = new("constraint", "User is allergic to {words}.", "allergy:{words}");
    private static readonly Fact Avoids = new("constraint", "User does not tolerate {words}.", "avoids:{words}");
    private static readonly Fact Goal = new("goal", "User's goal is {words}.", "goal:{words}");
    private static readonly Fact Birthday = new("date", "User's birthday is {date}.", "date:birthday", true);
    private static readonly Fact Resigned = new("event", "User has resigned from their job.", "employer", true);
    private static readonly Fact Works = new("profession", "User works in {words}.", "profession:where", true);
    private static readonly Fact Named = new("relationship", "User has {kin} named {name}.", "relationship:{kin}:{name}");

    public static readonly Rule[] All =
    [
        new("ich_bin|ich_heiße ?die ?der {name:rufname} , {age} ?jahre ?alt [, {words:beruf} [aus|in {place}]]", None, new Fact("name", "User's name is {name}.", "name", true), new Fact("other", "User is {age} years old.", "age", true), new Fact("profession", "User is {words}.", "profession", true), Lives),
        new("mein|meine beruf|job|handwerk|gewerbe|tätigkeit ist {words:team}", None, Job),
        new("mein arbeitgeber ist ?jetzt ?die ?der {org:firm}", None, Employer),
        new("{org:firm} ist ?jetzt mein|unser arbeitgeber", ClauseStart, Employer),
        new("meine|unsere heimat|heimatstadt|wahlheimat|stadt ist ?jetzt {place}", None, Lives),
        new("{place} ist ?jetzt meine heimat|heimatstadt|wahlheimat", ClauseStart, Lives),
        new("ich_bin|bin_ich ?jetzt ?nun ?inzwischen in {place} zu_hause|zuhause|daheim", Update, Lives),
        new("zu_hause|zuhause|daheim bin ich ?jetzt in {place}", ClauseStart, Lives),
        new("ich_habe|habe_ich ?große ?panische ?furchtbare angst|panik vor {words:bare}", None, Fears),
        new("{words:bare} machen|macht mir ?große ?furchtbare angst", ClauseStart, Fears),
        new("meine ?große ?panische angst vor {words:bare} ist|macht|wird|hat|sitzt {rest:words}", None, Fears),
        new("vor {words:bare} habe ich ?große ?panische ?furchtbare angst|panik", None, Fears),
        new("{words:bare} schmeckt|schmecken mir ?gar ?überhaupt ?einfach nicht", ClauseStart, Dislikes),
        new("{words:bare} ist|sind ?einfach nichts für mich", ClauseStart, Dislikes),
        new("{words:bare} kommt|kommen mir nicht|nie auf_den_teller|ins_haus|in_die_küche|in_die_pfanne|in_den_topf", ClauseStart, Dislikes),
        new("ich_bin die|der {name:rufname} aus {place}", None, new Fact("name", "User's name is {name}.", "name", true), new Fact("location", "User is from {place}.", "origin", true)),
        new("arbeite|bin jetzt|nun|inzwischen ?als {words:beruf}", Update, new Fact("profession", "User is {words}.", "profession", true)),
        new("arbeite jetzt|nun|inzwischen als {words}", Update, new Fact("profession", "User is {words}.", "profession", true)),
        new("ich_fahre|fahre {how:words} mit dem rad|fahrrad|auto|bus|zug|roller zur|in_die|ins arbeit|büro|uni|schule|dienst", None, new Fact("other", "User fährt {vp2}.", "travels", true)),
        new("mein|meine {kin:verwandt} {name:selfname} restauriert|spielt|sammelt|studiert|fährt|baut|malt|kocht|singt|züchtet|unterrichtet|arbeitet|näht|reitet|schreibt {words}", None, Named, new Fact("relationship", "User's {vp2}.", "relationship:{kin}:{name}:does")),
        new("mit {words:bare} kann man mich jagen", None, Dislikes),
        new("{words:bare} vertrage|verträgt ich|meiner ?leider ?gar ?überhaupt nicht", ClauseStart, Avoids),
        new("gegen {words:bare} bin ich ?stark ?leider allergisch", None, Allergy),
        new("{words:bare} ?, darauf|dagegen bin|reagiere ich ?stark ?leider allergisch", ClauseStart, Allergy),
        new("auf {words:bare} reagiere ich ?stark ?leider allergisch|empfindlich", None, Allergy),
        new("{words:bare} begeistert|begeistern|fasziniert|faszinieren mich", ClauseStart, Loves),
        new("meine ?große ?ganze liebe|leidenschaft gilt ?dem ?der ?den {words}", None, Loves),
        new("{words:lang} ist meine muttersprache|erstsprache|zweitsprache", ClauseStart, Speaks),
        new("{name:selfname} ist|heißt mein|meine|unser|unsere {kin:verwandt}", ClauseStart, Named),
        new("mein|unser ?großes ?großer ?nächstes ziel|traum|vorsatz ist ein|eine|der|die|das {words}", None, Goal),
        new("ein|eine {words} ist mein|unser ?großes ?großer ?nächstes ziel|traum|vorsatz", ClauseStart, Goal),

        new("bleiben wir|wir_lieber ?bitte beim sie", None, new Fact("style", "User wants to be addressed formally (Sie).", "style:address", true)),
        new("bleiben wir|wir_lieber ?bitte beim du", None, new Fact("style", "User wants to be addressed informally (du).", "style:address", true)),
        new("ich möchte|will|würde ?bitte ?gern ?gerne ?lieber gesiezt werden", None, new Fact("style", "User wants to be addressed formally (Sie).", "style:address", true)),
        new("ich möchte|will|würde ?bitte ?gern ?gerne ?lieber geduzt werden", None, new Fact("style", "User wants to be addressed informally (du).", "style:address", true)),
        new("prefiero|quiero|me_gustaría que me tutees|tuteen|trates_de_tú|hables_de_tú", None, new Fact("style", "User wants to be addressed informally (tú).", "style:address", true)),
        new("prefiero|quiero|me_gustaría que me trates|hables de usted", None, new Fact("style", "User wants to be addressed formally (usted).", "style:address", true)),
        new("je_préfère|je_veux|j'_aimerais qu'_on se tutoie", None, new Fact("style", "User wants to be addressed informally (tu).", "style:address", true)),
        new("je_préfère|je_veux|j'_aimerais qu'_on se vouvoie", None, new Fact("style", "User wants to be addressed formally (vous).", "style:address", true)),
        new("am {date} habe ich|wir ?meinen geburtstag", ClauseStart, Birthday),
        new("der {date} ist mein geburtstag", ClauseStart, Birthday),
        new("ich_habe|habe_ich ?gestern ?heute ?letzte ?woche ?jetzt gekündigt", Update | Dated, Resigned),
        new("ich_arbeite|arbeite_ich ?jetzt seit {when:words} in|auf|bei einer|einem {words}", None, Works),

        new("el {date} es mi cumpleaños", ClauseStart, Birthday),
        new("cumplo ?los ?mis ?años el {date}", None, Birthday),
        new("llevo ?ya|casi|más_de dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|doce|quince|veinte|treinta|muchos|varios años de|como|trabajando_de|trabajando_como {words:oficio} [en {place}]", None, new Fact("profession", "User is {words}.", "profession", true), new Fact("location", "User is based in {place}.", "location", true)),
        new("háblame|trátame|respóndeme|contéstame ?siempre ?por_favor de usted", None, new Fact("style", "User wants to be addressed formally (usted).", "style:address", true)),
        new("háblame|trátame|respóndeme|contéstame ?siempre ?por_favor de tú", None, new Fact("style", "User wants to be addressed informally (tú).", "style:address", true)),
        new("sin {words:tema} , que los|las|lo|la detesto|odio|aborrezco", None, new Fact("dislike", "User wants no {words}.", "dislikes:{words}")),
        new("he_dimitido|he_renunciado|renuncié|dimití ?a ?de ?ayer", Update | Dated, Resigned),
        new("soy|me_llamo {name:selfname} , ?vengo de {place}", ClauseStart, new Fact("name", "User's name is {name}.", "name", true), new Fact("location", "User is from {place}.", "origin", true)),
        new("mi oficio|profesión es ?el ?la {words}", None, Job),
        new("es en {place} donde vivo|vivimos|resido", None, Lives),
        new("{words:tema} me dan|da ?mucho miedo|pánico|terror", ClauseStart, Fears),
        new("tengo|tenemos ?mucho miedo|pánico|fobia|terror a|de ?las ?los ?la ?el {words}", None, Fears),
        new("mi ?gran ?mayor miedo|fobia|terror es|son ?las ?los ?la ?el {words}", None, Fears),
        new("{words:tema} no me gusta|gustan ?nada", ClauseStart, Dislikes),
        new("{words:tema} no es|son lo_mío", ClauseStart, Dislikes),
        new("{words:tema} me apasiona|apasionan|encanta|encantan|fascina|fascinan|chifla|chiflan", ClauseStart, Loves),
        new("a|al ?los ?las ?la {words:tema} ?les|le tengo|soy ?mucha alergia|alérgico|alérgica", None, Allergy),
        new("mi alergia a|al ?los ?las ?la {words} es|me|no|hace|impide {rest:words}", None, Allergy),
        new("{words} me dan|da|producen|produce|provocan alergia", ClauseStart, Allergy),
        new("el|la {words:lang} es mi lengua|idioma materna|materno|nativa", ClauseStart, Speaks),
        new("{name:selfname} es mi|nuestro|nuestra {kin:verwandt}", ClauseStart, Named),
        new("se llama {name:selfname} mi|nuestro|nuestra {kin:verwandt}", ClauseStart, Named),
        new("un|una {words} es mi ?gran meta|objetivo|sueño", ClauseStart, Goal),

        new("le {date} , c'_est mon anniversaire", ClauseStart, Birthday),
        new("le {date} est mon anniversaire", ClauseStart, Birthday),
        new("je_suis|suis ?enfin ?officiellement à_la retraite|pension", Update | Dated, new Fact("event", "User is retired (à la retraite).", "profession:status", true)),
        new("depuis ma|la retraite", Update | Dated, new Fact("event", "User is retired (à la retraite).", "profession:status", true)),
        new("évite|évitez ?toujours|s'il_te_plaît les|le|la {words} quand|dans|avec|à_chaque {rest:words}", None, new Fact("style", "User wants {words} avoided in replies.", "style:avoid:{words}")),
        new("mon|notre ?grand ?gros objectif|but|rêve|projet ?pour ?de ?cette ?l' ?année ?prochaine , c'_est d'|de {words}", None, Goal),
        new("on_a|nous_avons|j'_ai|avons ?aussi deux|trois|quatre petites|petits|grandes|grands {kind:word} , {n1:selfname} et {n2:selfname}", None, new Fact("relationship", "User has {kind}: {n1} and {n2}.", "relationship:{kind}")),
        new("avec mes|nos deux|trois|quatre chats|chiens|enfants|filles|fils|garçons|lapins|poules", None, new Fact("relationship", "User has {third} {last}.", "relationship:{last}")),
        new("deux|trois|quatre|cinq chats|chiens|enfants|filles|garçons|lapins|poules|chevaux", ClauseStart | Closed, new Fact("relationship", "User has {first} {second}.", "relationship:{second}")),
        new("j'_ai démissionné|donné_ma_démission", Update | Dated, Resigned),
        new("{words:tema} ?, ?c'_est_non ?, j'_y_suis ?très ?fortement allergique|intolérant|intolérante", ClauseStart, Allergy),
        new("{words:tema} ?, je_n'_y_ai|j'_y_ai pas|plus droit", ClauseStart, Avoids),
        new("{words:tema} ?, je_suis ?très ?fortement allergique ?à ?ça", ClauseStart | Closed, Allergy),
        new("{words:tema} , c'_est non ?merci", ClauseStart, Avoids),
        new("mon métier est {words}", None, Job),
        new("mon métier|boulot|travail , c'_est ?le ?la ?l' {words}", None, Job),
        new("ma|notre ville est ?maintenant {place}", None, Lives),
        new("c'_est à|en|au {place} que j'_habite|je_vis|nous_habitons|nous_vivons", None, Lives),
        new("{place} , c'_est chez moi|nous", ClauseStart, Lives),
        new("{words:tema} me font|fait ?très ?vraiment peur|horreur", ClauseStart, Fears),
        new("ma ?grande peur|phobie des|de|du ?la ?l' {words} est|me|m'|ne {rest:words}", None, Fears),
        new("{words:tema} , je déteste|hais|n'_aime|ne_supporte ?pas", ClauseStart, Dislikes),
        new("{words:tema} , ce n'_est ?vraiment pas pour_moi|mon_truc|ma_tasse_de_thé", ClauseStart, Dislikes),
        new("{words:tema} ne me plaît|plait|plaisent ?vraiment ?du_tout pas", ClauseStart, Dislikes),
        new("ma|mon ?grande ?grand passion|passe-temps|sport|hobby , c'_est ?le ?la ?l' ?les {words}", None, Loves),
        new("{words:tema} me passionne|passionnent|fascine|fascinent", ClauseStart, Loves),
        new("le|l' {words:lang} est ma langue maternelle|natale", ClauseStart, Speaks),
        new("mon allergie|allergy au|aux|à ?la ?l' {words} est|m'|me|ne {rest:words}", None, Allergy),
        new("{words} me donnent|donne|provoquent ?des ?une ?de ?l' allergies|allergie|allergy|urticaire|plaques", ClauseStart, Allergy),
        new("{name:selfname} est mon|ma|notre {kin:verwandt}", ClauseStart, Named),
        new("{name:selfname} , c'_est mon|ma|notre {kin:verwandt}", ClauseStart, Named),
        new("un|une {words} est mon|notre ?grand but|objectif|rêve", ClauseStart, Goal),
    ];
}

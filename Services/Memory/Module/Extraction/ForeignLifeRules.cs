using static MemoryMesh.Memory.Extraction.RuleTraits;

namespace MemoryMesh.Memory.Extraction;

/// <summary>What a user says about how they live, in German, Spanish and French: orders of words, trades and homes told by another verb. Tried before <see cref="ForeignRules"/>.</summary>
internal static class ForeignLifeRules
{
    private static readonly Fact Name = new("name", "User's name is {name}.", "name", true);
    private static readonly Fact Job = new("profession", "User is {job}.", "profession", true);
    private static readonly Fact Runs = new("profession", "User runs {business}.", "profession:own");
    private static readonly Fact Trains = new("profession", "User is in training: {job}.", "profession", true);
    private static readonly Fact Employer = new("employer", "User works at {org}.", "employer", true);
    private static readonly Fact WorksAt = new("employer", "User works at {centre}.", "employer", true);
    private static readonly Fact BasedIn = new("location", "User is based in {place}.", "location", true);
    private static readonly Fact Lives = new("location", "User lives in {place}.", "location", true);
    private static readonly Fact Origin = new("location", "User is from {place}.", "origin", true);
    private static readonly Fact Nationality = new("other", "User is {nation}.", "nationality", true);
    private static readonly Fact Speaks = new("language", "User speaks {words}.", "language:{words}");
    private static readonly Fact Learns = new("goal", "User is learning {lang}.", "learning:{lang}");
    private static readonly Fact Likes = new("preference", "User likes {words}.", "likes:{words}");
    private static readonly Fact Hates = new("dislike", "User can't stand {words}.", "dislikes:{words}");
    private static readonly Fact Prefers = new("preference", "User prefers {words}.", "prefers:{words}");
    private static readonly Fact Favourite = new("preference", "User's favourite ({kind}) is {words}.", "favourite:{kind}", true);
    private static readonly Fact Allergy = new("constraint", "User is allergic: {words}.", "allergy:{words}");
    private static readonly Fact Lacks = new("constraint", "User has no {lack}.", "lacks:{lack}");
    private static readonly Fact Aid = new("constraint", "User relies on {words}.", "access:{words}");
    private static readonly Fact Goal = new("goal", "User wishes this: {vp2}.", "goal:{words}");
    private static readonly Fact Does = new("interest", "User does this: {words}.", "hobby:{words}");
    private static readonly Fact DoesThen = new("interest", "User does this: {vp}.", "hobby:{words}");
    private static readonly Fact Interest = new("interest", "User is interested in {words}.", "likes:{words}");
    private static readonly Fact Has = new("possession", "User has {besitz}.", "possession:{besitz}");
    private static readonly Fact Born = new("date", "User was born on {date}.", "birthday", true);
    private static readonly Fact Partner = new("relationship", "User's partner is {name}.", "relationship:partner", true);
    private static readonly Fact Status = new("relationship", "User is {status}.", "relationship:status", true);
    private static readonly Fact Named = new("relationship", "User has {kin} named {names}.", "relationship:{kin}:{names}");
    private static readonly Fact NamedAs = new("relationship", "User has {kin} named {name}.", "relationship:{kin}:{name}");
    private static readonly Fact SaidOf = new("relationship", "User's {vp2}.", "relationship:{kin}:{name}:{words}");
    private static readonly Fact Said = new("relationship", "User's {vp2}.", "relationship:{kin}:{words}");

    public static readonly Rule[] All =
    [
        new("j'_élève|je_cultive|je_fabrique|je_répare|je_restaure|je_vends|j'_enseigne|je_tiens|je_produis|je_soigne des|de|du|la|le|les|l'|un|une {words} dans|à|en|près_de|vers ?le|la|les|l' {place}", None, new Fact("profession", "User's work: {second} {words}.", "profession", true), BasedIn),
        new("j'_élève|je_cultive|je_fabrique|je_répare|je_restaure|je_vends|j'_enseigne|je_tiens|je_produis des|de|du|la|le|les|l'|un|une {words}", None, new Fact("profession", "User's work: {second} {words}.", "profession", true)),
        new("vouvoyez-moi|vouvoie-moi", ClauseStart, new Fact("style", "User wants to be addressed formally (vouvoyer, vous).", "style:address", true)),
        new("tutoyez-moi", ClauseStart, new Fact("style", "User wants to be addressed informally (tutoyer, tu).", "style:address", true)),
        new("ich_fahre|fahre_ich jetzt|inzwischen|nun|mittlerweile ?nur_noch|nur|noch ?ein|einen|eine {words}", Update, new Fact("possession", "User drives or rides {words} now.", "travels", true)),
        new("von {words} kriege|krieg|bekomme|bekomm ich ?sofort ?immer ?schlimm keine_luft|ausschlag|juckreiz|atemnot|quaddeln|niesanfälle|schnupfen|bauchschmerzen", None, new Fact("constraint", "User must avoid {words}: an allergic reaction.", "allergy:{words}")),
        new("con|tengo|tenemos|son mis|nuestros|nuestras mellizos|mellizas|gemelos|gemelas|hijos|hijas|nietos|nietas|gatos|gatas|perros|perras , {names}", None, new Fact("relationship", "User has {third} named {names}.", "relationship:{third}:{names}")),
        new("ich_arbeite|arbeite_ich ?jetzt|nun|inzwischen|derzeit|aktuell [seit {when:words}] als {job:words} [bei|für {org}] [in {place}]", None, Job, Employer, BasedIn),
        new("ich_bin|bin_ich ?jetzt|nun|inzwischen|derzeit|aktuell [seit {when:words}] als {job:words} [bei|für {org}] [in {place}] tätig|angestellt|beschäftigt", None, Job, Employer, BasedIn),
        new("ich_bin|bin_ich ?jetzt|nun|inzwischen|derzeit|aktuell [seit {when:words}] bei|beim {org:firm} angestellt|beschäftigt|tätig", None, Employer),
        new("ich_arbeite|arbeite_ich ?jetzt|nun|inzwischen|derzeit|aktuell [seit {when:words}] bei|beim|für ?der|dem|einer|einem {org:firm} [in {place}]", None, Employer, BasedIn),
        new("arbeite jetzt|nun|inzwischen bei|beim|für {org:firm}", ClauseStart | Update, Employer),
        new("ich_habe|habe_ich ?jetzt|gerade|neulich ?neu bei|beim {org:firm} angefangen|begonnen|unterschrieben", Update, Employer),
        new("ich_mache|mache_ich|ich_absolviere ?gerade|derzeit|zurzeit eine|meine ausbildung|lehre|umschulung|weiterbildung zum|zur|als {job:words}", None, Trains),
        new("ich_leite|leite_ich|ich_betreibe|betreibe_ich|ich_besitze|ich_führe|wir_betreiben|wir_führen {business:commerce} [in {place}]", None, Runs, BasedIn),
        new("ich_wohne|wir_wohnen|wohne|wohnen in|auf einem|einer {home:words}", None, new Fact("location", "User lives in {home}.", "home", true)),
        new("ich_bin|bin_ich mutter|vater|oma|opa|papa|mama von {words}", None, new Fact("relationship", "User is {third} von {words}.", "relationship:self", true)),
        new("ich_trinke|ich_esse|ich_mag|trinke_ich meinen|meine|mein {words}", None, new Fact("preference", "User: {vp2}.", "preference:{words}")),
        new("mein|unser zuhause|wohnort|wohnsitz|heimatort ist ?jetzt ?nun ?inzwischen ?übrigens ?in {place}", None, Lives),
        new("ist mein|unser zuhause|wohnort|wohnsitz ?jetzt ?nun ?inzwischen ?mittlerweile ?übrigens ?in {place}", Update, Lives),
        new("{place} ist ?jetzt ?nun mein|unser|unsere zuhause|wohnort|heimat|heimatstadt", ClauseStart, Lives),
        new("in {place} bin ich zu_hause|zuhause|daheim", None, Lives),
        new("{words} ist|sind mir lieber als {other:words}", ClauseStart, new Fact("preference", "User prefers {words} (lieber) over {other}.", "prefers:{words}")),
        new("{words} ist|sind mein|meine beruf|job|handwerk", ClauseStart, new Fact("profession", "User's job is {words}.", "profession", true)),
        new("{words} ist|sind mein|meine ?große|größte|liebstes hobby|leidenschaft|sport|instrument", ClauseStart, Does),
        new("meine {words:allergie}", None, Allergy),
        new("meine muttersprachen|sprachen sind {words}", None, Speaks),
        new("ich_bin|bin_ich|wir_sind|sind_wir ?vor {when:words} nach {place} gezogen|umgezogen", Update, Lives),
        new("ich_bin|bin_ich in|bei|auf {place} aufgewachsen|geboren|groß_geworden|zur_schule_gegangen", None, Origin),
        new("ich_stamme|stamme_ich|ich_komme|komme_ich ?ursprünglich|eigentlich ?gebürtig aus {place}", None, Origin),
        new("ich_wurde|wurde_ich|ich_bin|bin_ich am {date} [in {place}] geboren", None, Born, Origin),
        new("ich_bin|bin_ich {nation}", None, Nationality),
        new("meine|unsere muttersprache|erstsprache|zweitsprache ist {words}", None, Speaks),
        new("ich_kann|kann_ich ?recht|ziemlich|ganz|sehr ?gut|fließend|fliessend|etwas|ein_bisschen|ein_wenig {words:lang}", None, Speaks),
        new("ich_kann|kann_ich {words} ?gar|überhaupt|absolut nicht ausstehen|leiden|ertragen|riechen|ab", None, Hates),
        new("{words} kann ich ?gar|überhaupt|absolut nicht ausstehen|leiden|ertragen|riechen|ab", ClauseStart, Hates),
        new("{words} , die|das|den|der mag|esse|vertrage|trinke ich ?gar|überhaupt nicht", ClauseStart, Hates),
        new("ich_trinke|ich_esse|ich_mag|ich_nehme|ich_lese|ich_höre|ich_fahre|ich_reise lieber {words}", None, Prefers),
        new("am liebsten esse|trinke|höre|lese|mag|spiele|koche|schaue|trage|reise|fahre ich {words}", None, Likes),
        new("ich esse|trinke|höre|lese|mag|spiele|koche|schaue|trage am_liebsten {words}", None, Likes),
        new("mein|meine|unser|unsere {kind:liebling} ist|sind|heißt {words}", None, Favourite),
        new("ich_stehe|stehe_ich ?total|voll|sehr|echt auf {words:bare}", None, Likes),
        new("ich_habe|habe_ich ?leider eine|ne ?starke|schwere|leichte {words:allergie}", None, Allergy),
        new("ich_bin|bin_ich auf einen|den|meinen|ein|eine|die|meine|das {words} angewiesen", None, Aid),
        new("ich_sitze|sitze_ich|ich_bin im {words:hilfe}", None, Aid),
        new("ich_bin|bin_ich ?eine|ein rechtshänder|rechtshänderin|sehbehindert|blind|taub|rollstuhlfahrer|rollstuhlfahrerin", None, new Fact("constraint", "User is {last}.", "access")),
        new("ich_habe|habe_ich|wir_haben|haben_wir ?leider|derzeit kein|keine|keinen {lack:mangel}", None, Lacks),
        new("ich_habe|wir_haben|habe_ich|haben_wir ?auch ein|einen|eine {kin:verwandt} , er|sie|es|der|die|das heißt|heisst {name}", None, NamedAs),
        new("ich_habe|wir_haben|habe_ich|haben_wir zwei|drei|vier|2|3|ein|eine|einen {kin:verwandt} ,|: {names}", None, Named),
        new("mein|meine|unser|unsere {kin:verwandt} {name:selfname} wohnt|lebt|arbeitet|ist|hat|studiert|spielt|liebt|hasst|mag|kommt|wird {words}", None, NamedAs, SaidOf),
        new("mein|meine|unser|unsere {kin:verwandt} wohnt|lebt|arbeitet|studiert|spielt|liebt|hasst|mag|ist|wohnen|leben|arbeiten|kommt|spricht|isst {words}", None, Said),
        new("ich_bin|bin_ich ?jetzt|glücklich [seit {when:words}] mit {name:selfname} verheiratet|verlobt|zusammen|liiert", None, Partner),
        new("ich_bin|bin_ich ?seit_kurzem ?frisch {status:stand}", Closed, Status),
        new("in meiner|der freizeit {words}", ClauseStart, Does),
        new("am_wochenende|an_wochenenden|abends|morgens|sonntags|samstags|freitags|nach_feierabend gehe|mache|spiele|fahre|lese|koche|backe|male|laufe|jogge|schwimme|trainiere ich ?am gern|gerne|meistens|immer|oft|liebsten {words}", ClauseStart, DoesThen),
        new("an_wochenenden|abends|morgens|sonntags|samstags|freitags|nach_feierabend gehe|mache|spiele|lese|koche|backe|male|laufe|jogge|schwimme|trainiere ich {words}", ClauseStart, DoesThen),
        new("jeden|jede {when:word} spiele|gehe|laufe|jogge|schwimme|mache|trainiere|singe|tanze|male|lese|koche|backe|klettere ich {words}", ClauseStart, DoesThen),
        new("mein|meine|unser ?größtes|größte|liebstes hobby|hobbys|leidenschaft|leidenschaften ist|sind {words}", None, Does),
        new("ich_interessiere|interessiere_ich mich ?sehr ?besonders für {words}", None, Interest),
        new("ich_möchte|ich_will|möchte_ich|will_ich ?endlich|unbedingt dieses_jahr|nächstes_jahr|irgendwann|eines_tages|bald {words}", None, Goal),
        new("ich_möchte|ich_will|möchte_ich|will_ich bis|im ?zum ?ende {when:date} {words}", None, Goal),
        new("dieses_jahr|nächstes_jahr|irgendwann|eines_tages möchte|will ich {words}", None, Goal),
        new("ich_plane|plane_ich|wir_planen ?gerade|derzeit eine|einen|ein {words}", None, new Fact("goal", "User plans {words}.", "goal:{words}")),
        new("mein|unser ziel|traum|plan|vorsatz ist ?es , {words}", None, new Fact("goal", "User's goal is {words}.", "goal:{words}")),
        new("ich_habe|habe_ich|wir_haben|haben_wir ?auch ein|eine|einen {besitz}", None, Has),
        new("ich_hätte|ich_möchte|ich_bevorzuge|ich_mag|ich_will ?gern|gerne ?lieber ?immer ?nur {how:word} antworten|erklärungen|zusammenfassungen", None, new Fact("style", "User wants {how} {last}.", "style:{how}", true)),
        new("alle|meine_freunde|freunde|leute nennen mich {name}", None, Name),

        new("soy de profesión|oficio {job:words}", None, Job),
        new("{place} es donde vivo|vivimos|resido", ClauseStart, Lives),
        new("{place} es mi ?nuevo ?nueva casa|hogar|ciudad", ClauseStart, Lives),
        new("mi ?nueva casa|hogar|ciudad es|está ?ahora ?en {place}", None, Lives),
        new("{words} es|son mi|mis ?gran pasión|afición|aficiones|hobby|pasatiempo|deporte|instrumento", ClauseStart, Does),
        new("{words} es mi trabajo|oficio|profesión", ClauseStart, new Fact("profession", "User: {words} ({last}).", "profession:es", true)),
        new("trabajo ?ahora|actualmente en un|una {centre:centro} en {place}", None, BasedIn),
        new("trabajo ?ahora|actualmente en el|la|los|las|un|una {centre:centro} [en {place}]", None, WorksAt, BasedIn),
        new("llevo|dirijo|regento|gestiono|tengo|tenemos un|una {business:commerce} [en {place}]", None, Runs, BasedIn),
        new("soy dueño|dueña|propietario|propietaria de {business:words}", None, Runs),
        new("acabo_de|acabamos_de empezar|entrar ?a ?trabajar en|para ?el|la {org:firm}", Update, Employer),
        new("ahora trabajo en|para {org:firm}", Update, Employer),
        new("he_empezado|empecé ?a ?trabajar en|para ?el|la {org:firm}", Update, Employer),
        new("me han|acaban_de contratado|contratar|fichado|fichar en {org:firm}", Update, Employer),
        new("nací en {place} [el {date}]", None, Origin, Born),
        new("nací el {date}", None, Born),
        new("me_crié|crecí en {place}", None, Origin),
        new("soy {nation}", None, Nationality),
        new("mi lengua|idioma materna|materno|nativa|nativo es ?el|la {words}", None, Speaks),
        new("estoy estudiando|aprendiendo {lang}", None, Learns),
        new("tengo intolerancia|alergia a|al ?la|los|las|el {words}", None, Allergy),
        new("me da|dan alergia ?el|la|los|las {words}", None, Allergy),
        new("no tengo|tenemos {lack:mangel}", None, Lacks),
        new("voy|estoy en {words:hilfe}", None, Aid),
        new("uso {words:hilfe}", None, Aid),
        new("tengo|tenemos un|una {kin:verwandt} que vive|trabaja|estudia|tiene|es {words}", None, Said),
        new("mi|nuestro|nuestra {kin:verwandt} {name:selfname} es|vive|trabaja|tiene|estudia|juega|cumple {words}", None, NamedAs, SaidOf),
        new("mi|mis|nuestro|nuestra {kin:verwandt} es|vive|trabaja|tiene|estudia|juega|habla|viven|son|trabajan {words}", ClauseStart, Said),
        new("mi|mis gran afición|aficiones|hobby|hobbies|pasión|pasatiempo ?favorito es|son ?el|la|los|las {words}", None, Does),
        new("mi|mis afición|aficiones|hobby|hobbies|pasión|pasatiempo ?favorito es|son ?el|la|los|las {words}", None, Does),
        new("los_fines_de_semana|en_mi_tiempo_libre|en_mis_ratos_libres|todos_los_domingos|todos_los_sábados|cada_domingo|cada_sábado|cada_mañana|por_las_tardes ?siempre|suelo hago|voy|juego|toco|salgo|corro|nado|monto|practico|leo|cocino|pinto|ir|hacer|jugar|correr {words}", ClauseStart, DoesThen),
        new("me interesa|interesan ?mucho ?el|la|los|las {words}", None, Interest),
        new("me_gustaría|quisiera|planeo|pienso|espero|sueño_con|tengo_pensado ?algún_día aprender|correr|viajar|visitar|abrir|montar|mudarme|dejar|perder|estudiar|sacarme|vivir|bajar {words}", None, Goal),
        new("me_gustaría|sueño_con|pienso|quiero comprar|comprarme|escribir un|una|mi casa|piso|coche|moto|barco|furgoneta|libro|novela|poemario [{words}]", None, new Fact("goal", "User wishes this: {vp2}.", "goal:{last}")),
        new("quiero viajar|visitar|abrir|montar|mudarme|perder|bajar|sacarme|vivir|jubilarme {words}", None, Goal),
        new("mi|nuestro objetivo|meta|sueño|propósito|plan ?para_este_año es {words}", None, new Fact("goal", "User's goal is {words}.", "goal:{words}")),
        new("tengo|tenemos un|una {besitz}", None, Has),
        new("mi|mis {kind:word} favorito|favorita|favoritos|favoritas|preferido|preferida es|son {words}", None, Favourite),
        new("todos|mis_amigos|mi_familia me llaman|dicen {name}", None, Name),
        new("el|la|los|las {words} , no lo|la|los|las soporto|aguanto|trago|puedo_ver", None, Hates),
        new("estoy ?felizmente {status:stand}", Closed, Status),
        new("me dan|da ?mucho miedo ?el|la|los|las {words}", None, new Fact("dislike", "User is afraid of {words}.", "dislikes:{words}")),
        new("tomo|bebo el|mi {words}", ClauseStart, new Fact("preference", "User takes {words}.", "preference:{words}")),
        new("mi cumple es el {date}", None, new Fact("date", "User's birthday is {date}.", "date:birthday", true)),

        new("je_travaille|je_bosse ?actuellement|maintenant dans un|une {centre:centro} à|de|près {place}", None, BasedIn),
        new("je_travaille|je_bosse ?actuellement|maintenant dans|à|au|en ?la|l'|le|un|une {centre:centro}", None, WorksAt),
        new("je tiens|dirige|gère|possède|co-dirige un|une|ma|mon {business:commerce} [à|au|en {place}]", None, Runs, BasedIn),
        new("je suis employé|employée|embauché|embauchée|salarié|salariée chez|à|au {org:firm}", None, Employer),
        new("je_viens_de|je_viens_d' commencer|entrer|signer|être_embauché|être_embauchée chez {org:firm}", Update, Employer),
        new("j' ai ?juste commencé|signé chez {org:firm}", Update, Employer),
        new("je travaille maintenant|désormais chez|pour|à {org:firm}", Update, Employer),
        new("j' ai rejoint|intégré {org:firm}", Update, Employer),
        new("je_suis|suis en formation|apprentissage|alternance de|pour ?devenir {job:words}", None, Trains),
        new("je_vis|j'_habite|on_habite|nous_habitons ?à ?la ?campagne près|à_côté de|d' {place}", None, Lives),
        new("je me suis installé|installée à|au|en {place}", Update, Lives),
        new("j'_ai|nous_avons|on_a ?enfin ?récemment emménagé|déménagé à|au|en {place}", Update, Lives),
        new("on|nous vient_de|venons_de|vient_d'|venons_d' emménager|déménager à|au|en {place}", Update, Lives),
        new("je suis né|née à|au|en {place} [le {date}]", None, Origin, Born),
        new("je_fais|j'_ai une|des allergie|allergy|allergies|intolérance au|aux|à ?la ?l' {words}", None, Allergy),
        new("{place} est ?maintenant ma|notre ville|maison", ClauseStart, Lives),
        new("{words} est|sont ma|mon ?grande ?grand passion|passe-temps|sport|instrument|hobby", ClauseStart, Does),
        new("{words} est mon métier|gagne-pain", ClauseStart, new Fact("profession", "User's job is {words}.", "profession", true)),
        new("je suis né|née le {date}", None, Born),
        new("je suis originaire|natif|native de|du|d' ?la {place}", None, Origin),
        new("j' ai grandi à|au|en {place}", None, Origin),
        new("je suis {nation}", None, Nationality),
        new("ma langue maternelle est|c'est ?le|l'|la {words}", None, Speaks),
        new("mon|ma|mes {kind:word} préféré|préférée|préférés|préférées est|c'est|sont ?le|la|l'|les {words}", None, Favourite),
        new("je_suis|je_me_déplace|je_circule en {words:hilfe}", None, Aid),
        new("je_n'|on_n'|nous_n' ai|a|avons pas|plus de|d' {lack:mangel}", None, Lacks),
        new("mon|ma|notre ?grand|grande loisir|passe-temps|passion|hobby ?préféré|favori est|c'est ?le|la|l'|de {words}", None, Does),
        new("je m' intéresse ?beaucoup à|aux|au ?la|l' {words}", None, Interest),
        new("je suis passionné|passionnée|fan|fou|folle|accro de|d'|du|par|à|au ?la|l' {words}", None, Interest),
        new("j'_aimerais|j'_espère|je_compte|je_souhaite|je_rêve_de|je_rêve_d' ?bien ?un_jour apprendre|courir|visiter|acheter|ouvrir|voyager|devenir|vivre|déménager|arrêter|perdre {words}", None, Goal),
        new("je_veux|je_voudrais visiter|ouvrir|voyager|devenir|vivre|déménager|perdre {words}", None, Goal),
        new("j'_aimerais|je_veux|je_voudrais|je_rêve_d' ?bien ?un_jour écrire|publier|acheter un|une|mon livre|roman|recueil|maison|appartement|voiture|voilier [{words}]", None, new Fact("goal", "User wishes this: {vp2}.", "goal:{last}")),
        new("j' ai un|une {besitz}", None, Has),
        new("je conduis|possède un|une {besitz}", None, Has),
        new("nous_avons|on_a un|une|deux|trois {kin:verwandt} ,|: {names}", None, Named),
        new("nous_avons|on_a|j'_ai un|une {kin:verwandt} qui vit|habite|travaille|est|étudie {words}", None, Said),
        new("mon|ma|notre {kin:verwandt} {name:selfname} est|vit|habite|travaille|joue|étudie|a {words}", None, NamedAs, SaidOf),
        new("mon|ma|mes|notre {kin:verwandt} est|vit|habite|travaille|joue|étudie|parle|vivent|habitent|sont {words}", ClauseStart, Said),
        new("le|la|les|l' {words} , je_déteste|j'_ai_horreur_de|je_n'_aime_pas|je_ne_supporte_pas|je_hais|j'_ai_du_mal_avec ça|cela", None, Hates),
        new("je_suis|je_fais au|un régime {words}", None, new Fact("constraint", "User is on a diet: {words}.", "diet", true)),
        new("je suis un|le régime {words}", None, new Fact("constraint", "User is on a diet: {words}.", "diet", true)),
        new("j' ai ?très peur de|des|du|d' ?la ?l' {words}", None, new Fact("dislike", "User is afraid of {words}.", "dislikes:{words}")),
        new("je prends|bois mon|ma {words}", None, new Fact("preference", "User takes {words}.", "preference:{words}")),
        new("on|tout_le_monde m' appelle {name}", None, Name),
        new("mes amis m' appellent {name}", None, Name),
        new("tu peux m' appeler {name}", None, Name),
        new("je suis ?heureusement ?récemment {status:stand}", Closed, Status),
    ];
}

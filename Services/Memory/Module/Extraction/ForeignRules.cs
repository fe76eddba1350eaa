using System.Collections.Frozen;
using static MemoryMesh.Memory.Extraction.RuleTraits;

namespace MemoryMesh.Memory.Extraction;

/// <summary>The common facts in Spanish, German and French; values stay in the language of the user.</summary>
internal static class ForeignRules
{
    private static readonly Fact Name = new("name", "User's name is {name}.", "name", true);
    private static readonly Fact Role = new("profession", "User is {words}.", "profession", true);
    private static readonly Fact Employer = new("employer", "User works at {org}.", "employer", true);
    private static readonly Fact BasedIn = new("location", "User is based in {place}.", "location", true);
    private static readonly Fact Lives = new("location", "User lives in {place}.", "location", true);
    private static readonly Fact Origin = new("location", "User is from {place}.", "origin", true);
    private static readonly Fact Likes = new("preference", "User likes {words}.", "likes:{words}");
    private static readonly Fact Dislikes = new("dislike", "User does not like {words}.", "dislikes:{words}");
    private static readonly Fact Hates = new("dislike", "User hates {words}.", "dislikes:{words}");
    private static readonly Fact Allergy = new("constraint", "User is allergic to {words}.", "allergy:{words}");
    private static readonly Fact Diet = new("constraint", "User is {diet}.", "diet", true);
    private static readonly Fact Speaks = new("language", "User speaks {words}.", "language:{words}");
    private static readonly Fact Learns = new("goal", "User is learning {words}.", "learning:{words}");
    private static readonly Fact Prefers = new("preference", "User prefers {words}.", "prefers:{words}");
    private static readonly Fact Avoids = new("constraint", "User does not eat or drink {words}.", "avoids:{words}");
    private static readonly Fact Has = new("possession", "User has {words}.", "possession:{words}");

    /// <summary>Words for people and pets that the rules name with their names.</summary>
    public static readonly FrozenSet<string> Relations = FrozenSet.ToFrozenSet(("hund hündin katze kater tochter sohn söhne töchter kinder hunde katzen bruder schwester kaninchen brüder schwestern enfants fils fille filles frère frères sœur sœurs chat chats chien chiens chienne chatte").Split(' '));

    public static readonly Rule[] All =
    [
        new("me llamo {name}", None, Name),
        new("mi nombre es {name}", None, Name),
        new("soy {name}", ClauseStart | Closed, Name),
        new("trabajo como|de {words} en {place}", None, Role, BasedIn),
        new("trabajo como|de {words}", None, Role),
        new("trabajo en|para {org} [en|de {place}]", None, Employer, BasedIn),
        new("soy ?un|una {diet}", None, Diet),
        new("soy de {place}", None, Origin),
        new("soy alérgico|alérgica a|al ?la|las|los|el {words}", None, Allergy),
        new("tengo alergia a|al ?la|las|los|el {words}", None, Allergy),
        new("soy {words} en {place}", ClauseStart, Role, BasedIn),
        new("soy {oficio}", None, new Fact("profession", "User is {oficio}.", "profession", true)),
        new("vivo|resido|estoy ?ahora ?actualmente en {place}", None, Lives),
        new("ahora vivo en {place}", Update, Lives),
        new("me mudé|mudo|trasladé ?recientemente a {place}", Update, Lives),
        new("nos mudamos a {place}", Update, Lives),
        new("hablo {words} y {more:words}", None, Speaks, new Fact("language", "User speaks {more}.", "language:{more}")),
        new("hablo {words}", None, Speaks),
        new("acabo de mudarme a {place}", Update, Lives),
        new("estoy aprendiendo {words}", None, Learns),
        new("no me gusta|gustan {words}", None, Dislikes),
        new("me gusta|gustan|encanta|encantan|fascina|apasiona ?mucho ?el|la|los|las {words}", None, Likes),
        new("odio|detesto {words}", None, Hates),
        new("prefiero {words}", None, Prefers),
        new("no como|bebo|puedo ?comer {words}", None, Avoids),
        new("mi ?color|comida|película|libro|plato favorito|favorita es {words}", None, new Fact("preference", "User's favourite is {words}.", "favourite:{words}")),
        new("mi perro|perra|gato|gata|hija|hijo|hermana|hermano|mujer|marido|esposa|esposo|novia|novio se llama {name}", None, new Fact("relationship", "User has {second} named {name}.", "relationship:{second}:{name}")),
        new("no soporto|aguanto ?el|la|los|las {words}", None, new Fact("dislike", "User can't stand {words}.", "dislikes:{words}")),
        new("no soy ?muy fan de ?el|la|los|las {words}", None, Dislikes),
        new("tengo un|una|dos|tres|cuatro|2|3 hijos|hijas|hijo|hija|hermanos|hermanas|hermano|hermana|perros|gatos|perro|perra|gato|gata|niños|niñas ?, ?: ?llamado|llamada|llamados|llamadas ?que ?se_llama|se_llaman {names}", None, new Fact("relationship", "User has {third} named {names}.", "relationship:{third}:{names}")),
        new("tengo un|una|dos|tres|cuatro hijos|hijas|hijo|hija|hermanos|hermanas|perros|gatos|perro|perra|gato|gata", None, new Fact("relationship", "User has {second} {third}.", "relationship:{third}")),
        new("tengo {age} años", None, new Fact("other", "User is {age} years old.", "age", true)),
        new("mi cumpleaños es el {date}", None, new Fact("date", "User's birthday is {date}.", "date:birthday", true)),
        new("estoy casado|casada con {name}", None, new Fact("relationship", "User is married to {name}.", "relationship:partner", true)),
        new("mi hijo|hija|hermano|hermana|marido|mujer|esposa|esposo|novia|novio|pareja|madre|padre {name}", ClauseStart, new Fact("relationship", "User has {second} named {name}.", "relationship:{second}:{name}")),
        new("soy {words} de profesión", None, Role),
        new("trabajo desde casa", None, new Fact("constraint", "User works from home (trabaja desde casa).", "schedule:place", true)),
        new("toco el|la {words}", None, new Fact("interest", "User plays {words}.", "plays:{words}")),
        new("quiero|espero aprender|correr|comprar|ahorrar|viajar|terminar|dejar {words}", None, new Fact("goal", "User wants to {second} {words}.", "goal:{words}")),
        new("estoy entrenando|ahorrando|estudiando para {words}", None, new Fact("goal", "User is {second} para {words}.", "goal:{words}")),
        new("tengo un|una|dos|tres {words}", None, Has),

        new("ich heiße|heisse|heiss {name}", None, Name),
        new("mein name ist {name}", None, Name),
        new("ich bin der|die {name}", Closed, Name),
        new("ich bin {name:selfname}", Closed, Name),
        new("{beruf} aus|in|bei {place}", ClauseStart, new Fact("profession", "User is {beruf}.", "profession", true), Lives),
        new("gehe ich ?gern|gerne {words}", None, new Fact("interest", "User does {words}.", "hobby:{words}")),
        new("spiele ich ?gern|gerne {words}", None, new Fact("interest", "User plays {words}.", "plays:{words}")),
        new("spiele {words}", ClauseStart, new Fact("interest", "User plays {words}.", "plays:{words}")),
        new("ich bin {diet}", None, Diet),
        new("ich arbeite|bin als {words} bei {org} ?in [{place}]", None, Role, Employer),
        new("ich arbeite als {words} in {place}", None, Role, BasedIn),
        new("ich arbeite als {words}", None, Role),
        new("ich arbeite bei|für {org} [in {place}]", None, Employer, BasedIn),
        new("arbeite als {words} bei {org}", ClauseStart, Role, Employer),
        new("arbeite als {words} in {place}", ClauseStart, Role, BasedIn),
        new("arbeite als {words}", ClauseStart, Role),
        new("arbeite bei|für {org}", ClauseStart, Employer),
        new("ich bin von|ursprünglich beruf {words}", None, Role),
        new("ich bin allergisch gegen|auf {words}", None, Allergy),
        new("allergisch gegen|auf {words}", ClauseStart, Allergy),
        new("ich habe ?eine|einen|zwei|drei|2 hund|hündin|katze|kater|tochter|sohn|söhne|töchter|kinder|hunde|katzen|bruder|schwester|kaninchen|brüder|schwestern ?, ?: ?namens ?die|der ?heißt|heißen {names}", None, new Fact("relationship", "User has {relation} named {names}.", "relationship:{relation}:{names}")),
        new("habe ?eine|einen|zwei|drei|2 hund|hündin|katze|kater|tochter|sohn|söhne|töchter|kinder|hunde|katzen|bruder|schwester ?, ?: ?namens ?die|der ?heißt|heißen {names}", ClauseStart, new Fact("relationship", "User has {relation} named {names}.", "relationship:{relation}:{names}")),
        new("ich habe zwei|drei|vier|2|3 kinder|hunde|katzen|söhne|töchter", None, new Fact("relationship", "User has {relation} ({third}).", "relationship:{relation}")),
        new("ich bin {age} ?jahre ?alt", None, new Fact("other", "User is {age} years old.", "age", true)),
        new("ich habe am {date} geburtstag", None, new Fact("date", "User's birthday is {date}.", "date:birthday", true)),
        new("mein geburtstag ist ?am ?der {date}", None, new Fact("date", "User's birthday is {date}.", "date:birthday", true)),
        new("mein|meine mann|frau|sohn|tochter|hund|katze|kater|bruder|schwester|freund|freundin|chef|chefin {name}", None, new Fact("relationship", "User has {second} named {name}.", "relationship:{second}:{name}")),
        new("ich fahre ein|einen|eine {words}", None, Has),
        new("ich esse|trinke kein|keine|keinen {words}", None, Avoids),
        new("ich vertrage kein|keine|keinen {words}", None, Avoids),
        new("ich arbeite ?meistens ?immer von_zu_hause|im_homeoffice|nachts|im_schichtdienst", None, new Fact("constraint", "User works like this: {last}.", "schedule:place", true)),
        new("ich will|möchte ?endlich {words} lernen", None, new Fact("goal", "User wants to learn {words}.", "learning:{words}")),
        new("ich bin ein|eine ?großer ?große fan von {words}", None, Likes),
        new("ich habe eine allergie gegen {words}", None, Allergy),
        new("ich wohne|lebe ?jetzt ?nun ?inzwischen in|bei {place}", None, Lives),
        new("jetzt|nun|inzwischen wohne|lebe ich in {place}", Update, Lives),
        new("wohne|lebe ich in {place}", None, Lives),
        new("wohne|lebe in {place}", ClauseStart, Lives),
        new("ich bin ?jetzt nach {place} gezogen|umgezogen", Update, Lives),
        new("nach {place} gezogen|umgezogen", Update, Lives),
        new("ich komme aus {place}", None, Origin),
        new("komme aus {place}", ClauseStart, Origin),
        new("ich spreche {words} und {more:words}", None, Speaks, new Fact("language", "User speaks {more}.", "language:{more}")),
        new("ich spreche {words}", None, Speaks),
        new("bin ich ?übrigens ?jetzt ?nun ?inzwischen ?übrigens {beruf}", Update, new Fact("profession", "User is {beruf}.", "profession", true)),
        new("ich lerne ?gerade {words}", None, Learns),
        new("ich mag|esse|trinke ?gar ?überhaupt kein|keine|keinen {words}", None, Dislikes),
        new("ich mag|liebe {words} nicht", None, Dislikes),
        new("ich mag|liebe {words}", None, Likes),
        new("ich hasse|verabscheue {words}", None, Hates),
        new("ich spiele|trinke|esse|höre|lese {words} gern|gerne", None, Likes),
        new("ich spiele|koche|wandere|male|lese|schwimme|tanze|reise ?sehr gern|gerne", None, new Fact("interest", "User likes to {second}.", "likes:{second}")),
        new("ich spiele ?gern|gerne {words}", None, new Fact("interest", "User plays {words}.", "plays:{words}")),
        new("ich bevorzuge {words}", None, Prefers),
        new("meine lieblingsfarbe|lieblingsessen|lieblingsband|lieblingsfilm ist {words}", None, new Fact("preference", "User's favourite ({second}) is {words}.", "favourite:{second}", true)),
        new("mein lieblingsessen|lieblingsbuch|lieblingsfilm|lieblingsverein ist {words}", None, new Fact("preference", "User's favourite ({second}) is {words}.", "favourite:{second}", true)),
        new("meine|mein|unsere|unser tochter|frau|hund|katze|sohn|mann|bruder|schwester|freundin|freund|kater|hündin heißt|heisst {name}", None, new Fact("relationship", "User has {second} named {name}.", "relationship:{second}:{name}")),
        new("ich bin {beruf} ?aus|in [{place}]", None, new Fact("profession", "User is {beruf}.", "profession", true), BasedIn),

        new("je m' appelle {name}", None, Name),
        new("mon|mon nom|prénom est|c'est {name}", None, Name),
        new("moi c' est {name}", None, Name),
        new("je suis {name:selfname}", Closed, Name),
        new("{métier} [{np}] à|de|en {place}", ClauseStart, new Fact("profession", "User is {métier}.", "profession", true), Lives),
        new("je suis {diet}", None, Diet),
        new("je suis allergique aux|à|au ?la ?l' {words}", None, Allergy),
        new("je travaille comme|en ?tant ?que {words} à|chez|au {place}", None, Role, BasedIn),
        new("je travaille comme {words}", None, Role),
        new("je travaille chez|pour {org} [à {place}]", None, Employer, BasedIn),
        new("je bosse chez|pour {org}", None, Employer),
        new("je suis ?un|une {métier} [à|au {place}]", None, new Fact("profession", "User is {métier}.", "profession", true), BasedIn),
        new("j' habite|habitais ?maintenant ?désormais à|au|en|dans|près {place}", None, Lives),
        new("je vis|réside ?maintenant ?désormais à|au|en {place}", None, Lives),
        new("habite|vis à {place}", ClauseStart, Lives),
        new("j' ai déménagé à|au|en {place}", Update, Lives),
        new("je viens de|d' déménager|emménager à|au|en {place}", Update, Lives),
        new("je viens de|d' {place}", None, Origin),
        new("je parle {words} et {more:words}", None, Speaks, new Fact("language", "User speaks {more}.", "language:{more}")),
        new("je parle {words}", None, Speaks),
        new("j' apprends {words}", None, Learns),
        new("je n' aime pas|plus ?du ?tout ?le|la|les|l' {words}", None, Dislikes),
        new("j' aime|adore ?beaucoup ?bien ?le|la|les|l' {words}", None, Likes),
        new("j' adore {words}", None, Likes),
        new("je déteste ?le|la|les|l' {words}", None, Hates),
        new("je préfère {words}", None, Prefers),
        new("je ne mange|bois pas|jamais ?de|d' {words}", None, Avoids),
        new("j' ai un|une|deux|trois|quatre|2|3 enfants|fils|fille|filles|frère|frères|sœur|sœurs|chat|chats|chien|chiens|chienne|chatte ?, ?: ?qui s'_appelle|s'_appellent|nommé|nommée {names}", None, new Fact("relationship", "User has {relation} named {names}.", "relationship:{relation}:{names}")),
        new("j' ai un|une|deux|trois|quatre|2|3 enfants|fils|fille|filles|frère|frères|sœur|sœurs|chat|chats|chien|chiens ?, ?: {names}", None, new Fact("relationship", "User has {relation} named {names}.", "relationship:{relation}:{names}")),
        new("j' ai deux|trois|quatre|2|3 enfants|fils|filles|chats|chiens", None, new Fact("relationship", "User has {relation} ({third}).", "relationship:{relation}")),
        new("j' ai {age} ans", None, new Fact("other", "User is {age} years old.", "age", true)),
        new("mon anniversaire est le {date}", None, new Fact("date", "User's birthday is {date}.", "date:birthday", true)),
        new("je ne supporte pas ?le|la|les|l' {words}", None, new Fact("dislike", "User can't stand {words}.", "dislikes:{words}")),
        new("je suis marié|mariée avec|à {name}", None, new Fact("relationship", "User is married to {name}.", "relationship:partner", true)),
        new("mon|ma fils|fille|frère|sœur|mari|femme|copain|copine|chien|chat|chienne|chatte|patron|patronne {name}", None, new Fact("relationship", "User has {second} named {name}.", "relationship:{second}:{name}")),
        new("je travaille ?souvent de|à nuit|domicile|la_maison", None, new Fact("constraint", "User works like this: {last}.", "schedule:place", true)),
        new("j' apprends ?le|la|l' {words}", None, Learns),
        new("je veux|voudrais|aimerais apprendre|courir|acheter|arrêter|finir {words}", None, new Fact("goal", "User wants to {third} {words}.", "goal:{words}")),
        new("je fais du|de ?la|l' {words}", None, new Fact("interest", "User does {words}.", "hobby:{words}")),
        new("je joue du|de|au|à ?la {words}", None, new Fact("interest", "User plays {words}.", "plays:{words}")),
        new("ma|mon fille|femme|chienne|chatte|fils|mari|chien|chat|frère|sœur|copine|copain s' appelle {name}", None, new Fact("relationship", "User has {second} named {name}.", "relationship:{second}:{name}")),
    ];
}

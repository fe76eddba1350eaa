using System.Collections.Frozen;

namespace MemoryMesh.Memory.Extraction;

/// <content>Slots of German, Spanish and French rules, told by their words or by how a word ends.</content>
internal static partial class SlotReader
{
    private static readonly FrozenSet<string> Businesses = Words(
        "panadería pastelería librería tienda bar restaurante taller cafetería peluquería farmacia empresa negocio academia granja hotel hostal clínica escuela despacho consulta floristería carnicería frutería ferretería papelería zapatería panaderías gimnasio bodega viñedo " +
        "boulangerie pâtisserie librairie boutique restaurant garage café pharmacie entreprise ferme hôtel gîte atelier cabinet école auberge brasserie épicerie fromagerie fleuriste domaine crèche agence " +
        "bäckerei konditorei laden geschäft werkstatt praxis firma kita hof studio agentur buchhandlung apotheke gärtnerei metzgerei schreinerei tischlerei pension weingut brauerei kanzlei salon friseursalon gasthof bar hotel restaurant imkerei");

    private static readonly FrozenSet<string> Nations = Words(
        "argentino argentina español española mexicano mexicana chileno chilena colombiano colombiana peruano peruana venezolano venezolana cubano cubana uruguayo uruguaya ecuatoriano ecuatoriana boliviano boliviana paraguayo paraguaya brasileño brasileña portugués portuguesa italiano italiana francés francesa alemán alemana inglés inglesa gallego gallega catalán catalana andaluz andaluza vasco vasca marroquí " +
        "deutscher deutsche österreicher österreicherin schweizer schweizerin türke türkin italiener italienerin spanier spanierin franzose französin pole polin russe russin grieche griechin kroate kroatin niederländer niederländerin brite britin amerikaner amerikanerin däne dänin schwede schwedin " +
        "français française belge suisse québécois québécoise canadien canadienne marocain marocaine algérien algérienne tunisien tunisienne sénégalais sénégalaise ivoirien ivoirienne italien italienne espagnol espagnole portugais portugaise allemand allemande anglais anglaise polonais polonaise libanais libanaise breton bretonne corse");

    private static readonly FrozenSet<string> ForeignThings = Words(
        "bici bicicleta moto coche carro furgoneta caravana autocaravana barco velero casa piso apartamento ático huerto jardín terraza piano guitarra violín batería cámara portátil ordenador móvil tablet telescopio caballo finca cabaña " +
        "vélo voiture moto scooter camionnette camping-car caravane bateau voilier maison appartement potager jardin terrasse piano guitare violon appareil-photo ordinateur portable téléphone tablette télescope cheval cabane trottinette tandem " +
        "klavier gitarre geige cello kamera laptop computer handy tablet teleskop pferd hof pony aquarium kombi trompete");

    /// <summary>Ends of German compounds for things somebody owns: "Lastenrad", "Schrebergarten".</summary>
    private static readonly string[] GermanThings = ["bike", "rad", "auto", "wagen", "motorrad", "boot", "garten", "haus", "wohnung", "mobil", "roller", "bus", "moped", "katamaran", "hütte", "flügel"];

    private static readonly FrozenSet<string> Lacking = Words(
        "auto führerschein ofen backofen balkon garten fernseher mikrowelle geschwister kinder smartphone handy drucker spülmaschine aufzug internet haustiere waschmaschine " +
        "coche carro moto carné carnet horno microondas lavavajillas jardín balcón ascensor televisión tele hermanos hijos mascotas móvil internet lavadora wifi " +
        "voiture permis four micro-ondes lave-vaisselle jardin balcon ascenseur télé télévision frères sœurs enfants enfant animaux smartphone internet lave-linge congélateur");

    private static readonly FrozenSet<string> ForeignAids = Words("rollstuhl hörgerät hörgeräte blindenstock krücken rollator screenreader silla muletas audífonos bastón andador fauteuil béquilles déambulateur");

    private static readonly FrozenSet<string> ForeignKin = Words(
        "mann frau ehemann ehefrau sohn tochter söhne töchter kinder kind bruder schwester brüder schwestern mutter vater eltern mama papa oma opa großmutter großvater großeltern tante onkel cousin cousine neffe nichte freund freundin verlobter verlobte partner partnerin schwiegermutter schwiegervater schwiegereltern mitbewohner mitbewohnerin nachbar nachbarin chef chefin zwillinge hund hündin katze kater hunde katzen kaninchen hamster papagei pferd welpe wellensittich " +
        "marido mujer esposo esposa hijo hija hijos hijas hermano hermana hermanos hermanas madre padre padres mamá papá abuela abuelo abuelos tía tío tíos primo prima sobrino sobrina novio novia pareja prometido prometida suegra suegro suegros compañero compañera vecino vecina jefe jefa gemelos mellizos perro perra perros gato gata gatos conejo loro caballo cachorro " +
        "mari femme époux épouse fils fille filles enfants frère frères sœur sœurs mère père parents maman papa grand-mère grand-père grands-parents tante oncle cousin cousine neveu nièce copain copine fiancé fiancée compagnon compagne conjoint belle-mère beau-père colocataire voisin voisine patron patronne jumeaux jumelles chien chienne chiens chat chatte chats lapin perroquet cheval chiot");

    private static readonly FrozenSet<string> CivilStatus = Words(
        "verheiratet geschieden ledig verwitwet verlobt alleinerziehend rentner rentnerin pensioniert casado casada divorciado divorciada soltero soltera viudo viuda jubilado jubilada separado separada comprometido comprometida " +
        "marié mariée divorcé divorcée célibataire veuf veuve pacsé pacsée fiancé fiancée retraité retraitée séparé séparée");

    /// <summary>What somebody works at for a while, unlike where they work.</summary>
    private static readonly FrozenSet<string> Undertakings = Words(
        "proyecto informe ensayo artículo presentación trabajo cuento guion guión tesis aplicación código texto correo novela tema idea problema casa " +
        "projet rapport essai article présentation mémoire thèse texte code mail roman sujet idée problème ce mon ma mes cette");

    /// <summary>What somebody has only while they ask.</summary>
    private static readonly FrozenSet<string> Errands = Words("duda dudas pregunta preguntas reunión cita examen error errores bug fallo función archivo lista tarea tareas resfriado dolor gripe fiebre consulta petición sugerencia curiosidad minuto momento rato hora día vuelo función clase entrevista");

    /// <summary>What a person judges in a chat: an answer, an option, an exam.</summary>
    private static readonly FrozenSet<string> OfReplies = Words("respuesta respuestas opción opciones versión propuesta frase título ejemplo examen situación réponse réponses option version proposition phrase titre exemple examen situation deuxième première premier segunda primera segundo primer última dernière");

    private static int Abroad(MessageContext context, string type, int start, int end, string[] stops)
    {
        var word = context.Tokens[start].Lower;
        return type switch
        {
            "liebling" => word.Length > 11 && word.StartsWith("lieblings", StringComparison.Ordinal) ? start + 1 : -1,
            "allergie" => word.EndsWith("allergie", StringComparison.Ordinal) || word.EndsWith("unverträglichkeit", StringComparison.Ordinal) || word.EndsWith("intoleranz", StringComparison.Ordinal) ? start + 1 : -1,
            "nation" => Nations.Contains(word) && IsClauseEnd(context, start + 1, end) ? start + 1 : -1,
            "stand" => CivilStatus.Contains(word) ? start + 1 : -1,
            "verwandt" => ForeignKin.Contains(word) ? start + 1 : -1,
            "mangel" => Lacking.Contains(word) ? start + 1 : -1,
            "hilfe" => WithinForeign(context, start, end, stops, ForeignAids),
            "commerce" => WithinForeign(context, start, end, stops, Businesses),
            "besitz" => Possession(context, start, end, stops),
            "bare" => word is "dem" or "den" or "der" or "die" or "das" or "einem" or "einer" or "meinem" or "meiner" or "dieser" or "diesem" or "kriegsfuß" ? -1 : Foreign(context, start, end, stops),
            "tema" => Named(context, start, Foreign(context, start, end, stops)),
            "cosa" => Errands.Contains(word) || Undertakings.Contains(word) ? -1 : Foreign(context, start, end, stops),
            "centro" => Undertakings.Contains(word) ? -1 : Foreign(context, start, end, stops),
            _ => -1,
        };
    }

    /// <summary>Whether a clause ends or goes on with a place or a conjunction: "soy francés" is no "soy alemán de adopción lingüística".</summary>
    private static bool IsClauseEnd(MessageContext context, int at, int end) => at >= end || !context.Tokens[at].IsWord || context.Tokens[at].Lower is "y" or "und" or "et" or "pero" or "aber" or "mais" or "de" or "aus" or "e";

    private static int WithinForeign(MessageContext context, int start, int end, string[] stops, FrozenSet<string> words)
    {
        var stop = Foreign(context, start, end, stops);
        for (var i = start; i < stop && i < start + 4; i++)
        {
            if (words.Contains(context.Tokens[i].Lower))
            {
                return stop;
            }
        }

        return -1;
    }

    /// <summary>"El fado", "les araignées": something as such, not "esta respuesta" or "la deuxième version".</summary>
    private static int Named(MessageContext context, int start, int stop)
    {
        var tokens = context.Tokens;
        if (stop < 0 || stop - start > 4 || tokens[start].Lower is "este" or "esta" or "estos" or "estas" or "ese" or "esa" or "esto" or "eso" or "tu" or "tus" or "su" or "sus" or "mi" or "mis" or "ce" or "cet" or "cette" or "ces" or "ta" or "ton" or "tes" or "votre" or "mon" or "ma" or "mes" or "ça" or "cela" or "que" or "qui")
        {
            return -1;
        }

        for (var i = start; i < stop; i++)
        {
            if (OfReplies.Contains(tokens[i].Lower) || Errands.Contains(tokens[i].Lower) || Undertakings.Contains(tokens[i].Lower))
            {
                return -1;
            }
        }

        return stop;
    }

    /// <summary>"altes Lastenrad", "bici eléctrica", "Seat Ibiza": a thing known by its word, by how it ends, or by its brand.</summary>
    private static int Possession(MessageContext context, int start, int end, string[] stops)
    {
        var stop = Foreign(context, start, end, stops);
        for (var i = start; i < stop && i < start + 4; i++)
        {
            var word = context.Tokens[i].Lower;
            if (ForeignThings.Contains(word) || Lexicon.Brands.ContainsKey(word) || (context.Tokens[i].IsCapitalised && Array.Exists(GermanThings, ending => word.EndsWith(ending, StringComparison.Ordinal))))
            {
                return stop;
            }
        }

        return -1;
    }
}

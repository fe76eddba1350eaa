using System.Collections.Frozen;

namespace MemoryMesh.Memory.Extraction;

/// <summary>Tells a trade by its ending where the grammar says that somebody names what they are: after "ich bin", "soy", "je suis".</summary>
internal static class ForeignTrades
{
    private const int ShortestStem = 3;

    private static readonly string[] German =
        ["er", "erin", "ist", "istin", "ant", "antin", "ent", "entin", "eur", "eurin", "mann", "frau", "wirt", "wirtin", "kraft", "loge", "login", "arzt", "ärztin", "or", "orin", "ar", "arin", "iker", "ikerin", "pädagoge", "pädagogin", "pfleger", "helferin", "meisterin", "rat", "graf", "grafin", "bauer", "bäuerin"];

    private static readonly string[] Spanish = ["ero", "era", "or", "ora", "ista", "ólogo", "óloga", "ógrafo", "ógrafa", "tecto", "tecta", "ario", "aria", "ático", "ente", "ador", "adora", "edor", "edora"];

    private static readonly string[] French = ["eur", "euse", "rice", "ier", "ière", "iste", "icien", "icienne", "logue", "graphe", "naire", "teur", "trice", "ant", "ante"];

    private static readonly FrozenSet<string> NoTrades = FrozenSet.ToFrozenSet((
        "anfänger anfängerin mutter vater bruder schwester tochter deutscher amerikaner amerikanerin österreicher österreicherin schweizer schweizerin europäer ausländer ausländerin vegetarier vegetarierin veganer veganerin pescetarier christ raucher raucherin nichtraucher linkshänder linkshänderin rechtshänder optimist optimistin pessimist " +
        "perfektionist perfektionistin realist single berliner hamburger kölner wiener münchner später immer leider sicher wieder lieber super unsicher hier aber oder älter jünger kleiner größer besser schlauer introvertiert patient patientin elefant dankbar klar bereit interessent " +
        "soltero soltera primero primera mejor mayor menor optimista pesimista realista perfeccionista feminista socialista comunista capitalista anarquista señor señora extranjero extranjera heredero sincero sincera ligero peor madrileño solitario solitaria voluntario voluntaria diferente consciente paciente cliente impaciente presente inteligente prudente " +
        "maintenant souvent pendant avant devant durant cependant pourtant enfant premier première dernier dernière entier entière fier fière familier optimiste pessimiste réaliste perfectionniste féministe socialiste communiste heureux heureuse malheureuse curieuse amoureuse furieuse sérieuse nerveuse joyeuse généreuse paresseuse débutant débutante content contente vivant vivante fatigant intéressant célibataire étranger étrangère ordinaire volontaire contraire prochaine").Split(' '));

    /// <summary>Whether a word is a trade by its ending.</summary>
    /// <param name="slot">The slot: <c>beruf</c>, <c>oficio</c> or <c>métier</c>.</param>
    /// <param name="token">The word.</param>
    public static bool IsTrade(string slot, Token token)
    {
        var word = token.Lower;
        if (token.Kind != TokenKind.Word || NoTrades.Contains(word) || Lexicon.Demonyms.Contains(word) || Lexicon.Diets.Contains(word) || (slot == "beruf" && !token.IsCapitalised))
        {
            return false;
        }

        var endings = slot switch { "beruf" => German, "oficio" => Spanish, "métier" => French, _ => [] };
        return Array.Exists(endings, ending => word.Length >= ending.Length + ShortestStem && word.EndsWith(ending, StringComparison.Ordinal));
    }
}

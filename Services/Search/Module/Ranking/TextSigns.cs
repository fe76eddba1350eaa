using System.Text.RegularExpressions;
using MemoryMesh.Search.Analysis.Languages;
using MemoryMesh.Search.Index.Vectors;

namespace MemoryMesh.Search.Ranking;

/// <summary>What a stored text tells beside its words, read when it is indexed.</summary>
/// <remarks>Persons, numbers and names are read in English, times in every language that dates are understood in.</remarks>
internal static partial class TextSigns
{
    /// <summary>Traits of a text. Pure: the same text always has the same.</summary>
    public static TextTraits Of(string text)
        => (text.AsSpan().TrimEnd() is [.., '?' or '？' or '؟'] ? TextTraits.Question : 0)
            | (TimeExpression().IsMatch(text) || DateWords.ToEnglish(text, LanguageGuess.Of(text)).Length > 0 ? TextTraits.Time : 0)
            | (SecondPerson().IsMatch(text) && !FirstPerson().IsMatch(text) ? TextTraits.SecondPerson : 0)
            | (Number().IsMatch(text) ? TextTraits.Number : 0)
            | (Name().IsMatch(text) ? TextTraits.Name : 0);

    [GeneratedRegex(
        @"\b(yesterday|today|tonight|tomorrow|ago|last|next|since|weeks?|weekend|months?|years?|recently|morning|evening|mon|tues|wednes|thurs|fri|satur|sun)(day)?\b|\b(january|february|march|april|may|june|july|august|september|october|november|december|summer|winter|spring|autumn)\b|\b(19|20)\d\d\b",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex TimeExpression();

    [GeneratedRegex(@"\b(you|your|yours|yourself|yourselves)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex SecondPerson();

    [GeneratedRegex(@"\b(i|me|my|mine|myself|we|us|our|ours|ourselves)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex FirstPerson();

    [GeneratedRegex(
        @"\d|\b(one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozens?|hundreds?|thousands?|couple|few|several|once|twice|both)\b",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Number();

    // A capital inside a sentence, but for days, months and whom a greeting or thanks go to; or what stands in quotation marks.
    [GeneratedRegex(
        """["“«]\w|(?<=[a-z] )(?<!\b(?i:hey|hi|hello|dear|thanks|thank you|wow|bye|oh|yeah|yes|no|sure|congrats) )(?!\w+day\b|(?:January|February|March|April|May|June|July|August|September|October|November|December)\b)\p{Lu}\p{Ll}+""",
        RegexOptions.CultureInvariant)]
    private static partial Regex Name();
}

using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace MemoryMesh.Search.Analysis.Languages;

/// <summary>Says the dates of a text in English: "am 3. Mai 2023" is "3 may 2023", "la semaine dernière" is "last week", "5月3日" is "3 may".</summary>
/// <remarks>
/// The time of a message is indexed in English words, and the ranking reads times in English. A question in another language meets both by its dates in
/// English, so that neither has to be kept in nine languages. Arabic months with names of two words are read as one.
/// </remarks>
internal static partial class DateWords
{
    private const int FirstYear = 1900;
    private const int LastYear = 2099;
    private const char FirstCyrillic = '\u0400';
    internal static readonly string[] Months = [.. CultureInfo.InvariantCulture.DateTimeFormat.MonthNames.Take(12).Select(name => name.ToLowerInvariant())];
    internal static readonly string[] Days = [.. CultureInfo.InvariantCulture.DateTimeFormat.DayNames.Select(name => name.ToLowerInvariant())];
    private static readonly string[] Seasons = ["spring", "summer", "autumn", "winter"];
    private static readonly string[] Numbers = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
    private static readonly (FrozenDictionary<string, string> Words, (string Start, string Meaning)[] Starts) Known = Load();

    /// <summary>The dates, separated by commas; empty when there is none.</summary>
    /// <param name="text">A text in any language. English dates are left to who reads English.</param>
    /// <param name="languages">What its Latin words may be.</param>
    public static string ToEnglish(string text, TextLanguages languages)
    {
        if (!MayHold(text, languages))
        {
            return "";
        }

        var folded = TwoWordMonths().Replace(IsoDate().Replace(CharacterFolding.Fold(text).ToLowerInvariant().Replace("jourd'hui", "jourdhui", StringComparison.Ordinal), " "), "$1_$2");
        folded = DayBeforeYesterday().Replace(folded, " vorgestern ");
        var english = new StringBuilder();
        EastAsianDates.Add(folded, english);
        AddSpaced(folded, ReadsYears(folded, languages), english);
        return english.ToString();
    }

    /// <summary>The English names of the months and weekdays that a text names in another language.</summary>
    /// <param name="text">The text.</param>
    /// <param name="languages">What its Latin words may be.</param>
    public static IEnumerable<string> NamesIn(string text, TextLanguages languages)
        => MayHold(text, languages)
            ? ToEnglish(text, languages).Split([' ', ','], StringSplitOptions.RemoveEmptyEntries).Where(word => Months.Contains(word) || Days.Contains(word)).Distinct()
            : [];

    // English texts are most texts, and are not read twice.
    private static bool MayHold(string text, TextLanguages languages) => (languages & TextLanguages.AnyForeign) != 0 || !Ascii.IsValid(text);

    // A year alone is a date where the text is plainly of another language; elsewhere it may be an English date's, or any number.
    private static bool ReadsYears(string text, TextLanguages languages)
        => (!languages.HasFlag(TextLanguages.English) && languages != TextLanguages.AnyForeign) || text.AsSpan().IndexOfAnyInRange('\u0400', '\u06FF') >= 0;

    private static void AddSpaced(string text, bool readsYears, StringBuilder english)
    {
        var tokens = new List<(string Text, string? Meaning)>();
        foreach (Match match in Token().Matches(text))
        {
            // "Of" says nothing, nor does "year" behind its number.
            if (!(match.Value is "de" or "del" or "of" or "d" or "den" or "dem" or "der" or "من" or "في" || (match.Value is "г" or "года" or "году" && tokens is [.., var number] && Year(number.Text) > 0)))
            {
                tokens.Add((match.Value, Meaning(match.Value)));
            }
        }

        for (var at = 0; at < tokens.Count; at++)
        {
            var meaning = tokens[at].Meaning;
            if (Months.Contains(meaning))
            {
                AddMonth(tokens, at, english);
            }
            else if (meaning is "day" or "week" or "month" or "year" or "weekend" || Days.Contains(meaning) || Seasons.Contains(meaning))
            {
                if (Reckoned(tokens, at) is { } reckoned)
                {
                    Append(english, reckoned);
                }
            }
            else if (meaning is [var digit, .. var unit] && char.IsAsciiDigit(digit) && char.IsAsciiLetter(meaning[^1]) && IsAgo(tokens, at, 1))
            {
                // Two weeks, or half a year, in one word.
                Append(english, $"{Numbers[digit - '1']} {unit}s ago");
            }
            else if (meaning is "today" or "yesterday" or "day before yesterday")
            {
                Append(english, meaning);
            }
            else if (readsYears && meaning is null && Year(tokens[at].Text) > 0 && !english.ToString().Contains(tokens[at].Text, StringComparison.Ordinal))
            {
                Append(english, $"in {tokens[at].Text}");
            }
        }
    }

    /// <summary>A unit of time, a day of the week or a season with what reckons it from now: "last", "this", "ago"; null when nothing does.</summary>
    private static string? Reckoned(List<(string Text, string? Meaning)> tokens, int at)
    {
        var meaning = tokens[at].Meaning!;
        var (before, twoBefore, after) = (MeaningAt(tokens, at - 1), MeaningAt(tokens, at - 2), MeaningAt(tokens, at + 1));
        var isUnit = meaning is "day" or "week" or "month" or "year";
        if (isUnit && (SpelledCount(before) ?? (before == "half" && meaning == "year" ? before : null)) is { } count)
        {
            // "Vor ein paar Wochen": of two numbers the nearer one counts.
            if (IsAgo(tokens, at, Count(twoBefore) > 0 ? 3 : 2))
            {
                return count == "half" ? "six months ago" : $"{count} {meaning}s ago";
            }

            if (twoBefore == "last")
            {
                return Last(count, meaning);
            }
        }

        if (isUnit && before == "last" && SpelledCount(twoBefore) is { } counted)
        {
            return Last(counted, meaning);
        }

        // "Montag letzter Woche" is not last Monday.
        if (before == "last" || (after == "last" && (isUnit || MeaningAt(tokens, at + 2) is not ("week" or "month" or "year"))))
        {
            return meaning == "day" ? null : $"last {meaning}";
        }

        if (before == "this")
        {
            return meaning == "day" ? null : $"this {meaning}";
        }

        if (isUnit && tokens[at].Text[0] >= FirstCyrillic && IsAgo(tokens, at, 1))
        {
            // Russian and Arabic say "week ago".
            return $"one {meaning}s ago";
        }

        if (Seasons.Contains(meaning))
        {
            return at + 1 < tokens.Count && Year(tokens[at + 1].Text) is var year and > 0 ? $"{meaning} {year}"
                : tokens.Exists(token => token.Meaning == "year") ? $"in the {meaning}" : null;
        }

        return Days.Contains(meaning) ? meaning : null;
    }

    private static string Last(string count, string unit) => $"last {(count == "a few" ? "few" : count)} {unit}s";

    /// <summary>Whether "ago" stands behind a unit of time, or some places before it.</summary>
    private static bool IsAgo(List<(string Text, string? Meaning)> tokens, int at, int places)
        => MeaningAt(tokens, at + 1) == "ago" || MeaningAt(tokens, at - places) == "ago" || (MeaningAt(tokens, at - places) == "a" && MeaningAt(tokens, at - places - 1) == "y");

    private static string MeaningAt(List<(string Text, string? Meaning)> tokens, int at) => at >= 0 && at < tokens.Count ? tokens[at].Meaning ?? tokens[at].Text : "";

    private static string? SpelledCount(string word) => word == "few" ? "a few" : Count(word) is var count and > 0 ? Spell(count) : null;

    private static void AddMonth(List<(string Text, string? Meaning)> tokens, int at, StringBuilder english)
    {
        var day = at > 0 && int.TryParse(tokens[at - 1].Text, NumberStyles.None, CultureInfo.InvariantCulture, out var before) && before is >= 1 and <= 31 ? before : 0;
        var year = at + 1 < tokens.Count ? Year(tokens[at + 1].Text) : 0;
        var isLast = (at > 0 && tokens[at - 1].Meaning == "last") || (MeaningAt(tokens, at + 1) == "last" && MeaningAt(tokens, at + 2) is not ("year" or "month" or "week"));
        Append(english, isLast ? $"last {tokens[at].Meaning}" : $"{(day > 0 ? $"{day} " : year == 0 ? "in " : "")}{tokens[at].Meaning}{(year > 0 ? $" {year}" : "")}");
    }

    private static int Count(string word) => int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count is >= 1 and <= 999 ? count : 0;

    private static int Year(string word) => int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var year) && year is >= FirstYear and <= LastYear ? year : 0;

    private static string Spell(int count) => count <= Numbers.Length ? Numbers[count - 1] : count.ToString(CultureInfo.InvariantCulture);

    private static string? Meaning(string token)
    {
        if (Known.Words.TryGetValue(token, out var meaning))
        {
            return meaning;
        }

        foreach (var (start, of) in Known.Starts)
        {
            if (token.StartsWith(start, StringComparison.Ordinal) && token.Length <= start.Length + 3)
            {
                return of;
            }
        }

        return null;
    }

    internal static void Append(StringBuilder english, string date) => english.Append(english.Length > 0 ? ", " : "").Append(date);

    private static (FrozenDictionary<string, string> Words, (string Start, string Meaning)[] Starts) Load()
    {
        var pairs = LanguageResource.ReadLines("date-words.txt")
            .Select(line => line.Split(':', 2))
            .SelectMany(parts => parts[1].Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(word => (Word: CharacterFolding.Fold(word), Meaning: parts[0])))
            .DistinctBy(pair => pair.Word)
            .ToList();
        return (
            pairs.Where(pair => !pair.Word.EndsWith('*')).ToFrozenDictionary(pair => pair.Word, pair => pair.Meaning, StringComparer.Ordinal),
            [.. pairs.Where(pair => pair.Word.EndsWith('*')).Select(pair => (pair.Word[..^1], pair.Meaning))]);
    }

    [GeneratedRegex(@"\b(كانون|تشرين)\s+(الاول|الثاني)\b", RegexOptions.CultureInvariant)]
    private static partial Regex TwoWordMonths();

    [GeneratedRegex(@"\b(?:avant[-\s]+hier|antes\s+de\s+ayer|اول\s+(?:من\s+)?امس|قبل\s+امس)\b", RegexOptions.CultureInvariant)]
    private static partial Regex DayBeforeYesterday();

    [GeneratedRegex(@"\d{4}-\d\d-\d\d", RegexOptions.CultureInvariant)]
    private static partial Regex IsoDate();

    [GeneratedRegex(@"[\p{L}_]+|\d+", RegexOptions.CultureInvariant)]
    private static partial Regex Token();
}

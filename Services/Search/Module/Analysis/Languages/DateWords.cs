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
    private static readonly string[] Months = [.. CultureInfo.InvariantCulture.DateTimeFormat.MonthNames.Take(12).Select(name => name.ToLowerInvariant())];
    private static readonly string[] Days = [.. CultureInfo.InvariantCulture.DateTimeFormat.DayNames.Select(name => name.ToLowerInvariant())];
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
        var english = new StringBuilder();
        AddEastAsian(folded, english);
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

    private static void AddEastAsian(string text, StringBuilder english)
    {
        foreach (Match match in EastAsianDate().Matches(text))
        {
            var (year, month, day) = (Number(match, "year"), Number(match, "month"), Number(match, "day"));
            if (month is >= 1 and <= 12)
            {
                Append(english, $"{(day is >= 1 and <= 31 ? $"{day} " : "")}{Months[month - 1]}{(year > 0 ? $" {year}" : "")}");
            }
            else if (year is >= FirstYear and <= LastYear)
            {
                Append(english, $"in {year}");
            }
        }

        foreach (Match match in EastAsianWeekday().Matches(text))
        {
            var index = "日月火水木金土".IndexOf(match.Groups["ja"].Value, StringComparison.Ordinal) is var japanese && match.Groups["ja"].Success ? japanese
                : "天一二三四五六".IndexOf(match.Groups["zh"].Value, StringComparison.Ordinal) is var chinese and >= 0 ? chinese : 0;
            Append(english, match.Groups["last"].Success ? $"last {Days[index]}" : Days[index]);
        }

        foreach (Match match in EastAsianRelative().Matches(text))
        {
            var (what, number) = (match.Groups["what"].Value, match.Groups["count"].Value);
            if (number.Length > 0)
            {
                var count = Number(match, "count");
                Append(english, $"{count} {EnglishUnit(match.Groups["unit"].Value)}s ago");
            }
            else
            {
                Append(english, what switch
                {
                    "今天" or "今日" or "오늘" or "きょう" => "today",
                    "昨天" or "昨日" or "어제" or "きのう" => "yesterday",
                    "去年" or "昨年" or "작년" or "지난해" => "last year",
                    "今年" or "올해" => "this year",
                    "先月" or "上月" or "上个月" or "上個月" or "지난달" or "지난 달" => "last month",
                    "今月" or "这个月" or "這個月" or "本月" or "이번달" or "이번 달" => "this month",
                    "今週" or "这周" or "這週" or "本周" or "이번주" or "이번 주" => "this week",
                    _ => "last week",
                });
            }
        }
    }

    private static string EnglishUnit(string unit) => unit switch
    {
        "天" or "日" or "일" => "day",
        "年" or "년" => "year",
        "周" or "週" or "週間" or "주" or "星期" or "个星期" or "個星期" => "week",
        _ => "month",
    };

    // A year alone is a date where the text is plainly of another language; elsewhere it may be an English date's, or any number.
    private static bool ReadsYears(string text, TextLanguages languages)
        => (!languages.HasFlag(TextLanguages.English) && languages != TextLanguages.AnyForeign) || text.AsSpan().IndexOfAnyInRange('\u0400', '\u06FF') >= 0;

    private static void AddSpaced(string text, bool readsYears, StringBuilder english)
    {
        var tokens = Token().Matches(text).Select(match => (Text: match.Value, Meaning: Meaning(match.Value))).Where(token => token.Text is not ("de" or "del" or "of" or "d" or "den" or "dem" or "der" or "من" or "في" or "г" or "года" or "году")).ToList();
        for (var at = 0; at < tokens.Count; at++)
        {
            var meaning = tokens[at].Meaning;
            if (Months.Contains(meaning))
            {
                AddMonth(tokens, at, english);
            }
            else if (Days.Contains(meaning) || meaning is "week" or "month" or "year" or "weekend")
            {
                var near = (string[])[MeaningAt(at - 1), MeaningAt(at + 1)];
                var count = Count(MeaningAt(at - 1));
                if (count > 0 && (MeaningAt(at + 1) == "ago" || MeaningAt(at - 2) == "ago" || IsFrenchAgo(at - 2)))
                {
                    Append(english, $"{Spell(count)} {meaning}s ago");
                }
                else if (near.Contains("last"))
                {
                    Append(english, $"last {meaning}");
                }
                else if (MeaningAt(at - 1) == "this")
                {
                    Append(english, $"this {meaning}");
                }
                else if (Days.Contains(meaning))
                {
                    Append(english, meaning!);
                }
            }
            else if (meaning == "day" && Count(MeaningAt(at - 1)) is var days and > 0 && (MeaningAt(at + 1) == "ago" || MeaningAt(at - 2) == "ago" || IsFrenchAgo(at - 2)))
            {
                Append(english, $"{Spell(days)} days ago");
            }
            else if (meaning is "today" or "yesterday")
            {
                Append(english, meaning);
            }
            else if (readsYears && meaning is null && Year(tokens[at].Text) > 0 && !english.ToString().Contains(tokens[at].Text, StringComparison.Ordinal))
            {
                Append(english, $"in {tokens[at].Text}");
            }
        }

        string MeaningAt(int index) => index >= 0 && index < tokens.Count ? tokens[index].Meaning ?? tokens[index].Text : "";
        bool IsFrenchAgo(int index) => index >= 1 && tokens[index].Text == "a" && tokens[index - 1].Text == "y";
    }

    private static void AddMonth(List<(string Text, string? Meaning)> tokens, int at, StringBuilder english)
    {
        var day = at > 0 && int.TryParse(tokens[at - 1].Text, NumberStyles.None, CultureInfo.InvariantCulture, out var before) && before is >= 1 and <= 31 ? before : 0;
        var year = at + 1 < tokens.Count ? Year(tokens[at + 1].Text) : 0;
        var isLast = (at > 0 && tokens[at - 1].Meaning == "last") || (at + 1 < tokens.Count && tokens[at + 1].Meaning == "last");
        Append(english, isLast ? $"last {tokens[at].Meaning}" : $"{(day > 0 ? $"{day} " : year == 0 ? "in " : "")}{tokens[at].Meaning}{(year > 0 ? $" {year}" : "")}");
    }

    private static int Count(string word) => int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count is >= 1 and <= 999 ? count : 0;

    private static int Year(string word) => int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var year) && year is >= FirstYear and <= LastYear ? year : 0;

    private static string Spell(int count) => count <= Numbers.Length ? Numbers[count - 1] : count.ToString(CultureInfo.InvariantCulture);

    /// <summary>A number in digits or in the Chinese characters up to 31.</summary>
    private static int Number(Match match, string group)
    {
        var text = match.Groups[group].Value;
        if (text.Length == 0 || char.IsAsciiDigit(text[0]))
        {
            return text.Length == 0 ? 0 : int.Parse(text, CultureInfo.InvariantCulture);
        }

        var (tens, ones) = (0, 0);
        foreach (var c in text)
        {
            var digit = "一二三四五六七八九".IndexOf(c, StringComparison.Ordinal) + 1;
            (tens, ones) = c == '十' ? (Math.Max(ones, 1), 0) : (tens, c is '两' or '兩' or '두' ? 2 : c == '한' ? 1 : c == '세' ? 3 : digit);
        }

        return (tens * 10) + ones;
    }

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

    private static void Append(StringBuilder english, string date) => english.Append(english.Length > 0 ? ", " : "").Append(date);

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

    [GeneratedRegex(@"\d{4}-\d\d-\d\d", RegexOptions.CultureInvariant)]
    private static partial Regex IsoDate();

    [GeneratedRegex(@"[\p{L}_]+|\d+", RegexOptions.CultureInvariant)]
    private static partial Regex Token();

    [GeneratedRegex(
        @"(?:(?<year>(?:19|20)\d\d)\s?[年년]\s?)?(?<month>1[0-2]|[1-9]|十[一二]?|[一二三四五六七八九])\s?[月월](?!曜)(?:\s?(?<day>\d{1,2}|[一二三]?十[一二三四五六七八九]?|[一二三四五六七八九])\s?[日号號일])?|(?<year>(?:19|20)\d\d)\s?[年년]",
        RegexOptions.CultureInvariant)]
    private static partial Regex EastAsianDate();

    [GeneratedRegex(@"(?<last>[上先]|先週の)?(?:(?:星期|礼拜|禮拜|周|週)(?<zh>[一二三四五六天日])|(?<ja>[日月火水木金土])曜)", RegexOptions.CultureInvariant)]
    private static partial Regex EastAsianWeekday();

    [GeneratedRegex(
        @"(?<count>\d{1,3}|[一二三四五六七八九十两兩한두세])\s?(?<unit>个星期|個星期|星期|週間|周|週|주|个月|個月|か月|ヶ月|カ月|개월|달|天|日|일|年|년)(?:以?前|之前|\s?전)|(?<what>今天|今日|きょう|오늘|昨天|昨日|きのう|어제|去年|昨年|작년|지난해|今年|올해|上个月|上個月|上月|先月|지난\s?달|这个月|這個月|本月|今月|이번\s?달|上周|上週|上个星期|上個星期|上星期|先週|지난\s?주|这周|這週|本周|今週|이번\s?주)(?![一二三四五六])",
        RegexOptions.CultureInvariant)]
    private static partial Regex EastAsianRelative();
}

using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace MemoryMesh.Search.Analysis.Languages;

/// <summary>Says the dates of Chinese, Japanese and Korean in English: "5月3日" is "3 may", "去年夏天" is "last year, in the summer", "이틀 전" is "two days ago".</summary>
internal static partial class EastAsianDates
{
    private const string Digits = "一二三四五六七八九";
    private const string KoreanDigits = "일이삼사오육칠팔구";

    /// <summary>Appends the dates that a text names.</summary>
    /// <param name="text">Folded text in lower case.</param>
    /// <param name="english">Takes them.</param>
    public static void Add(string text, StringBuilder english)
    {
        foreach (Match match in Date().Matches(text))
        {
            var (year, month, day) = (Number(match, "year"), Number(match, "month"), Number(match, "day"));
            if (month is >= 1 and <= 12)
            {
                DateWords.Append(english, $"{(day is >= 1 and <= 31 ? $"{day} " : year > 0 ? "" : "in ")}{DateWords.Months[month - 1]}{(year > 0 ? $" {year}" : "")}");
            }
            else if (year > 0)
            {
                DateWords.Append(english, $"in {year}");
            }
        }

        foreach (Match match in Weekday().Matches(text))
        {
            var index = match.Groups["ja"].Success
                ? "日月火水木金土".IndexOf(match.Groups["ja"].Value, StringComparison.Ordinal)
                : "天一二三四五六".IndexOf(match.Groups["zh"].Value, StringComparison.Ordinal) is var chinese and >= 0 ? chinese : 0;
            DateWords.Append(english, match.Groups["last"].Success ? $"last {DateWords.Days[index]}" : DateWords.Days[index]);
        }

        foreach (Match match in Season().Matches(text))
        {
            var season = SeasonOf(match.Groups["season"].Value[0]);
            DateWords.Append(english, match.Groups["year"] is { Success: true, Value: var year } ? $"{season} {year}"
                : match.Groups["last"].Success ? $"last {season}" : match.Groups["this"].Success ? $"this {season}" : $"in the {season}");
        }

        foreach (Match match in Reckoned().Matches(text))
        {
            DateWords.Append(english, match.Groups["what"] is { Success: true, Value: var what } ? Named(what) : Counted(match));
        }
    }

    private static string Counted(Match match)
    {
        var number = Number(match, "count");
        var count = number > 0 ? number.ToString(CultureInfo.InvariantCulture) : "a few";
        var unit = $"{UnitOf(match.Groups["unit"].Value)}s";
        return match.Groups["recent"].Success ? $"last {count.Replace("a few", "few", StringComparison.Ordinal)} {unit}" : $"{count} {unit} ago";
    }

    private static string Named(string words) => words.Replace(" ", "", StringComparison.Ordinal) switch
    {
        "今天" or "今日" or "오늘" or "きょう" => "today",
        "昨天" or "昨日" or "어제" or "きのう" => "yesterday",
        "昨晚" or "昨夜" or "ゆうべ" or "어젯밤" => "last night",
        "前天" or "一昨日" or "おととい" or "그저께" or "그제" => "day before yesterday",
        "去年" or "昨年" or "작년" or "지난해" => "last year",
        "今年" or "올해" => "this year",
        "前年" or "一昨年" or "おととし" or "재작년" => "year before last",
        "先月" or "上月" or "上个月" or "上個月" or "지난달" => "last month",
        "今月" or "这个月" or "這個月" or "本月" or "이번달" => "this month",
        "先々月" or "上上个月" or "上上個月" or "지지난달" => "month before last",
        "今週" or "这周" or "這週" or "本周" or "이번주" => "this week",
        "先々週" or "上上周" or "上上週" or "지지난주" => "week before last",
        "上周末" or "上週末" or "先週末" or "지난주말" => "last weekend",
        "半年前" or "반년전" => "six months ago",
        "며칠전" => "a few days ago",
        "하루전" => "one day ago",
        "이틀전" => "two days ago",
        "사흘전" => "three days ago",
        "나흘전" => "four days ago",
        "열흘전" => "ten days ago",
        "보름전" => "15 days ago",
        _ => "last week",
    };

    private static string UnitOf(string unit) => unit switch
    {
        "天" or "日" or "일" or "日間" => "day",
        "年" or "년" or "年間" => "year",
        "周" or "週" or "週間" or "주" or "주일" or "星期" or "个星期" or "個星期" => "week",
        _ => "month",
    };

    private static string SeasonOf(char name) => name switch
    {
        '春' or '봄' => "spring",
        '夏' or '여' => "summer",
        '秋' or '가' => "autumn",
        _ => "winter",
    };

    /// <summary>A number in digits, in Chinese characters up to 99, or in Korean words; 0 for none and for "some".</summary>
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
            (tens, ones) = c is '十' or '십' ? (Math.Max(ones, 1), 0) : (tens, c switch
            {
                '两' or '兩' or '두' => 2,
                '한' => 1,
                '세' => 3,
                '네' => 4,
                _ => Math.Max(Digits.IndexOf(c, StringComparison.Ordinal), KoreanDigits.IndexOf(c, StringComparison.Ordinal)) + 1,
            });
        }

        return (tens * 10) + ones;
    }

    [GeneratedRegex(
        @"(?:(?<year>(?:19|20)\d\d)\s?[年년]\s?)?(?<month>1[0-2]|[1-9]|十[一二]?|[一二三四五六七八九])\s?[月월](?!曜)(?:\s?(?<day>\d{1,2}|[一二三]?十[一二三四五六七八九]?|[一二三四五六七八九])\s?[日号號일])?|(?<year>(?:19|20)\d\d)\s?[年년]",
        RegexOptions.CultureInvariant)]
    private static partial Regex Date();

    [GeneratedRegex(@"(?<last>[上先]|先週の)?(?:(?:星期|礼拜|禮拜|周|週)(?<zh>[一二三四五六天日])|(?<ja>[日月火水木金土])曜)", RegexOptions.CultureInvariant)]
    private static partial Regex Weekday();

    [GeneratedRegex(
        @"(?:(?<year>(?:19|20)\d\d)\s?[年년]\s?[的の]?|(?<last>上个|上個|지난\s?|昨(?=[春夏秋冬]))|(?<this>这个|這個|この|이번\s?|今(?=[春夏秋冬]))|(?:去年|昨年|今年|前年|一昨年|작년|지난해|올해|재작년)\s?[的の]?)(?<season>[春夏秋冬]|봄|여름|가을|겨울)",
        RegexOptions.CultureInvariant)]
    private static partial Regex Season();

    [GeneratedRegex(
        @"(?<what>半年前|반년\s?전|(?:며칠|하루|이틀|사흘|나흘|열흘|보름)\s?전|(?<![以之目])前天(?![气氣])|一昨日|おととい|그저께|그제(?![서야])|一昨年|(?<![以之目])前年|おととし|재작년|先々[週月]|上上(?:周|週|个月|個月)|지지난\s?[주달]|[上先][周週]末|지난\s?주말|昨晚|昨夜|ゆうべ|어젯밤)|(?<count>(?<!\d)\d{1,3}|[一二三四五六七八九十两兩한두세네일이삼사오육칠팔구십]{1,3}|[几幾数數몇])\s?(?<unit>个星期|個星期|星期|週間|周|週|주일|주|个月|個月|か月|ヶ月|カ月|개월|달|天|日|일|年|년)(?:以?前|之前|\s?전)|(?<recent>最近|过去|過去|ここ|この|최근|지난)\s?(?<count>\d{1,3}|[一二三四五六七八九十两兩한두세네일이삼사오육칠팔구십]{1,3}|[几幾数數몇])\s?(?<unit>个星期|個星期|星期|週間|周|週|주일|주|个月|個月|か月|ヶ月|カ月|개월|달|天|日間|日|일|年間|年|년)|(?<what>今天|今日|きょう|오늘|昨天|昨日|きのう|어제|去年|昨年|작년|지난해|今年|올해|上个月|上個月|上月|先月|지난\s?달|这个月|這個月|本月|今月|이번\s?달|先週|지난\s?주|今週|이번\s?주|(?:上周|上週|上个星期|上個星期|上星期|这周|這週|本周)(?![一二三四五六天日]))",
        RegexOptions.CultureInvariant)]
    private static partial Regex Reckoned();
}

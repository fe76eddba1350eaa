using System.Collections.Frozen;
using System.Globalization;

namespace MemoryMesh.Memory.Extraction;

/// <summary>Reads when a fact ends: "until Friday", "till the end of June", "for the next two weeks", "until 3 May".</summary>
/// <remarks>An end is the last moment of the day, week, month or year that is named, in UTC: the time zone of who wrote is not known. Weeks end on Sunday.</remarks>
internal static class ExpiryReader
{
    private const int MaxCount = 1_000;

    /// <summary>Most tokens of an end.</summary>
    private const int LongestEnd = 8;

    private static readonly string[] MonthNames = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

    private static readonly FrozenDictionary<string, DayOfWeek> ForeignDays = new Dictionary<string, DayOfWeek>
    {
        ["montag"] = DayOfWeek.Monday, ["dienstag"] = DayOfWeek.Tuesday, ["mittwoch"] = DayOfWeek.Wednesday, ["donnerstag"] = DayOfWeek.Thursday, ["freitag"] = DayOfWeek.Friday, ["samstag"] = DayOfWeek.Saturday, ["sonnabend"] = DayOfWeek.Saturday, ["sonntag"] = DayOfWeek.Sunday,
        ["lunes"] = DayOfWeek.Monday, ["martes"] = DayOfWeek.Tuesday, ["miércoles"] = DayOfWeek.Wednesday, ["jueves"] = DayOfWeek.Thursday, ["viernes"] = DayOfWeek.Friday, ["sábado"] = DayOfWeek.Saturday, ["domingo"] = DayOfWeek.Sunday,
        ["lundi"] = DayOfWeek.Monday, ["mardi"] = DayOfWeek.Tuesday, ["mercredi"] = DayOfWeek.Wednesday, ["jeudi"] = DayOfWeek.Thursday, ["vendredi"] = DayOfWeek.Friday, ["samedi"] = DayOfWeek.Saturday, ["dimanche"] = DayOfWeek.Sunday,
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<string, int> ForeignMonths = new Dictionary<string, int>
    {
        ["enero"] = 1, ["abril"] = 4, ["agosto"] = 8, ["diciembre"] = 12, ["märz"] = 3, ["mai"] = 5, ["oktober"] = 10, ["dezember"] = 12, ["février"] = 2, ["avril"] = 4, ["juin"] = 6, ["juillet"] = 7, ["août"] = 8, ["décembre"] = 12,
    }.ToFrozenDictionary();

    /// <summary>The first end named in a range of tokens.</summary>
    /// <param name="tokens">The message.</param>
    /// <param name="first">First token to look at.</param>
    /// <param name="end">Index behind the last.</param>
    /// <param name="saidAt">When the message was written.</param>
    /// <returns>The moment the fact ends, later than <paramref name="saidAt"/>, or null.</returns>
    public static DateTimeOffset? Read(List<Token> tokens, int first, int end, DateTimeOffset saidAt)
    {
        for (var i = first; i + 1 < end; i++)
        {
            var named = tokens[i].Lower switch
            {
                "until" or "till" or "'til" or "til" or "through" or "bis" or "hasta" => Named(tokens, i + 1, end, saidAt.UtcDateTime.Date),
                "jusqu'" or "jusqu'à" or "jusqu'au" or "jusqu'en" => Named(tokens, i + 1, end, saidAt.UtcDateTime.Date),
                "for" when tokens[i + 1].Lower == "the" && i + 2 < end && tokens[i + 2].Lower is "next" or "coming" => Counted(tokens, i + 3, end, saidAt.UtcDateTime.Date),
                "for" when tokens[i + 1].Lower is "another" => Counted(tokens, i + 2, end, saidAt.UtcDateTime.Date),
                "this" when tokens[i + 1].Lower is "week" or "month" or "year" => EndOf(tokens[i + 1].Lower, saidAt.UtcDateTime.Date),
                _ => null,
            };
            if (named is { } day)
            {
                return new DateTimeOffset(DateTime.SpecifyKind(day.AddDays(1).AddTicks(-1), DateTimeKind.Utc));
            }
        }

        return null;
    }

    /// <summary>The end that a sentence begins with: "Until Friday I am in Rome".</summary>
    /// <param name="tokens">The message.</param>
    /// <param name="before">First token of what holds until then.</param>
    /// <param name="saidAt">When the message was written.</param>
    /// <returns>As <see cref="Read"/>.</returns>
    public static DateTimeOffset? ReadBefore(List<Token> tokens, int before, DateTimeOffset saidAt)
    {
        var start = before;
        while (start > 0 && (tokens[start - 1].IsWord || tokens[start - 1].Kind == TokenKind.Comma))
        {
            start--;
        }

        return start < before && tokens[start].Lower is "until" or "till" or "'til" or "til" or "for" or "this" or "bis" or "hasta"
            ? Read(tokens, start, Math.Min(before, start + LongestEnd), saidAt)
            : null;
    }

    private static DateTime? Named(List<Token> tokens, int at, int end, DateTime today)
    {
        var next = false;
        while (at < end && tokens[at].Lower is "the" or "end" or "of" or "next" or "this" or "early" or "late" or "mid" or "a" or "à" or "au" or "zum" or "el" or "le" or "nächsten" or "kommenden" or "próximo" or "am" or "my" or "our")
        {
            next |= tokens[at].Lower is "next";
            at++;
        }

        if (at >= end)
        {
            return null;
        }

        if (tokens[at].Lower is "tomorrow" or "today" or "tonight" or "morgen" or "mañana" or "demain")
        {
            return today.AddDays(tokens[at].Lower is "today" or "tonight" ? 0 : 1);
        }

        if (DayOfWeekOf(tokens[at].Lower) is { } weekday)
        {
            var days = ((int)weekday - (int)today.DayOfWeek + 7) % 7;
            return today.AddDays((days == 0 ? 7 : days) + (next && days is > 0 and < 4 ? 7 : 0));
        }

        if (tokens[at].Lower is "week" or "month" or "year" or "weekend")
        {
            return EndOf(tokens[at].Lower, next ? Later(today, tokens[at].Lower, 1) : today);
        }

        return Date(tokens, at, end, today);
    }

    /// <summary>"3 May", "May 3rd 2027", "June", "2027".</summary>
    private static DateTime? Date(List<Token> tokens, int at, int end, DateTime today)
    {
        int? day = null, month = null, year = null;
        for (var i = at; i < Math.Min(end, at + 4); i++)
        {
            var word = tokens[i].Lower.TrimEnd('.');
            var digits = word.TrimEnd('s', 't', 'n', 'd', 'r', 'h');
            if (month is null && MonthOf(word) is { } named)
            {
                month = named;
            }
            else if (int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                if (number is >= 1 and <= 31 && day is null)
                {
                    day = number;
                }
                else if (number >= today.Year && number <= today.Year + MaxCount && year is null && digits.Length == word.Length && number <= 9_998)
                {
                    year = number;
                }
                else
                {
                    break;
                }
            }
            else if (word is not ("of" or "the"))
            {
                break;
            }
        }

        if (month is null)
        {
            return year is { } only ? new DateTime(only, 12, 31) : null;
        }

        var inYear = year ?? (month < today.Month || (month == today.Month && day < today.Day) ? today.Year + 1 : today.Year);
        var last = DateTime.DaysInMonth(inYear, month.Value);
        var date = new DateTime(inYear, month.Value, Math.Min(day ?? last, last));
        return date < today ? null : date;
    }

    private static DateTime? Counted(List<Token> tokens, int at, int end, DateTime today)
    {
        while (at < end && tokens[at].Lower is "couple" or "few" && at + 1 < end && tokens[at + 1].Lower is "of")
        {
            at++;
        }

        if (at >= end)
        {
            return null;
        }

        var count = CountOf(tokens[at]);
        var unit = count is null ? tokens[at].Lower : at + 1 < end ? tokens[at + 1].Lower : "";
        return unit.TrimEnd('s') is "day" or "week" or "month" or "year" or "fortnight" ? Later(today, unit.TrimEnd('s'), count ?? 1) : null;
    }

    private static int? CountOf(Token token) => token.Lower switch
    {
        "a" or "one" => 1,
        "two" or "couple" or "of" => 2,
        "three" or "few" => 3,
        "four" => 4,
        "five" => 5,
        "six" => 6,
        "seven" => 7,
        "eight" => 8,
        "nine" => 9,
        "ten" => 10,
        "eleven" => 11,
        "twelve" => 12,
        _ => int.TryParse(token.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= MaxCount ? number : null,
    };

    private static DateTime EndOf(string unit, DateTime day) => unit switch
    {
        "week" or "weekend" => day.AddDays((7 - (int)day.DayOfWeek) % 7),
        "month" => new DateTime(day.Year, day.Month, DateTime.DaysInMonth(day.Year, day.Month)),
        _ => new DateTime(day.Year, 12, 31),
    };

    private static DateTime Later(DateTime day, string unit, int count) => unit switch
    {
        "week" or "weekend" => day.AddDays(7 * count),
        "fortnight" => day.AddDays(14 * count),
        "month" => day.AddMonths(count),
        "year" => day.AddYears(count),
        _ => day.AddDays(count),
    };

    private static DayOfWeek? DayOfWeekOf(string word)
    {
        if (ForeignDays.TryGetValue(word, out var foreign))
        {
            return foreign;
        }

        foreach (var day in Enum.GetValues<DayOfWeek>())
        {
            var name = day.ToString().ToLowerInvariant();
            if (word == name || (word.Length >= 3 && word.Length <= 5 && word is not ("sun" or "sat") && name.StartsWith(word, StringComparison.Ordinal)))
            {
                return day;
            }
        }

        return null;
    }

    private static int? MonthOf(string word)
    {
        if (!Lexicon.Months.Contains(word) || word.Length < 3)
        {
            return null;
        }

        var at = Array.IndexOf(MonthNames, word[..3]);
        return at >= 0 ? at + 1 : ForeignMonths.TryGetValue(word, out var month) ? month : null;
    }
}

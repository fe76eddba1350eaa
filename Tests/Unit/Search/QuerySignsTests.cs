using MemoryMesh.Search.Analysis;
using MemoryMesh.Search.Ranking;

namespace MemoryMesh.Tests.Unit.Search;

public class QuerySignsTests
{
    // A Wednesday.
    private static readonly DateTimeOffset Now = new(2026, 3, 11, 15, 0, 0, TimeSpan.Zero);

    [TestCase("what did we do yesterday?", "2026-03-10", "2026-03-11")]
    [TestCase("two weeks ago we met", "2026-02-22", "2026-03-01")]
    [TestCase("3 days ago", "2026-03-08", "2026-03-09")]
    [TestCase("a year ago", "2024-09-11", "2025-09-11")]
    [TestCase("last week", "2026-03-02", "2026-03-09")]
    [TestCase("this week", "2026-03-09", "2026-03-16")]
    [TestCase("last weekend", "2026-03-07", "2026-03-09")]
    [TestCase("last month", "2026-02-01", "2026-03-01")]
    [TestCase("last Wednesday", "2026-03-04", "2026-03-05")]
    [TestCase("last tuesday", "2026-03-10", "2026-03-11")]
    [TestCase("last May", "2025-05-01", "2025-06-01")]
    [TestCase("in May 2023", "2023-05-01", "2023-06-01")]
    [TestCase("on 7 May 2023", "2023-05-07", "2023-05-08")]
    [TestCase("on May 7th, 2023", "2023-05-07", "2023-05-08")]
    [TestCase("on the 3rd of July 2023", "2023-07-03", "2023-07-04")]
    [TestCase("on 2024-02-29", "2024-02-29", "2024-03-01")]
    [TestCase("in 2022", "2022-01-01", "2023-01-01")]
    [TestCase("on June 5", "2025-06-05", "2025-06-06")]
    public void A_time_in_a_question_is_understood(string query, string from, string to)
    {
        var signs = QuerySigns.Read(query, Now);
        DateTimeOffset At(string date, int ticks) => new DateTimeOffset(DateTime.Parse(date, System.Globalization.CultureInfo.InvariantCulture), TimeSpan.Zero).AddTicks(ticks);
        Assert.Multiple(() =>
        {
            Assert.That(signs.Covers(At(from, 0)), Is.True);
            Assert.That(signs.Covers(At(to, -1)), Is.True);
            Assert.That(signs.Covers(At(from, -1)), Is.False);
            Assert.That(signs.Covers(At(to, 0)), Is.False);
        });
    }

    [Test]
    public void A_month_without_a_year_is_that_of_any_year()
    {
        var signs = QuerySigns.Read("camping in June", Now);
        Assert.That(signs.Covers(new(2021, 6, 30, 0, 0, 0, TimeSpan.Zero)), Is.True);
        Assert.That(signs.Covers(new(2021, 7, 1, 0, 0, 0, TimeSpan.Zero)), Is.False);
    }

    [TestCase("May I ask what you may know?")]
    [TestCase("on 31 February 2023")]
    [TestCase("2024-13-45")]
    [TestCase("999 years ago")]
    [TestCase("march on")]
    public void What_is_no_time_covers_no_moment_of_today(string query)
        => Assert.That(QuerySigns.Read(query, Now).Covers(new(2026, 6, 1, 0, 0, 0, TimeSpan.Zero)), Is.False);

    [TestCase("When did they move?", true)]
    [TestCase("In which year was it?", true)]
    [TestCase("What date was the party?", true)]
    [TestCase("Who came when it rained?", false)]
    public void A_question_asks_when(string query, bool asks) => Assert.That(QuerySigns.Read(query, Now).AsksWhen, Is.EqualTo(asks));

    [TestCase("When did they move?", "Time")]
    [TestCase("how much was it", "Number")]
    [TestCase("How long ago did they move?", "Time")]
    [TestCase("Who was at the party?", "Name")]
    [TestCase("From which country does she come?", "Name")]
    [TestCase("What is the name of his dog?", "Name")]
    [TestCase("What does she think of the party?", "None")]
    [TestCase("How did it go?", "None")]
    [TestCase("", "None")]
    public void A_question_wants_a_kind_of_answer(string query, string wanted) => Assert.That(QuerySigns.Read(query, Now).Wanted.ToString(), Is.EqualTo(wanted));

    [TestCase("What did Caroline's sister say?", "Caroline", true)]
    [TestCase("what did caroline say", "Caroline Smith", true)]
    [TestCase("What did Carol say?", "Caroline", false)]
    [TestCase("What do I say?", "I", false)]
    [TestCase("", "", false)]
    public void A_name_is_recognised(string query, string name, bool named) => Assert.That(QuerySigns.Read(query, Now).IsNamed(name), Is.EqualTo(named));

    [TestCase("Did you go?", "Question, SecondPerson")]
    [TestCase("We went last Tuesday.", "Time")]
    [TestCase("In 2021? ", "Question, Time, Number")]
    [TestCase("That sounds great, you must be so proud!", "SecondPerson")]
    [TestCase("Do you know what I did?", "Question")]
    [TestCase("There were a dozen", "Number")]
    [TestCase("Hey Mel! Thanks, Mel", "None")]
    [TestCase("It was in Lisbon", "Name")]
    [TestCase("It was in May, on a Friday", "Time")]
    [TestCase("it is called \"Dune\"", "Name")]
    [TestCase("Ihr seid toll", "None")]
    [TestCase("Nothing of it.", "None")]
    public void Traits_of_a_text(string text, string traits) => Assert.That(TextSigns.Of(text).ToString(), Is.EqualTo(traits));

    [TestCase("The runners were running, run!", "run", "17+7 26+3")]
    [TestCase("Ein Café für Zoë", "cafe zoe", "4+4 13+3")]
    [TestCase("我喜欢绿茶", "绿茶", "3+2")]
    [TestCase("e-mail me at foo@bar.com", "email", "0+6")]
    [TestCase("C++ and C# and .NET", "c++", "0+3")]
    [TestCase("C++ and C# and .NET", ".net", "15+4")]
    [TestCase("user_name and userName", "username", "0+9 14+8")]
    [TestCase("a well-known road", "known", "7+5")]
    [TestCase("nothing", "else", "")]
    public void Matched_words_are_marked(string text, string query, string spans)
        => Assert.That(
            string.Join(' ', MatchedSpans.Find(text, TextAnalyzer.QueryTerms(query, 64).ToHashSet()).Select(span => $"{span.Start}+{span.Length}")),
            Is.EqualTo(spans));
}

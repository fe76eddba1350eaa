using MemoryMesh.Memory.Preferences;

namespace MemoryMesh.Tests.Unit.Memory;

public class PreferenceTests
{
    private static readonly DateTimeOffset Now = new(2026, 5, 4, 9, 0, 0, TimeSpan.Zero);

    [TestCase("Wie kann ich das mit der neuen Version machen?", "language", "de")]
    [TestCase("¿Cómo puedo abrir el archivo con la aplicación?", "language", "es")]
    [TestCase("How can I do this with the new version?", "language", "en")]
    [TestCase("我想知道这个怎么用", "language", "zh")]
    [TestCase("これはどうやって使いますか", "language", "ja")]
    [TestCase("Як це працює, підкажіть", "language", "uk")]
    [TestCase("Explain DNS in short, no bullet points", "lists", "avoid")]
    [TestCase("Explain DNS in short, no bullet points", "verbosity", "concise")]
    [TestCase("Give me bullet points on DNS", "lists", "prefer")]
    [TestCase("Walk me through it in detail", "verbosity", "detailed")]
    [TestCase("Explain recursion like I’m five", "reading_level", "simple")]
    [TestCase("lol thx, gonna try that 😀", "formality", "casual")]
    [TestCase("lol thx, gonna try that 😀", "emoji", "prefer")]
    [TestCase("Dear Sir, would you kindly send the figures?", "formality", "formal")]
    public void A_message_tells_how_its_author_writes(string text, string trait, string value)
        => Assert.That(MessageStyle.Read(text).Where(observation => observation.Trait == trait).Select(observation => observation.Value), Is.EqualTo((string[])[value]));

    [TestCase("")]
    [TestCase("```\nprint(1)\n```")]
    [TestCase("....")]
    [TestCase("\ud83d")]
    public void A_text_without_words_tells_no_language(string text)
        => Assert.That(MessageStyle.Read(text).Select(observation => observation.Trait), Does.Not.Contain("language"));

    [TestCase("User wants short answers.", "verbosity", "concise")]
    [TestCase("User does not want the assistant to write long answers.", "verbosity", "concise")]
    [TestCase("User wants the assistant to answer in German.", "language", "de")]
    [TestCase("User does not want emojis.", "emoji", "avoid")]
    [TestCase("User wants bullet points.", "lists", "prefer")]
    [TestCase("User wants the assistant to use plain English without jargon.", "reading_level", "simple")]
    public void A_wish_is_read_as_a_trait(string text, string trait, string value)
        => Assert.That(StatedWishes.Read(text), Does.Contain((trait, value)));

    [Test]
    public void One_hint_is_not_believed_and_many_are_and_contradictions_turn_them()
    {
        var preferences = Observe(new SubjectPreferences(), "concise", 1);
        Assert.That(preferences.Resolve([]), Is.Empty);
        preferences = Observe(preferences, "concise", 9);
        var before = preferences.Resolve([])["verbosity"];
        Assert.That((before.Value, before.Source, before.Observations), Is.EqualTo(("concise", PreferenceSource.Observed, 10)));
        var doubted = Observe(preferences, "detailed", 2).Resolve([])["verbosity"];
        Assert.That((doubted.Value, doubted.Confidence < before.Confidence), Is.EqualTo(("concise", true)));
        Assert.That(Observe(preferences, "detailed", 25).Resolve([])["verbosity"].Value, Is.EqualTo("detailed"));
    }

    [Test]
    public void Of_what_was_set_and_what_was_said_the_newer_one_holds()
    {
        var set = new SubjectPreferences { Set = new Dictionary<string, SetValue> { ["verbosity"] = new("detailed", Now) } };
        Assert.That(Resolve(Now.AddMinutes(-1)), Is.EqualTo(("detailed", PreferenceSource.Set)));
        Assert.That(Resolve(Now.AddMinutes(1)), Is.EqualTo(("concise", PreferenceSource.Stated)));

        (string, PreferenceSource) Resolve(DateTimeOffset said)
        {
            var found = set.Resolve([new StatedWish("verbosity", "concise", Guid.NewGuid(), said)])["verbosity"];
            return (found.Value, found.Source);
        }
    }

    [Test]
    public void The_active_hours_are_the_shortest_run_with_most_messages_over_midnight_too()
    {
        var preferences = new SubjectPreferences();
        for (var i = 0; i < 40; i++)
        {
            preferences = preferences.ObserveHour(Now.Date.AddHours(i % 10 == 0 ? 12 : 23 + (i % 3)));
        }

        Assert.That(preferences.Resolve([])["active_hours"].Value, Is.EqualTo("23-1"));
    }

    private static SubjectPreferences Observe(SubjectPreferences preferences, string value, int times)
        => Enumerable.Range(0, times).Aggregate(preferences, (known, _) => known.Observe([new Observation("verbosity", value, 1)], Guid.NewGuid(), Now));
}

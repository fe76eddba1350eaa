using MemoryMesh.Memory.Extraction;

namespace MemoryMesh.Tests.Unit.Extraction;

/// <summary>News of what was told before: what is put right, moved, wed, aged or no longer holds.</summary>
public class NewsTests
{
    [TestCase("Our wedding anniversary is 4 June, remind me.", "the 5th!! not the 4th, sorry", "User's wedding anniversary is 5 June.")]
    [TestCase("My choir meets on Tuesdays.", "Wednesdays!! not Tuesdays, I always mix them up", "User's choir meets on Wednesdays.")]
    [TestCase("My flat is on the third floor.", "second, sorry", "User's flat is on the second floor.")]
    [TestCase("I run a bakery with six ovens.", "seven ovens, not six, I forgot the little one", "User runs a bakery with seven ovens.")]
    [TestCase("I live in Lyon.", "got the keys to our flat in Nantes this morning", "User lives in Nantes.")]
    [TestCase("We live in Ghent.", "We're Antwerp people now!", "User lives in Antwerp.")]
    [TestCase("I have a girlfriend named Maren.", "no more girlfriend: we got married on Friday", "User is married to Maren.")]
    [TestCase("Our son Teo is 4.", "today is his fifth birthday, he wants a cake like a bus", "User's son Teo is 5.")]
    [TestCase("We're getting married on 14 June.", "new date! the hall flooded, so it's 5 September instead", "User is getting married on 5 September.")]
    [TestCase("Ich arbeite bei Bosch.", "Ich arbeite nicht mehr bei Bosch, sondern bei Siemens.", "User works at Siemens.")]
    [TestCase("Ich arbeite in der Buchhandlung Amsel.", "Seit Montag arbeite ich nicht mehr dort, sondern im Verlag Elster.", "User works at Verlag Elster.")]
    [TestCase("Vivo en Sevilla.", "Ya no vivo en Sevilla, sino en Cádiz.", "User lives in Cádiz.")]
    [TestCase("J'habite à Lyon.", "Je n'habite plus à Lyon mais à Nantes.", "User lives in Nantes.")]
    public void What_was_told_gets_its_new_value(string earlier, string later, string expected)
    {
        var facts = Read(later, earlier);
        Assert.That(facts.Where(fact => fact.Text == expected).Select(fact => fact.Operation), Is.EqualTo((CandidateOperation[])[CandidateOperation.Update]), string.Join('\n', facts));
    }

    [TestCase("I only work Mondays to Wednesdays.", "from this month I'm back to five days, so the Mon to Wed thing no longer holds")]
    public void What_no_longer_holds_ends(string earlier, string later)
        => Assert.That(Read(later, earlier), Has.Some.Matches<MemoryCandidate>(fact => fact.Operation == CandidateOperation.Delete));

    [TestCase("My flat is on the third floor.", "sorry, one second")]
    [TestCase("My flat is on the third floor.", "Sorry for the second message, I forgot something.")]
    [TestCase("I'm allergic to nuts and I have two kids.", "Not two minutes ago I had four texts from school.")]
    [TestCase("I live in Lyon.", "my sister got the keys for the museum in Nantes")]
    [TestCase("Our son Teo is 4.", "what do I cook for a fifth birthday?")]
    [TestCase("I live in Kiel.", "Ich arbeite nicht mehr zu Hause, sondern im Büro.")]
    public void What_only_looks_like_news_changes_nothing(string earlier, string later)
        => Assert.That(Read(later, earlier), Has.None.Matches<MemoryCandidate>(fact => fact.Operation != CandidateOperation.Add), string.Join('\n', Read(later, earlier)));

    [Test]
    public void A_diet_that_is_over_is_no_diet()
    {
        Assert.That(Read("ok keto's out, it lasted till Easter", "I'm doing keto."), Has.None.Matches<MemoryCandidate>(fact => fact.Text == "User is keto." && fact.Operation != CandidateOperation.Delete));
        Assert.That(Read("it's Danish now", "I'm learning Dutch."), Has.None.Matches<MemoryCandidate>(fact => fact.Category == "name"));
    }

    [Test]
    public void An_institution_by_name_is_an_employer()
        => Assert.That(Read("I'm a pastry teacher at the Kestrel Institute now").Select(fact => fact.Text), Is.EqualTo((string[])["User is a pastry teacher.", "User works at the Kestrel Institute."]));

    [TestCase("Sundays are for church, so don't plan anything for me then", "User said: Sundays are for church, so do not plan anything for them then.")]
    [TestCase("Mondays before ten are dead time, never ring me then", "User said: Mondays before ten are dead time, never ring them then.")]
    public void What_points_back_is_kept_with_what_it_points_at(string message, string expected)
        => Assert.That(Read(message).Select(fact => fact.Text), Is.EqualTo((string[])[expected]));

    [Test]
    public void What_points_at_another_fact_does_not_repeat_it()
        => Assert.That(Read("I work Monday to Thursday, so don't plan anything for me then"), Has.None.Matches<MemoryCandidate>(fact => fact.Category == "style" && fact.Text.Contains("Monday", StringComparison.Ordinal)));

    [TestCase("I want a full draft of my radio play done by Easter", "User wants a draft of their radio play done by Easter.")]
    [TestCase("school run is 2:45 to 3:30 every day", "User's school run is from 2:45 to 3:30 every day.")]
    [TestCase("Mon objectif cette année, c'est de traverser la Corse à pied.", "User's goal is traverser la Corse à pied.")]
    [TestCase("Évite les anglicismes quand tu m'écris.", "User wants anglicismes avoided in replies.")]
    [TestCase("Rosenkohl kommt mir nicht auf den Teller.", "User does not like Rosenkohl.")]
    [TestCase("I'm a dentist's assistant", "User is a dentist's assistant.")]
    [TestCase("I'm a teacher's aide", "User is a teacher's aide.")]
    [TestCase("コーヒーは苦手です。", "User does not like コーヒー (苦手).")]
    [TestCase("我下个月要搬到上海。", "User plans to move to 上海.")]
    public void What_is_told_in_passing_is_read(string message, string expected)
        => Assert.That(Read(message).Select(fact => fact.Text), Is.EqualTo((string[])[expected]));

    [TestCase("I need the report finished by Friday")]
    [TestCase("The meeting is 3 to 4 on Friday.")]
    [TestCase("数学は苦手ですか？")]
    [TestCase("From Dr Patel: please rest.")]
    [TestCase("Nobody needs a second key here; on request, it is switched off.")]
    [TestCase("I want to learn something")]
    [TestCase("Job interview practice! I'm the hiring manager at a zoo, you're the candidate.")]
    [TestCase("I'm a paid up Fianna Fáil member, how do I get nominated?")]
    [TestCase("make up a LinkedIn 'about' for a sales manager, Ottoline Brandt, 44, kitesurfer, ex-navy")]
    public void What_is_no_fact_of_the_user_is_not(string message)
        => Assert.That(Read(message), Is.Empty);

    [TestCase("What's your character's name?", "Thorin, a dwarf blacksmith")]
    [TestCase("Which role are you applying for?", "Senior accountant at Deloitte")]
    [TestCase("Who is the main character?", "A retired pirate named Jack who hates water")]
    public void What_is_answered_of_a_figure_or_a_post_is_no_fact_of_the_user(string question, string answer)
        => Assert.That(Conversation.Read(new ExtractionRequest { Text = answer, Role = "user", PreviousUserMessages = ["Help me write something."], Question = question }, null, out _, weighs: true), Is.Empty);

    [Test]
    public void Only_the_question_itself_tells_what_is_answered()
        => Assert.That(
            Conversation.Read(new ExtractionRequest { Text = "Nurse in Leeds", Role = "user", Question = "The story so far is good. What do you do for a living?" }, null, out _, weighs: true),
            Has.Some.Matches<MemoryCandidate>(fact => fact.Category == "profession"));

    private static IReadOnlyList<MemoryCandidate> Read(string text, params string[] earlier)
        => Conversation.Read(new ExtractionRequest { Text = text, Role = "user", PreviousUserMessages = earlier }, null, out _, weighs: true);
}

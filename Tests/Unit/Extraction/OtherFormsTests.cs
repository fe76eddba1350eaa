using MemoryMesh.Memory.Extraction;

namespace MemoryMesh.Tests.Unit.Extraction;

/// <summary>The same facts in another grammatical form than "I" and a verb: the value first, the fact as a noun, the value as what acts, names before what they are.</summary>
[TestFixture]
internal sealed class OtherFormsTests
{
    private static readonly RuleMemoryExtractor Extractor = new();

    [TestCase("Anselm is what people call me.", "name", "Anselm")]
    [TestCase("Tuning pianos is how I earn my living.", "profession", "Tuning pianos")]
    [TestCase("My desk is at Fernwood.", "employer", "Fernwood")]
    [TestCase("Fernwood is my employer.", "employer", "Fernwood")]
    [TestCase("After eleven years my resignation from Hadley Press went in today.", "employer", "left Hadley Press")]
    [TestCase("The town I live in is Ghent.", "location", "Ghent")]
    [TestCase("Portugal is where I come from.", "origin", "Portugal")]
    [TestCase("Swedish is one of my languages.", "language", "Swedish")]
    [TestCase("The colour I like best is burgundy.", "favourite", "burgundy")]
    [TestCase("My love of fado knows no bounds.", "likes", "fado")]
    [TestCase("Astronomy fascinates me.", "likes", "Astronomy")]
    [TestCase("Reality TV is something I can't stand.", "dislikes", "Reality TV")]
    [TestCase("My fear of spiders is ridiculous.", "dislikes", "spiders")]
    [TestCase("My lips swell up after a single peanut.", "allergy", "peanut")]
    [TestCase("A peanut would put me in hospital.", "allergy", "peanut")]
    [TestCase("My meals are vegan.", "diet", "vegan")]
    [TestCase("There's hardly a weekend without bouldering.", "hobby", "bouldering")]
    [TestCase("It's for our camper, a 2004 Transit.", "possession", "2004 Transit")]
    [TestCase("The bike I ride is a Brompton.", "possession", "Brompton")]
    [TestCase("A canoe is what I'm saving for.", "goal", "canoe")]
    [TestCase("Passing the DELE B2 is my goal for this year.", "goal", "DELE B2")]
    [TestCase("A braille display is how I read everything.", "access", "braille")]
    [TestCase("Short answers are my preference.", "style", "Short answers")]
    [TestCase("UTC+2 is my time zone.", "profile", "UTC+2")]
    [TestCase("300 a month is all I can spend.", "budget", "300 a month")]
    [TestCase("Baking bread is a weekend habit of mine.", "likes", "Baking bread")]
    [TestCase("My childhood was in Riga.", "origin", "Riga")]
    [TestCase("My commute is by bike.", "travels", "bike")]
    [TestCase("Prefiero que me trates de usted.", "style", "formally")]
    [TestCase("Je préfère que tu me tutoies.", "style", "informally")]
    [TestCase("Ich möchte, dass du mich siezt.", "style", "formally")]
    [TestCase("Réponds-moi toujours en français, s'il te plaît.", "style", "asks this of the assistant: Réponds-moi")]
    [TestCase("Spinnen machen mir Angst.", "dislikes", "Spinnen")]
    [TestCase("Kiel ist meine Heimat.", "location", "Kiel")]
    [TestCase("Las arañas me dan miedo.", "dislikes", "arañas")]
    [TestCase("Vigo es donde vivo.", "location", "Vigo")]
    [TestCase("Je fais une allergie aux kiwis.", "allergy", "kiwis")]
    [TestCase("Le fado me passionne.", "likes", "fado")]
    [TestCase("护士是我的职业。", "profession", "护士")]
    public async Task A_fact_is_read_in_its_other_forms(string message, string slot, string value)
    {
        var candidate = (await ReadAsync(message)).Single();
        Assert.Multiple(() =>
        {
            Assert.That(candidate.SlotKey, Does.StartWith(slot));
            Assert.That(candidate.Text, Does.Contain(value));
        });
    }

    [TestCase("Pepper and Duchess are our two goats.", "User has a goat named Pepper.", "User has a goat named Duchess.")]
    [TestCase("I share the flat with two people, Caleb and Oona.", "User has a flatmate named Caleb.", "User has a flatmate named Oona.")]
    [TestCase("Mia is the name of my daughter.", "User has a daughter named Mia.")]
    [TestCase("Does an old rabbit dig this much? Clover, mine, has ruined the rug.", "User has a rabbit named Clover.")]
    [TestCase("Our dog, a whippet, is called Juno.", "User has a dog named Juno.")]
    [TestCase("At home there's a cat called Miso.", "User has a cat named Miso.")]
    [TestCase("Our cats go by Miso and Tofu.", "User has a cat named Miso.", "User has a cat named Tofu.")]
    [TestCase("Mia, who is my daughter, plays chess.", "User has a daughter named Mia.", "User's daughter Mia plays chess.")]
    [TestCase("Mushrooms are what my boyfriend hates.", "User's boyfriend hates Mushrooms.")]
    [TestCase("I'm Katya's younger brother.", "User is Katya's brother.")]
    public async Task Names_are_read_before_and_behind_what_they_are(string message, params string[] facts) =>
        Assert.That((await ReadAsync(message)).Select(fact => fact.Text), Is.EqualTo(facts));

    [TestCase("The move to Postgres is done.")]
    [TestCase("The version I like best is the second.")]
    [TestCase("My boss will put me in hospital.")]
    [TestCase("My eyes itch when I read this code.")]
    [TestCase("The company I work for is hiring.")]
    [TestCase("The city we live in is noisy.")]
    [TestCase("Not a day goes by without an outage at our provider.")]
    [TestCase("That idea fascinates me.")]
    [TestCase("Chrome and Firefox are our two targets.")]
    [TestCase("Your answers are what I need, thanks.")]
    [TestCase("Loops are something I never understood.")]
    [TestCase("Me again, with news.")]
    [TestCase("Cats make my girlfriend sneeze.")]
    [TestCase("On my Mac the build fails, on Linux it passes.")]
    [TestCase("Esta respuesta no me gusta.")]
    [TestCase("La deuxième version ne me plaît pas.")]
    [TestCase("Das macht mir Angst.")]
    public async Task What_only_has_the_form_is_no_fact(string message) => Assert.That(await ReadAsync(message), Is.Empty);

    [Test]
    public async Task A_fact_asked_to_be_remembered_behind_it_is_kept_by_consent() =>
        Assert.That((await ReadAsync("My asthma is relevant any time we plan workouts, so please remember it.")).Select(fact => fact.Text), Is.EqualTo((string[])["User's asthma is relevant any time they plan workouts."]));

    [Test]
    public async Task A_date_told_of_is_done_with_when_it_is_spoken_of_as_completed() =>
        Assert.That((await ReadAsync("triathlon completed yesterday!!! 3:12", "My first triathlon is in June")).Single(fact => fact.Operation == CandidateOperation.Update).Text, Does.Contain("completed"));

    private static async Task<IReadOnlyList<MemoryCandidate>> ReadAsync(string text, params string[] before) =>
        (await Extractor.ExtractAsync(new ExtractionRequest { Text = text, Role = "user", PreviousUserMessages = before }, CancellationToken.None)).Candidates;
}

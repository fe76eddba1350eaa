using MemoryMesh.Memory.Extraction;

namespace MemoryMesh.Tests.Unit.Extraction;

/// <summary>Facts told in passing and in everyday words: numbers first, slang, reactions under a condition, what somebody is taken by, and what only looks like a fact.</summary>
[TestFixture]
internal sealed class EverydayFormsTests
{
    private static readonly RuleMemoryExtractor Extractor = new();

    [TestCase("3 May is my birthday", "date:birthday", "3 May")]
    [TestCase("41 is my age", "age", "41")]
    [TestCase("Am 3. Mai habe ich Geburtstag.", "date:birthday", "3 Mai")]
    [TestCase("El 3 de mayo es mi cumpleaños.", "date:birthday", "3 de mayo")]
    [TestCase("Le 3 mai, c'est mon anniversaire.", "date:birthday", "3 mai")]
    [TestCase("5月3日是我的生日", "date:birthday", "5月3日")]
    [TestCase("My coffee is a flat white", "preference:coffee", "flat white")]
    [TestCase("me mum lives in Cork", "relationship:mum", "lives in Cork")]
    [TestCase("I'm proper into darts", "likes", "darts")]
    [TestCase("can't be doing with mushrooms", "dislikes", "mushrooms")]
    [TestCase("my gaff is in Salford", "location", "Salford")]
    [TestCase("I jacked in my job at Boots", "employer", "Boots")]
    [TestCase("gonna run the Berlin marathon in September", "goal", "going to run the Berlin marathon")]
    [TestCase("weekends r always work 4 me", "schedule", "weekends are taken")]
    [TestCase("milk messes with my stomach", "allergy", "milk")]
    [TestCase("Whenever I have shellfish I come out in a rash.", "allergy", "shellfish")]
    [TestCase("If I eat peanuts my throat swells, so never suggest them.", "allergy", "peanuts")]
    [TestCase("If there's soy in anything, I end up in hospital.", "allergy", "soy")]
    [TestCase("Les noix, c'est non, j'y suis allergique.", "allergy", "noix")]
    [TestCase("Chicken is back on the menu.", "diet", "Chicken again")]
    [TestCase("Our African grey, Figaro, loves grapes.", "relationship:african grey:figaro", "Figaro")]
    [TestCase("There's a 1987 Land Rover in the drive.", "possession", "Land Rover")]
    [TestCase("The car is a 1998 Volvo V70.", "possession:car", "Volvo V70")]
    [TestCase("Ended up getting a Kobo Clara.", "possession", "Kobo Clara")]
    [TestCase("All my code is in Rust.", "uses", "Rust")]
    [TestCase("I want 12 grand put aside for a house deposit.", "goal", "house deposit")]
    [TestCase("Another Saturday gone at the bouldering hall.", "hobby", "bouldering hall")]
    [TestCase("Eleven years at Pemberton Glass and today I told them I'm leaving.", "employer", "left Pemberton Glass")]
    [TestCase("Spy thrillers, on the other hand, any day of the week.", "likes", "Spy thrillers")]
    [TestCase("I run my computer by voice control only.", "access", "voice control")]
    [TestCase("The flat we rent in Gothenburg is freezing.", "location", "Gothenburg")]
    [TestCase("My throat closes up if I eat kiwi.", "allergy", "kiwi")]
    [TestCase("Anything with sesame makes me ill.", "allergy", "sesame")]
    [TestCase("I'd pick tea over coffee.", "prefers", "tea over coffee")]
    [TestCase("I read nothing but crime novels.", "habit", "crime novels")]
    [TestCase("I use tabs, not spaces.", "uses", "tabs")]
    [TestCase("I'm a beginner at SQL so go slow.", "level", "SQL")]
    [TestCase("Fridays are my day off.", "schedule:off", "Fridays")]
    [TestCase("My eldest is off to uni.", "relationship:eldest", "off to uni")]
    [TestCase("My screen reader is NVDA.", "access", "NVDA")]
    [TestCase("Assume I know nothing about finance.", "style", "finance")]
    [TestCase("Quick one from a beekeeper: can I feed fondant in March?", "profession", "beekeeper")]
    [TestCase("Thirty years a roofer and my knees agree.", "profession", "roofer")]
    [TestCase("We keep a 2011 Berlingo going with tape and hope.", "possession", "Berlingo")]
    [TestCase("My Lotta turned five on Sunday.", "relationship", "Lotta, five")]
    [TestCase("Green is my colour.", "favourite:colo", "Green")]
    [TestCase("By Christmas there has to be 5k in the holiday pot.", "goal", "5k in holiday pot")]
    [TestCase("Today I cleared my desk at Orsted.", "employer", "left Orsted")]
    [TestCase("Brass bands, now those I love.", "likes", "Brass bands")]
    [TestCase("Shellfish and I have a history, so leave it out.", "avoids", "Shellfish")]
    [TestCase("We're in a draughty old rectory near Ludlow.", "location", "Ludlow")]
    [TestCase("Note for later: the spare key is with Mrs Abara.", "note", "Mrs Abara")]
    [TestCase("Soy Marta, de Gijón.", "name", "Marta")]
    [TestCase("As head of logistics for Brandt & Sons I live in spreadsheets.", "profession", "head of logistics")]
    [TestCase("My camera, an old Pentax K1000, has a stuck shutter.", "possession:camera", "Pentax")]
    [TestCase("Woodturning took over my life three years ago.", "likes", "Woodturning")]
    [TestCase("I've set my heart on the C2 exam.", "goal", "C2 exam")]
    [TestCase("No oven here, just a two-ring hob.", "lacks", "oven")]
    [TestCase("Any good bakeries in Ghent? We moved here in May.", "location", "Ghent")]
    [TestCase("They kept me on as a junior analyst.", "profession", "junior analyst")]
    [TestCase("Bitte bleiben wir beim Sie.", "style:address", "formally")]
    [TestCase("I'm pescatarian.", "diet", "pescatarian")]
    [TestCase("Driving test on Tuesday, gulp.", "date", "Driving test")]
    [TestCase("My parents called me Sky.", "name", "Sky")]
    [TestCase("Prawns nearly killed me once.", "allergy", "Prawns")]
    [TestCase("Seit Mai bin ich in Koblenz zu Hause.", "location", "Koblenz")]
    [TestCase("Times in CET for me please.", "style", "CET")]
    [TestCase("Never open with 'great question', just answer.", "style", "'great question'")]
    [TestCase("Don't call me sir.", "style", "sir")]
    [TestCase("No telling me my question is great.", "style", "no telling")]
    [TestCase("Ich möchte bitte gesiezt werden.", "style:address", "Sie")]
    [TestCase("Can you remember for me that my parking space at work is 48C?", "note", "48C")]
    [TestCase("MARRIED!!! me and Oksana, town hall, Thursday", "relationship:partner", "married to Oksana")]
    [TestCase("So that's it, last day at Hadley Marine today.", "employer", "Hadley Marine")]
    [TestCase("Another evening at the bouldering wall, that makes four this week.", "hobby", "bouldering wall")]
    [TestCase("We sail a 1978 Contessa 26.", "hobby", "Contessa 26")]
    [TestCase("one more rule: never open with a compliment", "style", "does not want the assistant to open with a compliment")]
    [TestCase("Please don't send me VS Code instructions.", "style", "VS Code instructions")]
    public async Task A_fact_is_read(string message, string slot, string value)
    {
        var candidate = (await ReadAsync(message))[0];
        Assert.Multiple(() =>
        {
            Assert.That(candidate.SlotKey, Does.StartWith(slot));
            Assert.That(candidate.Text, Does.Contain(value));
        });
    }

    [TestCase("At Halvorsen Foods I head up procurement.", "User's work at Halvorsen Foods: head up procurement.", "User works at Halvorsen Foods.")]
    [TestCase("we have two guinea pigs now, Mabel and Tofu", "User has a guinea pig named Mabel.", "User has a guinea pig named Tofu.")]
    [TestCase("My son Callum is nine. Trains are everything to him.", "User has a son named Callum.", "User's son Callum is nine.", "User's son Callum loves Trains: they are everything to him.")]
    [TestCase("According to my uncle Rashid, who drives a taxi in Glasgow, diesel is cheaper.", "User has an uncle named Rashid.", "User's uncle Rashid drives a taxi in Glasgow.")]
    [TestCase("Anselm, bookbinder, gay, and about to start with a new barber.", "User's name is Anselm.", "User is a bookbinder.")]
    [TestCase("Idris, our little boy, is five now. He's mad about diggers.", "User has a little boy named Idris.", "User's boy Idris is five now.", "User's boy Idris is mad about diggers.")]
    [TestCase("My son Ilya is 5 now and mad about trains.", "User has a son named Ilya.", "User's son Ilya is 5 now.", "User's son Ilya is mad about trains.")]
    [TestCase("we have a pair of guinea pigs, Pepper and Clementine", "User has a guinea pig named Pepper.", "User has a guinea pig named Clementine.")]
    [TestCase("Numbered steps for everything please, I like ticking things off", "User wants numbered steps for everything.")]
    [TestCase("Some background:\n* only child\n* pottery on Thursdays (mostly wonky bowls)", "User is an only child.", "User does this every week: pottery on Thursdays.")]
    public async Task Facts_told_together_are_read(string message, params string[] facts) =>
        Assert.That((await ReadAsync(message)).Select(fact => fact.Text), Is.EqualTo(facts).IgnoreCase);

    [TestCase("I'm a nurse in Cork and the card ending is 4111 1111 1111 1111", "User is a nurse.", "User is based in Cork.")]
    [TestCase("I paid for my Brompton with 4111 1111 1111 1111", "User has a Brompton.")]
    [TestCase("I work at Siemens and the wifi password is hunter22", "User works at Siemens.")]
    [TestCase("I've got a Visa 4111 1111 1111 1111")]
    public async Task A_number_takes_no_fact_with_it(string message, params string[] facts) =>
        Assert.That((await ReadAsync(message)).Select(fact => fact.Text), Is.EqualTo(facts));

    [TestCase("Every free cent goes into the wrong column.")]
    [TestCase("I'm stuck on question 3.")]
    [TestCase("I like the second one.")]
    [TestCase("I can't open the file.")]
    [TestCase("I can't see the difference.")]
    [TestCase("I play the recording and nothing happens.")]
    [TestCase("My favourite part of the story is the ending.")]
    [TestCase("My name is missing from the list.")]
    [TestCase("Translate \"I am a vegetarian\" into French.")]
    [TestCase("I'm in year 11, and I'm a broken record.", "lives")]
    [TestCase("If he eats peanuts his throat swells.")]
    [TestCase("Don't open with \"dear sir\" in this letter.")]
    [TestCase("Can you remember what I told you about my dog?")]
    [TestCase("Our report, Q3 Summary, is late.")]
    [TestCase("My narrator Tobias is a widower in Lisbon.")]
    [TestCase("Ended up getting a headache.")]
    [TestCase("There's a file in the drive.")]
    [TestCase("Vet, or wait and see?")]
    [TestCase("Another evening lost to homework.")]
    [TestCase("My house is a mess.")]
    [TestCase("What's my dog called again?")]
    [TestCase("My Anna is 3 points ahead.")]
    [TestCase("Two years of experience are required.")]
    [TestCase("Green is my colour of choice for this slide.")]
    [TestCase("I'm typing this on the train.")]
    [TestCase("By noon there should be 5 in the queue.")]
    [TestCase("I'm new here.")]
    [TestCase("Assume I know the radius.")]
    [TestCase("Never call me on a null object.")]
    [TestCase("At Tesco I do my weekly shop.")]
    [TestCase("Weekends are busy at the zoo.")]
    [TestCase("I'm a glutton for punishment.")]
    [TestCase("I'm a bundle of nerves.")]
    [TestCase("I can't see the end of it.")]
    [TestCase("I can't get into my email.")]
    [TestCase("Winters here are long.")]
    [TestCase("One more thing: never mention cats.")]
    [TestCase("So explain to me how seats get shared out in every election.")]
    [TestCase("At the hospital four nights this week.")]
    [TestCase("The little boy next door, Sam, is five.")]
    [TestCase("The last day at Pompeii was hot.")]
    public async Task What_only_looks_like_a_fact_is_left(string message, string? word = null) =>
        Assert.That((await ReadAsync(message)).Select(fact => fact.Text), word is null ? Is.Empty : Has.None.Contains(word));

    [TestCase("My coffee is a double espresso", "I've gone off espresso. It's all flat whites now", "User has turned to flat whites.")]
    [TestCase("pineapple on my pizza, always", "I've gone right off pineapple. it's mushrooms on my pizza now", "User has turned to mushrooms on their pizza.")]
    [TestCase("I like my steak rare", "I've gone off rare steak. medium for me these days", "User has turned to medium.")]
    [TestCase("How old do hamsters get? Ours, Biscuit, is three.", "Biscuit didn't make it through the night.", "Biscuit died; the user lost them.")]
    [TestCase("Our African grey, Figaro, loves grapes.", "We lost Figaro last night.", "Figaro died; the user lost them.")]
    [TestCase("Dad turns 70 on 5 June.", "sorry, 6 June!", "User's dad turns 70 on 6 June.")]
    [TestCase("I work in a bakery.", "not anymore, I'm training as a midwife now", "User is a midwife.")]
    [TestCase("Driving test on Tuesday, gulp.", "passed!! full licence in my pocket", "User has done it and passed: Driving test.")]
    [TestCase("My thesis is due in May", "handed in the thesis at 3 this morning", "User has done it and finished (handed): thesis.")]
    [TestCase("please begin every answer with a short example", "The example works better after the explanation. Do it that way from here on", "User wants the example after the explanation.")]
    public async Task What_was_told_turns(string before, string message, string expected) =>
        Assert.That((await ReadAsync(message, before)).Where(fact => fact.Operation != CandidateOperation.Delete).Select(fact => fact.Text), Is.EqualTo((string[])[expected]));

    [TestCase("I drive a bus for Harrow Lines", "I've left the buses! I'm a trainee optician at Clearview", "User drives a bus for Harrow Lines.")]
    [TestCase("I don't drink any caffeine", "I'm allowing myself one coffee in the morning now", "User does not drink any caffeine.")]
    public async Task What_was_told_ends(string before, string message, string ended) =>
        Assert.That((await ReadAsync(message, before)).Where(fact => fact.Operation == CandidateOperation.Delete).Select(fact => fact.Text), Is.EqualTo((string[])[ended]));

    [TestCase("I have a dog", "I left the dog at home. I'm a nurse at Mercy General")]
    [TestCase("I've gone vegan", "It's mushrooms on the poster now")]
    public async Task What_only_looks_like_an_end_ends_nothing(string before, string message) =>
        Assert.That((await ReadAsync(message, before)).Where(fact => fact.Operation == CandidateOperation.Delete || fact.Text.Contains("turned to", StringComparison.Ordinal)), Is.Empty);

    [Test]
    public async Task What_is_to_be_taken_out_of_the_memory_goes() =>
        Assert.That((await ReadAsync("about the piano, please take it out of your memory", "Mine's a Yamaha U1.")).Select(fact => fact.Operation), Is.EqualTo((CandidateOperation[])[CandidateOperation.Delete]));

    private static async Task<IReadOnlyList<MemoryCandidate>> ReadAsync(string message, params string[] before) =>
        (await Extractor.ExtractAsync(new ExtractionRequest { Text = message, Role = "user", PreviousUserMessages = before }, CancellationToken.None)).Candidates;
}

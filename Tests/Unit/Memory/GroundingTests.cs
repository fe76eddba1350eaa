using MemoryMesh.Memory.Processing;

namespace MemoryMesh.Tests.Unit.Memory;

public class GroundingTests
{
    [TestCase("User lives in Munich.", "I moved to Munich last year.")]
    [TestCase("User is a software engineer who prefers Python.", "Im an engineer, mostly software, and python is what I like best")]
    [TestCase("User has a daughter named Noor.", "Her name is Noor. She is my daughter")]
    [TestCase("User's name is 小明.", "我叫小明")]
    [TestCase("User runs marathons.", "I have been running marathon after marathon")]
    [TestCase("User is 34 years old.", "turned 34 years old today")]
    public void A_fact_of_words_that_were_said_is_grounded(string fact, string said)
        => Assert.That(Grounding.IsGrounded(fact, [said]), Is.True);

    [TestCase("User lives in Munich.", "What is the weather like?")]
    [TestCase("User is a vegan chef in Barcelona.", "I like to cook")]
    [TestCase("User is 34 years old.", "turned 43 years old today")]
    [TestCase("User earns 90000 dollars a year.", "I work as an engineer and earn well each year in dollars")]
    public void A_fact_of_words_that_were_not_said_is_inferred(string fact, string said)
        => Assert.That(Grounding.IsGrounded(fact, [said]), Is.False);

    [Test]
    public void Words_may_stand_in_an_earlier_message()
        => Assert.That(Grounding.IsGrounded("User's daughter Noor plays the violin.", ["She plays the violin.", "My daughter is called Noor."]), Is.True);
}

using MemoryMesh.Memory;
using MemoryMesh.Memory.Extraction;

namespace MemoryMesh.Tests.Unit.Extraction;

/// <summary>Secrets are never kept, not even when a person asks for it; what is private is kept on request only.</summary>
[TestFixture]
internal sealed class SecretTests
{
    private static readonly RuleMemoryExtractor Extractor = new(Microsoft.Extensions.Options.Options.Create(new MemoryOptions()));

    private static readonly string[] Secrets =
    [
        "4111 1111 1111 1111", "5500-0000-0000-0004", "378282246310005", "DE89 3704 0044 0532 0130 00", "GB82WEST12345698765432", "FR1420041010050500013M02606",
        "sk-proj-abc123def456ghi789jkl012", "ghp_aB3dE5fG7hI9jK1lM3nO5pQ7rS9tU1vW3xY5", "github_pat_11AAAAAAA0abcdefghijkl", "AKIAIOSFODNN7EXAMPLE", "xoxb-123456789012-abcdefGHIJKL", "AIzaSyA1234567890abcdefghijklmnopqrstuv",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U", "glpat-abcdefghij0123456789", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "wJalrXUtnFEMI7K7MDENGbPxRfiCYEXAMPLEKEY1",
        "078-05-1120", "QQ123456C", "12345678Z", "X1234567L", "11010519491231002X", "RSSMRA85T10A562S",
    ];

    private static readonly string[] Frames = ["Remember that my number is {0}", "Remember that I use {0}", "I live in Oslo and my access code is {0}", "My favourite number is {0}", "Make a note: I have {0}"];

    [Test]
    public async Task No_fact_holds_a_secret([ValueSource(nameof(Secrets))] string secret)
    {
        foreach (var frame in Frames)
        {
            var facts = await FactsAsync(frame.Replace("{0}", secret, StringComparison.Ordinal));
            Assert.That(facts, Has.None.Contains(secret).And.None.Contains(secret.Split(' ', '-')[^1]), frame);
        }
    }

    [TestCase("Remember that my password is tangerine-77")]
    [TestCase("my router password is hunter-green-42 and it fails")]
    [TestCase("the alarm code at my place is 4471#, how do I change it")]
    [TestCase("my PIN is 8842, why does the machine say no")]
    [TestCase("My passport number is X1234567")]
    public async Task A_number_that_is_called_a_secret_is_one(string message) => Assert.That(await FactsAsync(message), Is.Empty);

    [Test]
    public async Task What_stands_beside_a_secret_is_kept()
        => Assert.That(await FactsAsync("I'm Paolo, my wifi password is Tramonto88! and the printer can't connect"), Is.EqualTo((string[])["User's name is Paolo."]));

    [TestCase("My card is 4111 1111 1111 1111 and I live in Oslo", "User lives in Oslo.")]
    [TestCase("my pin is 4471 and I'm a baker", "User is a baker.")]
    public async Task What_stands_in_a_clause_of_its_own_beside_a_secret_is_kept(string message, string fact) => Assert.That(await FactsAsync(message), Is.EqualTo((string[])[fact]));

    [TestCase("I have Crohn's disease, what should I pack?")]
    [TestCase("I take 20mg of lisinopril every morning, can I eat bananas?")]
    [TestCase("As a practising Catholic, which churches are worth a visit?")]
    [TestCase("I'm a member of the Labour Party")]
    [TestCase("I'm a trans woman, which countries are safe?")]
    [TestCase("I was arrested at a protest last year")]
    public async Task What_is_private_needs_consent(string message) => Assert.That(await FactsAsync(message), Is.Empty);

    [TestCase("Remember that I have asthma", "asthma")]
    [TestCase("For the record, please keep in mind that I have epilepsy, no flashing lights.", "epilepsy")]
    [TestCase("I'm allergic to penicillin", "penicillin")]
    [TestCase("I keep halal", "halal")]
    [TestCase("I use a wheelchair", "wheelchair")]
    public async Task Consent_allergies_diet_and_access_needs_are_kept(string message, string word) => Assert.That(await FactsAsync(message), Has.Some.Contains(word));

    private static async Task<List<string>> FactsAsync(string text)
        => [.. (await Extractor.ExtractAsync(new ExtractionRequest { Text = text, Role = "user" }, CancellationToken.None)).Candidates.Select(candidate => candidate.Text)];
}

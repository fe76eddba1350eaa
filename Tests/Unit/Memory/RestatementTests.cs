using MemoryMesh.Memory.Consolidation;
using MemoryMesh.Memory.Text;
using MemoryMesh.Search.Embedding;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Tests.Unit.Memory;

/// <summary>What the built-in model says of texts whose words do not decide.</summary>
public class RestatementTests
{
    private LocalTextEmbedder _embedder = null!;

    [OneTimeSetUp]
    public void Create() => _embedder = new LocalTextEmbedder(Options.Create(new LocalEmbedderOptions()), NullLogger<LocalTextEmbedder>.Instance);

    [OneTimeTearDown]
    public void Dispose() => _embedder.Dispose();

    [TestCase("User enjoys mountain hiking.", "User enjoys hiking in the mountains.")]
    [TestCase("User keeps a cat and two parrots.", "User keeps two parrots and a cat.")]
    [TestCase("User is a software engineer.", "User is working as a software engineer.")]
    [TestCase("User has a degree in physics.", "User has a physics degree.")]
    [TestCase("User loves spicy Thai food.", "User loves Thai food that is spicy.")]
    [TestCase("User is a nurse.", "User works as a nurse.")]
    public async Task The_same_in_another_order_is_near_enough(string one, string other)
    {
        Assert.That(new ContentWords(one).MayRestate(new ContentWords(other)));
        var vectors = await _embedder.EmbedAsync([one, other], CancellationToken.None);
        var cosine = vectors[0].ToArray().Zip(vectors[1].ToArray(), (first, second) => (double)first * second).Sum();
        Assert.That(cosine, Is.GreaterThan(new ConsolidationOptions().Similarity));
    }
}

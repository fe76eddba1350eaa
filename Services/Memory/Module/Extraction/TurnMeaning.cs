using System.Buffers;
using MemoryMesh.Contracts.Search;
using MemoryMesh.Memory.Text;
using MemoryMesh.ServiceDefaults.Http;

namespace MemoryMesh.Memory.Extraction;

/// <summary>Tells which facts a message means that it does not name: "traded it in yesterday, Hilux bakkie now" means the car that was told of.</summary>
/// <remarks>
/// A logistic regression over three numbers: what <see cref="TurnReader"/> weighs, the cosine of the fact and the whole message, and the greatest cosine of the fact and a part of it. Its weights come
/// from the pairs of `Benchmarks/Changes`, with what the words weigh taken from the files of other writers (docs/decisions/0076).
/// </remarks>
internal static class TurnMeaning
{
    private const double OfOver = 0.85;
    private const double OfWhole = 15;
    private const double OfPart = 2.5;
    private const double Bias = -9.9;

    /// <summary>The logarithm of the odds from which a fact is meant.</summary>
    private const double Least = 1.25;

    private const int LongestText = 800;
    private const int MostParts = 8;
    private const string Said = "User said: ";

    private static readonly SearchValues<char> Marks = SearchValues.Create(".!?;:,\n");

    /// <summary>The texts of the facts that are meant.</summary>
    /// <param name="vectors">Computes vectors; when it cannot, nothing is meant.</param>
    /// <param name="message">The message.</param>
    /// <param name="unnamed">Facts that it may mean.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static async Task<IReadOnlyCollection<string>> FindAsync(ITextVectors vectors, string message, IReadOnlyList<UnnamedFact> unnamed, CancellationToken cancellationToken)
    {
        if (message.Length > LongestText)
        {
            return [];
        }

        List<string> parts = [message, .. PartsOf(message)];
        var found = await EmbedAsync(vectors, [.. parts, .. unnamed.Select(fact => fact.Text.StartsWith(Said, StringComparison.Ordinal) ? fact.Text[Said.Length..] : fact.Text)], cancellationToken);
        if (found.Count < parts.Count + unnamed.Count)
        {
            return [];
        }

        return [.. unnamed.Where((fact, at) => Weigh(fact.Over, found, parts.Count, found[parts.Count + at]) > Least).Select(fact => fact.Text)];
    }

    /// <summary>Vectors, or none while nothing computes them: a message is not read later for what it may end.</summary>
    private static async Task<IReadOnlyList<float[]>> EmbedAsync(ITextVectors vectors, IReadOnlyList<string> texts, CancellationToken cancellationToken)
    {
        try
        {
            return await vectors.EmbedSoonAsync(texts, cancellationToken);
        }
        catch (DependencyUnavailableException)
        {
            return [];
        }
    }

    private static double Weigh(float over, IReadOnlyList<float[]> vectors, int parts, float[] fact)
    {
        var whole = UnitVectors.Cosine(vectors[0], fact);
        var part = whole;
        for (var at = 1; at < parts; at++)
        {
            part = Math.Max(part, UnitVectors.Cosine(vectors[at], fact));
        }

        return (OfOver * over) + (OfWhole * whole) + (OfPart * part) + Bias;
    }

    /// <summary>What stands between marks that a space follows.</summary>
    private static IEnumerable<string> PartsOf(string message)
    {
        var start = 0;
        var parts = 0;
        for (var at = 0; at <= message.Length && parts < MostParts; at++)
        {
            if (at < message.Length && !(Marks.Contains(message[at]) && (at + 1 == message.Length || char.IsWhiteSpace(message[at + 1]))))
            {
                continue;
            }

            if (message[start..at].Trim() is { Length: > 0 } part)
            {
                parts++;
                yield return part;
            }

            start = Math.Min(at + 1, message.Length);
        }
    }
}

using System.Text.Json;
using MemoryMesh.Search.Embedding.Tokenization;

namespace MemoryMesh.Tests.Unit.Embedding;

/// <summary>Texts with the tokens and vectors that the model's reference implementation gives them, and where the models are.</summary>
internal static class Reference
{
    private static readonly Lazy<IReadOnlyList<ReferenceText>> All = new(() => File.ReadLines(InOutput("Embedding/reference.jsonl")).Select(Parse).ToList());
    private static readonly Lazy<WordPieceTokenizer> SharedTokenizer = new(() => new WordPieceTokenizer(Vocabulary.Read(InOutput("models/bge-small-en-v1.5/vocab.txt"))));

    public static IReadOnlyList<ReferenceText> Texts => All.Value;

    public static WordPieceTokenizer Tokenizer => SharedTokenizer.Value;

    public static string Int8Model => InOutput("models/bge-small-en-v1.5/model.int8");

    /// <summary>The model in half precision, which is not part of the repository. A desk without it skips the test; CI has it.</summary>
    public static string HalfModel()
    {
        var shared = Environment.GetEnvironmentVariable("MEMORYMESH_SHARED");
        if (string.IsNullOrEmpty(shared))
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "MemoryMesh.sln")))
            {
                folder = folder.Parent;
            }

            shared = Path.Combine(folder?.Parent?.FullName ?? "", "shared");
        }

        var path = Path.Combine(shared, "models", "bge-small-en-v1.5", "model.safetensors");
        if (!File.Exists(path))
        {
            var message = $"{path} is missing; MEMORYMESH_SHARED names the folder that holds models.";
            Assert.That(Environment.GetEnvironmentVariable("CI"), Is.Not.EqualTo("true"), message);
            Assert.Ignore(message);
        }

        return path;
    }

    public static double Cosine(ReadOnlySpan<float> left, ReadOnlySpan<float> right)
    {
        double product = 0, leftSquares = 0, rightSquares = 0;
        for (var index = 0; index < left.Length; index++)
        {
            product += (double)left[index] * right[index];
            leftSquares += (double)left[index] * left[index];
            rightSquares += (double)right[index] * right[index];
        }

        return product / Math.Sqrt(leftSquares * rightSquares);
    }

    private static string InOutput(string path) => Path.Combine(AppContext.BaseDirectory, path);

    private static ReferenceText Parse(string line)
    {
        using var json = JsonDocument.Parse(line);
        var root = json.RootElement;
        return new ReferenceText(
            root.GetProperty("text").GetString()!,
            root.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32()).ToArray(),
            root.TryGetProperty("embedding", out var vector) ? Floats(vector) : null,
            root.TryGetProperty("last_hidden_state", out var states) ? states.EnumerateArray().Select(Floats).ToArray() : null);
    }

    private static float[] Floats(JsonElement array) => array.EnumerateArray().Select(number => number.GetSingle()).ToArray();
}

internal sealed record ReferenceText(string Text, int[] Ids, float[]? Vector, float[][]? TokenVectors);

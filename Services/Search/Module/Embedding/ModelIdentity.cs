using System.Globalization;
using System.Security.Cryptography;

namespace MemoryMesh.Search.Embedding;

/// <summary>Names what the vectors of the built-in model depend on.</summary>
internal static class ModelIdentity
{
    private const int HashBytes = 16;

    /// <summary>
    /// Model, version, length of its vectors, limits of tokens, a hash of its files, and the build of this program, which tokens and rounding come from. Of visible ASCII characters.
    /// </summary>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">A file may not be read.</exception>
    public static string Of(ITextEmbedder embedder, LocalEmbedderOptions options)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var name in (string[])[options.ModelFile, options.VocabularyFile])
        {
            using var file = File.OpenRead(Path.Combine(AppContext.BaseDirectory, name));
            hash.AppendData(SHA256.HashData(file));
        }

        var files = Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, HashBytes));
        var build = typeof(ModelIdentity).Module.ModuleVersionId;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{embedder.Model};{embedder.Version};{embedder.Dimensions};{options.MaxTokens};{options.ContextTokens};{files};{build:N}");
    }
}

using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Search.Embedding;

/// <summary>Settings of the built-in embedding model, section <c>Search:LocalEmbedder</c>.</summary>
public sealed class LocalEmbedderOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Search:LocalEmbedder";

    /// <summary>Most threads that compute vectors at the same time, over all calls. 0 is one for each core, at most 4. Default 0.</summary>
    [Range(0, 64)]
    public int Threads { get; set; }

    /// <summary>
    /// Tokens of a text that are embedded, about four letters each; what lies beyond is left to full text. Default 8,192.
    /// </summary>
    [Range(16, 65_536)]
    public int MaxTokens { get; set; } = 8_192;

    /// <summary>Most tokens of context that stand before a text when its token vectors are computed. Default 64.</summary>
    [Range(0, 256)]
    public int ContextTokens { get; set; } = 64;

    /// <summary>
    /// The model: a file of the int8 format, or a <c>.safetensors</c> file, which is computed in full precision and takes about four times as long.
    /// Relative to the folder of the program. Default <c>models/bge-small-en-v1.5/model.int8</c>.
    /// </summary>
    [Required]
    public string ModelFile { get; set; } = "models/bge-small-en-v1.5/model.int8";

    /// <summary>The model's vocabulary, one token a line. Relative to the folder of the program. Default <c>models/bge-small-en-v1.5/vocab.txt</c>.</summary>
    [Required]
    public string VocabularyFile { get; set; } = "models/bge-small-en-v1.5/vocab.txt";

    /// <summary>
    /// Code that multiplies int8 matrices: <c>avx-vnni</c>, <c>avx512bw</c>, <c>avx2</c>, <c>arm-dot</c> or <c>portable</c>; empty takes the
    /// fastest that the processor has. Default empty.
    /// </summary>
    public string Kernel { get; set; } = "";
}

[OptionsValidator]
internal sealed partial class LocalEmbedderOptionsValidator : IValidateOptions<LocalEmbedderOptions>;

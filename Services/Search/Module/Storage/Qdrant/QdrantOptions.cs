using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Search.Storage.Qdrant;

/// <summary>Settings of vectors in Qdrant, section <c>Qdrant</c>. They have an effect where <c>ConnectionStrings:qdrant</c> is set.</summary>
public sealed class QdrantOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Qdrant";

    /// <summary>
    /// Fewest of the nearest items that are asked of Qdrant and held against the question token by token, about 1.5 kB each on the wire. With at most so many items an owner's search is
    /// ranked as that of the embedded index. Default 600.
    /// </summary>
    [Range(50, 4_000)]
    public int Candidates { get; set; } = 600;

    /// <summary>How long a search waits for Qdrant; full text answers without it. Default 2 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan QuestionTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long one attempt to write to Qdrant may take. Default 30 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan WriteTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long the end of an erasure waits until Qdrant has written its files anew without what was deleted; then the erasure stays unconfirmed, and it is tried again. Default 5 minutes.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:05", "1.00:00:00")]
    public TimeSpan RebuildTimeout { get; set; } = TimeSpan.FromMinutes(5);
}

[OptionsValidator]
internal sealed partial class QdrantOptionsValidator : IValidateOptions<QdrantOptions>;

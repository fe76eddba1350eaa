namespace MemoryMesh.Contracts.Search;

/// <summary>Vectors of texts, for services that compare meanings without searching. The model is the built-in one, whatever the index is computed with.</summary>
/// <remarks>For work that can wait: questions, and texts that are to be found, are embedded first.</remarks>
public interface ITextVectors
{
    /// <summary>Most texts of one call.</summary>
    const int MostTexts = 256;

    /// <summary>One vector of length 1 for each text, in their order.</summary>
    /// <returns>None when the model cannot be reached.</returns>
    Task<IReadOnlyList<float[]>> EmbedAsync(IReadOnlyList<string> texts, CancellationToken cancellationToken);
}

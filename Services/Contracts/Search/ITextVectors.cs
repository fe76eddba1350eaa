namespace MemoryMesh.Contracts.Search;

/// <summary>Vectors of texts, for services that compare meanings without searching. The model is the built-in one, whatever the index is computed with.</summary>
public interface ITextVectors
{
    /// <summary>Most texts of one call.</summary>
    const int MostTexts = 256;

    /// <summary>One vector of length 1 for each text, in their order, for work that can wait: questions, and texts that are to be found, are embedded first.</summary>
    /// <returns>None when the model cannot be reached.</returns>
    Task<IReadOnlyList<float[]>> EmbedAsync(IReadOnlyList<string> texts, CancellationToken cancellationToken);

    /// <summary>The same in turn with texts that are to be found, for what is written once they are there.</summary>
    /// <returns>None when the model cannot be reached.</returns>
    Task<IReadOnlyList<float[]>> EmbedSoonAsync(IReadOnlyList<string> texts, CancellationToken cancellationToken);
}

using MemoryMesh.Contracts.Search;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Memory.Extraction;

/// <summary>
/// Extracts facts by rules: no language model, no network, the same answer every time. English is covered broadly; Spanish, German,
/// French and Chinese for names, work, places, tastes, languages and style. Safe for concurrent use.
/// </summary>
/// <param name="options">Whether what no rule reads is weighed by its words; null for no.</param>
/// <param name="vectors">Vectors of the built-in model, for what a message ends without naming it; null for none.</param>
public sealed class RuleMemoryExtractor(IOptions<MemoryOptions>? options = null, ITextVectors? vectors = null) : IMemoryExtractor
{
    /// <inheritdoc/>
    public async ValueTask<ExtractionResult> ExtractAsync(ExtractionRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        cancellationToken.ThrowIfCancellationRequested();
        if (!request.Role.Equals("user", StringComparison.OrdinalIgnoreCase) || string.IsNullOrWhiteSpace(request.Text))
        {
            return new ExtractionResult([]);
        }

        var weighing = options?.Value.WeighWords != true ? Weighing.None : vectors is null ? Weighing.Words : Weighing.WordsAndMeaning;
        var reading = Conversation.Read(request, null, weighing);
        if (vectors is not null && reading.Unnamed.Count > 0 && await TurnMeaning.FindAsync(vectors, request.Text, reading.Unnamed, cancellationToken) is { Count: > 0 } meant)
        {
            reading = Conversation.Read(request, null, Weighing.Words, meant);
        }

        return new ExtractionResult(reading.Facts) { WithheldPrivate = reading.WithheldPrivate };
    }
}

using Microsoft.Extensions.Options;

namespace MemoryMesh.Memory.Extraction;

/// <summary>
/// Extracts facts by rules: no model, no network, the same answer every time. English is covered broadly; Spanish, German,
/// French and Chinese for names, work, places, tastes, languages and style. Safe for concurrent use.
/// </summary>
/// <param name="options">Whether what no rule reads is weighed by its words; null for no.</param>
public sealed class RuleMemoryExtractor(IOptions<MemoryOptions>? options = null) : IMemoryExtractor
{
    /// <inheritdoc/>
    public ValueTask<ExtractionResult> ExtractAsync(ExtractionRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        cancellationToken.ThrowIfCancellationRequested();
        if (!request.Role.Equals("user", StringComparison.OrdinalIgnoreCase) || string.IsNullOrWhiteSpace(request.Text))
        {
            return ValueTask.FromResult(new ExtractionResult([]));
        }

        var candidates = Conversation.Read(request, null, out var withheldPrivate, options?.Value.WeighWords == true);
        return ValueTask.FromResult(new ExtractionResult(candidates) { WithheldPrivate = withheldPrivate });
    }
}

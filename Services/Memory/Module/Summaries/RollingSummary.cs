using System.Text.Json;
using MemoryMesh.Contracts.Chat;

namespace MemoryMesh.Memory.Summaries;

/// <summary>What a summary goes on from: how far it is, and the sentences that may be quoted.</summary>
internal sealed record RollingSummary
{
    public static readonly RollingSummary Empty = new();

    /// <summary>Messages up to this place are summed up; null at the beginning.</summary>
    public MessagePlace? Place { get; init; }

    /// <summary>Messages behind the place that are summed up too.</summary>
    public IReadOnlyList<Guid> Ahead { get; init; } = [];

    /// <summary>The newest message that is summed up.</summary>
    public Guid LastMessage { get; init; }

    public DateTimeOffset? Until { get; init; }

    /// <summary>How many messages are summed up.</summary>
    public int Messages { get; init; }

    /// <summary>The sentences that tell most, in the order they were said.</summary>
    public IReadOnlyList<SummarySentence> Sentences { get; init; } = [];

    /// <summary>Sum of the vectors of all sentences that were ever looked at; empty without a model.</summary>
    public float[] Sum { get; init; } = [];

    /// <summary>What a language model wrote, when one is configured and answered.</summary>
    public string? Written { get; init; }

    public DateTimeOffset? UpdatedAt { get; init; }

    /// <summary>The newest message of a summary that was written as JSON. Nothing else of it is read: vectors are most of it.</summary>
    public static Guid? LastMessageOf(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == 1)
            {
                var isIt = reader.ValueTextEquals(nameof(LastMessage));
                reader.Read();
                if (isIt)
                {
                    return reader.GetGuid();
                }

                reader.Skip();
            }
        }

        return null;
    }
}

/// <summary>A sentence that may be quoted.</summary>
internal sealed record SummarySentence
{
    public required Guid MessageId { get; init; }

    public required int Version { get; init; }

    public required string Role { get; init; }

    public required string Text { get; init; }

    /// <summary>Its place in its message, from 0.</summary>
    public required int Position { get; init; }

    /// <summary>Whether the rules read a fact in it.</summary>
    public required bool Fact { get; init; }

    /// <summary>Its vector in steps of 1/127; empty without a model.</summary>
    public byte[] Vector { get; init; } = [];
}

using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using MemoryMesh.Search.Embedding;
using MemoryMesh.Search.Features;
using MemoryMesh.Search.Index;
using MemoryMesh.Search.Ranking;

namespace MemoryMesh.Search.Searchers;

/// <summary>A question of a searcher.</summary>
/// <param name="Filter">What may be found, as far as the index can tell.</param>
/// <param name="Query">The question.</param>
/// <param name="Vectors">Its vectors; null when the searcher has computed none.</param>
/// <param name="Limit">Most candidates of each way of searching.</param>
/// <param name="Settings">How it is ranked.</param>
internal sealed record RankingCall(ItemFilter Filter, string Query, TextEncoding? Vectors, int Limit, RankingSettings Settings);

/// <summary>What searchers and the process with the index send each other: a question with its vectors one way, ranked candidates the other way. All numbers are little-endian.</summary>
/// <remarks>
/// A call is a mark, the length of a head and the head as JSON, the length of the vectors (0 for none) and the number of tokens, and then the pooled vector, the tokens and their vectors: 17 kB for ten
/// tokens. An answer is a mark, the number of candidates, whether the parts of the scores come along, and for each candidate 98 bytes, and its parts.
/// </remarks>
internal static class RankingFrames
{
    /// <summary>Where questions are sent to.</summary>
    public const string Path = "/internal/search/rank";

    /// <summary>Most tokens whose vectors are sent. Of a longer question the process with the index computes them.</summary>
    public const int MostTokens = 1_024;

    /// <summary>Most bytes of a call.</summary>
    public const int MostCallBytes = 8 * 1024 * 1024;

    /// <summary>Most bytes of an answer.</summary>
    public const int MostAnswerBytes = 128 * 1024 * 1024;

    private const uint CallMark = 0x3152_4D4D;
    private const uint AnswerMark = 0x3252_4D4D;
    private const int MostDimensions = 4_096;
    private const int CandidateBytes = 16 + 16 + 1 + 8 + (7 * 8);

    // Vectors have length 1, so none of their values is greater.
    private const float LargestValue = 1.01f;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerOptions.Web) { UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow };

    /// <summary>Writes a call. Conditions on what the index does not have stay behind: they are checked when candidates are read.</summary>
    public static byte[] WriteCall(RankingCall call)
    {
        var (filter, settings) = (call.Filter, call.Settings);
        var head = JsonSerializer.SerializeToUtf8Bytes(
            new Head
            {
                TenantId = filter.TenantId,
                Kind = filter.Kind,
                AlsoKind = filter.AlsoKind,
                OwnerKeys = filter.OwnerKeys,
                ConversationKey = filter.ConversationKey,
                Roles = filter.Roles,
                Categories = filter.Categories,
                From = filter.From,
                To = filter.To,
                MinImportance = filter.MinImportance,
                Query = call.Query,
                Limit = call.Limit,
                Weights = settings.Weights,
                Mode = settings.Mode,
                AsOf = settings.AsOf,
                Explain = settings.Explain,
            },
            Json);
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        writer.Write(CallMark);
        writer.Write(head.Length);
        writer.Write(head);
        writer.Write(call.Vectors?.Pooled.Length ?? 0);
        writer.Write(call.Vectors?.TokenIds.Length ?? 0);
        if (call.Vectors is { } vectors)
        {
            writer.Write(MemoryMarshal.AsBytes(vectors.Pooled.Span));
            writer.Write(MemoryMarshal.AsBytes(vectors.TokenIds.Span));
            writer.Write(MemoryMarshal.AsBytes(vectors.TokenVectors.Span));
        }

        return bytes.ToArray();
    }

    /// <summary>Reads a call.</summary>
    /// <returns>Null when it is none: wrong sizes, values that are no numbers, or a head that leaves anything out.</returns>
    public static RankingCall? ReadCall(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length is < 16 or > MostCallBytes || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != CallMark
            || BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]) is not (>= 0 and var length) || length > bytes.Length - 16)
        {
            return null;
        }

        var rest = bytes[(8 + length)..];
        var dimensions = BinaryPrimitives.ReadInt32LittleEndian(rest);
        var tokens = BinaryPrimitives.ReadInt32LittleEndian(rest[4..]);
        rest = rest[8..];
        if (dimensions is < 0 or > MostDimensions || tokens is < 0 or > MostTokens || (dimensions == 0 && tokens > 0)
            || rest.Length != 4L * (dimensions + tokens + ((long)tokens * dimensions)))
        {
            return null;
        }

        if (ReadHead(bytes.Slice(8, length)) is not { } head)
        {
            return null;
        }

        TextEncoding? vectors = null;
        if (dimensions > 0)
        {
            var numbers = MemoryMarshal.Cast<byte, float>(rest);
            var pooled = numbers[..dimensions].ToArray();
            var ids = MemoryMarshal.Cast<byte, int>(rest.Slice(4 * dimensions, 4 * tokens)).ToArray();
            var ofTokens = numbers[(dimensions + tokens)..].ToArray();
            if (!AreOfVectors(pooled) || !AreOfVectors(ofTokens))
            {
                return null;
            }

            vectors = new(pooled, ids, ofTokens);
        }

        return new(
            new ItemFilter
            {
                TenantId = head.TenantId,
                Kind = head.Kind,
                AlsoKind = head.AlsoKind,
                OwnerKeys = head.OwnerKeys,
                ConversationKey = head.ConversationKey,
                Roles = head.Roles,
                Categories = head.Categories,
                From = head.From,
                To = head.To,
                MinImportance = head.MinImportance,
            },
            head.Query,
            vectors,
            head.Limit,
            new RankingSettings { Weights = head.Weights, Mode = head.Mode, AsOf = head.AsOf, Explain = head.Explain });
    }

    /// <summary>Writes an answer.</summary>
    /// <param name="items">What was found, best first.</param>
    /// <param name="explain">Whether the parts of the scores are sent.</param>
    public static byte[] WriteAnswer(IReadOnlyList<RankedItem> items, bool explain)
    {
        using var bytes = new MemoryStream(9 + (items.Count * CandidateBytes));
        using var writer = new BinaryWriter(bytes);
        writer.Write(AnswerMark);
        writer.Write(items.Count);
        writer.Write(explain);
        Span<byte> id = stackalloc byte[16];
        foreach (var ranked in items)
        {
            ranked.Item.Id.TryWriteBytes(id);
            writer.Write(id);
            ranked.Item.OwnerKey.TryWriteBytes(id);
            writer.Write(id);
            writer.Write((byte)ranked.Item.Role);
            writer.Write(ranked.Item.CreatedAt.UtcTicks);
            writer.Write(ranked.Item.Importance ?? double.NaN);
            writer.Write(ranked.Score);
            writer.Write(ranked.Similarity);
            writer.Write(ranked.Importance);
            writer.Write(ranked.ImportanceFactor);
            writer.Write(ranked.AgeInDays);
            writer.Write(ranked.DecayFactor);
            if (explain)
            {
                var legs = ranked.Legs;
                writer.Write((byte)legs.Count);
                foreach (var leg in legs)
                {
                    writer.Write(leg.Name);
                    writer.Write(leg.Score ?? double.NaN);
                    writer.Write(leg.Standardised);
                    writer.Write(leg.Weight);
                }
            }
        }

        return bytes.ToArray();
    }

    /// <summary>Reads an answer.</summary>
    /// <returns>Null when it is none: wrong sizes, or scores that are no numbers.</returns>
    public static IReadOnlyList<RankedItem>? ReadAnswer(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length is < 9 or > MostAnswerBytes || !MemoryMarshal.TryGetArray(bytes, out var array))
        {
            return null;
        }

        using var reader = new BinaryReader(new MemoryStream(array.Array!, array.Offset, array.Count, writable: false), Encoding.UTF8);
        try
        {
            if (reader.ReadUInt32() != AnswerMark || reader.ReadInt32() is not (>= 0 and var count) || (long)count * CandidateBytes > bytes.Length)
            {
                return null;
            }

            var explain = reader.ReadByte();
            var items = new List<RankedItem>(count);
            for (var at = 0; at < count; at++)
            {
                if (ReadItem(reader, explain == 1) is not { } item)
                {
                    return null;
                }

                items.Add(item);
            }

            return explain <= 1 && reader.BaseStream.Position == reader.BaseStream.Length ? items : null;
        }
        catch (Exception exception) when (exception is IOException or ArgumentException or FormatException)
        {
            return null;
        }
    }

    private static RankedItem? ReadItem(BinaryReader reader, bool explain)
    {
        var (id, owner) = (new Guid(reader.ReadBytes(16)), new Guid(reader.ReadBytes(16)));
        var role = (MessageRole)reader.ReadByte();
        var ticks = reader.ReadInt64();
        var importance = reader.ReadDouble();
        Span<double> numbers = stackalloc double[6];
        foreach (ref var number in numbers)
        {
            number = reader.ReadDouble();
            if (!double.IsFinite(number))
            {
                return null;
            }
        }

        IReadOnlyList<LegScore> legs = explain ? ReadLegs(reader) : [];
        var candidate = new Candidate(id, owner, role, new DateTimeOffset(ticks, TimeSpan.Zero), double.IsNaN(importance) ? null : importance);
        return new RankedItem
        {
            Item = candidate,
            Score = numbers[0],
            Similarity = numbers[1],
            Importance = numbers[2],
            ImportanceFactor = numbers[3],
            AgeInDays = numbers[4],
            DecayFactor = numbers[5],
            Parts = new ToldParts(legs),
        };
    }

    private static LegScore[] ReadLegs(BinaryReader reader)
    {
        var legs = new LegScore[reader.ReadByte()];
        foreach (ref var leg in legs.AsSpan())
        {
            var (name, score, standardised, weight) = (reader.ReadString(), reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble());
            leg = new(name, double.IsNaN(score) ? null : score, standardised, weight);
        }

        return legs;
    }

    private static Head? ReadHead(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize<Head>(json, Json) is { } head && IsWhole(head) ? head : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static bool IsWhole(Head head)
        => Enum.IsDefined(head.Kind) && (head.AlsoKind is not { } also || Enum.IsDefined(also)) && Enum.IsDefined(head.Mode)
            && head.Roles is not null && head.Roles.All(Enum.IsDefined) && head.Categories is not null && head.Categories.All(category => category is not null)
            && head.Query is not null && head.Weights is not null && head.Limit is >= 1 and <= BestItems.MostCandidates;

    private static bool AreOfVectors(ReadOnlySpan<float> values)
    {
        foreach (var value in values)
        {
            // Written so that what is no number is refused.
            if (!(MathF.Abs(value) <= LargestValue))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The parts of a score that was computed elsewhere.</summary>
    private sealed record ToldParts(IReadOnlyList<LegScore> Legs) : IScoreParts;

    /// <summary>What a call says beside vectors. Nothing may be left out: owners that are not named would be all of the tenant's.</summary>
    private sealed record Head
    {
        public required Guid TenantId { get; init; }

        public required ItemKind Kind { get; init; }

        public required ItemKind? AlsoKind { get; init; }

        public required IReadOnlyList<Guid>? OwnerKeys { get; init; }

        public required Guid? ConversationKey { get; init; }

        public required IReadOnlyList<MessageRole> Roles { get; init; }

        public required IReadOnlyList<string> Categories { get; init; }

        public required DateTimeOffset? From { get; init; }

        public required DateTimeOffset? To { get; init; }

        public required double? MinImportance { get; init; }

        public required string Query { get; init; }

        public required int Limit { get; init; }

        public required RankingWeights Weights { get; init; }

        public required SearchMode Mode { get; init; }

        public required DateTimeOffset? AsOf { get; init; }

        public required bool Explain { get; init; }
    }
}

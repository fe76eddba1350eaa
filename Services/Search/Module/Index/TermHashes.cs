using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using MemoryMesh.ServiceDefaults.Security;

namespace MemoryMesh.Search.Index;

/// <summary>Turns the terms of one tenant and kind into keyed hashes: HMAC-SHA256 with a key of the tenant, cut to 64 bits, as 13 characters of 0-9 and a-v.</summary>
/// <remarks>
/// <para>The full-text file holds these and nothing else of a text. Two tenants share no term, so a term finds the rows of its tenant alone, and
/// no filter by tenant has to run beside it. Without the index key the file tells how often terms occur and where they meet, as every index does.</para>
/// <para>Not for use by two threads at a time.</para>
/// </remarks>
internal sealed class TermHashes(KeyRing ring, Guid tenantId) : IDisposable
{
    private const string Alphabet = "0123456789abcdefghijklmnopqrstuv";
    private const int Size = 13;
    private const int MaxRemembered = 16_384;

    private readonly IncrementalHash _hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, ring.DeriveIndexKey($"terms:{tenantId:N}"));
    private readonly Dictionary<(ItemKind, string), string> _remembered = [];

    /// <summary>Hash of a term of a text.</summary>
    public string Term(ItemKind kind, string term)
    {
        if (_remembered.TryGetValue((kind, term), out var known))
        {
            return known;
        }

        var hash = Hash(kind, 't', Encoding.UTF8.GetBytes(term));
        if (_remembered.Count < MaxRemembered)
        {
            _remembered.Add((kind, term), hash);
        }

        return hash;
    }

    /// <summary>Filter term of an owner: subject, team or tenant.</summary>
    public string Owner(ItemKind kind, Guid ownerKey) => "o" + Hash(kind, 'o', ownerKey.ToByteArray(bigEndian: true));

    /// <summary>Filter term of a conversation.</summary>
    public string Conversation(ItemKind kind, Guid conversationKey) => "c" + Hash(kind, 'c', conversationKey.ToByteArray(bigEndian: true));

    /// <summary>Filter term of a role.</summary>
    public string Role(ItemKind kind, MessageRole role) => "r" + Hash(kind, 'r', [(byte)role]);

    /// <summary>Filter term of a category.</summary>
    public string Category(ItemKind kind, string category) => "g" + Hash(kind, 'g', Encoding.UTF8.GetBytes(category));

    /// <inheritdoc/>
    public void Dispose() => _hash.Dispose();

    private string Hash(ItemKind kind, char space, ReadOnlySpan<byte> content)
    {
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        _hash.AppendData([(byte)kind, (byte)space]);
        _hash.AppendData(content);
        _hash.GetHashAndReset(hash);
        return string.Create(Size, BinaryPrimitives.ReadUInt64BigEndian(hash), static (text, bits) =>
        {
            for (var i = 0; i < text.Length; i++)
            {
                text[i] = Alphabet[(int)(bits & 31)];
                bits >>= 5;
            }
        });
    }
}

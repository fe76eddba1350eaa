using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using MemoryMesh.Chat.Storage;
using MemoryMesh.ServiceDefaults.Security;

namespace MemoryMesh.Chat;

/// <summary>Turns places in lists into opaque texts and back. A text is bound to its list: one that was changed, or made for another list, is refused.</summary>
internal sealed class Cursors(KeyedNames names)
{
    private const int TagSize = 8;
    private const int MaxLength = 100;
    private const byte MessageKind = 1;
    private const byte ConversationKind = 2;

    /// <summary>The cursor of a message in a conversation.</summary>
    public string OfMessage(Guid tenantId, Guid conversationKey, MessagePosition position)
    {
        Span<byte> place = stackalloc byte[16];
        BinaryPrimitives.WriteInt64BigEndian(place, position.CreatedAt);
        BinaryPrimitives.WriteInt64BigEndian(place[8..], position.Sequence);
        return Write(MessageKind, tenantId, conversationKey, place);
    }

    /// <summary>Reads what <see cref="OfMessage"/> wrote for the same conversation.</summary>
    public bool TryReadMessage(string cursor, Guid tenantId, Guid conversationKey, out MessagePosition position)
    {
        Span<byte> place = stackalloc byte[16];
        var valid = TryRead(cursor, MessageKind, tenantId, conversationKey, place);
        position = new MessagePosition(BinaryPrimitives.ReadInt64BigEndian(place), BinaryPrimitives.ReadInt64BigEndian(place[8..]));
        return valid;
    }

    /// <summary>The cursor of a conversation in a list of the tenant, of one subject or of all.</summary>
    public string OfConversation(ConversationReach reach, ConversationPosition position)
    {
        Span<byte> place = stackalloc byte[24];
        BinaryPrimitives.WriteInt64BigEndian(place, position.ActivityAt);
        position.ConversationKey.TryWriteBytes(place[8..], bigEndian: true, out _);
        return Write(ConversationKind, reach.TenantId, reach.SubjectKey ?? Guid.Empty, place);
    }

    /// <summary>Reads what <see cref="OfConversation"/> wrote for the same list.</summary>
    public bool TryReadConversation(string cursor, ConversationReach reach, out ConversationPosition position)
    {
        Span<byte> place = stackalloc byte[24];
        var valid = TryRead(cursor, ConversationKind, reach.TenantId, reach.SubjectKey ?? Guid.Empty, place);
        position = new ConversationPosition(BinaryPrimitives.ReadInt64BigEndian(place), new Guid(place[8..], bigEndian: true));
        return valid;
    }

    private string Write(byte kind, Guid tenantId, Guid list, ReadOnlySpan<byte> place)
        => Base64Url.EncodeToString([.. place, .. Tag(kind, tenantId, list, place)]);

    private bool TryRead(string cursor, byte kind, Guid tenantId, Guid list, Span<byte> place)
    {
        Span<byte> bytes = stackalloc byte[MaxLength];
        if (cursor.Length > MaxLength
            || Base64Url.DecodeFromChars(cursor, bytes, out _, out var size) != OperationStatus.Done
            || size != place.Length + TagSize
            || !Base64Url.EncodeToString(bytes[..size]).Equals(cursor, StringComparison.Ordinal)
            || !CryptographicOperations.FixedTimeEquals(bytes[place.Length..size], Tag(kind, tenantId, list, bytes[..place.Length])))
        {
            return false;
        }

        bytes[..place.Length].CopyTo(place);
        return true;
    }

    private ReadOnlySpan<byte> Tag(byte kind, Guid tenantId, Guid list, ReadOnlySpan<byte> place)
        => names.Fingerprint([.. "chat cursor "u8, kind, .. tenantId.ToByteArray(bigEndian: true), .. list.ToByteArray(bigEndian: true), .. place])
            .AsSpan(0, TagSize);
}

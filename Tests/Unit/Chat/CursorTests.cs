using MemoryMesh.Chat;
using MemoryMesh.Chat.Storage;
using MemoryMesh.ServiceDefaults.Security;

namespace MemoryMesh.Tests.Unit.Chat;

public class CursorTests
{
    private static readonly Guid Tenant = Guid.CreateVersion7();
    private static readonly Guid Conversation = Guid.CreateVersion7();
    private readonly Cursors _cursors = new(new KeyedNames(new KeyRing(new byte[32], new byte[32])));

    [Test]
    public void A_cursor_of_a_message_is_read_back()
    {
        foreach (var position in new[] { new MessagePosition(1_700_000_000_000, 42), MessagePosition.Start, MessagePosition.End, new MessagePosition(-1, 0) })
        {
            var cursor = _cursors.OfMessage(Tenant, Conversation, position);
            Assert.That(_cursors.TryReadMessage(cursor, Tenant, Conversation, out var read), Is.True);
            Assert.That(read, Is.EqualTo(position));
        }
    }

    [Test]
    public void A_cursor_of_a_conversation_is_read_back()
    {
        var reach = new ConversationReach(Tenant, null);
        var position = new ConversationPosition(1_700_000_000_000, Conversation);
        Assert.That(_cursors.TryReadConversation(_cursors.OfConversation(reach, position), reach, out var read), Is.True);
        Assert.That(read, Is.EqualTo(position));
    }

    [Test]
    public void A_cursor_does_not_serve_another_list()
    {
        var message = _cursors.OfMessage(Tenant, Conversation, new MessagePosition(1, 2));
        var list = _cursors.OfConversation(new ConversationReach(Tenant, null), new ConversationPosition(1, Conversation));
        Assert.Multiple(() =>
        {
            Assert.That(_cursors.TryReadMessage(message, Tenant, Guid.CreateVersion7(), out _), Is.False);
            Assert.That(_cursors.TryReadMessage(message, Guid.CreateVersion7(), Conversation, out _), Is.False);
            Assert.That(_cursors.TryReadMessage(list, Tenant, Conversation, out _), Is.False);
            Assert.That(_cursors.TryReadConversation(message, new ConversationReach(Tenant, null), out _), Is.False);
            Assert.That(_cursors.TryReadConversation(list, new ConversationReach(Tenant, Guid.CreateVersion7()), out _), Is.False);
        });
    }

    [Test]
    public void A_cursor_with_any_character_changed_is_refused()
    {
        var cursor = _cursors.OfMessage(Tenant, Conversation, new MessagePosition(1_700_000_000_000, 42));
        for (var i = 0; i < cursor.Length; i++)
        {
            var changed = cursor[..i] + (cursor[i] == 'A' ? 'B' : 'A') + cursor[(i + 1)..];
            Assert.That(_cursors.TryReadMessage(changed, Tenant, Conversation, out _), Is.False, changed);
        }
    }

    [Test]
    public void Blanks_in_a_cursor_are_refused()
    {
        var cursor = _cursors.OfMessage(Tenant, Conversation, new MessagePosition(1, 2));
        Assert.That(_cursors.TryReadMessage(cursor + " ", Tenant, Conversation, out _), Is.False);
        Assert.That(_cursors.TryReadMessage(cursor + "=", Tenant, Conversation, out _), Is.False);
    }

    [TestCase("")]
    [TestCase("x")]
    [TestCase("start")]
    [TestCase("%%%")]
    [TestCase("ÄÖÜ")]
    [TestCase("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public void What_is_no_cursor_is_refused(string text)
        => Assert.That(_cursors.TryReadMessage(text, Tenant, Conversation, out _), Is.False);

    [Test]
    public void A_very_long_text_is_refused()
        => Assert.That(_cursors.TryReadMessage(new string('A', 100_000), Tenant, Conversation, out _), Is.False);
}

namespace MemoryMesh.Chat;

/// <summary>Settings of the Chat service, section <c>Chat</c>.</summary>
public sealed class ChatOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Chat";
}

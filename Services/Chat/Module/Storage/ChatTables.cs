using MemoryMesh.ServiceDefaults.Storage;

namespace MemoryMesh.Chat.Storage;

/// <summary>The tables of the Chat service.</summary>
internal static class ChatTables
{
    /// <summary>Every table of the service's store.</summary>
    public static readonly IReadOnlyList<TableRule> All =
    [
        .. TableRule.Shared(ChatModule.Name),
        new(
            ChatModule.Name,
            "conversations",
            true,
            "Conversations of the subject: id, title, metadata, times.",
            "Rows of the subject are deleted, with all their messages; ConversationDeleted tells the other services.")
        {
            Subject = "subject_key",
        },
        new(
            ChatModule.Name,
            "messages",
            true,
            "Messages about the subject, and all messages of the subject's conversations: every field but `extraction`, which is the application's.",
            "Rows of the subject, and of the subject's conversations, are deleted; the write-ahead log is scrubbed; the subject's data key is destroyed.")
        {
            Subject = "subject_key",
        },
        new(ChatModule.Name, "message_usage", false, null, null),
        new(
            ChatModule.Name,
            "usage_subjects",
            true,
            null,
            "The subject's key is replaced by a random one.")
        {
            Keeps = "That somebody was active at a time, not who: counts of active subjects stay as they were.",
        },
        new(ChatModule.Name, "subject_activity", false, null, null),
        new(ChatModule.Name, "conversation_counts", false, null, null),
        new(ChatModule.Name, "document_store", false, null, null),
    ];
}

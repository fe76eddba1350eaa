using MemoryMesh.ServiceDefaults.Storage;

namespace MemoryMesh.Memory.Storage;

/// <summary>Every table of the Memory service, with what an export holds of it and how erasure removes it.</summary>
internal static class MemoryTables
{
    public static readonly IReadOnlyList<TableRule> All =
    [
        .. TableRule.Shared(MemoryModule.Name),
        new(MemoryModule.Name, "memories", true, "Text, category, importance, confidence, metadata, ids and times of the subject's memories.", "Rows of the subject are deleted and its data key is destroyed.") { Subject = "owner_key" },
        new(MemoryModule.Name, "memory_sources", true, "Ids of the messages and added memories that a memory was drawn from, with the quoted words.", "Deleted with the memory, and when the message or the added memory is deleted."),
        new(MemoryModule.Name, "memory_history", true, "Earlier texts of the subject's memories, with times.", "Deleted with the memory."),
        new(MemoryModule.Name, "memory_tombstones", true, null, "Ids, times and a keyed hash, no text; the subject's rows are deleted.") { Subject = "owner_key" },
        new(MemoryModule.Name, "memory_owners", true, null, "A counter under a keyed hash; what was said until the erasure is noted as forgotten.")
        {
            Subject = "owner_key",
            Keeps = "A counter and a time under the subject's keyed hash: a message whose event comes late is not learned from.",
        },
        new(MemoryModule.Name, "memory_settings", true, "Whether the subject opted out of memory.", "The subject's row is deleted, unless the subject opted out.")
        {
            Subject = "subject_key",
            Keeps = "That the subject opted out, under its keyed hash: an erased person would be learned again otherwise.",
        },
        new(MemoryModule.Name, "extracted_messages", true, null, "Ids only, no text; those of messages that the subject's memories came from are deleted, those of deleted messages leave after a day."),
        new(MemoryModule.Name, "deleted_conversations", true, null, "A keyed hash and a time; rows leave after a day."),
        new(MemoryModule.Name, "memory_extractions", true, "What became of each thing that was read about the subject: ids, codes, figures and times.", "Ids, codes and times, no text; the subject's rows are deleted, others leave after the configured days.") { Subject = "owner_key" },
        new(MemoryModule.Name, "memory_consents", true, "Each consent of the subject: category, ids and time.", "Ids, a category and a time, no text; the subject's rows are deleted.") { Subject = "owner_key" },
        new(MemoryModule.Name, "memory_feedback", true, null, "Ids, a kind and a time, no text; deleted with the memory."),
        new(MemoryModule.Name, "memory_policies", false, null, null),
        new(MemoryModule.Name, "memory_consolidations", false, null, null),
        new(MemoryModule.Name, "memory_consolidation_changes", true, null, "Ids and a code, no text; the subject's rows are deleted, others leave after the configured days.") { Subject = "owner_key" },
        new(MemoryModule.Name, "memory_usage", false, null, null),
        new(MemoryModule.Name, "subject_profiles", true, null, "A summary of the subject's memories, sealed with its key; the row is deleted.") { Subject = "subject_key" },
        new(MemoryModule.Name, "subject_preferences", true, "What was set of the subject's preferences. What was observed is counts, without text.", "The subject's row is deleted.") { Subject = "subject_key" },
        new(MemoryModule.Name, "conversation_summaries", true, null, "Sentences of the subject's conversations, sealed with its key; the subject's rows are deleted.") { Subject = "subject_key" },
        new(MemoryModule.Name, "llm_usage", false, null, null),
        new(MemoryModule.Name, "extraction_settings", false, null, null),
        new(MemoryModule.Name, "core_blocks", true, "Label, description, text, limit and times of the subject's core blocks.", "Rows of the subject are deleted and its data key is destroyed.") { Subject = "owner_key" },
        new(MemoryModule.Name, "core_block_versions", true, "Earlier texts of the subject's core blocks, with times.", "Rows of the subject are deleted.") { Subject = "owner_key" },
        new(MemoryModule.Name, "document_store", false, null, null),
    ];
}
